"""Replicas share weights and average gradients."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import nn

from handstudio.methods.parallel import Replicas


def _work(rows: torch.Tensor):
    def work(network: nn.Module, number: int) -> float:
        loss = network(rows[number]).square().mean()
        loss.backward()
        return float(loss.detach())

    return work


def test_two_replicas_give_the_gradient_of_the_whole_batch() -> None:
    torch.manual_seed(0)
    network = nn.Linear(5, 2)
    rows = torch.rand(2, 6, 5)
    network(rows.flatten(0, 1)).square().mean().backward()
    expected = [parameter.grad.clone() for parameter in network.parameters() if parameter.grad is not None]
    with Replicas(network, 2) as replicas:
        replicas.backward(_work(rows))
    for parameter, gradient in zip(network.parameters(), expected, strict=True):
        assert torch.allclose(parameter.grad, gradient, atol=1e-6)


def test_a_step_of_the_network_is_a_step_of_all_replicas() -> None:
    network = nn.Linear(3, 1)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.1)
    with Replicas(network, 2) as replicas:
        replicas.backward(_work(torch.rand(2, 4, 3)))
        optimiser.step()
        assert torch.equal(replicas.networks[1].weight, network.weight)


def test_running_statistics_are_joined() -> None:
    network = nn.BatchNorm1d(2)
    rows = torch.stack((torch.zeros(4, 2), torch.ones(4, 2)))
    with Replicas(network, 2) as replicas:
        replicas.backward(_work(rows))
        assert torch.allclose(network.running_mean, torch.full((2,), 0.05))
        assert torch.equal(replicas.networks[1].running_mean, network.running_mean)


def test_an_error_in_a_replica_reaches_the_caller() -> None:
    def fail(network: nn.Module, number: int) -> None:
        if number == 1:
            raise ValueError("no")

    with Replicas(nn.Linear(1, 1), 2) as replicas, pytest.raises(ValueError, match="no"):
        replicas.map(fail)


def test_items_are_spread_and_come_back_in_order() -> None:
    with Replicas(nn.Linear(1, 1), 2) as replicas:
        assert replicas.spread(lambda item: item * 10, [3, 1, 4, 1, 5]) == [30, 10, 40, 10, 50]


def test_closing_ends_the_threads_and_gives_their_number_back() -> None:
    before = torch.get_num_threads(), threading.active_count()
    replicas = Replicas(nn.Linear(1, 1), 2)
    replicas.map(lambda network, number: None)
    replicas.close()
    assert (torch.get_num_threads(), threading.active_count()) == before


def test_an_error_is_raised_when_all_replicas_have_ended() -> None:
    ended = threading.Event()

    def work(_: nn.Module, number: int) -> None:
        if number == 0:
            raise ValueError("first")
        threading.Event().wait(0.1)
        ended.set()

    with Replicas(nn.Linear(1, 1), 2) as replicas, pytest.raises(ValueError, match="first"):
        replicas.map(work)
    assert ended.is_set()

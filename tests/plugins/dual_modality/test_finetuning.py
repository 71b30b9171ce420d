"""Finetuning: pseudo-labels, self-distillation, labels, cancelling and resuming."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from handstudio.methods.contract import EpochLabels, TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.in_memory import FootageBatch
from handstudio.methods.rendered import RenderedBatch
from handstudio.methods.training import train
from plugins.dual_modality.finetuning import Finetuning, finetuning_loss
from plugins.dual_modality.network import DualModalityNetwork
from plugins.dual_modality.settings import DualModalitySettings

from .conftest import Make
from .tiny import blobs, flat_hand, footage, tiny_network, tiny_settings


def _weights(training: Finetuning) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in training.model().state_dict().items()}


def _same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def _through(training: Finetuning) -> list[dict[str, float]]:
    values = []
    while not training.finished:
        values.append(dict(training.advance()))
    return values


def _batch(trusted: bool, labelled: bool = False, count: int = 4) -> FootageBatch:
    hands = blobs(count)
    uv, depth = (part.repeat(count, *(1 for _ in part.shape[1:])) for part in flat_hand())
    flags = torch.full((count,), labelled), torch.full((count,), trusted)
    return FootageBatch(hands.images.float() / 255.0, uv, depth, uv, depth, *flags, flags[0])


def _loss(batch: FootageBatch, settings: DualModalitySettings, **more: Any) -> dict[str, float]:
    network = tiny_network(tiny_settings())
    generator = torch.Generator().manual_seed(0)
    return finetuning_loss(network, batch, RenderedBatch.of(blobs(4)), settings, generator)[1]


def test_labelled_footage_is_learnt(make: Make) -> None:
    data = footage(8, labelled=8)
    parts = {
        "diversity": {"rotation_degrees": 5.0, "translation_cells": 1.0, "scale": (0.95, 1.05)},
        "losses": {"heat_weight": 0.0},
    }
    training = make(
        data, epochs=1, least_steps=40, most_passes=None, teacher=None, learning_rate=1e-2, parts=parts
    )
    losses = [values["labelled"] for values in _through(training) if "labelled" in values]
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])


def test_a_finetune_never_changes_the_network_it_started_from() -> None:
    settings = tiny_settings(finetuning={"rendered_share": 0.0, "epochs": 1})
    parent = tiny_network(settings)
    before = copy.deepcopy(parent.state_dict())
    training = Finetuning(parent, settings, footage(4), TrainingPlan(Engine("cpu", "32-true", 1)))
    _through(training)
    training.close()
    assert _same(before, dict(parent.state_dict()))
    assert not _same(before, _weights(training))


@pytest.mark.parametrize("stop", [2, 6, 9])
def test_a_resumed_training_ends_as_one_that_was_not_interrupted(
    make: Make, tmp_path: Path, stop: int
) -> None:
    whole = make()
    train(whole, tmp_path / "whole")
    begun = make()
    assert not train(begun, tmp_path / "parts", should_stop=lambda: begun.step >= stop).finished
    resumed = make()
    assert train(resumed, tmp_path / "parts").finished
    assert _same(_weights(whole), _weights(resumed))


def test_each_epochs_pseudo_labels_are_handed_out_with_both_parts_of_c(make: Make) -> None:
    kept: list[EpochLabels] = []
    _through(make(footage(keep_labels=kept.append)))
    assert [labels.epoch for labels in kept] == [0, 1, 2]
    assert kept[0].uv.shape == kept[0].corrected_uv.shape == (10, 21, 2)
    assert kept[-1].trusted.all()
    for part in (kept[-1].c_stability, kept[-1].c_plausibility):
        assert np.isfinite(part).all()
        assert (part > 0).all()


def test_no_more_hands_are_trusted_than_tau_and_the_least_share_say(make: Make) -> None:
    kept: list[EpochLabels] = []
    _through(make(footage(keep_labels=kept.append), tau=0.0, least_trusted=(0.2, 0.5), epochs=2))
    assert [int(labels.trusted.sum()) for labels in kept] == [2, 5, 5]


def test_pseudo_labels_that_are_not_trusted_teach_nothing() -> None:
    settings = tiny_settings()
    assert _loss(_batch(trusted=False), settings)["pseudo"] == 0.0
    assert _loss(_batch(trusted=True), settings)["pseudo"] > 0.0


def test_eq_7_10_weighs_pseudo_labels_and_self_distillation() -> None:
    def loss(**losses: float) -> dict[str, float]:
        return _loss(_batch(trusted=True), tiny_settings(losses=losses))

    values = loss()
    whole = values["rendered"] + values["labelled"] + values["pseudo"] + 0.2 * values["distilled"]
    assert values["loss"] == pytest.approx(whole, rel=1e-5)
    without = loss(lambda_f=0.0, lambda_l=0.0)
    assert without["loss"] == pytest.approx(values["rendered"] + values["labelled"], rel=1e-5)


def test_labels_are_learnt_in_all_branches_and_weigh_what_is_set() -> None:
    once, four = (
        _loss(_batch(False, True), tiny_settings(finetuning={"curated_weight": weight})) for weight in (1, 4)
    )
    assert four["labelled"] == pytest.approx(4.0 * once["labelled"], rel=1e-5)
    network = tiny_network(tiny_settings())
    settings = tiny_settings(losses={"lambda_f": 0.0})
    nobody = RenderedBatch.none(surface=True)
    loss, values = finetuning_loss(
        network, _batch(False, True), nobody, settings, torch.Generator().manual_seed(0)
    )
    loss.backward()
    assert values["rendered"] == 0.0
    for part in (network.colour, network.depth, network.decoder):
        assert all(parameter.grad is not None for parameter in part.parameters())


def test_joints_and_depths_without_a_label_pull_at_nothing() -> None:
    settings = tiny_settings(losses={"lambda_f": 0.0, "heat_weight": 0.0})
    batch = _batch(False, True)
    unknown = FootageBatch(
        batch.images,
        torch.full_like(batch.uv, torch.nan),
        torch.full_like(batch.depth, torch.nan),
        batch.corrected_uv,
        batch.corrected_depth,
        batch.labelled,
        batch.trusted,
        batch.curated,
    )
    network = tiny_network(tiny_settings())
    nobody = RenderedBatch.none(surface=True)
    loss, values = finetuning_loss(network, unknown, nobody, settings, torch.Generator().manual_seed(0))
    loss.backward()
    assert values["labelled"] == 0.0
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    assert not any(bool(gradient.any()) for gradient in gradients)


def test_unknown_joints_among_known_ones_leave_the_training_sane(make: Make) -> None:
    data = footage(6, labelled=6)
    data.uv[:, 3] = np.nan
    data.depth[:] = np.nan
    losses = [values["loss"] for values in _through(make(data, epochs=1)) if "loss" in values]
    assert losses
    assert np.isfinite(losses).all()


def test_two_replicas_share_a_step_and_half_precision_works(make: Make) -> None:
    for more in ({"threads": 2}, {"precision": "bf16-mixed"}):
        training = make(epochs=1, **more)
        assert all(np.isfinite(list(values.values())).all() for values in _through(training))
        assert training.labels.uv.dtype == torch.float32


def test_the_published_objective_trains_as_well(make: Make) -> None:
    parts = {
        "losses": {"linear_beyond_cells": None, "heat_weight": 0.0},
        "correction": {"bone_tolerance": 0.0},
    }
    training = make(epochs=1, teacher=None, first_views=1, views=1, least_trusted=(0.0, 0.0), parts=parts)
    assert all(np.isfinite(list(values.values())).all() for values in _through(training))
    assert training.model() is training.network


def test_the_silhouette_of_a_hand_is_the_mask_of_the_rgb_branch(make: Make) -> None:
    training = make()
    network = training.model().eval()
    assert isinstance(network, DualModalityNetwork)
    crops = torch.from_numpy(footage(3).crops).permute(0, 3, 1, 2).float() / 255.0
    found = training.silhouettes(crops)
    assert found.shape == (3, 1, 64, 64)
    assert not found.requires_grad
    assert torch.allclose(found, network.rgb(crops).mask, atol=1e-6)

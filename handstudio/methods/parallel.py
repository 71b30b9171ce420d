"""One training step on several CPU cores: a replica per thread, gradients averaged.

Small networks use two cores better this way than with two threads inside each operation: the threads meet
once a
step instead of a thousand times, which matters most while something else wants a core as well.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

import torch
from torch import nn

Result = TypeVar("Result")


class Replicas:
    """Replicas of a network that share its weights, each with gradients and buffers of its own.

    Args:
        network: the network that is trained; replica 0 is itself.
        count: how many; 1 works in the calling thread.
        first: what stands for replica 0, such as the network as Fabric wraps it; the network itself by
        default.
    """

    def __init__(self, network: nn.Module, count: int, first: nn.Module | None = None) -> None:
        self._network = network
        others = [copy.deepcopy(network) for _ in range(count - 1)]
        self.networks = [network if first is None else first, *others]
        for replica in others:
            for shared, own in zip(network.parameters(), replica.parameters(), strict=True):
                own.data = shared.data
        self._threads_before = torch.get_num_threads()
        self._pool: ThreadPoolExecutor | None = None
        if count > 1:
            torch.set_num_threads(1)
            self._pool = ThreadPoolExecutor(
                count, thread_name_prefix="replica", initializer=torch.set_num_threads, initargs=(1,)
            )

    def __enter__(self) -> Replicas:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.networks)

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
            torch.set_num_threads(self._threads_before)

    def map(self, work: Callable[[nn.Module, int], Result]) -> list[Result]:
        """``work(replica, its number)`` on all replicas at once; the first error is raised when all have
        ended."""
        if self._pool is None:
            return [work(network, number) for number, network in enumerate(self.networks)]
        futures = [self._pool.submit(work, network, number) for number, network in enumerate(self.networks)]
        return [future.result() for future in futures]

    def spread(self, work: Callable[[int], Result], items: list[int]) -> list[Result]:
        """``work`` on every item, shared out among the replicas' threads; results in the order of the
        items."""
        count = len(self.networks)
        shares = self.map(lambda _, number: [work(item) for item in items[number::count]])
        return [shares[place % count][place // count] for place in range(len(items))]

    def backward(self, work: Callable[[nn.Module, int], Result]) -> list[Result]:
        """Run ``work``, which calls ``backward``, on all replicas; leaves the mean gradient in the
        network."""

        def cleared(network: nn.Module, number: int) -> Result:
            network.zero_grad(set_to_none=True)
            return work(network, number)

        results = self.map(cleared)
        if len(self.networks) > 1:
            share = 1.0 / len(self.networks)
            with torch.no_grad():
                for parameters in zip(*(network.parameters() for network in self.networks), strict=True):
                    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
                    if gradients:
                        mean = gradients[0] if len(gradients) == 1 else torch.stack(gradients).sum(0)
                        parameters[0].grad = mean * share
                self.join_buffers()
        return results

    @torch.no_grad()
    def share_buffers(self) -> None:
        """Give all replicas the network's buffers."""
        for replica in self.networks[1:]:
            for own, main in zip(replica.buffers(), self._network.buffers(), strict=True):
                own.copy_(main)

    @torch.no_grad()
    def join_buffers(self) -> None:
        """Give all replicas the mean of their buffers (running statistics)."""
        for buffers in zip(*(network.buffers() for network in self.networks), strict=True):
            if buffers[0].is_floating_point():
                mean = torch.stack(buffers).mean(0)
                for buffer in buffers:
                    buffer.copy_(mean)

"""One training step on several CPU cores: a replica per thread, gradients averaged.

Small networks use two cores better this way than with two threads inside each operation: the threads meet
once a
step instead of a thousand times, which matters most while something else wants a core as well.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
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
        wrap: what stands for each of the others (:meth:`Engine.mixed`); the replica itself by default.
    """

    def __init__(
        self,
        network: nn.Module,
        count: int,
        first: nn.Module | None = None,
        wrap: Callable[[nn.Module], nn.Module] | None = None,
    ) -> None:
        self._network = network
        others = [copy.deepcopy(network) for _ in range(count - 1)]
        self.networks = [network if first is None else first, *(map(wrap, others) if wrap else others)]
        for replica in others:
            for shared, own in zip(network.parameters(), replica.parameters(), strict=True):
                own.data = shared.data
        everyone = [network, *others]
        self._parameters = list(zip(*(each.parameters() for each in everyone), strict=True))
        self._buffers = list(zip(*(each.buffers() for each in everyone), strict=True))
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
        wait(futures)
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
            self._join_gradients()
            self.join_buffers()
        return results

    @torch.no_grad()
    def _join_gradients(self) -> None:
        """Leave the mean of all gradients in the network."""
        taught = [
            parameters
            for parameters in self._parameters
            if all(parameter.grad is not None for parameter in parameters)
        ]
        main, *others = ([parameter.grad for parameter in part] for part in zip(*taught, strict=True))
        for other in others:
            torch._foreach_add_(main, other)
        torch._foreach_mul_(main, 1.0 / len(self.networks))

    @torch.no_grad()
    def share_buffers(self) -> None:
        """Give all replicas the network's buffers."""
        for main, *others in self._buffers:
            for other in others:
                other.copy_(main)

    @torch.no_grad()
    def join_buffers(self) -> None:
        """Give all replicas the mean of their buffers (running statistics)."""
        floating = [buffers for buffers in self._buffers if buffers[0].is_floating_point()]
        if not floating:
            return
        main, *others = (list(part) for part in zip(*floating, strict=True))
        for other in others:
            torch._foreach_add_(main, other)
        torch._foreach_mul_(main, 1.0 / len(self.networks))
        for other in others:
            torch._foreach_copy_(other, main)

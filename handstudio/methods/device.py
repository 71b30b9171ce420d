"""Where a network computes, and how exactly: one Fabric, chosen from what the machine has."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn

from handstudio import __version__

Accelerator = Literal["auto", "cpu", "cuda", "mps"]
Network = TypeVar("Network", bound=nn.Module)
Precision = Literal["auto", "32-true", "bf16-mixed", "16-mixed"]


def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX)."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def available_cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor as its maker calls it, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def ran_on() -> dict[str, str]:
    """What computes here: ``device cores precision torch handstudio``."""
    engine = Engine()
    return {
        "device": str(torch.cuda.get_device_name(0)) if engine.kind == "cuda" else processor(),
        "cores": str(available_cores()),
        "precision": engine.precision,
        "torch": torch.__version__,
        "handstudio": __version__,
    }


class _Mixed(nn.Module):
    def __init__(self, network: nn.Module, autocast: Callable[[], AbstractContextManager[Any]]) -> None:
        super().__init__()
        self._network, self._autocast = network, autocast

    def forward(self, *inputs: Any, **more: Any) -> Any:
        with self._autocast():
            return self._network(*inputs, **more)


class Engine:
    """Device, precision and replicas of a training or of proposals.

    Fabric is set up at the first use, since importing it takes a second.

    Args:
        accelerator: ``auto`` takes a GPU where there is one.
        precision: ``auto`` takes bf16 where the hardware has it, else 32 bits.
        threads: replicas of the network on a CPU; as many as there are cores by default.
        way: the name of the way in which networks propose (:mod:`handstudio.methods.ways`); ``None`` takes
            the quickest.
    """

    def __init__(
        self,
        accelerator: Accelerator = "auto",
        precision: Precision = "auto",
        threads: int | None = None,
        way: str | None = None,
    ) -> None:
        self.accelerator = accelerator
        self.way = way
        self._precision = precision
        self._threads = threads

    def in_way(self, way: str) -> Engine:
        """The same device and precision, proposing in one way."""
        return Engine(self.accelerator, self._precision, self._threads, way)

    @property
    def kind(self) -> str:
        """``cuda``, ``mps`` or ``cpu``."""
        if self.accelerator != "auto":
            return self.accelerator
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"

    @property
    def device(self) -> torch.device:
        """The device of this process."""
        return torch.device("cuda", 0) if self.kind == "cuda" else torch.device(self.kind)

    @property
    def precision(self) -> str:
        """Fabric's name of the precision."""
        if self._precision != "auto":
            return self._precision
        if self.kind == "cuda":
            return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"
        return "bf16-mixed" if self.kind == "cpu" and cpu_has_bf16() else "32-true"

    @property
    def threads(self) -> int:
        """Replicas that share a training step."""
        if self.kind != "cpu":
            return 1
        return self._threads or min(available_cores(), 8)

    @cached_property
    def fabric(self) -> Any:
        """The Fabric, launched."""
        from lightning_fabric import Fabric

        precision: Any = self.precision
        fabric = Fabric(accelerator=self.kind, devices=1, precision=precision)
        fabric.launch()
        return fabric

    def place(self, network: Network) -> Network:
        """The network on this process's device, channels last."""
        network.to(self.device)
        for parameter in network.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        return network

    def setup(self, network: nn.Module, optimiser: torch.optim.Optimizer) -> tuple[nn.Module, Any]:
        """The network and optimiser as Fabric wraps them; the network's own weights are what is trained.

        Replicas in threads go without Fabric: it marks its backward passes by one flag for all threads.
        """
        if self.threads > 1:
            return self.mixed(network), optimiser
        wrapped, wrapped_optimiser = self.fabric.setup(network, optimiser)
        return wrapped, wrapped_optimiser

    def autocast(self) -> AbstractContextManager[Any]:
        """The precision's context for a forward pass outside the wrapped network."""
        halves = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}
        half = halves.get(self.precision)
        return torch.autocast(self.device.type, dtype=half, enabled=half is not None)

    def mixed(self, network: nn.Module) -> nn.Module:
        """The network with its forward passes in the engine's precision; all about them stays in 32 bits."""
        return network if self.precision == "32-true" else _Mixed(network, self.autocast)

    def backward(self, loss: Tensor) -> None:
        """Backward through Fabric, which scales where the precision needs it (no CPU's does)."""
        if self.threads > 1:
            torch.autograd.backward(loss)
        else:
            self.fabric.backward(loss)

    def to_device(self, value: Tensor) -> Tensor:
        """A tensor on this process's device."""
        return value.to(self.device, non_blocking=True)

"""The ways in which a part of a network can run on batches: as it is, channels last, in half precision,
compiled, by ONNX Runtime. Each says whether this machine has it, makes itself ready, and runs."""

from __future__ import annotations

import copy
import importlib.util
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Final

import torch
from torch import Tensor

from handstudio.methods.device import Engine
from handstudio.methods.part import Part, Tensors

Run = Callable[..., Tensors]


class Way(ABC):
    """A way to run a part."""

    name: ClassVar[str]
    """Under which it is forced and remembered."""
    title: ClassVar[str]
    """For people."""
    tolerance: ClassVar[float] = 1e-4
    """How far outputs may be from those in plain 32 bits, as a share of the largest of them."""
    automatic: ClassVar[bool] = True
    """Whether it may be chosen without being asked for."""

    def missing(self, engine: Engine) -> str | None:
        """Why this machine does not have it; ``None`` where it does."""
        return None

    @abstractmethod
    def ready(self, part: Part, example: Tensors, engine: Engine) -> Run:
        """What runs the part.

        Args:
            part: in evaluation mode, on the engine's device, channels last; it is not changed.
            example: inputs of the shapes that are to come; their first axis, the batch, may have any length.
            engine: device and precision.
        """


class Eager(Way):
    """Operation by operation, with weights as they are stored: what the others are compared with."""

    name, title = "eager", "fp32"
    automatic = False

    def ready(self, part: Part, example: Tensors, engine: Engine) -> Run:
        """A copy in the order of PyTorch's default."""
        twin = copy.deepcopy(part)
        for parameter in twin.parameters():
            parameter.data = parameter.data.contiguous()
        return lambda *inputs: twin(*(value.contiguous() for value in inputs))


class ChannelsLast(Way):
    """The same with channels last; where nothing else is to be had or something fails, this one runs."""

    name, title = "channels-last", "fp32, channels last"

    def ready(self, part: Part, example: Tensors, engine: Engine) -> Run:
        """The part itself, which is placed like this."""
        return lambda *inputs: part(*map(_channels_last, inputs))


class Half(Way):
    """Channels last with convolutions in half precision; bf16 where the hardware has it."""

    name, title = "half", "bf16, channels last"
    tolerance = 3e-2

    def missing(self, engine: Engine) -> str | None:
        """The engine has one where the hardware has, unless 32 bits are asked for."""
        return "no hardware for it, or 32 bits asked for" if engine.precision == "32-true" else None

    def ready(self, part: Part, example: Tensors, engine: Engine) -> Run:
        """The part under autocast; answers in 32 bits."""

        def run(*inputs: Tensor) -> Tensors:
            with engine.autocast():
                answers: Tensors = part(*map(_channels_last, inputs))
            return tuple(answer.float() for answer in answers)

        return run


class Compiled(Way):
    """``torch.compile``. Never by itself: making ready takes a minute for every size of batch, in every
    process anew where its cache is cold; see CONTRIBUTING."""

    name, title = "compile", "fp32, compiled"
    tolerance = 1e-3
    automatic = False

    def missing(self, engine: Engine) -> str | None:
        """On a CPU it needs a compiler."""
        compilers = ("g++", "c++", "clang++", "cl")
        if engine.kind == "cpu" and not any(map(shutil.which, compilers)):
            return "no C++ compiler"
        return None

    def ready(self, part: Part, example: Tensors, engine: Engine) -> Run:
        """Compiled at the first batch of each size."""
        compiled: Callable[..., Tensors] = torch.compile(part, dynamic=False)
        return lambda *inputs: compiled(*map(_channels_last, inputs))


class OnnxRuntime(Way):
    """ONNX Runtime on the CPU."""

    name, title = "onnx", "fp32, ONNX Runtime"

    def missing(self, engine: Engine) -> str | None:
        """It is an extra: ``pip install handstudio[speed]``."""
        if engine.kind != "cpu":
            return "runs on CPUs only"
        absent = [name for name in ("onnxruntime", "onnx") if importlib.util.find_spec(name) is None]
        return f"{' and '.join(absent)} not installed" if absent else None

    def ready(self, part: Part, example: Tensors, engine: Engine) -> Run:
        """The part as a graph that is kept in the cache, one session for each number of threads."""
        from handstudio.methods.onnx_graph import OnnxRun

        return OnnxRun(part, example)


WAYS: Final[tuple[Way, ...]] = (Eager(), ChannelsLast(), Half(), Compiled(), OnnxRuntime())
FALLBACK: Final = "channels-last"


def way_named(name: str) -> Way:
    """The way of a name.

    Raises:
        KeyError: when there is none.
    """
    return {way.name: way for way in WAYS}[name]


def farthest(found: Tensors, wanted: Tensors) -> float:
    """The largest difference of outputs, as a share of the largest output; infinite if one is no number."""
    worst = 0.0
    for ours, theirs in zip(found, wanted, strict=True):
        apart = float((ours.float() - theirs.float()).abs().max() / theirs.abs().max().clamp_min(1e-6))
        worst = max(worst, apart) if apart == apart else torch.inf
    return worst


def _channels_last(value: Tensor) -> Tensor:
    return value.contiguous(memory_format=torch.channels_last)

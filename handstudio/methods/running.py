"""A part of a network on batches, in the quickest way that this machine has for it.

Which way that is is measured once (a second or so) for every machine, network and version of the packages,
and remembered in the user's cache. ``HANDSTUDIO_WAY`` names one to be taken instead. Whatever fails, the
part runs as PyTorch runs it, channels last.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from typing import Any, Final

import torch
from torch import Tensor

from handstudio.errors import HandStudioError
from handstudio.methods.computing import Computing
from handstudio.methods.device import Engine, available_cores, processor
from handstudio.methods.part import Part, Tensors
from handstudio.methods.ways import FALLBACK, WAYS, Run, Way, farthest, way_named
from handstudio.user_cache import Shelf, key_of

_RATES: Final = Shelf("ways", ".json")
VARIABLE: Final = "HANDSTUDIO_WAY"
"""Environment variable: the name of the way to take."""
CPU_SLICE: Final = 32
"""Inputs that a CPU sees together: of more, maps leave its cache (8 against 11 ms a crop)."""
_MEASURED: Final = 16
"""Inputs of a batch with which ways are compared; less where such a batch takes long."""
_LIMIT_S: Final = 0.3
"""Time for measuring one way; at least one batch is run."""


class Runner:
    """Runs a part of a network on batches of any length.

    Args:
        part: in evaluation mode, on the engine's device, channels last.
        shapes: of one input each, without the batch.
        engine: device and precision.
    """

    def __init__(self, part: Part, shapes: Sequence[tuple[int, ...]], engine: Engine) -> None:
        self._part, self._engine = part, engine
        self._shapes = [tuple(shape) for shape in shapes]
        self._slice = CPU_SLICE if engine.kind == "cpu" else None
        self.rates: dict[str, float] = {}
        """Inputs a second by the name of each way that was measured, now or when the choice was made."""
        self.note = ""
        """What spoke against another way."""
        with torch.inference_mode():
            self.way, self._run = self._chosen()

    @torch.inference_mode()
    def __call__(self, *inputs: Tensor) -> Tensors:
        """The part's outputs for inputs (B, ...) on the engine's device."""
        if self._slice is None or len(inputs[0]) <= self._slice:
            return self._run(*inputs)
        slices = zip(*(torch.split(value, self._slice) for value in inputs), strict=True)
        return tuple(map(torch.cat, zip(*(self._run(*one) for one in slices), strict=True)))

    @property
    def computing(self) -> Computing:
        """What computes, for people."""
        named = {way.title: self.rates[way.name] for way in WAYS if way.name in self.rates}
        return Computing(self._engine.kind, *self._device(), self.way.title, named, self.note)

    def _device(self) -> tuple[str, int | None]:
        """The device's name, and the cores of a CPU."""
        if self._engine.kind == "cuda":
            return torch.cuda.get_device_name(0), None
        return processor(), available_cores() if self._engine.kind == "cpu" else None

    def _chosen(self) -> tuple[Way, Run]:
        wanted = self._engine.way or os.environ.get(VARIABLE, "auto")
        if wanted != "auto":
            return self._usable(_wished(wanted))
        able = [way for way in WAYS if way.automatic and way.missing(self._engine) is None]
        if len(able) == 1:
            return self._usable(able[0])
        remembered = _Remembered(self._about(able))
        if (kept := remembered.read()) is not None:
            self.rates = kept
            ready: dict[str, tuple[Way, Run]] = {}
        else:
            ready = {way.name: self._usable(way) for way in able}
            self.rates = {name: self._rate(run) for name, (way, run) in ready.items() if way.name == name}
            remembered.write(self.rates)
        best = max(self.rates, key=self.rates.__getitem__, default=FALLBACK)
        return ready[best] if best in ready else self._usable(way_named(best))

    def _usable(self, way: Way) -> tuple[Way, Run]:
        """The way made ready, if it can be and answers like plain 32 bits; else the one that always can."""
        fallback = way_named(FALLBACK)
        example = self._example(2)
        if (why := way.missing(self._engine)) is None:
            try:
                run = way.ready(self._part, example, self._engine)
                if way.name == FALLBACK:
                    return way, run
                apart = farthest(run(*example), self._part(*example))
                if apart <= way.tolerance:
                    return way, run
                why = f"its answers are {apart:.1g} off"
            except Exception as error:
                why = f"{type(error).__name__}: {error}".splitlines()[0]
        self.note = f"{way.title}: {why}"
        return fallback, fallback.ready(self._part, example, self._engine)

    def _rate(self, run: Run) -> float:
        """Inputs a second, the best of several batches."""
        begin = self._clock()
        run(*self._example(2))
        quick = self._clock() - begin < _LIMIT_S / 2
        batch = self._example(_MEASURED if quick else 2)
        best = 0.0
        start = self._clock()
        while best == 0.0 or self._clock() - start < _LIMIT_S:
            begin = self._clock()
            run(*batch)
            best = max(best, len(batch[0]) / (self._clock() - begin))
        return round(best, 1)

    def _clock(self) -> float:
        if self._engine.kind == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    def _example(self, count: int) -> Tensors:
        generator = torch.Generator().manual_seed(count)
        return tuple(
            torch.rand(count, *shape, generator=generator).to(self._engine.device) for shape in self._shapes
        )

    def _about(self, able: Sequence[Way]) -> dict[str, Any]:
        """All that the choice depends on."""
        weights = [(name, tuple(value.shape)) for name, value in self._part.network.state_dict().items()]
        device, cores = self._device()
        packages = {"torch": torch.__version__} | _versions("onnxruntime")
        return {
            "machine": [platform.machine(), device, cores],
            "threads": torch.get_num_threads() if cores else None,
            "packages": packages,
            "ways": [way.name for way in able],
            "part": [self._part.answer, self._shapes, hashlib.sha256(repr(weights).encode()).hexdigest()],
        }


class _Remembered:
    """Rates that were measured before, by what they depend on."""

    def __init__(self, about: dict[str, Any]) -> None:
        self._about = about
        self._key = key_of([json.dumps(about, sort_keys=True)])

    def read(self) -> dict[str, float] | None:
        """The rates by the ways' names; ``None`` where there are none that can be used."""
        kept = _RATES.read(self._key)
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            rates = json.loads(kept or b"")["rates"]
            if rates and set(rates) <= {way.name for way in WAYS}:
                return {name: float(rate) for name, rate in rates.items()}
        return None

    def write(self, rates: dict[str, float]) -> None:
        """Keep them; where that fails they are measured again next time."""
        _RATES.keep(self._key, json.dumps({"about": self._about, "rates": rates}, indent=1).encode())


def _wished(name: str) -> Way:
    try:
        return way_named(name)
    except KeyError:
        names = ", ".join(way.name for way in WAYS)
        raise HandStudioError(
            f"{VARIABLE} names no way to compute: {name}", None, f"Set it to auto or one of {names}"
        ) from None


def _versions(*names: str) -> dict[str, str]:
    found = {}
    for name in names:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found

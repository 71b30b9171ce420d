"""Points on the skin of a base shape, kept in the user's cache: sampling them takes seconds, reading them
none.

What is kept is known by all that it depends on: a changed shape or way of sampling is sampled anew.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from handstudio.user_cache import Shelf, key_of

_SHELF: Final = Shelf("skins", ".safetensors", most=60)
"""Five base shapes in a dozen finenesses."""
_NAMES: Final = ("points", "normals", "groups", "chances")

Sample = tuple[Tensor, Tensor, Tensor]
"""Points (N, 3) mm, unit normals (N, 3), distances (N, 6) mm to the palm and each finger."""


def kept_sample(
    make: Callable[[], Sample], generator: torch.Generator, *known_by: Tensor | int | Path
) -> Sample:
    """What ``make`` gives, from the cache where it was made before.

    Args:
        make: samples, drawing from ``generator``.
        generator: is left as ``make`` leaves it.
        known_by: all that the sample depends on; of files their content.
    """
    key = key_of(_facts(generator, known_by))
    kept = _SHELF.read(key)
    if kept is not None:
        with suppress(SafetensorError, KeyError, RuntimeError):
            found = load(kept)
            points, normals, groups, chances = (found[name] for name in _NAMES)
            generator.set_state(chances)
            return points, normals, groups
    sample = make()
    tensors = zip(_NAMES, (*sample, generator.get_state()), strict=True)
    _SHELF.keep(key, save({name: value.contiguous() for name, value in tensors}))
    return sample


def _facts(generator: torch.Generator, known_by: tuple[Tensor | int | Path, ...]) -> Iterator[str | bytes]:
    yield f"{torch.__version__}|{platform.machine()}"
    for fact in (generator.get_state(), *known_by):
        if isinstance(fact, Tensor):
            yield fact.contiguous().numpy().tobytes()
        else:
            yield fact.read_bytes() if isinstance(fact, Path) else str(fact)

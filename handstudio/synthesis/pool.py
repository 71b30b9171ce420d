"""A pool of rendered hands in a folder of memory-mapped arrays: made once, read by every epoch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.progress import Progress
from handstudio.synthesis.scene import RenderedHands, SceneSettings
from handstudio.synthesis.stream import RenderedStream, from_arrays, to_arrays

_VERSION: Final = 1
_BATCH: Final = 256
_ABOUT: Final = "pool.json"


class RenderedPool:
    """Rendered hands by number; see :meth:`make`."""

    def __init__(self, folder: Path, arrays: dict[str, np.ndarray[Any, Any]], count: int) -> None:
        self.folder = folder
        self._arrays = arrays
        self._count = count

    def __len__(self) -> int:
        return self._count

    @classmethod
    def make(
        cls,
        folder: Path,
        count: int,
        settings: SceneSettings | None = None,
        seed: int = 0,
        size: int = 64,
        workers: int = 2,
        progress: Progress | None = None,
    ) -> RenderedPool:
        """Render ``count`` hands (rounded up to batches of 256) into ``folder``, or go on where that stopped.

        Args:
            folder: made if missing. A pool of other settings there is an error.
            progress: told of the hands made; when it says cancelled, the pool of what there is comes back.

        Raises:
            HandStudioError: the folder holds another pool or cannot be written.
        """
        chosen = settings or SceneSettings()
        batches = -(-count // _BATCH)
        about = {"version": _VERSION, "seed": seed, "size": size, "settings": _fingerprint(chosen)}
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _ABOUT
        done = 0
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            if {key: found.get(key) for key in about} != about:
                raise HandStudioError(
                    "The pool of rendered hands was made with other settings",
                    folder,
                    "Name another folder or delete it",
                )
            done = min(int(found["batches"]), int(found["room"]))
            if found["room"] < batches:
                done = 0
        else:
            found = {"room": 0}
        room = max(batches, int(found["room"]))
        arrays: dict[str, np.ndarray[Any, Any]] = {}
        if done:
            arrays = _open(folder, "r+")
        if done < batches:
            with RenderedStream(chosen, seed, _BATCH, workers, size, first=done) as stream:
                for index in range(done, batches):
                    part = to_arrays(next(stream))
                    if not arrays:
                        arrays = _create(folder, part, room * _BATCH)
                    for name, values in part.items():
                        arrays[name][index * _BATCH : (index + 1) * _BATCH] = values
                    done = index + 1
                    if done % 4 == 0 or done == batches:
                        _note(path, {**about, "batches": done, "room": room})
                    if progress is not None:
                        progress.report(done * _BATCH, batches * _BATCH, "hands", "rendering hands")
                        if progress.cancelled():
                            break
        _note(path, {**about, "batches": done, "room": room})
        return cls(folder, arrays, min(done, batches) * _BATCH)

    @classmethod
    def open(cls, folder: Path) -> RenderedPool:
        """Open what is there.

        Raises:
            HandStudioError: no pool in ``folder``.
        """
        path = folder / _ABOUT
        if not path.exists():
            raise HandStudioError("There is no pool of rendered hands here", folder, "Make one first")
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(folder, _open(folder, "r"), int(found["batches"]) * _BATCH)

    def get(self, index: np.ndarray[Any, Any] | list[int]) -> RenderedHands:
        """The hands of ``index``; float tensors in memory."""
        return from_arrays({name: values[index] for name, values in self._arrays.items()})

    def batches(self, batch_size: int, seed: int, start: int = 0) -> Iterator[RenderedHands]:
        """Batches without end, shuffled anew in each pass; the same for the same seed.

        Args:
            start: number of batches to pass over (to go on where a run stopped).
        """
        per_pass = len(self) // batch_size
        number = start
        while per_pass:
            lap, position = divmod(number, per_pass)
            order = np.random.default_rng((seed, lap)).permutation(len(self))
            while position < per_pass:
                yield self.get(np.sort(order[position * batch_size : (position + 1) * batch_size]))
                position += 1
                number += 1


def _fingerprint(settings: SceneSettings) -> str:
    return hashlib.sha256(json.dumps(asdict(settings), sort_keys=True).encode()).hexdigest()[:16]


def _create(
    folder: Path, part: dict[str, np.ndarray[Any, Any]], room: int
) -> dict[str, np.ndarray[Any, Any]]:
    return {
        name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", values.dtype, (room, *values.shape[1:]))
        for name, values in part.items()
    }


def _open(folder: Path, mode: Literal["r", "r+"]) -> dict[str, np.ndarray[Any, Any]]:
    return {path.stem: np.load(path, mmap_mode=mode) for path in sorted(folder.glob("*.npy"))}


def _note(path: Path, about: dict[str, Any]) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(about), encoding="utf-8")
    beside.replace(path)


def tensor_names() -> tuple[str, ...]:
    """Names of the arrays a pool keeps."""
    return tuple(RenderedHands.__dataclass_fields__)

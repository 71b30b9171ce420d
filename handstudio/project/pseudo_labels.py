"""The pseudo-labels of a finetune: one file per epoch, ``runs/<id>/pseudo_labels/epoch_0000.h5``.

An epoch's file appears whole or not at all, so that a finetune killed at any moment can be resumed.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.project.records import PseudoLabels
from handstudio.project.space import check_room

if TYPE_CHECKING:
    import h5py

FOLDER_NAME: Final = "pseudo_labels"
OLD_FILE_NAME: Final = "pseudo_labels.h5"
"""Where earlier versions kept all epochs of a run, a group each."""
_FLOATS: Final = ("uv", "depth", "corrected_uv", "corrected_depth", "c_stability", "c_plausibility")


def write(
    folder: Path,
    epoch: int,
    hand_ids: npt.ArrayLike,
    floats: dict[str, npt.ArrayLike],
    trusted: npt.ArrayLike,
) -> None:
    """Keep an epoch (again: replaces it).

    Args:
        folder: of the run.
        epoch: counted from 0.
        hand_ids: (N,).
        floats: ``uv``, ``corrected_uv`` (N, 21, 2) px; ``depth``, ``corrected_depth`` (N, 21) reference
            bones; ``c_stability``, ``c_plausibility`` (N,) the two terms of C.
        trusted: (N,) whether training takes it for right.

    Raises:
        HandStudioError: when the file cannot be written.
    """
    import h5py

    check_room(folder, sum(np.asarray(values).nbytes for values in (hand_ids, trusted, *floats.values())))
    path = folder / FOLDER_NAME / f"epoch_{epoch:04d}.h5"
    temporary = path.with_suffix(".part")
    try:
        path.parent.mkdir(exist_ok=True)
        with h5py.File(temporary, "w", locking=False) as file:
            file.attrs["epoch"] = epoch
            file["hand_ids"] = np.asarray(hand_ids, dtype=np.int64)
            file["trusted"] = np.asarray(trusted, dtype=bool)
            for key in _FLOATS:
                file.create_dataset(key, data=np.asarray(floats[key], dtype=np.float32), compression="gzip")
        with temporary.open("r+b") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    except (OSError, RuntimeError) as error:
        raise HandStudioError(f"The pseudo-labels cannot be written ({error})", path) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def read(folder: Path) -> list[PseudoLabels]:
    """All epochs of a run, first to last; none when it has none.

    Raises:
        HandStudioError: when a file is damaged.
    """
    epochs = {found.epoch: found for found in _of_file(folder / OLD_FILE_NAME)}
    for path in sorted((folder / FOLDER_NAME).glob("epoch_*.h5")):
        epochs |= {found.epoch: found for found in _of_file(path)}
    return [epochs[number] for number in sorted(epochs)]


def _of_file(path: Path) -> list[PseudoLabels]:
    if not path.exists():
        return []
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file:
            groups = [file] if path.name != OLD_FILE_NAME else [file[name] for name in sorted(file)]
            return [_epoch(group) for group in groups]
    except (OSError, KeyError, RuntimeError) as error:
        raise HandStudioError(
            f"The pseudo-labels are damaged ({error})", path, "Delete the file; the run makes it anew"
        ) from error


def _epoch(group: h5py.Group) -> PseudoLabels:
    values: dict[str, Any] = {key: group[key][:] for key in _FLOATS}
    return PseudoLabels(
        int(group.attrs["epoch"]), group["hand_ids"][:], trusted=group["trusted"][:], **values
    )

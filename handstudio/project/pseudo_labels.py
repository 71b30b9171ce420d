"""The pseudo-labels of a finetune, epoch by epoch, in ``runs/<id>/pseudo_labels.h5``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.project.records import PseudoLabels
from handstudio.project.space import check_room

FILE_NAME: Final = "pseudo_labels.h5"
_FLOATS: Final = ("uv", "depth", "corrected_uv", "corrected_depth", "c_stability", "c_plausibility")


def write(
    folder: Path,
    epoch: int,
    hand_ids: npt.ArrayLike,
    floats: dict[str, npt.ArrayLike],
    trusted: npt.ArrayLike,
) -> None:
    """Add an epoch to a run's file (again: replaces it).

    Raises:
        HandStudioError: when the file cannot be written.
    """
    import h5py

    check_room(folder, sum(np.asarray(values).nbytes for values in (hand_ids, trusted, *floats.values())))
    try:
        with h5py.File(folder / FILE_NAME, "a", locking=False) as file:
            name = f"epoch_{epoch:04d}"
            if name in file:
                del file[name]
            group = file.create_group(name)
            group.attrs["epoch"] = epoch
            group["hand_ids"] = np.asarray(hand_ids, dtype=np.int64)
            group["trusted"] = np.asarray(trusted, dtype=bool)
            for key in _FLOATS:
                group.create_dataset(key, data=np.asarray(floats[key], dtype=np.float32), compression="gzip")
    except OSError as error:
        raise HandStudioError(f"The pseudo-labels cannot be written ({error})", folder / FILE_NAME) from error


def read(folder: Path) -> list[PseudoLabels]:
    """All epochs of a run's file, first to last; none when there is no file.

    Raises:
        HandStudioError: when the file is damaged.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return []
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file:
            return [_epoch(file[name]) for name in sorted(file)]
    except (OSError, KeyError) as error:
        raise HandStudioError(
            f"The pseudo-labels are damaged ({error})", path, "Delete the file; the run makes it anew"
        ) from error


def _epoch(group: object) -> PseudoLabels:
    values: dict[str, npt.NDArray[np.float32]] = {key: group[key][:] for key in _FLOATS}  # type: ignore[index]
    return PseudoLabels(
        int(group.attrs["epoch"]),  # type: ignore[attr-defined]
        group["hand_ids"][:],  # type: ignore[index]
        trusted=group["trusted"][:],  # type: ignore[index]
        **values,
    )

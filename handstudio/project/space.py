"""Whether the disk has room for what HDF5 is about to write, and keeping that room."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Final

from handstudio.errors import HandStudioError

MARGIN_BYTES: Final = 8 << 20
"""Left free: HDF5 writes more than the data, and others write meanwhile."""


def check_room(folder: Path, size: int) -> None:
    """Refuse to begin what would fill the disk.

    HDF5 does not survive a disk that is full half way: its file is damaged as a whole, and the process may
    crash when the file is closed. So that must be known before.

    Args:
        folder: where the file lies.
        size: bytes to be written, at most.

    Raises:
        HandStudioError: when there is too little room.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free < size + MARGIN_BYTES:
        raise HandStudioError(
            f"The disk is full ({free / 1e6:.0f} MB are free)", folder, "Free some space and do it again"
        )


def reserve(path: Path, length: int) -> None:
    """Have the disk set aside a file's first ``length`` bytes, where the system can do that.

    Free space says nothing of quotas and of the largest file that a disk takes.

    Raises:
        HandStudioError: when they cannot be had.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        with path.open("r+b") as stream:
            os.posix_fallocate(stream.fileno(), 0, length)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            return
        raise HandStudioError(
            f"The file cannot become as large as it must ({error.strerror})",
            path,
            "Free some space, or choose another disk",
        ) from error

"""Whether the disk has room for what HDF5 is about to write."""

from __future__ import annotations

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

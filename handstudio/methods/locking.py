"""A lock on an open file that goes with its process, however that ends."""

from __future__ import annotations

import sys
from typing import IO, Any


def take(stream: IO[Any]) -> bool:
    """Lock an open file for this process until it is closed; ``False`` when another one holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

"""A lock on an open file that goes with its process, however that ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from handstudio.errors import HandStudioError


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


@contextmanager
def alone_in(lock: Path, doing: str) -> Iterator[None]:
    """Hold a folder, so that no second process writes over what this one keeps there.

    Args:
        lock: a file in the folder.
        doing: what the other process does there, for the error.

    Raises:
        HandStudioError: when another one holds it, or the folder cannot be written.
    """
    try:
        stream = lock.open("a")
    except OSError as error:
        raise HandStudioError(
            f"The folder cannot be written ({error.strerror})", lock.parent, "Choose another place"
        ) from None
    with stream:
        if not take(stream):
            raise HandStudioError(
                f"Another process {doing} in this folder", lock.parent, "Wait until it ends, or stop it first"
            )
        yield

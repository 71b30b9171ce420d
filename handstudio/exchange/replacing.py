"""Exports appear whole or not at all, and replace nothing that they did not make."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from handstudio.errors import HandStudioError


@contextmanager
def replacing(out: Path, overwrite: bool, is_earlier_export: Callable[[Path], bool]) -> Iterator[Path]:
    """A temporary path in the folder of ``out`` that takes its place when the block ends well.

    Args:
        out: the file to make; its folder is made when it is missing.
        overwrite: replace whatever is there.
        is_earlier_export: whether an existing file was made by an export and may be replaced.

    Raises:
        HandStudioError: when something else is there, or the disk refuses.
    """
    temporary = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        _check(out, overwrite, is_earlier_export)
        out.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _flush(temporary)
        temporary.replace(out)
    except (OSError, RuntimeError) as error:
        raise HandStudioError(
            f"The export could not be written ({getattr(error, 'strerror', None) or error})",
            out,
            "Make room, or choose another folder",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _check(out: Path, overwrite: bool, is_earlier_export: Callable[[Path], bool]) -> None:
    if out.is_dir():
        raise HandStudioError("A folder of this name exists", out, "Choose the name of a file")
    if out.exists() and not overwrite and not is_earlier_export(out):
        raise HandStudioError(
            "The file exists and is no earlier export",
            out,
            "Choose another name, or allow it to be overwritten (--overwrite)",
        )


def _flush(path: Path) -> None:
    """Have the disk take the file's content before its name is changed."""
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())

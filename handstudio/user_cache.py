"""What can be computed again but takes long, kept in the user's cache: one shelf for each kind of thing.

A cache that cannot be read or written is no reason to fail: what it would give is made anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path


class Shelf:
    """A folder of the user's cache.

    Args:
        name: of the folder.
        suffix: of its files, with the dot.
        most: files that are kept at most, those that were used last; ``None`` keeps all.
    """

    def __init__(self, name: str, suffix: str, most: int | None = None) -> None:
        self._name, self._suffix, self._most = name, suffix, most

    def place(self, key: str) -> Path:
        """The file of what is known by ``key``, whether or not it is there."""
        return user_cache_path("handstudio") / self._name / f"{key}{self._suffix}"

    def read(self, key: str) -> bytes | None:
        """What was kept; ``None`` where nothing was."""
        try:
            content = self.place(key).read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            self.place(key).touch()
        return content

    def keep(self, key: str, content: bytes) -> None:
        """Keep it whole or not at all, also where several processes keep it at once."""
        place = self.place(key)
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=place.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content)
                Path(name).replace(place)
            finally:
                Path(name).unlink(missing_ok=True)
            self._clear(place.parent)

    def _clear(self, folder: Path) -> None:
        if self._most is None:
            return
        by_use = sorted(folder.glob(f"*{self._suffix}"), key=lambda one: one.stat().st_mtime)
        for old in by_use[: -self._most]:
            old.unlink(missing_ok=True)


def key_of(facts: Iterable[str | bytes]) -> str:
    """A name for all that a thing depends on."""
    said = hashlib.sha256()
    for fact in facts:
        content = fact.encode() if isinstance(fact, str) else fact
        said.update(len(content).to_bytes(8, "little"))
        said.update(content)
    return said.hexdigest()[:32]

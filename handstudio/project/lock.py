"""One window at a time writes to a project; the second learns who holds it."""

from __future__ import annotations

import getpass
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from handstudio.project.process import ProcessIdentity, is_alive, this_process

LOCK_NAME = "window.lock"


@dataclass(frozen=True)
class Holder:
    """Who has the project open in a window.

    Attributes:
        process: the window's process.
        who: the user's name.
        since: seconds since 1970.
        token: tells two windows of one process apart.
    """

    process: ProcessIdentity
    who: str
    since: float
    token: str

    @property
    def is_elsewhere(self) -> bool:
        """Whether nobody can tell from this machine if the window still lives."""
        return self.process.host != this_process().host

    def __str__(self) -> str:
        if self == UNKNOWN:
            return "somebody"
        since = time.strftime("%H:%M", time.localtime(self.since))
        return f"{self.who} on {self.process.host} (process {self.process.pid}, since {since})"


UNKNOWN: Final = Holder(ProcessIdentity(0, "", ""), "", 0.0, "")
"""Who wrote a lock that may not be read."""


class WindowLock:
    """The lock file in a project's folder.

    Call its methods inside a writing transaction of the project's database: that is what keeps two windows
    from taking a stale lock at once.
    """

    def __init__(self, folder: Path, token: str) -> None:
        self._path = folder / LOCK_NAME
        self._token = token

    def holder(self) -> Holder | None:
        """Who holds the project now; ``None`` when nobody does, or its process is dead."""
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
            found = Holder(
                ProcessIdentity(**values["process"]), values["who"], values["since"], values["token"]
            )
        except FileNotFoundError:
            return None
        except OSError:
            return UNKNOWN
        except (ValueError, TypeError, KeyError):
            return None
        return found if is_alive(found.process) else None

    def take(self) -> Holder:
        """Take the lock if nobody alive holds it; returns who holds it now."""
        held = self.holder()
        if held is not None:
            return held
        mine = Holder(this_process(), _user(), time.time(), self._token)
        fresh = self._path.with_name(f"{LOCK_NAME}.{self._token}")
        fresh.write_text(json.dumps(asdict(mine)), encoding="utf-8")
        fresh.replace(self._path)
        return mine

    def told(self, holder: Holder) -> str:
        """The sentence for somebody who finds the project held, with what to do if it is not."""
        if not holder.is_elsewhere:
            return f"{holder} holds it"
        return f"{holder} holds it; if no window is open there any more, delete {self._path}"

    def is_mine(self, holder: Holder | None) -> bool:
        """Whether a holder is this very window."""
        return holder is not None and holder.token == self._token

    def release(self) -> None:
        """Give the lock back, if it is ours."""
        if self.is_mine(self.holder()):
            self._path.unlink(missing_ok=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "somebody"

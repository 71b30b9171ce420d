"""Which process is whose: enough to know, later and from elsewhere, whether it still lives."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProcessIdentity:
    """A process of a machine; ``started`` tells a later process with the same number apart (Linux)."""

    pid: int
    host: str
    started: str


def this_process() -> ProcessIdentity:
    """The running process."""
    return ProcessIdentity(os.getpid(), socket.gethostname(), started(os.getpid()))


def started(pid: int) -> str:
    """When a process started, in the kernel's own counting; empty where that cannot be known."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rsplit(")", 1)[1].split()
    return "" if fields[0] == "Z" else fields[19]


def is_alive(process: ProcessIdentity) -> bool:
    """Whether a process lives; one of another machine is taken to, since nobody can know from here."""
    if process.host != socket.gethostname():
        return True
    if not _exists(process.pid):
        return False
    now = started(process.pid)
    if Path("/proc/self/stat").exists():
        return now != "" and process.started in ("", now)
    return True


def _exists(pid: int) -> bool:
    if pid <= 0:
        return False
    if os.name == "nt":
        return _exists_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _exists_on_windows(pid: int) -> bool:
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(0x1000, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == 259

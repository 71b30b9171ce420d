"""Runs whose process died without a word are marked interrupted, so that they can be resumed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handstudio.project import Project


def settle_dead_runs(project: Project) -> list[int]:
    """Marks every ``running`` run of a dead process as ``interrupted``; returns their ids."""
    dead = [run.id for run in project.runs() if run.state == "running" and not is_alive(run.pid)]
    for run_id in dead:
        project.finish_run(run_id, "interrupted")
    return dead


def settle_dead_runs_at(path: Path) -> list[int]:
    """As :func:`settle_dead_runs` for a project that is not open here."""
    from handstudio.project import Project

    with Project.open(path, writer="job") as project:
        return settle_dead_runs(project)


def is_alive(pid: int | None) -> bool:
    """Whether a process with this number runs (a zombie does not)."""
    if pid is None or pid <= 0:
        return False
    if pid == os.getpid():
        return True
    if sys.platform == "win32":
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state not in ("Z", "X")


def _is_alive_on_windows(pid: int) -> bool:
    import ctypes

    query_limited_information, still_active = 0x1000, 259
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == still_active

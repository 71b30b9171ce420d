"""Photographs of the real window, on a virtual screen where there is no other."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handstudio.errors import HandStudioError

from .process import child_environment

SCREEN = "1600x1000x24"
START_S = 15.0
PHOTOGRAPH_S = 240.0


@contextmanager
def some_screen() -> Iterator[dict[str, str]]:
    """Variables for a child that opens a window: of a screen started for it, or of the one that is there.

    Raises:
        HandStudioError: when there is no screen and none can be started.
    """
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform in ("win32", "darwin"):
        yield {}
        return
    program = shutil.which("Xvfb")
    if program is None:
        raise HandStudioError("There is no screen", None, "Install Xvfb (Debian package xvfb)")
    read, write = os.pipe()
    process = subprocess.Popen(
        [program, "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[write],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(write)
    try:
        yield {"DISPLAY": f":{_number(read)}", "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}
    finally:
        os.close(read)
        process.terminate()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _number(descriptor: int) -> str:
    """The number that Xvfb writes once it answers."""
    if select.select([descriptor], [], [], START_S)[0]:
        number = os.read(descriptor, 16).decode().strip()
        if number:
            return number
    raise HandStudioError("The virtual screen did not start", None, "Try: Xvfb :99")


def photograph(
    project: Path, out: Path, screen: dict[str, str], timeout_s: float = PHOTOGRAPH_S
) -> list[Path]:
    """Lets the window open a project and photograph itself; returns the pictures.

    Raises:
        HandStudioError: when the window fails.
    """
    out.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "handstudio.ui.screenshots", str(project), str(out)],
            env=child_environment(screen),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired as error:
        raise HandStudioError("The window could not be photographed: it did not end", project) from error
    if done.returncode != 0:
        last = "\n".join(done.stdout.splitlines()[-5:])
        raise HandStudioError(f"The window could not be photographed: {last}", project)
    return sorted(out.glob("*.png"))

"""A screen for photographs: the one that is there, one that is started and ended, or why there is none."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs import screen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")


@pytest.fixture
def _no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def test_the_screen_that_is_there_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":7")
    with screen.some_screen() as variables:
        assert variables == {}


@pytest.mark.usefixtures("_no_screen")
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_a_screen_is_started_and_is_gone_afterwards() -> None:
    with screen.some_screen() as variables:
        number = variables["DISPLAY"].removeprefix(":")
        assert Path(f"/tmp/.X11-unix/X{number}").exists() or Path(f"/tmp/.X{number}-lock").exists()
        assert variables["QT_QPA_PLATFORM"] == "xcb"
    assert not Path(f"/tmp/.X{number}-lock").exists()


@pytest.mark.usefixtures("_no_screen")
def test_without_a_screen_to_start_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(HandStudioError, match="Install Xvfb"), screen.some_screen():
        pass


def test_a_window_that_fails_is_no_photograph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = tmp_path / "window"
    window.write_text('#!/bin/sh\necho "last words"\nexit 3\n', "utf-8")
    window.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(window))
    with pytest.raises(HandStudioError, match="could not be photographed: last words"):
        screen.photograph(tmp_path / "P", tmp_path / "out", {})
    window.write_text('#!/bin/sh\ntouch "$4/1.png" "$4/notes.txt"\n', "utf-8")
    pictures = screen.photograph(tmp_path / "P", tmp_path / "out", {})
    assert pictures == [tmp_path / "out" / "1.png"]
    window.write_text("#!/bin/sh\nexec sleep 60\n", "utf-8")
    with pytest.raises(HandStudioError, match="it did not end"):
        screen.photograph(tmp_path / "P", tmp_path / "out", {}, timeout_s=0.3)

"""What holds for every test: nothing may be left running, and nothing touches the user's own settings."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point every place where the program keeps things for its user at a fresh folder."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    # The skins of rendered hands depend on nothing but the program: a run of the tests samples them once.
    cache = home / "xdg_cache_home" / "handstudio"
    cache.mkdir(parents=True)
    skins = tmp_path_factory.getbasetemp() / "skins"
    skins.mkdir(exist_ok=True)
    (cache / "skins").symlink_to(skins)
    # Measuring which way computes quickest takes a second for every model.
    monkeypatch.setenv("HANDSTUDIO_WAY", "channels-last")


def _children() -> set[int]:
    """Process ids of this process's living children (Linux; elsewhere none are seen)."""
    found: set[int] = set()
    tasks = Path(f"/proc/{os.getpid()}/task")
    if not tasks.exists():
        return found
    for task in tasks.iterdir():
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            try:
                stat = Path(f"/proc/{child}/stat").read_text()
                command = Path(f"/proc/{child}/cmdline").read_text()
            except OSError:
                continue
            if stat.rsplit(")", 1)[1].split()[0] != "Z" and "resource_tracker" not in command:
                found.add(int(child))
    return found


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.is_alive() and not _is_kept(thread)}


def _is_kept(thread: threading.Thread) -> bool:
    """Whether a library keeps one such thread for the whole process, by design."""
    return thread.name.startswith(("pydevd", "QueueFeederThread", "pytest_timeout", "Dummy-"))


@pytest.fixture(autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    threads, children = _threads(), _children()
    yield
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline and (_threads() - threads or _children() - children):
        threading.Event().wait(0.02)
    left = [thread.name for thread in _threads() - threads]
    assert not left, f"threads left running: {left}"
    assert not _children() - children, "processes left running"


@pytest.fixture
def shared_data() -> Path:
    """Real and rendered hands beside the repository; the test is skipped where they are not."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the data beside the repository is not here")
    return SHARED_DATA

"""Pictures of the real window: ``python -m handstudio.ui.screenshots PROJECT OUT``.

Opens the window on a project, steps through the stages of a review and grabs a picture of each. The project's
labels are not touched. Without a display, run it under a virtual one (``xvfb-run``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QSettings
from PySide6.QtWidgets import QApplication

from handstudio.errors import HandStudioError
from handstudio.project.records import HandQuery, State
from handstudio.ui.colours import LAYERS
from handstudio.ui.desk import Desk
from handstudio.ui.pages import Pages
from handstudio.ui.start import application
from handstudio.ui.view3d.widget import View3D
from handstudio.ui.window import MainWindow

SIZE = (1600, 960)
PATIENCE_S = 60.0


class Photographer:
    """Grabs pictures of one window into a folder."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self.window = window
        self.out = out
        self.taken: list[Path] = []

    def settle(self, ready: Callable[[], bool] = lambda: True, least_s: float = 0.3) -> None:
        """Let the event loop run until ``ready``, and a little longer for what is painted late."""
        started = time.monotonic()
        while time.monotonic() - started < PATIENCE_S:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if ready() and time.monotonic() - started >= least_s:
                return
        raise HandStudioError("The window did not show what was asked of it", self.out)

    def take(self, name: str) -> Path:
        """One picture of the whole window, when nothing of it waits for anything any more."""
        self.settle(lambda: not is_waiting(self.window))
        path = self.out / f"{len(self.taken) + 1:02d}-{name}.png"
        if not self.window.grab().save(str(path)):
            raise HandStudioError("The picture cannot be written", path, "Choose another folder")
        self.taken.append(path)
        return path


def is_waiting(window: MainWindow) -> bool:
    """Whether the frame, a dock or the 3D view is still to come."""
    if window.canvas.frame is None and window.session.frame_id is not None:
        return True
    loading = any(pages.state == "loading" and pages.isVisible() for pages in window.findChildren(Pages))
    return loading or any(view.preparing and view.isVisible() for view in window.findChildren(View3D))


def stages(photographer: Photographer) -> None:
    """The stages of a review, one picture each."""
    window = photographer.window
    actions, session = window.services.actions, window.session
    show_layers(window, "proposal", "correction", "label")
    hand = most_telling(window)
    if hand is not None:
        session.go_to_hand(hand)
    photographer.take("review")
    show_layers(window, "proposal", "perturbed", "correction", "label", "circles", "mask")
    photographer.take("layers")
    session.select_joints({5, 6, 7, 8})
    actions["zoom_hand"].trigger()
    photographer.take("joints")
    session.select_joints(())
    actions["zoom_fit"].trigger()
    show_layers(window, "proposal", "correction", "label")
    for dock in ("training", "models"):
        window.docks.by_name[dock].raise_()
        photographer.take(dock)
    window.docks.by_name["timeline"].raise_()
    window.palette_overlay.open()
    photographer.take("palette")
    window.palette_overlay.close_palette()
    window.services.theme.set_scheme("light")
    photographer.take("light")
    window.services.theme.set_scheme("dark")


def show_layers(window: MainWindow, *names: str) -> None:
    """These layers and no others."""
    for name in LAYERS:
        window.services.actions[f"layer_{name}"].setChecked(name in names)


def most_telling(window: MainWindow) -> int | None:
    """The undecided hand that its correction moves most, else any hand."""
    project = window.session.project
    for query in (HandQuery(states=(State.PROPOSED,), order="correction"), HandQuery()):
        ids = project.hand_ids(query)
        if len(ids):
            return int(ids[len(ids) // 10])
    return None


@contextmanager
def opened(project: Path, scheme: str = "dark") -> Iterator[MainWindow]:
    """The window on a project, with settings of its own, closed at the end."""
    application(["handstudio"])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = QSettings(str(Path(folder) / "window.ini"), QSettings.Format.IniFormat)
        settings.setValue("theme/scheme", scheme)
        desk = Desk(settings, jobs=False)
        window = desk.open(project)
        window.resize(*SIZE)
        try:
            yield window
        finally:
            window.close()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            QApplication.processEvents()


def take(project: Path, out: Path, scheme: str = "dark") -> list[Path]:
    """Pictures of every stage on a project; returns their files."""
    if not (project / "project.db").exists():
        raise HandStudioError("There is no project", project, "Make one with: handstudio import")
    out.mkdir(parents=True, exist_ok=True)
    with opened(project, scheme) as window:
        photographer = Photographer(window, out)
        filled: list[bool] = []
        window.docks.filled.connect(lambda: filled.append(True))
        photographer.settle(lambda: bool(filled), least_s=1.0)
        window.docks.size_docks()
        stages(photographer)
        return photographer.taken


def main(words: Sequence[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m handstudio.ui.screenshots", description=__doc__)
    parser.add_argument("project", type=Path, help="a project's folder")
    parser.add_argument("out", type=Path, help="the folder for the pictures")
    parser.add_argument("--light", action="store_true", help="begin in light colours")
    chosen = parser.parse_args(words)
    try:
        for path in take(chosen.project, chosen.out, "light" if chosen.light else "dark"):
            print(path)
    except HandStudioError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The manual's pictures, taken of the real window: ``python -m handstudio.ui.help.pictures PROJECT``.

The project should have proposals, decisions and a finetune, such as the one that ``handstudio demo`` leaves.
Its labels are not touched. Without a display, run it under a virtual one (``xvfb-run``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from handstudio.errors import HandStudioError
from handstudio.ui.help.manual import FOLDER
from handstudio.ui.screenshots import Photographer, is_waiting, most_telling, opened, show_layers
from handstudio.ui.window import MainWindow

QUALITY: Final = 82
"""Of WebP: a picture is about 30 kB."""


class HelpPhotographer:
    """Takes the pictures of one window into a folder."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self._window, self._out = window, out
        self._photographer = Photographer(window, out)
        self.taken: list[Path] = []

    def take(self, name: str, of: QWidget) -> None:
        """A picture of a widget as it is, when nothing in the window waits for anything any more."""
        self._photographer.settle(lambda: not is_waiting(self._window), least_s=0.6)
        self._save(name, of.grab())

    def _save(self, name: str, picture: QPixmap) -> None:
        path = self._out / f"{name}.webp"
        if not picture.save(str(path), "WEBP", QUALITY):
            raise HandStudioError("The picture cannot be written", path, "Choose another folder")
        self.taken.append(path)


def stages(photographer: HelpPhotographer, window: MainWindow) -> None:
    """One picture after the other."""
    actions, session, docks = window.services.actions, window.session, window.docks.by_name
    show_layers(window, "proposal", "correction", "label")
    hand = most_telling(window)
    if hand is not None:
        session.go_to_hand(hand)
    photographer.take("window", window)
    photographer.take("queue", docks["queue"])
    photographer.take("timeline", docks["timeline"])
    show_layers(window, "proposal", "perturbed", "correction", "circles", "mask")
    actions["zoom_hand"].trigger()
    actions["inset"].setChecked(False)
    photographer.take("layers", window.canvas)
    show_layers(window, "proposal", "label")
    session.select_joints({8})
    photographer.take("fixing", window.canvas)
    session.select_joints(())
    for dock in ("training", "models", "acceptance"):
        docks[dock].raise_()
        photographer.take(dock, docks[dock])


def take(project: Path, out: Path) -> list[Path]:
    """All pictures; returns their files."""
    out.mkdir(parents=True, exist_ok=True)
    with opened(project) as window:
        photographer = HelpPhotographer(window, out)
        filled: list[bool] = []
        window.docks.filled.connect(lambda: filled.append(True))
        Photographer(window, out).settle(lambda: bool(filled), least_s=1.0)
        window.docks.size_docks()
        stages(photographer, window)
        return photographer.taken


def main(words: Sequence[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m handstudio.ui.help.pictures", description=__doc__)
    parser.add_argument("project", type=Path, help="a project's folder")
    parser.add_argument("--out", type=Path, default=FOLDER / "pictures", help="the folder for the pictures")
    chosen = parser.parse_args(words)
    try:
        for path in take(chosen.project, chosen.out):
            print(path)
    except HandStudioError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

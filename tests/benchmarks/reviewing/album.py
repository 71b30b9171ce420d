"""Pictures of a walk in a folder, and ``walk.md``, which says of each what was pressed and what is seen."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QMainWindow

ARROW = ((0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12))
"""The mouse, px: a picture of the screen does not hold it."""
HEAD = "# What a review offers, picture by picture\n"


class Album:
    """One section's pictures at a time; those of other sections in the folder stay.

    Args:
        out: the folder.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.taken: list[Path] = []
        self._number, self._title = 0, ""
        self._told: list[str] = []
        out.mkdir(parents=True, exist_ok=True)

    def begin(self, number: int, title: str) -> None:
        """Go on with this section; its pictures of an earlier walk go."""
        self._number, self._title, self._told = number, title, []
        for old in self.out.glob(f"{number}-*.png"):
            old.unlink()

    def take(
        self, window: QMainWindow, name: str, pressed: str, seen: str, pointer: QPoint | None = None
    ) -> Path:
        """The window as it is on the screen, with what stands before it, and the mouse at ``pointer``."""
        path = self.out / f"{self._number}-{len(self._told) + 1:02d}-{name}.png"
        picture = on_screen(window)
        if pointer is not None and window.frameGeometry().contains(pointer):
            _paint_arrow(picture, pointer - window.geometry().topLeft())
        if not picture.save(str(path)):
            raise OSError(f"The picture cannot be written: {path}")
        self.taken.append(path)
        self._told.append(
            f"### {path.stem}\n\n![{name}]({path.name})\n\nPressed: {pressed}\n\nSeen: {seen}\n"
        )
        self._write()
        return path

    def _write(self) -> None:
        path = self.out / "walk.md"
        before = path.read_text("utf-8") if path.exists() else ""
        sections = {int(part.split(" ", 1)[0]): part for part in re.split(r"(?m)^## ", before)[1:]}
        sections[self._number] = f"{self._number} {self._title}\n\n" + "\n".join(self._told) + "\n"
        text = "".join(f"\n## {sections[number].rstrip()}\n" for number in sorted(sections))
        path.write_text(HEAD + text, "utf-8")


def on_screen(window: QMainWindow) -> QPixmap:
    """What the screen shows where a window is."""
    place = window.geometry()
    picture = window.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height())
    assert not picture.isNull(), "this platform gives no picture of the screen"
    return picture


def _paint_arrow(picture: QPixmap, at: QPoint) -> None:
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("black"), 1.5))
    painter.setBrush(Qt.GlobalColor.white)
    painter.drawPolygon(QPolygonF([QPointF(at.x() + x, at.y() + y) for x, y in ARROW]))
    painter.end()

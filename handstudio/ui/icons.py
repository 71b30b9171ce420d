"""Icons of one kept set (Material Design Icons 6, the font that qtawesome carries).

Only the font and its table of names are taken from there: to import qtawesome means to make every class and
enumeration of Qt known to Python, which takes a fifth of the window's start.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

PREFIX = "mdi6"
_FILES = "materialdesignicons6-webfont"
_SHARE = 0.875
"""Of an icon's height that its glyph takes; the rest is the font's bearing."""


@dataclass(frozen=True)
class _Font:
    family: str
    codes: dict[str, str]
    """Hexadecimal code of each glyph by its name."""

    def glyph(self, name: str) -> str:
        prefix, _, glyph = name.partition(".")
        if prefix != PREFIX or glyph not in self.codes:
            raise KeyError(f"there is no icon {name}")
        return chr(int(self.codes[glyph], 16))


@lru_cache(maxsize=1)
def _font() -> _Font:
    found = find_spec("qtawesome")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "fonts"
    number = QFontDatabase.addApplicationFontFromData(next(folder.glob(f"{_FILES}-*.ttf")).read_bytes())
    table = next(folder.glob(f"{_FILES}-charmap-*.json"))
    return _Font(
        QFontDatabase.applicationFontFamilies(number)[0], json.loads(table.read_text(encoding="utf-8"))
    )


class _Kept(QIconEngine):
    """Paints an icon of the font once per size and keeps the picture: painting the font takes 0.1 ms."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._looks = (name, colour, disabled)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatioF()
        size = QSize(round(rect.width() * ratio), round(rect.height() * ratio))
        painter.drawPixmap(rect, _pixmap(*self._looks, size.width(), size.height(), mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return _pixmap(*self._looks, size.width(), size.height(), mode)

    def clone(self) -> QIconEngine:
        return _Kept(*self._looks)


@lru_cache(maxsize=2048)
def _pixmap(name: str, colour: str, disabled: str, width: int, height: int, mode: QIcon.Mode) -> QPixmap:
    if width <= 0 or height <= 0:
        return QPixmap()  # a button that has no room asks for it
    font, kept = QFont(), _font()
    font.setFamily(kept.family)
    font.setPixelSize(max(round(_SHARE * height), 1))
    picture = QPixmap(width, height)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setPen(QColor(disabled if mode == QIcon.Mode.Disabled else colour))
    painter.setFont(font)
    painter.drawText(picture.rect(), Qt.AlignmentFlag.AlignCenter, kept.glyph(name))
    painter.end()
    return picture


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    return QIcon(_Kept(name, colour, disabled))


def icon(name: str, colour: QColor, disabled: QColor) -> QIcon:
    """The icon ``name`` (for example ``mdi6.check``) in a colour."""
    return _icon(name, colour.name(), disabled.name())

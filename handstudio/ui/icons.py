"""Icons of one kept set (Material Design Icons 6 through qtawesome).

Only this one font is loaded: loading every font that qtawesome carries costs a tenth of a second of start.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap

PREFIX = "mdi6"


@lru_cache(maxsize=1)
def _font():  # noqa: ANN202 - qtawesome's class is imported late
    import qtawesome
    from qtawesome.iconic_font import IconicFont

    entry = next(font for font in qtawesome._BUNDLED_FONTS if font[0] == PREFIX)
    return IconicFont(entry)


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
    source = _font().icon(name, color=QColor(colour), color_disabled=QColor(disabled))
    return source.pixmap(QSize(width, height), 1.0, mode)


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    return QIcon(_Kept(name, colour, disabled))


def icon(name: str, colour: QColor, disabled: QColor) -> QIcon:
    """The icon ``name`` (for example ``mdi6.check``) in a colour."""
    return _icon(name, colour.name(), disabled.name())

"""Icons of one kept set (Material Design Icons 6 through qtawesome).

Only this one font is loaded: loading every font that qtawesome carries costs a tenth of a second of start.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor, QIcon

PREFIX = "mdi6"


@lru_cache(maxsize=1)
def _font():  # noqa: ANN202 - qtawesome's class is imported late
    import qtawesome
    from qtawesome.iconic_font import IconicFont

    entry = next(font for font in qtawesome._BUNDLED_FONTS if font[0] == PREFIX)
    return IconicFont(entry)


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    return _font().icon(name, color=QColor(colour), color_disabled=QColor(disabled))


def icon(name: str, colour: QColor, disabled: QColor) -> QIcon:
    """The icon ``name`` (for example ``mdi6.check``) in a colour."""
    return _icon(name, colour.name(), disabled.name())

"""Times of the clock, as people here write them."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale


def moment(at: float) -> str:
    """A time with its day.

    Args:
        at: seconds since 1970.
    """
    when, here = QDateTime.fromSecsSinceEpoch(int(at)), QLocale()
    if here.language() == QLocale.Language.C:  # its short format is nobody's: 27 11 2026
        return when.toString("yyyy-MM-dd HH:mm")
    return here.toString(when, QLocale.FormatType.ShortFormat)

"""Each finger's error before and after: a hollow and a filled dot on one scale, and the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from handstudio.hand.skeleton import FINGER_NAMES
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.review.judged import SideBySide
    from handstudio.ui.theme import Theme

_GAP = 8


class FingerChanges(QWidget):
    """One line per finger, in the finger's colour."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: list[tuple[str, float, float]] = []
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Error per finger")

    def show_comparison(self, both: SideBySide) -> None:
        """Show two models' errors."""
        before, after = both.before.per_finger, both.after.per_finger
        self._lines = [
            (name, before[name], after[name])
            for name in ("wrist", *FINGER_NAMES)
            if name in before and name in after
        ]
        words = [f"{name}: {old:.2f} px before, {new:.2f} px after" for name, old, new in self._lines]
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a line per finger."""
        height = self.fontMetrics().height() + 4
        return QSize(30 * self.fontMetrics().averageCharWidth(), 7 * height)

    def minimumSizeHint(self) -> QSize:
        """The same height, less width."""
        hint = self.sizeHint()
        return QSize(hint.width() // 2, hint.height() * 2 // 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines."""
        if not self._lines:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        names = max(metrics.horizontalAdvance(name) for name, _, _ in self._lines) + _GAP
        figures = metrics.horizontalAdvance("88.88 → 88.88 px") + _GAP
        left, right = names + _GAP, self.width() - figures - _GAP
        largest = max(max(old, new) for _, old, new in self._lines)
        height = min(self.height() / len(self._lines), metrics.height() + 10)
        for row, (name, old, new) in enumerate(self._lines):
            line = QRectF(0, row * height, self.width(), height)
            colour = (
                self._theme.finger_colour(FINGER_NAMES.index(name))
                if name in FINGER_NAMES
                else self._theme.colour("text")
            )
            self._paint_line(painter, line, name, old, new, (left, right, largest), colour)
        painter.end()

    def _paint_line(
        self,
        painter: QPainter,
        line: QRectF,
        name: str,
        old: float,
        new: float,
        scale: tuple[float, float, float],
        colour: QColor,
    ) -> None:
        left, right, largest = scale
        middle = line.center().y()
        text = self._theme.colour("text")
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self._theme.colour("secondary"))
        painter.drawText(line.adjusted(_GAP, 0, 0, 0), flags | Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(self._theme.colour("error") if new > old * 1.02 else text)
        painter.drawText(
            line.adjusted(0, 0, -_GAP, 0), flags | Qt.AlignmentFlag.AlignRight, f"{old:.2f} → {new:.2f} px"
        )
        if right - left < 24 or largest <= 0:
            return
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        at_old, at_new = (left + (right - left) * value / largest for value in (old, new))
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(at_old, middle), QPointF(at_new, middle))
        painter.setBrush(self._theme.colour("panel"))
        painter.drawEllipse(QPointF(at_old, middle), 4, 4)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(at_new, middle), 4, 4)

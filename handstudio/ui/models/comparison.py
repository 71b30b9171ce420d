"""Two models on the hold-out: figures, fingers, PCK curves, and the frames that got better or worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from handstudio.ui.models.confidence import ConfidencePlots
from handstudio.ui.models.fingers import FingerChanges
from handstudio.ui.models.plots import bare_plot, wipe, write
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.project.records import HandRecord
    from handstudio.review.expected_error import ExpectedError
    from handstudio.review.judged import SideBySide
    from handstudio.ui.theme import Theme

MOST_HANDS = 200
_HAND_ROLE = Qt.ItemDataRole.UserRole + 1
_FIGURES = (
    ("Error", "epe_px", 1.0, "px", -1),
    ("PCK@0.05", "pck_005", 100.0, "%", 1),
    ("AUC", "auc_px", 100.0, "%", 1),
)


class ComparisonView(QWidget):
    """Shows a comparison; a frame of its lists that is clicked is gone to."""

    hand_chosen = Signal(object, int)
    """A list of hands, and which of them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._both: SideBySide | None = None
        self.figures = QLabel()
        self.figures.setTextFormat(Qt.TextFormat.RichText)
        self.figures.setFont(tabular(self.figures.font()))
        self.figures.setWordWrap(True)
        self.fingers = FingerChanges(theme)
        self.curves = bare_plot(
            "PCK curves", "PCK: joints within a threshold, which is in sides of the hand's box"
        )
        self.confidence = ConfidencePlots(theme)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setMinimumWidth(80)
        self.lists = [self._list(name) for name in ("worse", "better")]
        self._lay_out()

    def show_comparison(
        self,
        both: SideBySide,
        names: tuple[str, str],
        hands: dict[int, tuple[HandRecord, str]],
        expected: ExpectedError,
    ) -> None:
        """Show two models; ``hands`` gives record and sequence's name of the listed hands, ``expected`` what
        is expected of hands now."""
        self._both = both
        self.setAccessibleName(f"{names[1]} against {names[0]}")
        worse = self._theme.colour("error").name()
        shown: list[str] = []
        for name, key, factor, unit, good in _FIGURES:
            values = (
                both.error_px if key == "epe_px" else (getattr(both.before, key), getattr(both.after, key))
            )
            old, new = factor * values[0], factor * values[1]
            digits = 2 if unit == "px" else 1
            mark = "▲" if new > old else "▼" if new < old else "="
            verdict = "better" if (new - old) * good > 0 else "worse" if new != old else "the same"
            words = f"{name}  {old:.{digits}f} → {new:.{digits}f} {unit} {mark} {verdict}".replace(
                " ", "\u00a0"
            )
            shown.append(f'<span style="color:{worse}">{words}</span>' if verdict == "worse" else words)
        note = difference_words(both)
        self.figures.setText(" &nbsp; ".join([f"<b>{hands_words(both)}</b>", *shown]) + note)
        self.figures.setToolTip(f"{names[1]} against {names[0]}{note}")
        self.fingers.show_comparison(both)
        self._draw_curves()
        self.confidence.show_model(both.after, expected)
        for place, (view, changes) in enumerate(zip(self.lists, (both.worse, both.better), strict=True)):
            title = ("Worse", "Better")[place]
            self.tabs.setTabText(place + 1, f"{title} {len(changes):,}")
            listed = sorted(changes[:MOST_HANDS], key=lambda change: -abs(change[1]))  # as it is told, in px
            self._fill(view, listed, hands)

    def restyle(self) -> None:
        """Take the colours in force."""
        self.fingers.update()
        self._draw_curves()
        self.confidence.restyle()

    def _lay_out(self) -> None:
        errors = QWidget()
        row = QHBoxLayout(errors)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.fingers, 3)
        row.addWidget(self.curves, 2)
        self.tabs.insertTab(0, errors, "Errors")
        self.tabs.addTab(self.confidence, "Confidence")
        self.tabs.setCurrentIndex(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 0)
        layout.setSpacing(4)
        layout.addWidget(self.figures)
        layout.addWidget(self.tabs, 1)

    def _list(self, name: str) -> QListView:
        view = QListView()
        view.setAccessibleName(f"Frames that got {name}")
        view.setFont(tabular(view.font()))
        view.setUniformItemSizes(True)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setModel(QStandardItemModel(view))
        view.clicked.connect(self._choose)
        view.activated.connect(self._choose)
        self.tabs.addTab(view, name.capitalize())
        return view

    def mark(self, hand_id: int | None) -> None:
        """Select a hand in the list that has it, and nothing where none is given."""
        for view in self.lists:
            rows = [index.row() for index in _rows(view) if index.data(_HAND_ROLE) == hand_id]
            if rows:
                view.setCurrentIndex(view.model().index(rows[0], 0))
            else:
                view.clearSelection()

    def _choose(self, index: QModelIndex) -> None:
        view = next(view for view in self.lists if view.model() is index.model())
        self.hand_chosen.emit([row.data(_HAND_ROLE) for row in _rows(view)], index.data(_HAND_ROLE))

    def _fill(
        self, view: QListView, changes: list[tuple[int, float]], hands: dict[int, tuple[HandRecord, str]]
    ) -> None:
        model = view.model()
        assert isinstance(model, QStandardItemModel)
        model.clear()
        for hand_id, change in changes:
            if hand_id not in hands:
                continue
            record, name = hands[hand_id]
            sign = "+" if change > 0 else "−"
            item = QStandardItem(f"{sign}{abs(change):.1f} px   {name}, frame {record.frame_index + 1}")
            item.setData(hand_id, _HAND_ROLE)
            model.appendRow(item)

    def _draw_curves(self) -> None:
        theme, plot = self._theme, self.curves.getPlotItem()
        font = wipe(self.curves, theme, self.font())
        both = self._both
        if both is None:
            return
        ratio = self.devicePixelRatioF()
        pens = (
            pg.mkPen(theme.colour("secondary"), width=1.5 * ratio, style=Qt.PenStyle.DashLine),
            pg.mkPen(theme.colour("text"), width=2 * ratio),
        )
        ends: list[float] = []
        for judged, pen in zip((both.before, both.after), pens, strict=True):
            if len(judged.curve) and len(judged.curve) == len(judged.thresholds):
                plot.plot(judged.thresholds, 100 * judged.curve, pen=pen, antialias=True)
                ends.append(float(judged.thresholds[-1]))
        if not ends:
            return
        for judged, name, pen in zip((both.before, both.after), ("before", "after"), pens, strict=True):
            if not len(judged.curve):
                continue
            at = len(judged.curve) // 3
            above = judged is both.after
            where = float(judged.thresholds[at]), 100 * float(judged.curve[at])
            write(self.curves, name, where, (1, 1) if above else (0, 0), pen.color(), font)
        plot.setYRange(0, 106, padding=0.02)
        plot.getAxis("left").setTicks([[(0, "0"), (50, "50"), (100, "100 %")]])
        plot.setXRange(0, max(ends), padding=0.02)
        plot.getAxis("bottom").setTicks(
            [[(share * max(ends), f"{share * max(ends):g}") for share in (0, 0.5, 1)]]
        )


def _rows(view: QListView) -> list[QModelIndex]:
    model = view.model()
    return [model.index(row, 0) for row in range(model.rowCount())]


def hands_words(both: SideBySide) -> str:
    """Over how many hands the error is."""
    common = len(both.hand_ids)
    if both.of_the_same or not common:
        return f"{_number(both.after.hands)} hold-out hands"
    return f"{_number(common)} hold-out hands of both"


def difference_words(both: SideBySide) -> str:
    """What is not to be compared, where two models were judged on different hands; else nothing."""
    if both.of_the_same:
        return ""
    what = "all but the error are" if len(both.hand_ids) else "all are"
    counts = f"{_number(both.before.hands)} → {_number(both.after.hands)} hands"
    return f" ({what} over each model's own hold-out: {counts})"


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")

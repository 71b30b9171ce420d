"""One run: how far it is, its curves, its log, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from handstudio.ui.elided import ElidedLabel
from handstudio.ui.theme import tabular
from handstudio.ui.training.curves import CurvePlot
from handstudio.ui.training.figures import groups, hold_out_title, trust_title
from handstudio.ui.training.run_list import STATES

if TYPE_CHECKING:
    from handstudio.ui.theme import Theme
    from handstudio.ui.training.entries import Entry


class RunDetail(QWidget):
    """Shows one entry; tells what its buttons ask for."""

    cancel_asked = Signal()
    resume_asked = Signal()
    log_toggled = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title, self.progress = QLabel(), ElidedLabel()
        self.title.setProperty("heading", True)
        self.progress.setFont(tabular(self.progress.font()))
        self.progress.setProperty("secondary", True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName("Progress of the run")
        self.error = QLabel()
        self.error.setProperty("error", True)
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip(
            "Stop at the next safe point; what was done is kept (Ctrl+. stops the latest job)"
        )
        self.resume = QPushButton("Resume")
        self.resume.setToolTip("Go on where this run stopped")
        self.log_button = QPushButton("Log", checkable=True)
        self.log_button.setToolTip("Show what the run wrote")
        self.losses = CurvePlot(theme, "Losses", logarithmic=True)
        self.trust = CurvePlot(theme, "Trusted", span=(0.0, 100.0))
        self.hold_out = CurvePlot(theme, "Hold-out")
        self.waiting = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.waiting.setProperty("secondary", True)
        self.waiting.setWordWrap(True)
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setAccessibleName("Log of the run")
        self.log.setPlaceholderText("The run has written nothing so far")
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._lay_out()
        self.cancel.clicked.connect(self.cancel_asked)
        self.resume.clicked.connect(self.resume_asked)
        self.log_button.toggled.connect(self._log_toggled)

    def show_entry(self, entry: Entry, read_only: bool) -> None:
        """Show how a run stands."""
        name, _, _ = STATES.get(entry.state, STATES["running"])
        number = f" {entry.run_id}" if entry.run_id is not None else ""
        self.title.setText(f"{entry.title}{number} · {name.lower()}")
        parts = [entry.progress_text(), entry.message if entry.running else ""]
        if entry.model and entry.trains and entry.state == "finished":
            parts.append("its model waits in Models to be compared")
        self.progress.set_full_text(" · ".join(part for part in parts if part))
        self.bar.setVisible(entry.running)
        self.bar.setMaximum(1000 if entry.total else 0)
        if entry.total:
            self.bar.setValue(round(1000 * min(entry.done / entry.total, 1.0)))
        self.error.setVisible(bool(entry.error) and entry.state == "failed")
        self.error.setText(entry.error or "")
        self.cancel.setVisible(entry.running and entry.job is not None)
        self.resume.setVisible(entry.resumable and not read_only)
        self.show_curves(entry)

    def show_curves(self, entry: Entry) -> None:
        """Show a run's figures, or why there are none."""
        losses, trust, errors, shares = groups(entry.curves)
        judged = errors or shares
        for plot, curves in ((self.losses, losses), (self.trust, trust), (self.hold_out, judged)):
            plot.parentWidget().setVisible(bool(curves))
            plot.show_curves(curves)
        self.trust.set_title(trust_title(entry.curves))
        self.hold_out.set_title(hold_out_title(errors, shares))
        if losses or trust or judged:
            self._stack.setCurrentWidget(self._plots)
            return
        self._stack.setCurrentWidget(self.waiting)
        if not entry.trains:
            self.waiting.setText("This run trains nothing, so it has no curves. Its log says what it did.")
        elif entry.running:
            self.waiting.setText("Waiting for the first losses")
        elif entry.resumable and entry.state != "failed":
            self.waiting.setText("It stopped before the first losses. Resume goes on where it stopped.")
        else:
            self.waiting.setText("This run left no losses. Its log says why.")

    def show_log(self, text: str) -> None:
        """Show a log's end, and stay at the end where the reader is there."""
        if text == self.log.toPlainText():
            return
        scroll = self.log.verticalScrollBar()
        at_end = scroll.value() >= scroll.maximum() - 2
        place = scroll.value()
        self.log.setPlainText(text)
        scroll.setValue(scroll.maximum() if at_end else place)

    def restyle(self) -> None:
        """Take the colours in force."""
        for plot in (self.losses, self.trust, self.hold_out):
            plot.restyle()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 0)
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.progress, 1)
        for button in (self.cancel, self.resume, self.log_button):
            head.addWidget(button)
        self._plots = QSplitter(Qt.Orientation.Horizontal)
        for plot, share in ((self.losses, 3), (self.trust, 2), (self.hold_out, 2)):
            self._plots.addWidget(_headed(plot))
            self._plots.setStretchFactor(self._plots.count() - 1, share)
        self._plots.setChildrenCollapsible(False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._plots)
        self._stack.addWidget(self.waiting)
        self._body = QSplitter(Qt.Orientation.Horizontal)
        self._body.addWidget(self._stack)
        self._body.addWidget(self.log)
        self._body.setSizes([300, 200])
        self.log.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self.error)
        layout.addWidget(self._body, 1)

    def _log_toggled(self, on: bool) -> None:
        self.log.setVisible(on)
        self.log_toggled.emit(on)


def _headed(plot: CurvePlot) -> QWidget:
    """A plot under its heading, which gives way where there is little room."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(plot.heading)
    column.addWidget(plot, 1)
    return holder

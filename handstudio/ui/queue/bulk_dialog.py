"""One decision about all hands of the queue: which, about how many, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from handstudio.project.conditions import Condition
from handstudio.review.bulk import decide_all
from handstudio.review.filter_text import conditions_of, to_text
from handstudio.ui.background import Background, Telling
from handstudio.ui.room import Scrolled

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

PROPOSE: Final = "propose"
ACTIONS: Final = (
    (
        "accept",
        "Accept",
        "check-bold",
        "Accept {} hands",
        "What is shown stands; without a pose nothing is done",
    ),
    (
        *("take-correction", "Take the correction", "auto-fix", "Take {} corrections"),
        "Takes the place of labels, too",
    ),
    ("reject", "Reject", "close-thick", "Reject {} hands", "There is no usable hand; labels go"),
    ("skip", "Skip", "debug-step-over", "Skip {} hands", "Leave them for later; labels go"),
    ("reset", "Back to undecided", "backup-restore", "Make {} hands undecided", "Decisions and labels go"),
    ("flip-side", "Flip the side", "swap-horizontal", "Flip {} hands", "Left hands become right ones"),
    (PROPOSE, "Propose again", "creation", "Propose {} hands again", "Those that nobody decided, as a job"),
    (
        *("verify", "Verify", "check-decagram-outline", "Verify {} hands"),
        "What others decided and nobody verified yet; labels stay",
    ),
)
"""Action, title, icon, button, meaning."""


class BulkDialog(QDialog):
    """Asks what is to be done to all hands of the session's queue, and does it on a thread."""

    finished_bulk = Signal(str)
    """What was done, for the status line."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._background, self._progress = Background(self), Telling(self)
        self._count: int | None = None
        self.setWindowTitle("All hands of the queue")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.what = QLabel()
        self.what.setWordWrap(True)
        self.what.setTextFormat(Qt.TextFormat.PlainText)
        self.choices = QButtonGroup(self)
        choices = QWidget()
        column = QVBoxLayout(choices)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for number, (_, title, _, _, meaning) in enumerate(ACTIONS):
            button = QRadioButton(title)
            button.setToolTip(meaning)
            self.choices.addButton(button, number)
            column.addWidget(button)
        self.choices.button(0).setChecked(True)
        services.theme.changed.connect(self.restyle)
        self.restyle()
        self.meaning = QLabel()
        self.meaning.setProperty("secondary", True)
        self.meaning.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.hide()
        self.go, self.cancel = QPushButton(), QPushButton("Cancel")
        self.go.setDefault(True)
        self.cancel.setAutoDefault(False)  # it may have had the focus when the dialog was closed
        self.go.setEnabled(False)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(6)
        layout.addWidget(self.what)
        layout.addWidget(Scrolled(choices), 1)
        layout.addSpacing(4)
        layout.addWidget(self.meaning)
        layout.addWidget(self.bar)
        layout.addLayout(row)
        self.setMinimumWidth(46 * self.fontMetrics().averageCharWidth())
        self.choices.idToggled.connect(lambda _number, _on: self._say())
        self.go.clicked.connect(self._go)
        self.cancel.clicked.connect(self.reject)
        self._progress.told.connect(self._show_progress)

    def restyle(self) -> None:
        """Take the colours in force; Fusion draws the frames of radio buttons darker than the window's."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self._services.theme.colour("disabled"))
        for (_, _, icon, _, _), button in zip(ACTIONS, self.choices.buttons(), strict=True):
            button.setPalette(palette)
            button.setIcon(self._services.theme.icon(f"mdi6.{icon}"))

    def open(self) -> None:
        """Ask about the queue as it is now, unless a step about many hands is under way."""
        if self._session.large.refuses():
            return
        filter_text = to_text(conditions_of(self._session.query)) or "no filter"
        self._filter = filter_text
        self._count = None
        self.choices.button(0).setChecked(True)
        self.bar.hide()
        self._enable(True)
        self._say()
        self.restyle()  # to come into a dock makes buttons forget a palette of their own
        self._background.run(self._session.queue.count, self._counted, self._failed)
        super().open()
        self.choices.checkedButton().setFocus()

    def reject(self) -> None:
        """Cancel: what was done until then stays, as one step of undo."""
        if self.bar.isVisible():
            self._progress.stop()
            self.cancel.setEnabled(False)
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window of it is to cancel."""
        if self.bar.isVisible():
            event.ignore()
            self.reject()
        else:
            super().closeEvent(event)

    def stop(self) -> None:
        """End what is being done, and wait for it."""
        self._progress.stop()
        self._background.close()
        self.hide()

    def _counted(self, count: int) -> None:
        self._count = count
        self._enable(True)
        self._say()

    def _say(self) -> None:
        count = "…" if self._count is None else f"{self._count:,}".replace(",", "\u202f")
        self.what.setText(f"{count} hands ({self._filter})")
        _, _, _, button, meaning = ACTIONS[self.choices.checkedId()]
        self.go.setText(button.format(count))
        bold = QFont(self.go.font())
        bold.setBold(True)
        self.go.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(self.go.text()) + 36)
        undo = "" if ACTIONS[self.choices.checkedId()][0] == PROPOSE else ". One step of undo"
        self.meaning.setText(f"{meaning}{undo}.")

    def _enable(self, on: bool) -> None:
        self.go.setEnabled(on and bool(self._count))
        self.cancel.setEnabled(True)
        for button in self.choices.buttons():
            button.setEnabled(on)

    def _go(self) -> None:
        session, action = self._session, ACTIONS[self.choices.checkedId()][0]
        if action == PROPOSE:
            board = self._services.board
            if board is not None:
                names = tuple(session.sequence(number).name for number in session.query.sequences or ())
                here = (Condition("seq", names),) if names else ()
                where = to_text((*conditions_of(session.query), *here))
                board.start("propose", [session.project.path, *(["--where", where] if where else [])])
            self.accept()
            return
        if not session.may_decide_many():
            return
        self._enable(False)
        self._progress.begin()
        self.bar.setRange(0, self._count or 0)
        self.bar.setValue(0)
        self.bar.show()
        query = session.query
        self._background.run(
            lambda: decide_all(session.project, action, query, session.who, self._progress),
            self._done,
            self._failed,
        )

    def _show_progress(self, done: int, total: int | None, _unit: str) -> None:
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)

    def _done(self, number: int) -> None:
        self.bar.hide()
        stopped = self._progress.cancelled()
        self.accept()
        self._session.decided_many()
        hands = "1 hand" if number == 1 else f"{number:,} hands".replace(",", "\u202f")
        title = ACTIONS[self.choices.checkedId()][1]
        ended = ", then cancelled" if stopped else ""
        self.finished_bulk.emit(f"{title}: {hands}{ended}. Ctrl+Z takes it back")

    def _failed(self, problem: Exception) -> None:
        self.bar.hide()
        self._enable(True)
        self._session.decided_many()
        self.meaning.setText(str(problem))

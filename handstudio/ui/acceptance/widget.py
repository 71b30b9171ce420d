"""The acceptance dock: a slider on the expected error, what it accepts, and what is promised of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from handstudio.ui.acceptance.acting import Acting
from handstudio.ui.acceptance.acts import ACCEPT, CHECK, DRAW, REVIEW
from handstudio.ui.acceptance.sheet import Sheet
from handstudio.ui.acceptance.showing import Seen, Showing
from handstudio.ui.actions import tooltip
from handstudio.ui.background import Background
from handstudio.ui.listening import Listener
from handstudio.ui.pages import Pages
from handstudio.ui.reveal import dock_of, in_front, reveal

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

AGAIN_MS = 250
"""How long after a decision the dock looks anew."""


class Acceptance(QWidget):
    """Shows a survey of what could be accepted; everything that reads many hands runs on a thread."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._stale = True
        self._reading = Background(self)
        self.sheet = Sheet(services)
        self._showing = Showing(self.sheet, lambda: self._acting.may_write)
        self._acting = Acting(session, self.sheet, self._showing, self.refresh, self)
        self.pages = Pages(self.sheet, services.theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self._again = QAction("Look again", self)
        self._again.triggered.connect(self.refresh)
        self._later = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._later.timeout.connect(self.refresh)
        self._connect()

    def _connect(self) -> None:
        sheet, acting, actions = self.sheet, self._acting, self._services.actions
        for spec, button, act in (
            (DRAW, sheet.draw, acting.draw),
            (REVIEW, sheet.review, acting.review),
            (ACCEPT, sheet.accept, acting.accept),
            (CHECK, sheet.check, acting.check),
        ):
            action = actions.add(spec, lambda button=button: self._press(button))
            button.setToolTip(tooltip(action))
            button.setText(spec.title)
            button.clicked.connect(lambda _on=False, act=act: acting.trying(act))
        sheet.slider.valueChanged.connect(lambda _value: self._showing.show_position())
        sheet.slider.sliderMoved.connect(self._slider_moved)
        sheet.slider.actionTriggered.connect(self._slider_moved)
        for field in sheet.terms.fields:
            field.editingFinished.connect(self._look_later)
        self._services.theme.changed.connect(sheet.restyle)
        self._listener = Listener(self._session, self._services)
        self._listener.on("changed", lambda _change: self._look_later())
        self._listener.on("expectation_changed", self._look_later)
        self._listener.on("large_changed", self._look_later)
        self._listener.on("queue_changed", acting.mark_queue)

    def shutdown(self) -> None:
        """Stop listening, timing, reading and working."""
        self._listener.close()
        self._later.stop()
        self._reading.close()
        self._acting.close()

    @property
    def seen(self) -> Seen | None:
        """What is shown; ``None`` before the first look."""
        return self._showing.seen

    @property
    def busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._later.isActive() or self._reading.busy or self._acting.busy

    # Looking

    def refresh(self) -> None:
        """Look at samples and promises anew."""
        self._later.stop()
        if not in_front(self):
            self._stale = True
            return
        self._stale = False
        if self.seen is None:
            self.pages.show_loading("Looking at what could be accepted")
        session, terms, expected = self._session, self.sheet.terms.terms(), self._session.expected
        self._reading.run(lambda: Seen.read(session, expected, terms), self._show, self._not_read)

    def changeEvent(self, event: QEvent) -> None:
        """In a dock, what is seen changes with its tabs as well."""
        super().changeEvent(event)
        dock = dock_of(self) if event.type() == QEvent.Type.ParentChange else None
        if dock is not None:
            dock.visibilityChanged.connect(lambda _visible: self._catch_up())

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> None:
        if self._stale:
            self._later.start(0)

    def _look_later(self) -> None:
        if not in_front(self):
            self._stale = True
        elif not self._later.isActive():
            self._later.start(AGAIN_MS)

    def _not_read(self, problem: Exception) -> None:
        self._showing.seen = None
        self.pages.show_failed(f"What could be accepted cannot be told: {problem}", self._again)

    # Showing

    def _show(self, seen: Seen) -> None:
        self._showing.seen, found = seen, seen.survey
        if found.stage == "nothing" and not seen.standing:
            self.pages.show_empty(
                "No undecided hand has a proposal, so there is nothing to accept.",
                self._services.actions["propose"],
                "mdi6.shield-outline",
            )
            return
        self.pages.show_content()
        self._showing.show(seen)
        self._acting.mark_queue()

    def _press(self, button: QPushButton) -> None:
        """Press a button by its action; what it is about must be seen first."""
        if not in_front(self):
            reveal(self)
            self._session.message.emit("Acceptance is shown now: press it once more")
        elif button.isEnabled():
            button.click()
        elif not self._session.large.refuses():
            said = self.sheet.promise.text.text()
            self._session.message.emit(said or button.toolTip())

    def _slider_moved(self, *_value: int) -> None:
        self._showing.moved = True

"""The acceptance dock: a slider on the expected error, what it accepts, and what is promised of that."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QDockWidget, QPushButton, QVBoxLayout, QWidget

from handstudio.errors import HandStudioError
from handstudio.review.advice import refusal, warnings
from handstudio.review.survey import hands_words, sentence
from handstudio.ui.acceptance.acts import ACCEPT, CHECK, DRAW, REVIEW
from handstudio.ui.acceptance.drawn_queue import DrawnQueue
from handstudio.ui.acceptance.sheet import Sheet
from handstudio.ui.actions import tooltip
from handstudio.ui.background import Background
from handstudio.ui.listening import Listener
from handstudio.ui.pages import Pages
from handstudio.ui.reveal import in_front, reveal

if TYPE_CHECKING:
    from collections.abc import Callable

    from handstudio.project.records import Change
    from handstudio.review.session import ReviewSession
    from handstudio.review.spot_checks import SpotChecks
    from handstudio.review.survey import Survey
    from handstudio.ui.services import Services

AGAIN_MS = 250
"""How long after a decision the dock looks anew."""


@dataclass(frozen=True)
class Seen:
    """All that the dock shows."""

    survey: Survey
    standing: tuple[SpotChecks, ...]
    models: dict[str, str]
    sequences: dict[int, str]


class Acceptance(QWidget):
    """Shows a survey of what could be accepted; everything that reads many hands runs on a thread."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self.seen: Seen | None = None
        self._stale, self._moved = True, False
        self._reading, self._working = Background(self), Background(self)
        self.queue = DrawnQueue(session)
        self.sheet = Sheet(services)
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
        sheet, actions = self.sheet, self._services.actions
        for spec, button, act in (
            (DRAW, sheet.draw, self.draw),
            (REVIEW, sheet.review, self.review),
            (ACCEPT, sheet.accept, self.accept),
            (CHECK, sheet.check, self.check),
        ):
            action = actions.add(spec, lambda button=button: self._press(button))
            button.setToolTip(tooltip(action))
            button.setText(spec.title)
            button.clicked.connect(lambda _on=False, act=act: self._trying(act))
        sheet.slider.valueChanged.connect(self._show_position)
        sheet.slider.sliderMoved.connect(self._slider_moved)
        sheet.slider.actionTriggered.connect(self._slider_moved)
        for field in sheet.terms.fields:
            field.editingFinished.connect(self._look_later)
        self._services.theme.changed.connect(self._restyle)
        self._listener = Listener(self._session, self._services)
        self._listener.on("changed", self._changed)
        self._listener.on("expectation_changed", self._look_later)
        self._listener.on("queue_changed", self._mark_queue)

    def shutdown(self) -> None:
        """Stop listening, timing, reading and working."""
        self._listener.close()
        self._later.stop()
        self._reading.close()
        self._working.close()

    @property
    def busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._later.isActive() or self._reading.busy or self._working.busy

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

        def read() -> Seen:
            project, acceptance = session.project, session.acceptance
            return Seen(
                acceptance.survey(expected, terms),
                tuple(acceptance.standing()),
                {model.id: model.name for model in project.models()},
                {sequence.id: sequence.name for sequence in project.sequences()},
            )

        self._reading.run(read, self._show, self._not_read)

    def changeEvent(self, event: QEvent) -> None:
        """In a dock, what is seen changes with its tabs as well."""
        super().changeEvent(event)
        dock = self.parentWidget()
        if event.type() == QEvent.Type.ParentChange and isinstance(dock, QDockWidget):
            dock.visibilityChanged.connect(lambda _visible: self._catch_up())

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> None:
        if self._stale:
            self._later.start(0)

    def _changed(self, change: Change) -> None:
        self._look_later()

    def _look_later(self) -> None:
        if not in_front(self):
            self._stale = True
        elif not self._later.isActive():
            self._later.start(AGAIN_MS)

    def _not_read(self, problem: Exception) -> None:
        self.seen = None
        self.pages.show_failed(f"What could be accepted cannot be told: {problem}", self._again)

    # Showing

    def _show(self, seen: Seen) -> None:
        self.seen = seen
        found = seen.survey
        if found.stage == "nothing" and not seen.standing:
            self.pages.show_empty(
                "No undecided hand has a proposal, so there is nothing to accept.",
                self._services.actions["propose"],
                "mdi6.shield-outline",
            )
            return
        self.pages.show_content()
        sheet = self.sheet
        sheet.terms.show_terms(found.terms, fixed=found.sample is not None and found.stage != "outdated")
        self._show_sample(found)
        blocked = sheet.slider.blockSignals(True)
        sheet.slider.setRange(0, max(len(found.positions) - 1, 0))
        if not self._moved:
            best = found.best
            sheet.slider.setValue(len(found.positions) - 1 if best is None else best)
        sheet.slider.blockSignals(blocked)
        sheet.slider.setEnabled(bool(found.positions))
        self._show_position()
        self._show_standing()
        self._mark_queue()

    def _show_sample(self, found: Survey) -> None:
        sheet, drawn = self.sheet, found.stage not in ("nothing", "no sample", "outdated")
        sheet.sample.setText(f"{found.reviewed} of {found.size} reviewed" if drawn else "")
        sheet.review.setEnabled(drawn)
        more = self._more
        first = "Draw another" if drawn else f"Draw {hands_words(found.suggested)}"
        sheet.draw.setText(f"Draw {more} more" if more else first)
        anew = not drawn or bool(found.withdrawn) or not found.total
        sheet.draw.setEnabled(self._may_write and (anew or bool(more)))

    @property
    def _more(self) -> int | None:
        """How many further hands of the sample would help."""
        found = None if self.seen is None else self.seen.survey
        if found is None or found.stage != "refused":
            return None
        why = refusal(found)
        return None if why is None else why.more

    def _show_position(self) -> None:
        if self.seen is None or not self.seen.survey.positions:
            self._show_nothing()
            return
        sheet, found = self.sheet, self.seen.survey
        place = min(sheet.slider.value(), len(found.positions) - 1)
        position = found.positions[place]
        reach = f"{position.expected_px:.1f} px"
        sheet.slider.setToolTip(f"Accept hands with an expected error of at most {reach} (arrow keys)")
        sheet.reach.setText(f"≤ {reach}")
        sheet.count.setText(f"{position.count:,}".replace(",", "\u202f"))
        sheet.error.setText("—" if position.error_px is None else f"{position.error_px:.1f} px")
        sheet.found.setText(f"{position.wrong} of {position.reviewed}" if position.reviewed else "—")
        why = refusal(found, self.seen.models)
        if position.holds:
            sheet.promise.say("good", f"{sentence(position, found.terms)}.")
            sheet.next.say("plain", "")
        elif why is not None:
            sheet.promise.say("refused", f"No promise: {_small(why.reason)}.")
            sheet.next.say("plain", f"{why.remedy}.")
        else:
            best = found.positions[found.best]
            sheet.promise.say("refused", f"No promise for {hands_words(position.count)}.")
            sheet.next.say("plain", f"It holds up to an expected error of {best.expected_px:.1f} px.")
        sheet.warnings.say(warnings(found, place, self.seen.sequences) if position.holds else [])
        hands = f"Accept {hands_words(position.count)}" if position.holds else "Accept"
        sheet.accept.setText(hands)
        sheet.accept.setEnabled(position.holds and self._may_write)

    def _show_nothing(self) -> None:
        sheet = self.sheet
        for label in (sheet.reach, sheet.count, sheet.error, sheet.found):
            label.setText("—")
        why = None if self.seen is None else refusal(self.seen.survey)
        sheet.promise.say("refused", "" if why is None else f"No promise: {_small(why.reason)}.")
        sheet.next.say("plain", "" if why is None else f"{why.remedy}.")
        sheet.warnings.say([])
        sheet.accept.setText("Accept")
        sheet.accept.setEnabled(False)

    def _show_standing(self) -> None:
        standing = self.seen.standing if self.seen is not None else ()
        self.sheet.check.setEnabled(bool(standing) and self._may_write)
        told = [_standing_words(checks) for checks in standing]
        kind = "warning" if any(checks.failed for checks in standing) else "good"
        self.sheet.standing.say(kind, "\n".join(told))

    def _mark_queue(self) -> None:
        kind = self.queue.kind
        self.sheet.review.setChecked(kind == "sample")
        self.sheet.check.setChecked(kind == "checks")

    def _restyle(self) -> None:
        self.sheet.restyle()

    # Acting

    @property
    def _may_write(self) -> bool:
        return not self._session.project.read_only and not self._working.busy

    def draw(self) -> None:
        """Draw a sample, or more hands into it, and let the queue hold it."""
        seen = self.seen
        if seen is None:
            return
        session, found = self._session, seen.survey
        terms, expected, who = self.sheet.terms.terms(), session.expected, session.who
        more = self._more

        def work() -> object:
            if more is not None:
                return session.acceptance.draw_more(more, who)
            return session.acceptance.draw(
                terms, found.suggested or None, secrets.randbelow(2**31), expected, who
            )

        self._work("Drawing by lot", work, lambda _sample: self._drawn())

    def _drawn(self) -> None:
        self._moved = False
        self._trying(self._hold_sample)
        self.refresh()

    def review(self) -> None:
        """Let the queue hold the sample, or the hands of before."""
        if self.queue.kind == "sample":
            self.queue.give_back()
        else:
            self._hold_sample()
        self._mark_queue()

    def _hold_sample(self) -> None:
        sample = self._session.project.latest_sample()
        if sample is not None:
            self.queue.lend("sample", sample.hands.tolist())

    def accept(self) -> None:
        """Accept what the slider reaches, as one step of undo."""
        seen = self.seen
        if seen is None:
            return
        session, place = self._session, self.sheet.slider.value()
        terms, expected, who = seen.survey.terms, session.expected, session.who
        wanted = seen.survey.positions[place].threshold
        session.commit_edit()

        def work() -> Change:
            found = session.acceptance.survey(expected, terms)
            same = [number for number, one in enumerate(found.positions) if one.threshold == wanted]
            command = session.acceptance.command(found, same[0] if same else None)
            return session.project.history.apply(command, who)

        self._work("Accepting", work, self._accepted)

    def _accepted(self, change: Change) -> None:
        self._moved = False
        self.queue.give_back()
        self._session.noticed(change)
        self._session.message.emit(
            f"Accepted {hands_words(len(change.hands))} automatically: spot-check some of them"
        )
        self.refresh()

    def check(self) -> None:
        """Let the queue hold hands to be checked, or the hands of before."""
        if self.queue.kind == "checks":
            self.queue.give_back()
        else:
            self.queue.lend("checks", self._session.acceptance.draw_checks().tolist())
        self._mark_queue()
        self.refresh()

    def _work(self, words: str, work: Callable[[], object], done: Callable[..., object]) -> None:
        self._session.message.emit(f"{words}…")
        self._working.run(work, done, self._not_done)
        for button in (self.sheet.draw, self.sheet.accept, self.sheet.check):
            button.setEnabled(False)

    def _not_done(self, problem: Exception) -> None:
        self._session.message.emit(str(problem))
        self.refresh()

    def _trying(self, act: Callable[[], object]) -> None:
        try:
            act()
        except HandStudioError as problem:
            self._session.message.emit(str(problem))
            self._mark_queue()

    def _press(self, button: QPushButton) -> None:
        """Press a button by its action; what it is about must be seen first."""
        if not in_front(self):
            reveal(self)
            self._session.message.emit("Acceptance is shown now: press it once more")
        elif button.isEnabled():
            button.click()
        else:
            said = self.sheet.promise.text.text()
            self._session.message.emit(said or button.toolTip())

    def _slider_moved(self, *_value: int) -> None:
        self._moved = True


def _standing_words(checks: SpotChecks) -> str:
    hands = hands_words(len(checks.promise.hands))
    return f"Promise {checks.promise.id} stands: {hands} accepted, {checks.words()}."


def _small(text: str) -> str:
    """Inside a sentence."""
    return text[:1].lower() + text[1:]

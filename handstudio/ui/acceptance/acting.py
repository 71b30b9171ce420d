"""What a person does about acceptance: draw a sample, review it, accept, check."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from handstudio.errors import HandStudioError
from handstudio.review.acceptance import pending_of
from handstudio.review.survey import hands_words
from handstudio.ui.acceptance.drawn_queue import DrawnQueue
from handstudio.ui.background import Background

if TYPE_CHECKING:
    from handstudio.project.promise_commands import AutoAccept
    from handstudio.project.records import Change
    from handstudio.review.session import ReviewSession
    from handstudio.ui.acceptance.sheet import Sheet
    from handstudio.ui.acceptance.showing import Showing


class Acting(QObject):
    """Carries out what the buttons of a sheet say; what cannot be done is told by the session.

    Args:
        session: whose hands.
        sheet: its terms and its slider say what is meant.
        showing: what is seen, to which the acts refer.
        refresh: lets the dock look anew.
    """

    def __init__(
        self,
        session: ReviewSession,
        sheet: Sheet,
        showing: Showing,
        refresh: Callable[[], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._sheet, self._showing, self._refresh = session, sheet, showing, refresh
        self._drawing = Background(self)
        self._queue = DrawnQueue(session)

    def close(self) -> None:
        """Wait for what is being drawn; do nothing any more."""
        self._drawing.close()

    @property
    def busy(self) -> bool:
        """Whether something is being drawn."""
        return self._drawing.busy

    @property
    def may_write(self) -> bool:
        """Whether something can be drawn or accepted now."""
        idle = not self._drawing.busy and self._session.large.doing is None
        return idle and not self._session.project.read_only

    def trying(self, act: Callable[[], object]) -> None:
        """Do one of the acts; why it cannot be done is told."""
        try:
            act()
        except HandStudioError as problem:
            self._session.message.emit(str(problem))
            self.mark_queue()

    def mark_queue(self) -> None:
        """Let the buttons tell which hands the queue holds."""
        kind = self._queue.kind
        self._sheet.review.setChecked(kind == "sample")
        self._sheet.check.setChecked(kind == "checks")

    def draw(self) -> None:
        """Draw a sample, or more hands into it, and let the queue hold it."""
        seen = self._showing.seen
        if seen is None or self._session.large.refuses() or self._session.blind.refuses("A sample"):
            return
        session, found = self._session, seen.survey
        terms, expected, who = self._sheet.terms.terms(), session.expected, session.who
        more = self._showing.more

        def work() -> object:
            if more is not None:
                return session.acceptance.draw_more(more, who)
            return session.acceptance.draw(
                terms, found.suggested or None, secrets.randbelow(2**31), expected, who
            )

        session.message.emit("Drawing by lot…")
        self._drawing.run(work, lambda _sample: self._drawn(), self._not_drawn)
        for button in (self._sheet.draw, self._sheet.accept, self._sheet.check):
            button.setEnabled(False)

    def review(self) -> None:
        """Let the queue hold the sample, or the hands of before."""
        if self._queue.kind == "sample":
            self._queue.give_back()
        else:
            self._hold_sample()
        self.mark_queue()

    def accept(self) -> None:
        """Accept what the slider reaches, as one step of undo."""
        seen = self._showing.seen
        if seen is None:
            return
        session, place = self._session, self._sheet.slider.value()
        terms, expected = seen.survey.terms, session.expected
        wanted = seen.survey.positions[place].threshold
        if not session.may_decide_many():
            return

        def command() -> AutoAccept:
            found = session.acceptance.survey(expected, terms)
            same = [number for number, one in enumerate(found.positions) if one.threshold == wanted]
            return session.acceptance.command(found, same[0] if same else None)

        count = hands_words(seen.survey.positions[place].count)
        session.apply_many(f"Accepting {count}", command, self._accepted)

    def check(self) -> None:
        """Let the queue hold hands to be checked, or the hands of before."""
        if self._queue.kind == "checks":
            self._queue.give_back()
        elif not self._session.large.refuses() and not self._session.blind.refuses("Spot checks"):
            self._hold_checks()
        self.mark_queue()
        self._refresh()

    def _hold_checks(self) -> None:
        acceptance = self._session.acceptance
        acceptance.draw_checks()
        self._session.ask_promises()
        pending = pending_of(acceptance.standing())
        if len(pending):
            self._queue.lend("checks", pending.tolist())
        elif acceptance.standing():
            self._session.message.emit("Every hand that was accepted automatically is checked")

    def _drawn(self) -> None:
        self._showing.moved = False
        self._session.message.emit("The sample is drawn: review every hand of it")
        self.trying(self._hold_sample)
        self._refresh()

    def _not_drawn(self, problem: Exception) -> None:
        self._session.message.emit(str(problem))
        self._refresh()

    def _hold_sample(self) -> None:
        sample = self._session.project.latest_sample()
        if sample is not None:
            self._queue.lend("sample", sample.hands.tolist())

    def _accepted(self, change: Change) -> None:
        self._showing.moved = False
        self._queue.give_back()
        self._session.message.emit(
            f"Accepted {hands_words(len(change.hands))} automatically: spot-check some of them"
        )
        self._refresh()

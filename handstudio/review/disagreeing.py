"""The way through the hands about which two annotators disagree, with both poses shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from handstudio.review.agreement import Agreement, Disagreement

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession


class Disagreeing:
    """Goes from one disagreement of a session to the next; ``shown`` is the one that is drawn.

    It is drawn until another hand is gone to by other ways, or :meth:`clear`.

    Signals (psygnal): ``changed()``: another one is shown, or none.
    """

    changed = Signal()

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self._going = False
        self.found: Agreement | None = None
        self.place: int | None = None
        session.hand_changed.connect(self._hand_changed)

    @property
    def shown(self) -> Disagreement | None:
        """The disagreement whose poses are drawn over the current hand."""
        if self.found is None or self.place is None:
            return None
        return self.found.disagreements[self.place]

    def take(self, found: Agreement | None) -> None:
        """Go through these from now on; nothing is shown yet."""
        self.found = found
        self._show(None)

    def go_to(self, place: int) -> bool:
        """Show a disagreement by its place in the list; whether its hand could be gone to."""
        if self.found is None or not 0 <= place < len(self.found.disagreements):
            return False
        hand_id = self.found.disagreements[place].record.id
        self._going = True
        try:
            self._session.go_to_hand(hand_id)
        finally:
            self._going = False
        here = self._session.hand_id == hand_id
        self._show(place if here else None)
        return here

    def step(self, step: int) -> bool:
        """Show the next disagreement (the one before, when negative), around at the ends."""
        if self.found is None or not self.found.disagreements:
            self._session.message.emit("Nothing is compared yet: open Agreement and choose two annotators")
            return False
        count = len(self.found.disagreements)
        before = (-1 if step > 0 else 0) if self.place is None else self.place
        return self.go_to((before + step) % count)

    def clear(self) -> bool:
        """Draw the two poses no longer; whether they were drawn."""
        was = self.place is not None
        self._show(None)
        return was

    def _show(self, place: int | None) -> None:
        if place is not None or self.place is not None:
            self.place = place
            self.changed.emit()

    def _hand_changed(self, hand_id: object) -> None:
        shown = self.shown
        if not self._going and shown is not None and hand_id != shown.record.id:
            self._show(None)

"""The way through hands of which there are two poses, two annotators' or two models', with both drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psygnal import Signal

from handstudio.project.records import Floats

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession


@dataclass(frozen=True, eq=False)
class TwoPoses:
    """One hand, twice.

    Attributes:
        hand_id: whose.
        uv: (21, 2) px, of the first and of the second; ``None`` where one has no pose.
        words: what is to be said of each.
        apart: how far they are from each other, in words; may be empty.
        reference: (21, 2) px, where both should be; ``None`` where nobody says so.
    """

    hand_id: int
    uv: tuple[Floats | None, Floats | None]
    words: tuple[str, str]
    apart: str = ""
    reference: Floats | None = None


@dataclass(frozen=True, eq=False)
class TwoSets:
    """Hands with two poses, in the order in which one wants to see them.

    Attributes:
        side_by_side: whether each pose is to be seen in a picture of its own, or both in one.
    """

    hands: tuple[TwoPoses, ...]
    side_by_side: bool = False


class Comparing:
    """Goes from one such hand to the next; ``shown`` is the one that is drawn.

    It is drawn until another hand is gone to by other ways, or :meth:`clear`.

    Signals (psygnal): ``changed()``: another one is shown, or none.
    """

    changed = Signal()

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self._going = False
        self.found: TwoSets | None = None
        self.place: int | None = None
        session.hand_changed.connect(self._hand_changed)

    @property
    def shown(self) -> TwoPoses | None:
        """The hand whose two poses are drawn."""
        if self.found is None or self.place is None:
            return None
        return self.found.hands[self.place]

    @property
    def side_by_side(self) -> bool:
        """Whether two poses are shown, each in a picture of its own."""
        return self.found is not None and self.place is not None and self.found.side_by_side

    def take(self, found: TwoSets | None) -> None:
        """Go through these from now on; nothing is shown yet."""
        self._show(None)
        self.found = found

    def place_in(self, found: TwoSets | None) -> int | None:
        """Which of them is shown, if these are gone through."""
        return self.place if found is not None and found is self.found else None

    def go_to(self, place: int) -> bool:
        """Show a hand by its place; whether it could be gone to: it may have been removed meanwhile."""
        if self.found is None or not 0 <= place < len(self.found.hands):
            return False
        if self._session.blind.refuses("Poses beside each other"):
            return False
        hand_id = self.found.hands[place].hand_id
        if self._session.bundle(hand_id).record.removed:
            self._session.message.emit("This hand was removed after they were compared")
            self._show(None)
            return False
        self._going = True
        try:
            self._session.go_to_hand(hand_id)
        finally:
            self._going = False
        here = self._session.hand_id == hand_id
        self._show(place if here else None)
        return here

    def step(self, step: int) -> bool:
        """Show the next one (the one before, when negative), around at the ends."""
        if self.found is None or not self.found.hands:
            self._session.message.emit(
                "Nothing is compared yet: choose two annotators in Agreement, or in Models a frame that "
                "a model made better or worse"
            )
            return False
        count = len(self.found.hands)
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
        if not self._going and shown is not None and hand_id != shown.hand_id:
            self._show(None)

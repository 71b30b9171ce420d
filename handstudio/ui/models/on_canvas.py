"""The hands that a model made better or worse, on the canvas: both models' poses side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from handstudio.errors import HandStudioError
from handstudio.review.model_changes import model_changes

if TYPE_CHECKING:
    from handstudio.project.records import ModelRecord
    from handstudio.review.comparing import TwoSets
    from handstudio.review.judged import SideBySide
    from handstudio.review.session import ReviewSession


class ChangesOnCanvas:
    """Lets the session go through one list of hands.

    Args:
        session: whose canvas it is.
        mark: gets the hand that is shown, or ``None`` when none of the list is any more.
    """

    def __init__(self, session: ReviewSession, mark: Callable[[int | None], object]) -> None:
        self._session, self._mark = session, mark
        self._sets: TwoSets | None = None
        session.comparing.changed.connect(self._changed)

    def close(self) -> None:
        """Hear nothing any more."""
        self._session.comparing.changed.disconnect(self._changed, missing_ok=True)

    def show(
        self,
        both: SideBySide,
        models: tuple[ModelRecord, ModelRecord],
        hand_ids: Sequence[int],
        hand_id: int,
    ) -> None:
        """Go to one hand of a list, with both models' poses where they were kept.

        Args:
            both: what is known of the models' errors.
            models: the older and the newer.
            hand_ids: the list. hand_id: which of it.
        """
        comparing = self._session.comparing
        before, after = models
        errors = both.before.error_px, both.after.error_px
        try:
            sets = model_changes(
                *(self._session.project, (before.id, after.id), (before.name, after.name)),
                *(hand_ids, errors),
            )
            place = next((at for at, one in enumerate(sets.hands) if one.hand_id == hand_id), None)
            if place is None:
                comparing.clear()
                self._session.go_to_hand(hand_id)
                self._session.message.emit(
                    "What these models proposed for the hand was not kept, since an older version judged them"
                )
                return
            self._sets = sets
            comparing.take(sets)
            comparing.go_to(place)
        except HandStudioError as problem:
            self._session.message.emit(str(problem))

    def _changed(self) -> None:
        place = self._session.comparing.place_in(self._sets)
        if self._sets is not None:
            self._mark(None if place is None else self._sets.hands[place].hand_id)

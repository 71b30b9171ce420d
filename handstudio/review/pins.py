"""Joints that a person has pinned: no drag and no refit moves them while the program runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_NONE: Final[frozenset[int]] = frozenset()


class Pins:
    """Pinned joints, hand by hand."""

    def __init__(self) -> None:
        self._of: dict[int, frozenset[int]] = {}

    def of(self, hand_id: int | None) -> frozenset[int]:
        """The pinned joints of a hand."""
        return _NONE if hand_id is None else self._of.get(hand_id, _NONE)

    def toggle(self, hand_id: int, joints: Collection[int]) -> bool:
        """Pin joints of a hand, or unpin them where all of them are pinned; whether they are pinned now."""
        before, chosen = self.of(hand_id), frozenset(joints)
        pins = not chosen <= before
        after = before | chosen if pins else before - chosen
        if after:
            self._of[hand_id] = after
        else:
            self._of.pop(hand_id, None)
        return pins

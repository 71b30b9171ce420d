"""What a reviewer decides about the current hand, each as one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Collection

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.skeleton import Side
from handstudio.project.commands import AddHand, AdoptModel, Command, RemoveHand, SetBox, SetHoldOut, SetNote
from handstudio.project.records import Change, HandBundle, Pose
from handstudio.review import decisions
from handstudio.review.posing import Posing


class Deciding(Posing):
    """The part of :class:`handstudio.review.session.ReviewSession` that decides.

    A decision that cannot be made or stored changes nothing, is told through ``message`` and returns
    ``None``.
    """

    def accept(self) -> Change | None:
        """Let the current hand's proposal stand (or the pose being edited, as fixed)."""
        if self._editing.changed:
            return self.commit_edit()
        return self.decide(decisions.accept)

    def take_correction(self, joints: Collection[int] | None = None) -> Change | None:
        """Let the correction stand, or only some joints of it, which then stay through further drags."""
        chosen = frozenset(joints or ())
        return self.decide(
            lambda hand: decisions.take_correction(hand, joints),
            then=lambda hand, pose: self.refitting.placed(hand, pose, chosen) if chosen else None,
        )

    def reject(self) -> Change | None:
        """The current hand is of no use."""
        return self.decide(decisions.reject)

    def skip(self) -> Change | None:
        """Leave the current hand for later."""
        return self.decide(decisions.skip)

    def reset(self) -> Change | None:
        """Make the current hand undecided again."""
        return self.decide(decisions.reset)

    def flip_side(self) -> Change | None:
        """Make the current hand one of the other side."""
        return self.decide(decisions.flip_side, timed=False)

    def set_visibility(self, joint: int | Collection[int], visibility: int) -> Change | None:
        """Say of a joint (or several) whether it is seen (0), hidden (1) or outside (2)."""
        joints = [joint] if isinstance(joint, int) else list(joint)
        return self.decide(lambda hand: decisions.set_visibility(hand, joints, visibility), timed=False)

    def set_note(self, note: str) -> Change | None:
        """Write a note on the current hand."""
        return self.decide(lambda hand: SetNote(hand.record.id, note), timed=False)

    def set_box(self, box: Box) -> Change | None:
        """Put the current hand's box elsewhere."""
        return self.decide(lambda hand: SetBox(hand.record.id, box, "drawn"), timed=False)

    def add_hand(self, box: Box, side: Side = "right") -> Change | None:
        """Add a hand to the current frame and make it current."""
        if self.frame_id is None:
            self.message.emit("Open a frame before adding a hand")
            return None
        change = self._apply(AddHand(self.frame_id, side, box))
        if change is not None:
            self.go_to_hand(max(change.hands))
        return change

    def remove_hand(self) -> Change | None:
        """Take the current hand out of its frame."""
        return self.decide(lambda hand: RemoveHand(hand.record.id), timed=False)

    def decide(
        self,
        make: Callable[[HandBundle], Command],
        *,
        timed: bool = True,
        then: Callable[[HandBundle, Pose], object] | None = None,
    ) -> Change | None:
        """Carry out what ``make`` says of the current hand; an edit of it that is in hand is stored first.

        Args:
            make: gives the command from what is stored of the hand; its HandStudioError is told, and the
                edit stays in hand.
            timed: whether it counts as a decision of the reviewer.
            then: gets the hand as it was and the pose that it has, once that is stored.
        """
        current = self._current()
        if current is None:
            return None
        try:
            command = make(current)
            if self._editing.pose is not None:
                if not self.may_go_on():
                    return None
                current = self.bundle(current.record.id)
                command = make(current)
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        change = self._apply(command, timed=timed)
        pose = None if change is None else decisions.shown_pose(self.bundle(current.record.id))
        if then is not None and pose is not None:
            then(current, pose)
        return change

    def set_hold_out(self, sequence_id: int, hold_out: bool) -> Change | None:
        """Keep a sequence out of training, or no longer."""
        return self._apply(SetHoldOut(sequence_id, hold_out))

    def adopt_model(self, model_id: str) -> Change | None:
        """Let a model make the proposals from now on."""
        return self._apply(AdoptModel(model_id))

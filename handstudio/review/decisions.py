"""The commands behind each decision, from what a hand has; the window and the shell use the same."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.project.commands import Command, SetLabel, SetSide, SetState
from handstudio.project.records import HandBundle, Pose, State


def accept(hand: HandBundle) -> Command:
    """Let what is there stand: the label that a machine accepted, one that was sent back, else the proposal.

    Raises:
        HandStudioError: when there is nothing to accept (so for all decisions here).
    """
    if hand.label is not None:
        return SetState(hand.record.id, State.ACCEPTED)
    before = hand.standing
    if before is not None:
        return SetLabel(hand.record.id, before.pose, State.ACCEPTED, before.origin, before.proposal_id)
    if hand.proposal is None:
        raise nothing(hand, "to accept")
    return SetLabel(hand.record.id, hand.proposal.pose, State.ACCEPTED, "proposal", hand.proposal.id)


def take_correction(hand: HandBundle, joints: Collection[int] | None = None) -> Command:
    """Let the corrected pose stand, or only these of its joints in the pose that is there."""
    proposal = hand.proposal
    if proposal is None:
        raise nothing(hand, "whose correction could be taken")
    chosen = None if joints is None else sorted(joints)
    if not chosen:
        return SetLabel(hand.record.id, proposal.corrected, State.ACCEPTED, "correction", proposal.id)
    before = shown_pose(hand)
    assert before is not None
    uv, depth = before.uv.copy(), before.depth.copy()
    uv[chosen], depth[chosen] = proposal.corrected.uv[chosen], proposal.corrected.depth[chosen]
    mixed = Pose(uv, depth, before.visibility)
    return SetLabel(hand.record.id, mixed, State.FIXED, "correction", proposal.id)


def reject(hand: HandBundle) -> Command:
    """Say that this hand is of no use."""
    return SetState(hand.record.id, State.REJECTED)


def skip(hand: HandBundle) -> Command:
    """Leave the hand for later, on purpose."""
    return SetState(hand.record.id, State.SKIPPED)


def reset(hand: HandBundle) -> Command:
    """Make the hand undecided again."""
    return SetState(hand.record.id, State.NONE)


def flip_side(hand: HandBundle) -> Command:
    """Make a left hand a right one, or the other way round."""
    return SetSide(hand.record.id, "left" if hand.record.side == "right" else "right")


def fix(hand: HandBundle, pose: Pose, origin: str = "dragged") -> Command:
    """Let a pose that a person made stand."""
    return _labelled(hand, pose, State.FIXED, origin)


def follow(hand: HandBundle, pose: Pose, origin: str) -> Command:
    """Let a pose stand that follows from what people decided about other frames; nobody has looked at it."""
    return _labelled(hand, pose, State.AUTO_ACCEPTED, origin)


def _labelled(hand: HandBundle, pose: Pose, state: State, origin: str) -> Command:
    proposal = hand.proposal
    return SetLabel(hand.record.id, pose, state, origin, None if proposal is None else proposal.id)


def set_visibility(hand: HandBundle, joints: Collection[int], visibility: int) -> Command:
    """Say of joints whether they are seen (0), hidden (1) or outside (2)."""
    before = shown_pose(hand)
    if before is None:
        raise nothing(hand, "whose joints could be marked")
    if visibility not in (0, 1, 2):
        raise ValueError(f"visibility is 0, 1 or 2, not {visibility}")
    marks = before.visibility.copy()
    marks[sorted(joints)] = np.uint8(visibility)
    pose = Pose(before.uv, before.depth, marks)
    if hand.label is None:
        return fix(hand, pose, "visibility")
    return SetLabel(hand.record.id, pose, State.FIXED, hand.label.origin, hand.label.proposal_id)


def shown_pose(hand: HandBundle) -> Pose | None:
    """The pose that stands for a hand now: its label (also one that was sent back), else its proposal."""
    if hand.standing is not None:
        return hand.standing.pose
    return None if hand.proposal is None else hand.proposal.pose


def nothing(hand: HandBundle, what: str) -> HandStudioError:
    """The error of a hand that has no pose for what is asked."""
    return HandStudioError(
        f"Hand {hand.record.id} has no proposal {what}", remedy="Propose first, or place the joints by hand"
    )

"""What a reviewer does to all joints at once: exchange fingers, copy from another frame, interpolate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import FINGERS, JOINT_COUNT, finger_of
from handstudio.project.commands import Bulk, Command
from handstudio.project.records import Change, HandBundle, HandRecord, Pose
from handstudio.review import decisions
from handstudio.review.carrying import LONGEST, carried_far
from handstudio.review.interpolating import ORIGIN, Gap, gap_about, poses_between

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession

_EVERY_FINGER: Final = tuple(range(len(FINGERS)))


def joints_of_fingers(order: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """(21,) for each joint, the joint whose place it takes when finger ``i`` takes that of ``order[i]``."""
    joints = np.arange(JOINT_COUNT)
    for finger, taken in zip(FINGERS, order, strict=True):
        joints[list(finger)] = FINGERS[taken]
    return joints


class WholeHand:
    """Decisions about all joints of a session's current hand.

    Like the session's own, each is one step of undo; what cannot be done is told through its ``message``.
    """

    def __init__(self, session: ReviewSession) -> None:
        self._session = session

    def swap_fingers(self) -> Change | None:
        """Exchange the two fingers of the selected joints."""
        fingers = sorted(
            {finger for joint in self._session.joints if (finger := finger_of(joint)) is not None}
        )
        if len(fingers) != 2:
            self._session.message.emit("Select joints of the two fingers that are to be exchanged")
            return None
        order = list(_EVERY_FINGER)
        order[fingers[0]], order[fingers[1]] = fingers[1], fingers[0]
        return self._ordered(tuple(order))

    def shift_fingers(self, step: int) -> Change | None:
        """Let each finger take the place of the one ``step`` further from the thumb, around."""
        return self._ordered(tuple((finger + step) % len(FINGERS) for finger in _EVERY_FINGER))

    def reverse_fingers(self) -> Change | None:
        """Let the fingers take the opposite order: the palm was taken for the back."""
        return self._ordered(_EVERY_FINGER[::-1])

    def _ordered(self, order: tuple[int, ...]) -> Change | None:
        joints = joints_of_fingers(order)

        def make(hand: HandBundle) -> Command:
            pose = decisions.shown_pose(hand)
            if pose is None:
                raise decisions.nothing(hand, "whose fingers could be exchanged")
            return decisions.fix(
                hand, Pose(pose.uv[joints], pose.depth[joints], pose.visibility[joints]), "reordered"
            )

        return self._session.decide(
            make, then=lambda hand, pose: self._session.refitting.reordered(hand, pose, joints)
        )

    def copy_from(self, step: int) -> Change | None:
        """Take over the pose that the same hand has ``step`` frames on."""
        session = self._session

        def make(hand: HandBundle) -> Command:
            other = self._same_hand(hand.record, step)
            pose = None if other is None else decisions.shown_pose(other)
            if pose is None:
                where = "before" if step < 0 else "after"
                raise HandStudioError(f"The frame {where} has no pose of this hand to copy")
            return decisions.fix(hand, pose, "copied")

        return session.decide(make)

    def _same_hand(self, record: HandRecord, step: int) -> HandBundle | None:
        """The hand of the same track, else of the same side, ``step`` frames on."""
        project = self._session.project
        index = record.frame_index + step
        if not 0 <= index < project.sequence(record.sequence_id).frame_count:
            return None
        hands = project.hands_of_frame(project.frame_at(record.sequence_id, index).id)
        same = [hand for hand in hands if hand.track == record.track]
        same = same or [hand for hand in hands if hand.side == record.side]
        return self._session.bundle(same[0].id) if same else None

    def interpolate(self) -> Change | None:
        """Give every undecided hand between two decided ones the pose on the way; see :func:`gap_about`."""
        if self._session.blind.refuses("Interpolating"):
            return None
        told: list[str] = []

        def make(hand: HandBundle) -> Command:
            gap = gap_about(self._session.project, hand)
            if gap is None:
                raise HandStudioError(
                    "There are no decided hands on both sides to interpolate between",
                    remedy="Fix or accept this hand in a frame before and in one after",
                )
            first, last = gap.before.frame_index + 1, gap.after.frame_index + 1
            if not gap.within:
                raise HandStudioError(f"No hand is undecided between frames {first} and {last}")
            hands = "1 hand" if len(gap.within) == 1 else f"{len(gap.within)} hands"
            told[:] = [f"Filled {hands} between frames {first} and {last}"]
            return self._filled(gap)

        change = self._session.decide(make)
        if change is not None:
            self._session.message.emit(told[0])
        return change

    def carry_forward(self) -> Change | None:
        """Carry this hand's label on through the frames that follow, as far as it can be trusted."""
        session = self._session
        if session.blind.refuses("Carrying labels forward") or not session.may_go_on():
            return None
        told: list[str] = []
        change = session.decide(lambda hand: self._carried(hand, told), timed=False)
        if change is not None:
            session.message.emit(told[0])
        return change

    def _carried(self, hand: HandBundle, told: list[str]) -> Command:
        session, record = self._session, hand.record
        if hand.label is None or hand.proposal is None:
            raise HandStudioError(
                "Only a label can be carried forward, beside a proposal",
                remedy="Fix or accept this hand first",
            )
        followers, end = self._followers(record)
        proposals = [hand.proposal, *(one.proposal for one in followers if one.proposal is not None)]
        by_hand = {one.record.id: one for one in followers}
        poses, why = carried_far(
            hand.label.pose,
            proposals,
            session.peaks,
            session.shape(record.sequence_id),
            lambda proposal: session.expected.of_hand(by_hand[proposal.hand_id].record) or float("inf"),
        )
        why = why or end
        if not poses:
            raise HandStudioError(f"Not carried: {why}")
        last = followers[len(poses) - 1].record.frame_index
        frames = "frame" if len(poses) == 1 else "frames"
        told.append(f"Carried {len(poses)} {frames} forward, to frame {last + 1}: {why}")
        commands = tuple(
            decisions.follow(one, pose, "carried") for one, pose in zip(followers, poses, strict=False)
        )
        return Bulk(commands, f"Carry forward {len(poses)} {frames}")

    def _followers(self, record: HandRecord) -> tuple[list[HandBundle], str]:
        """The undecided, proposed hands of a track in the frames right after one, and why they end."""
        project, first = self._session.project, record.frame_index + 1
        track = {one.frame_index: one for one in project.track(record, first, first + LONGEST - 1)}
        found: list[HandBundle] = []
        for index in range(first, first + LONGEST):
            one = track.get(index)
            if one is None:
                last = project.sequence(record.sequence_id).frame_count
                return found, "the sequence ends" if index >= last else "the next frame has no such hand"
            if one.state.decided:
                return found, "the next frame is decided already"
            bundle = project.bundle(one.id)
            if bundle.proposal is None:
                return found, "the next frame has no proposal"
            found.append(bundle)
        return found, f"{LONGEST} frames at once"

    def _filled(self, gap: Gap) -> Command:
        session = self._session
        ends = [decisions.shown_pose(session.bundle(hand.id)) for hand in (gap.before, gap.after)]
        assert ends[0] is not None
        assert ends[1] is not None
        length = gap.after.frame_index - gap.before.frame_index
        shares = [(hand.frame_index - gap.before.frame_index) / length for hand in gap.within]
        sequence_id = gap.before.sequence_id
        try:
            poses = poses_between(
                ends[0],
                ends[1],
                shares,
                gap.before.side,
                session.camera(sequence_id),
                session.shape(sequence_id),
            )
        except ValueError as error:
            raise HandStudioError(
                "The decided hands have joints without a place", remedy=str(error)
            ) from None
        commands = tuple(
            decisions.follow(session.bundle(hand.id), pose, ORIGIN)
            for hand, pose in zip(gap.within, poses, strict=True)
        )
        return commands[0] if len(commands) == 1 else Bulk(commands, f"Interpolate {len(commands)} hands")

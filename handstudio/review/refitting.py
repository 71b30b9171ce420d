"""The rest of a hand follows the picture once a joint was dragged; what was dragged before stays.

What a reviewer has done to a hand is remembered while the program runs, and counts as long as it is there:
a drag that was undone counts no more, one that was redone does again. What was done to the hand as a whole
is what a refit begins from. A label that somebody decided otherwise, or on another day, is never moved by
anything but the drag itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.peaks import Peaks
from handstudio.hand.refit import Believed, Placed, Refit
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import JOINT_COUNT, ROOT, WRIST
from handstudio.project.dense import MapsBusyError
from handstudio.project.records import Floats, HandBundle, Pose, Proposal, State
from handstudio.review.decisions import shown_pose
from handstudio.review.editing import Edit
from handstudio.review.whole_acts import Act, Reordered, placed_in

PATIENCE_S: Final = 0.1
"""How long a refit waits at most for who writes heatmaps' peaks: as long as nobody minds who lets go."""
_HANDS_KEPT: Final = 64
_MOMENTS_KEPT: Final = 400
_MOVED_PX: Final = 1.0


@dataclass(frozen=True, eq=False)
class _Moment:
    """A hand as it was once: its pose, what was done until then, and what its refit begins from."""

    pose: Pose
    start: Pose
    placed: Mapping[int, Placed] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()

    def after(self, acts: tuple[Act, ...], pose: Pose, placed: Mapping[int, Placed]) -> _Moment:
        """What follows: acts about the whole hand, then joints that were placed in a pose."""
        start, held = self.start, dict(self.placed)
        for act in acts:
            start, held = act.pose(start), act.placed(held)
        given = {joint: _as_deep(one, held.get(joint), pose, joint) for joint, one in placed.items()}
        return _Moment(pose, start, held | given, self.acts + acts)


class _NoRefitError(Exception):
    """Why the rest of a hand cannot follow, for people."""


class Refitting:
    """Settles poses that were dragged.

    Args:
        peaks_of: gives the peaks of the heatmaps of a hand, px, ``None`` where there are none; waits so many
            seconds at most while a job writes some, and raises MapsBusyError then.
        tell: gets a sentence about what moved, or why nothing did.
    """

    def __init__(self, peaks_of: Callable[[int, float], Peaks | None], tell: Callable[[str], None]) -> None:
        self.on = True
        self._peaks_of, self._tell = peaks_of, tell
        self._hands: OrderedDict[int, tuple[int, list[_Moment]]] = OrderedDict()

    def prepare(self, hand: HandBundle) -> bool:
        """Read the peaks of a hand before it is let go, without waiting; whether that is done."""
        if self.on and hand.proposal is not None:
            try:
                self._peaks_of(hand.record.id, 0.0)
            except MapsBusyError:
                return False
        return True

    def settled(
        self,
        hand: HandBundle,
        edit: Edit,
        shape: HandShape = ANYBODY,
        follow: bool = True,
        pins: Collection[int] = (),
    ) -> Pose:
        """The pose that an edit comes to.

        Args:
            hand: as it is stored.
            edit: what was done to it.
            shape: what is known of the person's hands.
            follow: whether the rest may follow at all.
            pins: joints that stay where the edit began.
        """
        follows, pose = self.on and follow and edit.as_hand, edit.pose
        before = self._moment(hand, edit.start)
        after = None if before is None else before.after(edit.moves, pose, edit.placed)
        late = False
        if follows:
            try:
                pose = self._refit(hand, after, edit, shape, pins)
            except _NoRefitError as why:
                late = True
                self._tell(f"Not refitted: {why}")
        elif edit.moves and WRIST in edit.placed:
            self._tell("The hand moved with its wrist; Shift+drag moves the wrist alone")
        if after is not None:  # of what is made up for later, what was wanted counts, else what came of it
            placed = after.placed if late else placed_in(pose, after.placed)
            self._keep(hand, _Moment(pose, after.start, placed, after.acts))
        return pose

    def held(self, hand: HandBundle, start: Pose) -> frozenset[int]:
        """Joints that were placed before and stay while another one of their finger is dragged."""
        moment = self._known(hand, start) if self.on else None
        return frozenset() if moment is None else frozenset(moment.placed)

    def placed(self, hand: HandBundle, pose: Pose, joints: Collection[int]) -> None:
        """Take in that a person gave joints the places that they have in a pose, in one act.

        Args:
            hand: as it was before.
            pose: as it is now.
            joints: which, their depths with them.
        """
        given = {
            joint: Placed(pose.uv[joint], float(pose.depth[joint] - pose.depth[ROOT])) for joint in joints
        }
        self._follow(hand, pose, (), given)

    def reordered(self, hand: HandBundle, pose: Pose, order: npt.NDArray[np.intp]) -> None:
        """Take in that fingers took each other's places.

        Args:
            hand: as it was before.
            pose: as it is now.
            order: (21,) for each joint, the one whose place it took.
        """
        self._follow(hand, pose, (Reordered(order),), {})

    def _follow(
        self, hand: HandBundle, pose: Pose, acts: tuple[Act, ...], placed: Mapping[int, Placed]
    ) -> None:
        shown = shown_pose(hand)
        before = None if shown is None else self._moment(hand, shown)
        if before is not None:
            after = before.after(acts, pose, placed)
            self._keep(hand, _Moment(pose, after.start, placed_in(pose, after.placed), after.acts))

    def _moment(self, hand: HandBundle, pose: Pose) -> _Moment | None:
        """The moment at which a hand had this pose; ``None`` for the label of somebody who saw all joints."""
        known, proposal = self._known(hand, pose), hand.proposal
        if known is not None or proposal is None:
            return known
        machine_made = hand.label is None or hand.record.state is State.AUTO_ACCEPTED
        if machine_made or _alike(pose, proposal.pose) or _alike(pose, proposal.corrected):
            return self._keep(hand, _Moment(pose, pose))
        return None

    def _known(self, hand: HandBundle, pose: Pose) -> _Moment | None:
        kept = self._hands.get(hand.record.id)
        if kept is None or hand.proposal is None or kept[0] != hand.proposal.id:
            return None
        return next((moment for moment in reversed(kept[1]) if _alike(moment.pose, pose)), None)

    def _keep(self, hand: HandBundle, moment: _Moment) -> _Moment:
        hand_id, proposal = hand.record.id, hand.proposal
        assert proposal is not None
        kept = self._hands.get(hand_id)
        if kept is None or kept[0] != proposal.id:
            kept = self._hands[hand_id] = proposal.id, []
        kept[1].append(moment)
        del kept[1][:-_MOMENTS_KEPT]
        self._hands.move_to_end(hand_id)
        while len(self._hands) > _HANDS_KEPT:
            self._hands.popitem(last=False)
        return moment

    def _refit(
        self, hand: HandBundle, after: _Moment | None, edit: Edit, shape: HandShape, pins: Collection[int]
    ) -> Pose:
        """The pose through what was placed; raises :class:`_NoRefitError` where there is none."""
        proposal = hand.proposal
        if proposal is None:
            raise _NoRefitError("this hand has no proposal")
        if after is None:
            raise _NoRefitError("a label that was copied or made before keeps its other joints")
        fit = Refit(self._believed(proposal, after, shape))
        before = edit.start
        root = float(before.depth[ROOT])
        pinned = {joint: Placed(before.uv[joint], float(before.depth[joint]) - root) for joint in pins}
        uv, depth = fit.through({**after.placed, **pinned})
        if not (np.isfinite(uv).all() and np.isfinite(depth).all()):
            raise _NoRefitError("no hand goes through these joints")
        for act in edit.moves:
            before = act.pose(before)
        self._say(np.linalg.norm(uv - before.uv, axis=-1), after.placed)
        return Pose(uv, depth, edit.pose.visibility)

    def _believed(self, proposal: Proposal, after: _Moment, shape: HandShape) -> Believed:
        start, doubt = after.start, proposal.joint_doubt
        if doubt is None:
            raise _NoRefitError("the proposal does not say how unsure it is of each joint; propose again")
        if not all(np.isfinite(values).all() for values in (start.uv, start.depth, doubt)):
            raise _NoRefitError("not every joint has a place")
        try:
            peaks = self._peaks_of(proposal.hand_id, PATIENCE_S)
        except MapsBusyError:
            raise _NoRefitError(
                "heatmaps are being written just now; the next drag takes this one in"
            ) from None
        if peaks is None:
            raise _NoRefitError("no heatmaps are kept with this proposal; propose again")
        for act in after.acts:
            doubt, peaks = act.doubt(doubt), act.peaks(peaks)
        return Believed(start.uv, start.depth, doubt, peaks, proposal.views > 1, shape.bone_lengths)

    def _say(self, moved: Floats, placed: Mapping[int, Placed]) -> None:
        others = [joint for joint in range(JOINT_COUNT) if joint not in placed]
        count = int((moved[others] > _MOVED_PX).sum())
        joints = "joint" if count == 1 else "joints"
        self._tell(f"Refit: {count} other {joints} followed" if count else "Refit: the other joints stay")


def _as_deep(now: Placed, before: Placed | None, pose: Pose, joint: int) -> Placed:
    """A joint whose depth was chosen before keeps the one that it was let go with."""
    if now.depth is not None or before is None or before.depth is None:
        return now
    return Placed(now.uv, float(pose.depth[joint] - pose.depth[ROOT]))


def _alike(one: Pose, other: Pose) -> bool:
    """Whether two poses are the same but for visibility."""
    return one is other or (np.array_equal(one.uv, other.uv) and np.array_equal(one.depth, other.depth))

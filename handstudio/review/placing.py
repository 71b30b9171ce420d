"""A hand placed joint by joint, in anatomical order, where no proposal helps; one decision at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from psygnal import Signal

from handstudio.errors import HandStudioError
from handstudio.hand.from_points import Pointed
from handstudio.hand.skeleton import JOINT_COUNT, JOINT_NAMES, OCCLUDED, OUTSIDE, VISIBLE, Side
from handstudio.project.begun import Steps, keep_begun, read_begun
from handstudio.project.records import Change, Floats, Pose
from handstudio.review import decisions

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession

LEAST_SEEN: Final = 4
"""Joints that have to be pointed at before the others can be guessed."""


class Placing:
    """Goes through the joints of a session's current hand, wrist first, then finger after finger.

    A joint is pointed at, or said to be hidden, in which case its place is guessed from the others. What was
    placed is kept beside the project with each step, so that whoever leaves, or whose window closes, goes on
    there. With the last joint the hand is stored as fixed: one step of undo.

    Signals (psygnal): ``changed()``.
    """

    changed = Signal()

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self._hand_id: int | None = None
        self._steps: Steps = []
        self._guessed: Floats | None = None
        session.hand_changed.connect(self._hand_changed)

    @property
    def hand_id(self) -> int | None:
        """The hand that is being placed."""
        return self._hand_id

    @property
    def joint(self) -> int | None:
        """The joint that comes next."""
        return None if self._hand_id is None else len(self._steps)

    @property
    def side(self) -> Side:
        """Of the hand that is being placed."""
        return "right" if self._hand_id is None else self._session.bundle(self._hand_id).record.side

    @property
    def can_go_back(self) -> bool:
        """Whether there is a joint to take back."""
        return self._hand_id is not None and bool(self._steps)

    @property
    def so_far(self) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """(21, 2) px of the joints so far, not a number for those to come; and (21,) which are guessed."""
        uv = np.full((JOINT_COUNT, 2), np.nan, np.float32)
        guessed = np.zeros(JOINT_COUNT, dtype=bool)
        for joint, step in enumerate(self._steps):
            guessed[joint] = step is None
            if step is not None:
                uv[joint] = step
            elif self._guessed is not None:
                uv[joint] = self._guessed[joint]
        return uv, guessed

    def begin(self) -> bool:
        """Begin with the current hand, or go on where it was left; whether there is one."""
        session = self._session
        if session.hand_id is None:
            session.message.emit("No hand is selected: draw a box about it first")
            return False
        if session.project.read_only:
            session.message.emit("The project is open for reading only")
            return False
        session.commit_edit()
        self._hand_id = session.hand_id
        self._steps = read_begun(self._folder, self._hand_id)
        self._guess()
        if self._steps:
            session.message.emit(f"Going on with the {JOINT_NAMES[len(self._steps)]}")
        self.changed.emit()
        return True

    def place(self, u: float, v: float) -> Change | None:
        """The next joint is seen at a point, px; the last one stores the hand."""
        if self._hand_id is None or not (np.isfinite(u) and np.isfinite(v)):
            return None
        return self._step((float(u), float(v)))

    def guess(self) -> Change | None:
        """The next joint cannot be seen: its place follows from the others."""
        return None if self._hand_id is None else self._step(None)

    def back(self) -> None:
        """Take the last joint back."""
        if self._hand_id is not None and self._steps:
            self._keep(self._steps[:-1])

    def leave(self) -> None:
        """Stop; what was placed so far stays for the next time."""
        if self._hand_id is not None:
            self._hand_id, self._steps, self._guessed = None, [], None
            self.changed.emit()

    @property
    def _folder(self) -> Path:
        return Path(self._session.project.path)

    def _step(self, step: tuple[float, float] | None) -> Change | None:
        steps = [*self._steps, step]
        if len(steps) < JOINT_COUNT:
            self._keep(steps)
            return None
        if sum(one is not None for one in steps) < LEAST_SEEN:
            self._session.message.emit(f"Point at {LEAST_SEEN} joints at least: Backspace goes back")
            return None
        return self._finish(steps)

    def _keep(self, steps: Steps) -> None:
        assert self._hand_id is not None
        self._steps = steps
        try:
            keep_begun(self._folder, self._hand_id, steps)
        except HandStudioError as error:
            self._session.message.emit(str(error))
        if steps and steps[-1] is None:
            self._guess()
        self.changed.emit()

    def _guess(self) -> None:
        known = [step for step in self._steps if step is not None]
        self._guessed = self._found(self._steps).uv if known and len(known) < len(self._steps) else None

    def _found(self, steps: Steps) -> Pose:
        """The hand through the joints so far, all of it."""
        assert self._hand_id is not None
        record = self._session.bundle(self._hand_id).record
        camera, shape = self._session.camera(record.sequence_id), self._session.shape(record.sequence_id)
        points = np.full((JOINT_COUNT, 2), np.nan)
        for joint, step in enumerate(steps):
            if step is not None:
                points[joint] = step
        seen = np.isfinite(points).all(axis=1)
        size = record.box.side
        if seen.sum() > 1:  # a box of the whole frame says less than the points
            size = min(size, 4.0 * max(float(np.ptp(points[seen], axis=0).max()), 1.0))
        hand = Pointed(
            record.side, size, shape.bone_lengths, shape.limits, None if camera is None else camera.K
        )
        uv, depth = hand.hand(points)
        frame = self._session.project.frame(record.frame_id)
        outside = ((uv < 0.0) | (uv > (frame.width, frame.height))).any(axis=1)
        marks = np.where(outside, OUTSIDE, np.where(seen, VISIBLE, OCCLUDED))
        return Pose(uv, depth, marks)

    def _finish(self, steps: Steps) -> Change | None:
        hand_id = self._hand_id
        assert hand_id is not None
        pose = self._found(steps)
        change = self._session.decide(lambda hand: decisions.fix(hand, pose, "placed"))
        if change is not None:
            self._steps = []
            keep_begun(self._folder, hand_id, [])
            self.leave()
            self._session.message.emit("The hand is placed; drag what is not right yet")
        return change

    def _hand_changed(self, hand_id: int | None) -> None:
        if hand_id != self._hand_id:
            self.leave()

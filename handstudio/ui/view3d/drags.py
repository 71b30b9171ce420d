"""What mouse and keys do to joints in the 3D view: choose, pin, drag one or several."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from handstudio.hand.skeleton import JOINT_COUNT, JOINT_NAMES
from handstudio.ui.view3d.content import HandInSpace, depth_unit, joint_to_25d

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.view3d.stage import Stage

Floats = npt.NDArray[np.float32]


class HeldTogether:
    """Several joints that keep their places to each other in space.

    Args:
        hand: when they were taken.
        joint: the one that was pressed.
        joints: all of them.
    """

    def __init__(self, hand: HandInSpace, joint: int, joints: Collection[int]) -> None:
        self._hand, self._joint, self._joints = hand, joint, frozenset(joints)

    @property
    def joints(self) -> frozenset[int]:
        """All of them."""
        return self._joints

    def moved(self, place: npt.ArrayLike) -> tuple[Floats, float]:
        """How they move in the frame when the pressed joint comes to ``place`` (3,).

        Returns:
            (21, 2) px for each of them, since what is nearer to the camera moves farther in the frame; and
            reference bones in depth.
        """
        hand = self._hand
        away = np.asarray(place, np.float32) - hand.joints[self._joint]
        by = np.zeros((JOINT_COUNT, 2), np.float32)
        for joint in self._joints:
            uv, _ = joint_to_25d(hand, joint, hand.joints[joint] + away)
            by[joint] = uv - hand.pose.uv[joint]
        return by, float(away[2] / depth_unit(hand))


class Drags:
    """Turns what mouse and keys do on a stage into the session's commands.

    Args:
        session: whose current hand.
        stage: on which joints are pressed and pulled.
        hand: as it is shown now; ``None`` while there is none.
    """

    def __init__(self, session: ReviewSession, stage: Stage, hand: Callable[[], HandInSpace | None]) -> None:
        self._session, self._stage, self._hand = session, stage, hand
        self._begins = False
        self._together: HeldTogether | None = None
        stage.joint_pressed.connect(self._select)
        stage.joint_clicked.connect(lambda joint: session.select_joints({joint}))
        stage.emptied.connect(lambda: session.select_joints(()))
        stage.pin_wanted.connect(self._pin)
        stage.drag_began.connect(self._begin)
        stage.dragged.connect(self._drag)
        stage.drag_ended.connect(lambda _joint: session.commit_edit())
        stage.drag_cancelled.connect(session.cancel_edit)

    def _shown(self) -> HandInSpace | None:
        """The hand on view if it is the session's."""
        hand = self._hand()
        return None if hand is None or hand.hand_id != self._session.hand_id else hand

    def _select(self, joint: int, adds: bool) -> None:
        chosen = set(self._session.joints)
        if adds:
            chosen ^= {joint}
        elif joint not in chosen:
            chosen = {joint}
        self._session.select_joints(chosen)

    def _pin(self, joint: int) -> None:
        if self._shown() is not None:
            self._session.toggle_pins({joint})

    def _begin(self, joint: int) -> None:
        session = self._session
        self._begins, self._together = True, None
        if self._shown() is None:
            return
        if joint in session.pins.of(session.hand_id):
            session.message.emit(f"The {JOINT_NAMES[joint]} is pinned: L or a right click frees it")
            self._stage.let_go()
        else:
            session.begin_edit()

    def _drag(self, joint: int, place: Floats, alone: bool) -> None:
        """Move what is held; a decision, an undo or another hand has ended the drag."""
        session, hand = self._session, self._shown()
        if hand is None or session.edit is None:
            self._stage.let_go()
            return
        if self._begins:  # what is held is decided as the mouse begins to pull
            chosen, self._begins = session.joints, False
            if joint in chosen and len(chosen) > 1 and not alone:
                self._together = HeldTogether(hand, joint, chosen)
        if self._together is not None:
            session.move_together(self._together.joints, *self._together.moved(place))
        else:
            uv, depth = joint_to_25d(hand, joint, place)
            session.move_joint(joint, uv=uv, depth=depth, free=alone)

"""What the mouse holds when it has pressed a joint: that joint, or all selected ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from handstudio.ui.canvas.grasp import Grasp

SHIFT = Qt.KeyboardModifier.ShiftModifier


class JointDrag:
    """One joint; its finger follows as a finger unless Shift is held. Positions are frame pixels."""

    def __init__(self, grasp: Grasp, joint: int, at: QPointF) -> None:
        self._grasp, self.joint = grasp, joint
        u, v = grasp.joint_place(joint)
        self._grip = QPointF(u - at.x(), v - at.y())

    def move(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Follow the mouse."""
        self._grasp.drag_joint(self.joint, at + self._grip, free=bool(keys & SHIFT))
        return True

    def deepen(self, by: float) -> None:
        """Away from the camera, by reference bones."""
        self._grasp.drag_depth(self.joint, by)


class GroupDrag:
    """Several joints that keep their places to each other; ``joint`` is the one that was pressed."""

    def __init__(self, grasp: Grasp, joint: int, joints: set[int], at: QPointF) -> None:
        self._grasp, self.joint, self._joints = grasp, joint, frozenset(joints)
        self._from, self._at, self._depth = at, at, 0.0

    def move(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Follow the mouse."""
        self._at = at
        self._grasp.drag_together(self._joints, at - self._from, self._depth)
        return True

    def deepen(self, by: float) -> None:
        """Away from the camera, by reference bones."""
        self._depth += by
        self._grasp.drag_together(self._joints, self._at - self._from, self._depth)

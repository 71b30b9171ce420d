"""Which session command stands behind which action."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import JOINT_NAMES

if TYPE_CHECKING:
    from handstudio.hand.box import Box
    from handstudio.project.records import Change
    from handstudio.review.session import ReviewSession
    from handstudio.ui.actions import Actions
    from handstudio.ui.canvas import Canvas
    from handstudio.ui.status_line import StatusLine

DEPTH_STEP = 0.05
"""Reference bones that one press of ``[`` or ``]`` moves a joint."""

TURN, GROWTH = math.radians(2.0), 1.02
"""By which one press turns and scales the hand."""

VISIBILITY = ("visible", "occluded", "outside")

WRITING = (
    "accept",
    "take_correction",
    "reject",
    "skip",
    "reset",
    "flip_side",
    "swap_fingers",
    "shift_fingers",
    "reverse_fingers",
    "copy_previous",
    "copy_next",
    "interpolate",
    "carry_forward",
    "draw_box",
    "bulk",
    "place_joints",
    "remove_hand",
    "verify",
    "send_back",
    "verify_own",
    "blind",
    "mark",
    "mark_as",
    "note",
    "visibility",
    "depth_nearer",
    "depth_farther",
    "pin",
    "turn_left",
    "turn_right",
    "larger",
    "smaller",
    "nudge_left",
    "nudge_right",
    "nudge_up",
    "nudge_down",
    "undo",
    "redo",
    "propose",
    "propose_hand",
    "finetune",
    "hold_out",
    "import_folder",
    "import_video",
)
"""What a window for reading only does not do."""

OF_A_HAND = (
    "accept",
    "take_correction",
    "reject",
    "skip",
    "reset",
    "flip_side",
    "swap_fingers",
    "shift_fingers",
    "reverse_fingers",
    "copy_previous",
    "copy_next",
    "interpolate",
    "carry_forward",
    "remove_hand",
    "verify",
    "send_back",
    "note",
    "visibility",
    "next_joint",
    "previous_joint",
    "select_all",
    "depth_nearer",
    "depth_farther",
    "pin",
    "turn_left",
    "turn_right",
    "larger",
    "smaller",
    "nudge_left",
    "nudge_right",
    "nudge_up",
    "nudge_down",
    "propose_hand",
    "zoom_hand",
)
"""What needs a current hand."""

OF_A_SEEN_HAND = frozenset(OF_A_HAND) - {
    *("next_joint", "previous_joint", "select_all", "propose_hand", "note")
}
"""What nobody can decide without seeing the hand."""

OF_A_FAILED_FRAME = frozenset({"reject", "skip", "reset", "remove_hand"})
"""What can still be said of a hand whose frame cannot be shown."""


class Wiring:
    """Connects the registry's actions to a session and keeps them enabled exactly when they can act."""

    def __init__(self, session: ReviewSession, actions: Actions, canvas: Canvas, status: StatusLine) -> None:
        self.session = session
        self.actions = actions
        self.canvas = canvas
        self.status = status
        self._able: tuple[bool, bool, str] | None = None
        self.pause: Callable[[], bool] = lambda: False
        """Ends the playing; whether something played."""
        self._connect()
        canvas.shown.seen_changed.connect(self.refresh)

    def _connect(self) -> None:
        session = self.session
        slots: dict[str, Callable[[], object]] = {
            "accept": lambda: self._decide(session.accept),
            "take_correction": self._take_correction,
            "reject": lambda: self._decide(session.reject),
            "skip": lambda: self._decide(session.skip),
            "reset": session.reset,
            "flip_side": session.flip_side,
            "swap_fingers": session.whole.swap_fingers,
            "shift_fingers": lambda: session.whole.shift_fingers(1),
            "reverse_fingers": session.whole.reverse_fingers,
            "copy_previous": lambda: session.whole.copy_from(-1),
            "copy_next": lambda: session.whole.copy_from(1),
            "interpolate": session.whole.interpolate,
            "carry_forward": session.whole.carry_forward,
            "remove_hand": session.remove_hand,
            "undo": session.undo,
            "redo": session.redo,
            "visibility": self._next_visibility,
            "next_joint": lambda: self._step_joint(1),
            "previous_joint": lambda: self._step_joint(-1),
            "select_all": lambda: session.select_joints(set(range(21))),
            "depth_nearer": lambda: self.canvas.grasp.nudge(0, 0, -DEPTH_STEP),
            "depth_farther": lambda: self.canvas.grasp.nudge(0, 0, DEPTH_STEP),
            "nudge_left": lambda: self.canvas.grasp.nudge(-1, 0, 0),
            "nudge_right": lambda: self.canvas.grasp.nudge(1, 0, 0),
            "nudge_up": lambda: self.canvas.grasp.nudge(0, -1, 0),
            "nudge_down": lambda: self.canvas.grasp.nudge(0, 1, 0),
            "pin": lambda: session.toggle_pins(set(session.joints)),
            "turn_left": lambda: self.canvas.grasp.transform(-TURN, 1.0),
            "turn_right": lambda: self.canvas.grasp.transform(TURN, 1.0),
            "larger": lambda: self.canvas.grasp.transform(0.0, GROWTH),
            "smaller": lambda: self.canvas.grasp.transform(0.0, 1.0 / GROWTH),
            "previous_frame": lambda: session.step(-1),
            "next_frame": lambda: session.step(1),
            "back_10": lambda: session.step(-10),
            "forward_10": lambda: session.step(10),
            "back_100": lambda: session.step(-100),
            "forward_100": lambda: session.step(100),
            "first_frame": lambda: session.step(-(10**9)),
            "last_frame": lambda: session.step(10**9),
            "next_in_queue": session.next_in_queue,
            "previous_in_queue": session.previous_in_queue,
            "next_undecided": session.next_undecided,
            "next_problem": session.next_of_same_problem,
            "next_hand": self._next_hand,
            "mark": session.marks.toggle,
            "next_mark": lambda: session.marks.step(1),
            "previous_mark": lambda: session.marks.step(-1),
            "hold_out": self._toggle_hold_out,
        }
        for name, slot in slots.items():
            changes = name in (*OF_A_HAND, "mark") and name in WRITING
            self.actions.on(name, self._guarded(self._unless_playing(slot) if changes else slot))
        self.actions.on("cancel", self.canvas.cancel)

    def deciding(self, slot: Callable[[], object]) -> Callable[[], None]:
        """What another part of the window does to the current hand, as the decisions here are done."""
        return self._guarded(self._unless_playing(slot))

    def _guarded(self, slot: Callable[[], object]) -> Callable[[], None]:
        def act() -> None:
            try:
                slot()
            except HandStudioError as error:
                self.status.say_error(str(error))

        return act

    def _unless_playing(self, slot: Callable[[], object]) -> Callable[[], None]:
        """A key that comes while frames go by is late for the one that was meant: it ends the playing."""

        def act() -> None:
            if self.pause():
                self.status.say("Paused: nothing was changed while frames went by")
            else:
                slot()

        return act

    def _decide(self, decision: Callable[[], Change | None]) -> None:
        """Make a decision and, where that is wished, show the next undecided hand."""
        with self.canvas.held():
            if decision() is not None and self.actions["go_on"].isChecked():
                self.session.next_undecided()

    def _take_correction(self) -> None:
        joints = set(self.session.joints)
        if joints:
            self.session.take_correction(joints)
        else:
            self._decide(self.session.take_correction)

    def _next_visibility(self) -> None:
        """Visible, occluded, outside, and around: of the selected joints, from the first one's."""
        session = self.session
        pose = session.hand_view(session.hand_id).pose if session.hand_id is not None else None
        if not session.joints or pose is None:
            self.status.say("Select a joint first: click it, or press Tab")
            return
        joints = set(session.joints)
        mark = (int(pose.visibility[min(joints)]) + 1) % len(VISIBILITY)
        if session.set_visibility(joints, mark) is not None:
            self.status.say(f"{joint_words(joints)}: {VISIBILITY[mark]}")

    def _next_hand(self) -> None:
        ids = [record.id for record in self.session.hands()]
        if ids:
            place = ids.index(self.session.hand_id) if self.session.hand_id in ids else -1
            self.session.go_to_hand(ids[(place + 1) % len(ids)])

    def _toggle_hold_out(self) -> None:
        session = self.session
        if session.sequence_id is None:
            self.status.say("Open a sequence before keeping it as hold-out")
            return
        record = session.sequence(session.sequence_id)
        if session.set_hold_out(record.id, not record.hold_out) is not None:
            what = "is no hold-out any more" if record.hold_out else "is hold-out: no training learns from it"
            self.status.say(f"{record.name} {what}")

    def take_box(self, box: Box) -> Change | None:
        """A box was drawn: it takes the place of a whole-frame box, else it is another hand's."""
        session = self.session
        if session.hand_id is not None and session.bundle(session.hand_id).record.box_source == "whole":
            return session.set_box(box)
        sides = [record.side for record in session.hands()]
        return session.add_hand(box, "left" if sides == ["right"] else "right")

    def _step_joint(self, step: int) -> None:
        """Select the joint with the next smaller (or larger) expected error."""
        session = self.session
        if session.hand_id is None:
            return
        order = session.hand_view(session.hand_id).worst_first
        before_all = -1 if step > 0 else 0
        places = [order.index(joint) for joint in session.joints] or [before_all]
        place = (max(places) if step > 0 else min(places)) + step
        session.select_joints({order[place % len(order)]})

    def _can_see(self, name: str) -> bool:
        seen = self.canvas.seen
        if seen == "failure" and name in OF_A_FAILED_FRAME:
            return True
        return seen == "frame" or name not in OF_A_SEEN_HAND

    def refresh(self) -> None:
        """Enable what can act now."""
        session, actions = self.session, self.actions
        writable = not session.project.read_only
        has_hand = session.hand_id is not None
        seen = self.canvas.seen
        if (writable, has_hand, seen) != self._able:
            self._able = writable, has_hand, seen
            for name in WRITING:
                if name not in OF_A_HAND:
                    actions[name].setEnabled(writable)
            for name in OF_A_HAND:
                may = writable or name not in WRITING
                actions[name].setEnabled(has_hand and may and self._can_see(name))
            for name in ("draw_box", "place_joints"):
                actions[name].setEnabled(writable and seen == "frame")
        actions["undo"].setEnabled(writable and session.can_undo)
        actions["redo"].setEnabled(writable and session.can_redo)


def joint_words(joints: set[int]) -> str:
    """The joint's name, or how many they are."""
    name = JOINT_NAMES[min(joints)]
    return name[:1].upper() + name[1:] if len(joints) == 1 else f"{len(joints)} joints"

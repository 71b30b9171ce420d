"""What is done to a hand and its joints."""

from __future__ import annotations

from typing import Final

from handstudio.ui.actions.spec import ActionSpec, spec

ALONE: Final = (
    "Move the selected joints by one pixel and nothing with them; without Alt a joint is dragged by it"
)

POSING: Final[tuple[ActionSpec, ...]] = (
    spec(
        "draw_box",
        "Draw box",
        "Hand",
        "B",
        "selection-drag",
        "Drag a box about a hand, or set its corners with arrows and Enter; a proposal follows",
        checkable=True,
    ),
    spec(
        "place_joints",
        "Place joints one by one",
        "Hand",
        "G",
        "gesture-tap",
        "Point at the 21 joints in anatomical order: for a hand whose proposal is of no use, or missing",
    ),
    spec("remove_hand", "Remove hand", "Hand", "Delete", "trash-can-outline"),
    spec("turn_left", "Turn the hand left", "Hand", "Ctrl+[", "rotate-left", "By 2°", repeats=True),
    spec("turn_right", "Turn the hand right", "Hand", "Ctrl+]", "rotate-right", "By 2°", repeats=True),
    spec("larger", "Hand larger", "Hand", "Ctrl++ Ctrl+=", "arrow-expand", "By 2 %", repeats=True),
    spec("smaller", "Hand smaller", "Hand", "Ctrl+-", "arrow-collapse", "By 2 %", repeats=True),
    spec("next_hand", "Next hand in frame", "Hand", "H", "hand-front-right-outline"),
    spec(
        "visibility",
        "Visibility of joint",
        "Joint",
        "V",
        "eye-outline",
        "Visible, occluded, outside: of the selected joints",
    ),
    spec(
        "next_joint",
        "Next joint",
        "Joint",
        "Tab",
        "ray-start-arrow",
        "Select the joint with the largest expected error, then the next smaller",
        repeats=True,
    ),
    spec("previous_joint", "Previous joint", "Joint", "Shift+Tab", "ray-end-arrow", repeats=True),
    spec(
        "depth_nearer",
        "Joint nearer",
        "Joint",
        "[",
        "arrow-collapse-down",
        "Move the selected joints towards the camera",
        repeats=True,
    ),
    spec(
        "depth_farther",
        "Joint farther",
        "Joint",
        "]",
        "arrow-expand-up",
        "Move the selected joints away from the camera",
        repeats=True,
    ),
    spec(
        "nudge_left",
        "Nudge left alone",
        "Joint",
        "Alt+Left",
        "",
        ALONE,
        repeats=True,
    ),
    spec(
        "nudge_right",
        "Nudge right alone",
        "Joint",
        "Alt+Right",
        "",
        ALONE,
        repeats=True,
    ),
    spec("nudge_up", "Nudge up alone", "Joint", "Alt+Up", "", ALONE, repeats=True),
    spec(
        "nudge_down",
        "Nudge down alone",
        "Joint",
        "Alt+Down",
        "",
        ALONE,
        repeats=True,
    ),
    spec(
        "refit",
        "Refit after each drag",
        "Joint",
        "Shift+R",
        "",
        "The rest of the hand follows what the model sees; joints that were dragged stay, and so do turns",
        checkable=True,
    ),
    spec(
        "pin",
        "Pin joint",
        "Joint",
        "L",
        "pin-outline",
        "The selected joints stay where they are, whatever is dragged or refitted; or no longer",
    ),
    spec("select_all", "Select all joints", "Joint", "Ctrl+A", "select-all"),
    spec("cancel", "Cancel", "Joint", "Escape", "", "Cancel the drag, the tool or the selection"),
)

"""What the machine is asked to do."""

from __future__ import annotations

from typing import Final

from handstudio.ui.actions.spec import ActionSpec, spec

MACHINE: Final[tuple[ActionSpec, ...]] = (
    spec(
        "propose",
        "Propose",
        "Machine",
        "P",
        "creation",
        "Propose poses for what is not decided, in the background",
    ),
    spec(
        "propose_hand",
        "Propose this hand",
        "Machine",
        "Shift+P",
        "creation-outline",
        "Ask the model for this hand now",
    ),
    spec(
        "finetune",
        "Finetune",
        "Machine",
        "T",
        "school-outline",
        "Adapt the model to this footage, in the background",
    ),
    spec("cancel_job", "Cancel the job", "Machine", "Ctrl+.", "stop-circle-outline"),
    spec(
        "hold_out",
        "Hold-out",
        "Machine",
        "",
        "shield-lock-outline",
        "Keep the current sequence out of training, to judge models on it; or no longer",
    ),
    spec(
        "draw_hold_out",
        "Hold out by lot…",
        "Machine",
        "Ctrl+Shift+H",
        "shield-plus-outline",
        "Draw whole sequences into the hold-out until it is large enough; shown before it is done",
    ),
)

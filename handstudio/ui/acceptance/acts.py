"""The actions of the acceptance dock, which the palette and keys reach as well."""

from __future__ import annotations

from typing import Final

from handstudio.ui.actions import ActionSpec

DRAW: Final = ActionSpec(
    *("draw_sample", "Draw a random sample", "Machine", ("Ctrl+Shift+D",), "mdi6.dice-multiple-outline"),
    "Draw hands by lot, whose review shows what can be promised of the others",
)
REVIEW: Final = ActionSpec(
    *("review_sample", "Review the sample", "Machine", ("Ctrl+Shift+R",), "mdi6.clipboard-list-outline"),
    "Let the queue hold the sampled hands, in the order in which they were drawn; or the hands of before",
)
ACCEPT: Final = ActionSpec(
    *("auto_accept", "Accept automatically", "Machine", ("Ctrl+Shift+A",), "mdi6.shield-check-outline"),
    "Accept all hands up to the expected error of the slider, with its promise; one step of undo",
)
CHECK: Final = ActionSpec(
    *("spot_check", "Spot-check", "Machine", ("Ctrl+Shift+C",), "mdi6.magnify-scan"),
    "Let the queue hold hands drawn at random from those that were accepted automatically",
)

"""The ways from frame to frame and from hand to hand."""

from __future__ import annotations

from typing import Final

from handstudio.ui.actions.spec import ActionSpec, spec

GOING: Final[tuple[ActionSpec, ...]] = (
    spec("previous_frame", "Previous frame", "Go", "Left ,", "chevron-left", repeats=True),
    spec("next_frame", "Next frame", "Go", "Right .", "chevron-right", repeats=True),
    spec("back_10", "Ten frames back", "Go", "Shift+Left PgUp", "chevron-double-left", repeats=True),
    spec("forward_10", "Ten frames on", "Go", "Shift+Right PgDown", "chevron-double-right", repeats=True),
    spec("back_100", "A hundred frames back", "Go", "Ctrl+Left", "", repeats=True),
    spec("forward_100", "A hundred frames on", "Go", "Ctrl+Right", "", repeats=True),
    spec("first_frame", "First frame", "Go", "Home", "page-first"),
    spec("last_frame", "Last frame", "Go", "End", "page-last"),
    spec("go_to_frame", "Go to frame", "Go", "Ctrl+G", "", "Type the number of the frame"),
    spec("play", "Play", "Go", "Y", "play", "Play the sequence from here, or pause it", checkable=True),
    spec("play_faster", "Play faster", "Go", ">", "fast-forward"),
    spec("play_slower", "Play slower", "Go", "<", "rewind"),
    spec("loop", "Loop", "Go", "Ctrl+L", "repeat", "Begin the sequence again at its end", checkable=True),
    spec(
        "next_in_queue", "Next in queue", "Go", "N", "skip-next", "The next hand of the queue", repeats=True
    ),
    spec("previous_in_queue", "Previous in queue", "Go", "Shift+N", "skip-previous", repeats=True),
    spec("next_undecided", "Next undecided", "Go", "M", "progress-question"),
    spec(
        "next_problem",
        "Next with the same problem",
        "Go",
        "J",
        "skip-forward-outline",
        "The next undecided hand with what the order looks for, or what stands out about this hand",
    ),
    spec(
        "next_disagreement",
        "Next disagreement",
        "Go",
        "D",
        "not-equal-variant",
        "The next hand about which two annotators, or two models, disagree, with both poses drawn",
    ),
    spec("previous_disagreement", "Previous disagreement", "Go", "Alt+D", "not-equal-variant"),
    spec("next_mark", "Next marked frame", "Go", "Ctrl+U", "flag-variant-outline", "In any sequence"),
    spec("previous_mark", "Previous marked frame", "Go", "Ctrl+Shift+U", "flag-variant-outline"),
    spec("order", "Order of the queue", "Go", "Ctrl+M", "sort", "Choose which hands come first"),
    spec(
        "filter",
        "Filter the queue",
        "Go",
        "Ctrl+F",
        "filter-outline",
        "Type which hands are in the queue, such as state:proposed error:>6 side:left",
    ),
    spec(
        "filter_by_clicks",
        "Filter by clicks",
        "Go",
        "Ctrl+Shift+F",
        "filter-menu-outline",
        "Choose states, sides, sequences and a range of errors",
    ),
)

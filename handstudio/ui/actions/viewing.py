"""How things are shown: the view, the panes, the colours, the layers over the frame."""

from __future__ import annotations

from typing import Final

from handstudio.ui.actions.spec import ActionSpec, spec
from handstudio.ui.colours import LAYER_KEYS, LAYERS

LAYER_TIPS: Final = {
    "map": "Show or hide what the model sees of the hand: one of the maps that it shows",
    "trail": "Show or hide where the selected joints (else the fingertips) were before and are after this",
}
"""Of layers that their names alone do not explain."""

VIEWING: Final[tuple[ActionSpec, ...]] = (
    spec("zoom_in", "Zoom in", "View", "+ =", "magnify-plus-outline", repeats=True),
    spec("zoom_out", "Zoom out", "View", "-", "magnify-minus-outline", repeats=True),
    spec("zoom_fit", "Fit the frame", "View", "0", "fit-to-page-outline"),
    *(
        spec(
            f"pan_{way}",
            f"Pan {words}",
            "View",
            f"Ctrl+Shift+{way.capitalize()}",
            "",
            f"Show more of what lies {where}",
            repeats=True,
        )
        for way, words, where in (
            ("left", "to the left", "at the left"),
            ("right", "to the right", "at the right"),
            ("up", "upwards", "above"),
            ("down", "downwards", "below"),
        )
    ),
    spec("zoom_hand", "Zoom to the hand", "View", "Z", "image-filter-center-focus"),
    spec(
        "turn_view_left",
        "Turn the view left",
        "View",
        "Alt+[",
        "rotate-left-variant",
        "By 15°; labels and coordinates stay as they are",
        repeats=True,
    ),
    spec(
        "turn_view_right",
        "Turn the view right",
        "View",
        "Alt+]",
        "rotate-right-variant",
        "By 15°; labels and coordinates stay as they are",
        repeats=True,
    ),
    spec("turn_view_to", "Turn the view to an angle", "View", "Ctrl+Alt+0", "", "By slider or in figures"),
    spec("turn_view_back", "View upright", "View", "Alt+0", "arrow-up-bold-box-outline"),
    spec(
        "inset",
        "Enlarged hand",
        "View",
        "I",
        "picture-in-picture-top-right",
        "Show the hand enlarged in a corner",
        checkable=True,
    ),
    spec(
        "key_cursor",
        "Crosshair for keys",
        "View",
        "F2",
        "crosshairs",
        "Arrows move a crosshair over the frame, Enter takes hold of what it points at and lets go of it",
        checkable=True,
    ),
    spec(
        "magnifier",
        "Magnifier",
        "View",
        "Shift+F3",
        "magnify-expand",
        "A lens follows the mouse, or the crosshair for keys, over the frame",
        checkable=True,
    ),
    spec(
        "hold_magnifier",
        "Magnifier while held",
        "View",
        "F3",
        "",
        "A lens as long as the key is held: wheel, + and - change it, what is dragged moves more slowly",
    ),
    spec(
        "hide_overlays",
        "Hide every layer",
        "View",
        "O",
        "layers-off-outline",
        "See the bare frame",
        checkable=True,
    ),
    spec(
        "thumbnails",
        "Pictures in the queue",
        "View",
        "Ctrl+Shift+T",
        "image-multiple-outline",
        "A small picture of each hand beside its name",
        checkable=True,
    ),
    spec("exposure", "Brightness and contrast", "View", "X", "brightness-6", "And gamma, over a histogram"),
    spec(
        "measure_doubt",
        "Joints' doubt",
        "View",
        "",
        "chart-bell-curve",
        "Expected errors, queue and timeline go by how unsure the model is of each joint (the best measure)",
        checkable=True,
    ),
    spec(
        "measure_c",
        "The method's C",
        "View",
        "",
        "alpha-c-box-outline",
        "Expected errors, queue and timeline go by the method's own measure (SemiHand: Eq. 8)",
        checkable=True,
    ),
    spec(
        "agreement",
        "Agreement",
        "View",
        "Ctrl+Shift+G",
        "account-group",
        "How far two annotators agree: poses, states, and where they disagree",
    ),
    spec(
        "sessions", "Sessions", "View", "", "clipboard-clock-outline", "Who decided how much, and how quickly"
    ),
    spec(
        "rest_reminder",
        "Remind me to rest",
        "View",
        "",
        "",
        "After fifty minutes without a break",
        checkable=True,
    ),
    spec("theme_system", "Follow the system's colours", "View", "", "theme-light-dark"),
    spec("theme_dark", "Dark", "View", "", "weather-night"),
    spec("theme_light", "Light", "View", "", "weather-sunny"),
    spec("theme_contrast", "High contrast", "View", "", "contrast-circle"),
    spec("reset_layout", "Reset the layout", "View", "", "view-dashboard-outline"),
    spec("full_screen", "Full screen", "View", "F11", "fullscreen", checkable=True),
    spec("next_pane", "Next pane", "View", "F6", "dock-window", "Give the keys to the next dock"),
    spec("previous_pane", "Previous pane", "View", "Shift+F6", "dock-window"),
    spec(
        "float_pane",
        "Float the pane",
        "View",
        "",
        "dock-window",
        "Let the dock that has the keys float beside the window, or put it back",
    ),
    spec("to_canvas", "Back to the frame", "View", "F4", "dock-window", "Give the keys to the canvas"),
    spec(
        "show_maps",
        "All maps",
        "View",
        "",
        "view-grid-outline",
        "Show all maps that the model has of the hand, side by side",
    ),
    spec(
        "show_acceptance",
        "Acceptance",
        "View",
        "Ctrl+Shift+P",
        "shield-check-outline",
        "Let the machine accept what was reviewed by lot, with a promise",
    ),
    *(
        ActionSpec(
            f"layer_{name}",
            style.title,
            "Layers",
            (LAYER_KEYS[name],),
            None,
            LAYER_TIPS.get(name, f"Show or hide the layer: {style.title.lower()}"),
            checkable=True,
        )
        for name, style in LAYERS.items()
    ),
    spec("next_map", "Next map", "Layers", "Shift+A", "", "Lay the model's next map over the hand"),
    spec(
        "depth_range",
        "Range of depth",
        "Layers",
        "Ctrl+7",
        "",
        "Set between which depths, in mm, the colours of the depth map lie",
    ),
    spec(
        "trail_length",
        "Length of trails",
        "Layers",
        "Shift+K",
        "",
        "5, 10, 20 or 40 frames before and after this one",
    ),
)

"""Every action of the window: its name, title, keys, icon and group, in one registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from handstudio.ui.colours import LAYER_KEYS, LAYERS
from handstudio.ui.theme import Theme


@dataclass(frozen=True)
class ActionSpec:
    """One action as data. ``keys`` in Qt's portable notation; the first is shown."""

    name: str
    title: str
    group: str
    keys: tuple[str, ...] = ()
    icon: str | None = None
    tip: str = ""
    checkable: bool = False
    repeats: bool = False


def _spec(
    name: str, title: str, group: str, keys: str = "", icon: str = "", tip: str = "", **more: bool
) -> ActionSpec:
    return ActionSpec(name, title, group, tuple(keys.split()), f"mdi6.{icon}" if icon else None, tip, **more)


LAYER_TIPS: Final = {
    "map": "Show or hide what the model sees of the hand: one of the maps that it shows",
    "trail": "Show or hide where the selected joints (else the fingertips) were before and are after this",
}
"""Of layers that their names alone do not explain."""

SPECS: Final[tuple[ActionSpec, ...]] = (
    _spec("open_project", "Open project…", "Project", "Ctrl+Shift+O", "folder-open-outline"),
    _spec("new_project", "New project…", "Project", "Ctrl+Shift+N", "folder-plus-outline"),
    _spec(
        "import_folder",
        "Import folder…",
        "Project",
        "Ctrl+O",
        "folder-image",
        "Import a folder of images or a recording; nothing is copied",
    ),
    _spec(
        "import_video", "Import video…", "Project", "Ctrl+I", "filmstrip", "Import a video; nothing is copied"
    ),
    _spec("export", "Export labels…", "Project", "Ctrl+E", "export-variant"),
    _spec("open_example", "Open the example", "Project", "", "hand-wave-outline"),
    _spec(
        "reviewer",
        "Reviewer…",
        "Project",
        "Ctrl+Alt+U",
        "account-edit-outline",
        "Who reviews from now on: the name that is kept with every decision",
    ),
    _spec(
        "verify_own",
        "Verify one's own decisions",
        "Project",
        "",
        "",
        "For teams of one: people may verify what they decided themselves, in this project",
        checkable=True,
    ),
    _spec("quit", "Quit", "Project", "Ctrl+Q", "exit-to-app"),
    _spec("undo", "Undo", "Edit", "Ctrl+Z", "undo", "Undo without end, also tomorrow"),
    _spec("redo", "Redo", "Edit", "Ctrl+Shift+Z Ctrl+Y", "redo"),
    _spec(
        "cancel_step",
        "Cancel the large step",
        "Edit",
        "Ctrl+Alt+Z",
        "stop-circle-outline",
        "Cancel the undo, redo or acceptance of many hands that is under way: all is as it was before",
    ),
    _spec("accept", "Accept", "Decide", "Space", "check-bold", "Accept the pose that is shown and go on"),
    _spec(
        "take_correction",
        "Take correction",
        "Decide",
        "C",
        "auto-fix",
        "Accept the corrected pose; only the selected joints when some are selected",
    ),
    _spec("reject", "Reject", "Decide", "R", "close-thick", "There is no usable hand here"),
    _spec("skip", "Skip", "Decide", "S", "debug-step-over", "Leave it undecided for later and go on"),
    _spec(
        "go_on", "Go on after a decision", "Decide", "", "", "Show the next undecided hand", checkable=True
    ),
    _spec("reset", "Back to undecided", "Decide", "Backspace", "backup-restore"),
    _spec("flip_side", "Flip side", "Decide", "F", "swap-horizontal", "Left hand or right hand"),
    _spec(
        "swap_fingers",
        "Swap two fingers",
        "Decide",
        "W",
        "swap-vertical",
        "Exchange the two fingers of the selected joints",
    ),
    _spec(
        "shift_fingers",
        "Shift fingers",
        "Decide",
        "Shift+W",
        "rotate-right",
        "Each finger takes the place of the next one from the thumb",
    ),
    _spec(
        "reverse_fingers",
        "Reverse fingers",
        "Decide",
        "Ctrl+R",
        "swap-horizontal-bold",
        "The fingers in the opposite order: the palm was taken for the back",
    ),
    _spec("copy_previous", "Copy from previous frame", "Decide", "Ctrl+D", "content-copy"),
    _spec("copy_next", "Copy from next frame", "Decide", "Ctrl+Alt+D", "content-paste"),
    _spec(
        "interpolate",
        "Interpolate",
        "Decide",
        "Ctrl+B",
        "vector-line",
        "Fill the undecided hands between the decided one before and the one after",
    ),
    _spec(
        "carry_forward",
        "Carry the label forward",
        "Decide",
        "Shift+D",
        "fast-forward-outline",
        "Re-propose the next frames with this label as a prior, until it can be trusted no more",
    ),
    _spec(
        "verify",
        "Verify",
        "Decide",
        "Q",
        "check-decagram-outline",
        "Somebody else's decision is right: its label stays; once more takes it back",
    ),
    _spec(
        "send_back",
        "Send back…",
        "Decide",
        "Shift+Q",
        "undo-variant",
        "Give the hand back to be decided anew, with the reason",
    ),
    _spec(
        "second_review",
        "Hands to verify",
        "Decide",
        "Ctrl+Shift+V",
        "account-multiple-check-outline",
        "Let the queue hold what others decided and nobody verified yet",
    ),
    _spec(
        "blind",
        "Annotate blind",
        "Decide",
        "Ctrl+Shift+K",
        "eye-off-outline",
        "Decide hands of others, drawn by lot from the queue, without seeing what they said; to compare",
        checkable=True,
    ),
    _spec(
        "mark",
        "Mark the frame",
        "Decide",
        "U",
        "flag-outline",
        "By the word that was used last, such as blurred; or take its mark away",
    ),
    _spec(
        "mark_as",
        "Mark the frame as…",
        "Decide",
        "Shift+U",
        "flag-plus-outline",
        "Choose by which word: a kind, or one of your own",
    ),
    _spec("note", "Note on the hand", "Decide", "E", "note-edit-outline", "Write a note in the inspector"),
    _spec(
        "draw_box",
        "Draw box",
        "Hand",
        "B",
        "selection-drag",
        "Drag a box about a hand; a proposal follows",
        checkable=True,
    ),
    _spec(
        "place_joints",
        "Place joints one by one",
        "Hand",
        "G",
        "gesture-tap",
        "Click the 21 joints in anatomical order: for a hand whose proposal is of no use, or missing",
    ),
    _spec("remove_hand", "Remove hand", "Hand", "Delete", "trash-can-outline"),
    _spec("turn_left", "Turn the hand left", "Hand", "Ctrl+[", "rotate-left", "By 2°", repeats=True),
    _spec("turn_right", "Turn the hand right", "Hand", "Ctrl+]", "rotate-right", "By 2°", repeats=True),
    _spec("larger", "Hand larger", "Hand", "Ctrl++ Ctrl+=", "arrow-expand", "By 2 %", repeats=True),
    _spec("smaller", "Hand smaller", "Hand", "Ctrl+-", "arrow-collapse", "By 2 %", repeats=True),
    _spec("next_hand", "Next hand in frame", "Hand", "H", "hand-front-right-outline"),
    _spec(
        "visibility",
        "Visibility of joint",
        "Joint",
        "V",
        "eye-outline",
        "Visible, occluded, outside: of the selected joints",
    ),
    _spec(
        "next_joint",
        "Next joint",
        "Joint",
        "Tab",
        "ray-start-arrow",
        "Select the joint with the largest expected error, then the next smaller",
        repeats=True,
    ),
    _spec("previous_joint", "Previous joint", "Joint", "Shift+Tab", "ray-end-arrow", repeats=True),
    _spec(
        "depth_nearer",
        "Joint nearer",
        "Joint",
        "[",
        "arrow-collapse-down",
        "Move the selected joints towards the camera",
        repeats=True,
    ),
    _spec(
        "depth_farther",
        "Joint farther",
        "Joint",
        "]",
        "arrow-expand-up",
        "Move the selected joints away from the camera",
        repeats=True,
    ),
    _spec(
        "nudge_left",
        "Nudge left",
        "Joint",
        "Alt+Left",
        "",
        "Move the selected joints by one pixel",
        repeats=True,
    ),
    _spec(
        "nudge_right",
        "Nudge right",
        "Joint",
        "Alt+Right",
        "",
        "Move the selected joints by one pixel",
        repeats=True,
    ),
    _spec(
        "nudge_up", "Nudge up", "Joint", "Alt+Up", "", "Move the selected joints by one pixel", repeats=True
    ),
    _spec(
        "nudge_down",
        "Nudge down",
        "Joint",
        "Alt+Down",
        "",
        "Move the selected joints by one pixel",
        repeats=True,
    ),
    _spec(
        "refit",
        "Refit after each drag",
        "Joint",
        "Shift+R",
        "",
        "The rest of the hand follows what the model sees; joints that were dragged stay",
        checkable=True,
    ),
    _spec(
        "pin",
        "Pin joint",
        "Joint",
        "L",
        "pin-outline",
        "The selected joints stay where they are, whatever is dragged or refitted; or no longer",
    ),
    _spec("select_all", "Select all joints", "Joint", "Ctrl+A", "select-all"),
    _spec("cancel", "Cancel", "Joint", "Escape", "", "Cancel the drag, the tool or the selection"),
    _spec("previous_frame", "Previous frame", "Go", "Left ,", "chevron-left", repeats=True),
    _spec("next_frame", "Next frame", "Go", "Right .", "chevron-right", repeats=True),
    _spec("back_10", "Ten frames back", "Go", "Shift+Left PgUp", "chevron-double-left", repeats=True),
    _spec("forward_10", "Ten frames on", "Go", "Shift+Right PgDown", "chevron-double-right", repeats=True),
    _spec("back_100", "A hundred frames back", "Go", "Ctrl+Left", "", repeats=True),
    _spec("forward_100", "A hundred frames on", "Go", "Ctrl+Right", "", repeats=True),
    _spec("first_frame", "First frame", "Go", "Home", "page-first"),
    _spec("last_frame", "Last frame", "Go", "End", "page-last"),
    _spec("go_to_frame", "Go to frame", "Go", "Ctrl+G", "", "Type the number of the frame"),
    _spec("play", "Play", "Go", "Y", "play", "Play the sequence from here, or pause it", checkable=True),
    _spec("play_faster", "Play faster", "Go", ">", "fast-forward"),
    _spec("play_slower", "Play slower", "Go", "<", "rewind"),
    _spec("loop", "Loop", "Go", "Ctrl+L", "repeat", "Begin the sequence again at its end", checkable=True),
    _spec(
        "next_in_queue", "Next in queue", "Go", "N", "skip-next", "The next hand of the queue", repeats=True
    ),
    _spec("previous_in_queue", "Previous in queue", "Go", "Shift+N", "skip-previous", repeats=True),
    _spec("next_undecided", "Next undecided", "Go", "M", "progress-question"),
    _spec(
        "bulk",
        "All hands of the queue…",
        "Decide",
        "Ctrl+Shift+B",
        "checkbox-multiple-marked-outline",
        "One decision about all hands of the filter: accept, take correction, reject, skip, propose again",
    ),
    _spec(
        "next_problem",
        "Next with the same problem",
        "Go",
        "J",
        "skip-forward-outline",
        "The next undecided hand with what the order looks for, or what stands out about this hand",
    ),
    _spec(
        "next_disagreement",
        "Next disagreement",
        "Go",
        "D",
        "not-equal-variant",
        "The next hand about which two annotators disagree, with both poses drawn",
    ),
    _spec("previous_disagreement", "Previous disagreement", "Go", "Alt+D", "not-equal-variant"),
    _spec("next_mark", "Next marked frame", "Go", "Ctrl+U", "flag-variant-outline", "In any sequence"),
    _spec("previous_mark", "Previous marked frame", "Go", "Ctrl+Shift+U", "flag-variant-outline"),
    _spec("order", "Order of the queue", "Go", "Ctrl+M", "sort", "Choose which hands come first"),
    _spec(
        "filter",
        "Filter the queue",
        "Go",
        "Ctrl+F",
        "filter-outline",
        "Type which hands are in the queue, such as state:proposed error:>6 side:left",
    ),
    _spec(
        "filter_by_clicks",
        "Filter by clicks",
        "Go",
        "Ctrl+Shift+F",
        "filter-menu-outline",
        "Choose states, sides, sequences and a range of errors",
    ),
    _spec(
        "propose",
        "Propose",
        "Machine",
        "P",
        "creation",
        "Propose poses for what is not decided, in the background",
    ),
    _spec(
        "propose_hand",
        "Propose this hand",
        "Machine",
        "Shift+P",
        "creation-outline",
        "Ask the model for this hand now",
    ),
    _spec(
        "finetune",
        "Finetune",
        "Machine",
        "T",
        "school-outline",
        "Adapt the model to this footage, in the background",
    ),
    _spec("cancel_job", "Cancel the job", "Machine", "Ctrl+.", "stop-circle-outline"),
    _spec(
        "hold_out",
        "Hold-out",
        "Machine",
        "",
        "shield-lock-outline",
        "Keep the current sequence out of training, to judge models on it; or no longer",
    ),
    _spec(
        "draw_hold_out",
        "Hold out by lot…",
        "Machine",
        "Ctrl+Shift+H",
        "shield-plus-outline",
        "Draw whole sequences into the hold-out until it is large enough; shown before it is done",
    ),
    _spec("zoom_in", "Zoom in", "View", "+ =", "magnify-plus-outline", repeats=True),
    _spec("zoom_out", "Zoom out", "View", "-", "magnify-minus-outline", repeats=True),
    _spec("zoom_fit", "Fit the frame", "View", "0", "fit-to-page-outline"),
    _spec("zoom_hand", "Zoom to the hand", "View", "Z", "image-filter-center-focus"),
    _spec(
        "turn_view_left",
        "Turn the view left",
        "View",
        "Alt+[",
        "rotate-left-variant",
        "By 15°; labels and coordinates stay as they are",
        repeats=True,
    ),
    _spec(
        "turn_view_right",
        "Turn the view right",
        "View",
        "Alt+]",
        "rotate-right-variant",
        "By 15°; labels and coordinates stay as they are",
        repeats=True,
    ),
    _spec("turn_view_to", "Turn the view to an angle", "View", "Ctrl+Alt+0", "", "By slider or in figures"),
    _spec("turn_view_back", "View upright", "View", "Alt+0", "arrow-up-bold-box-outline"),
    _spec(
        "inset",
        "Enlarged hand",
        "View",
        "I",
        "picture-in-picture-top-right",
        "Show the hand enlarged in a corner",
        checkable=True,
    ),
    _spec(
        "magnifier",
        "Magnifier",
        "View",
        "Shift+F3",
        "magnify-expand",
        "A lens follows the mouse over the frame",
        checkable=True,
    ),
    _spec(
        "hold_magnifier",
        "Magnifier while held",
        "View",
        "F3",
        "",
        "A lens as long as the key is held: the wheel changes it, what is dragged moves more slowly",
    ),
    _spec(
        "hide_overlays",
        "Hide every layer",
        "View",
        "O",
        "layers-off-outline",
        "See the bare frame",
        checkable=True,
    ),
    _spec("exposure", "Brightness and contrast", "View", "X", "brightness-6", "And gamma, over a histogram"),
    _spec(
        "measure_doubt",
        "Joints' doubt",
        "View",
        "",
        "chart-bell-curve",
        "Expected errors, queue and timeline go by how unsure the model is of each joint (the best measure)",
        checkable=True,
    ),
    _spec(
        "measure_c",
        "SemiHand's C",
        "View",
        "",
        "alpha-c-box-outline",
        "Expected errors, queue and timeline go by C of SemiHand Eq. 8: stability and plausibility",
        checkable=True,
    ),
    _spec(
        "agreement",
        "Agreement",
        "View",
        "Ctrl+Shift+G",
        "account-group",
        "How far two annotators agree: poses, states, and where they disagree",
    ),
    _spec(
        "sessions", "Sessions", "View", "", "clipboard-clock-outline", "Who decided how much, and how quickly"
    ),
    _spec(
        "rest_reminder",
        "Remind me to rest",
        "View",
        "",
        "",
        "After fifty minutes without a break",
        checkable=True,
    ),
    _spec("theme_system", "Follow the system's colours", "View", "", "theme-light-dark"),
    _spec("theme_dark", "Dark", "View", "", "weather-night"),
    _spec("theme_light", "Light", "View", "", "weather-sunny"),
    _spec("theme_contrast", "High contrast", "View", "", "contrast-circle"),
    _spec("reset_layout", "Reset the layout", "View", "", "view-dashboard-outline"),
    _spec("full_screen", "Full screen", "View", "F11", "fullscreen", checkable=True),
    _spec("next_pane", "Next pane", "View", "F6", "dock-window", "Give the keys to the next dock"),
    _spec("previous_pane", "Previous pane", "View", "Shift+F6", "dock-window"),
    _spec("to_canvas", "Back to the frame", "View", "F4", "dock-window", "Give the keys to the canvas"),
    _spec("palette", "Command palette", "Help", "Ctrl+K", "magnify"),
    _spec("help", "Help", "Help", "F1", "help-circle-outline", "The manual, with the keys in force"),
    _spec("shortcuts", "Keys", "Help", "?", "keyboard-outline", "What every key does, and other keys for it"),
    _spec("about", "About HandStudio", "Help", "", "information-outline"),
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
    _spec(
        "show_maps",
        "All maps",
        "View",
        "",
        "view-grid-outline",
        "Show all maps that the model has of the hand, side by side",
    ),
    _spec(
        "show_acceptance",
        "Acceptance",
        "View",
        "Ctrl+Shift+P",
        "shield-check-outline",
        "Let the machine accept what was reviewed by lot, with a promise",
    ),
    _spec("next_map", "Next map", "Layers", "Shift+A", "", "Lay the model's next map over the hand"),
    _spec(
        "depth_range",
        "Range of depth",
        "Layers",
        "Ctrl+7",
        "",
        "Set between which depths, in mm, the colours of the depth map lie",
    ),
    _spec(
        "trail_length",
        "Length of trails",
        "Layers",
        "Shift+K",
        "",
        "5, 10, 20 or 40 frames before and after this one",
    ),
)


class Actions(QObject):
    """The window's actions as ``QAction`` objects, by name.

    A widget asks for ``actions["accept"]`` to show it, and ``actions.on("accept", slot)`` says what it does.
    """

    added = Signal(QAction)
    """A dock has registered an action of its own."""
    keys_changed = Signal(str)
    """An action has other keys: its name."""

    def __init__(
        self, theme: Theme, settings: QSettings | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._settings = settings
        self._specs = {spec.name: spec for spec in SPECS}
        self._actions = {spec.name: self._build(spec) for spec in SPECS}
        theme.changed.connect(self.refresh_icons)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def __iter__(self) -> Iterator[ActionSpec]:
        return iter(list(self._specs.values()))

    def all(self) -> list[QAction]:
        """Every action, the registry's first."""
        return list(self._actions.values())

    def on(self, name: str, slot: Callable[..., object]) -> None:
        """Say what an action does; a checkable one passes whether it is checked."""
        action = self._actions[name]
        if action.isCheckable():
            action.toggled.connect(slot)
        else:
            action.triggered.connect(lambda _checked=False: slot())

    def add(self, spec: ActionSpec, slot: Callable[..., object]) -> QAction:
        """Register an action that is not in ``SPECS`` (a plugin's, a dock's own)."""
        action = self._build(spec)
        self._specs[spec.name], self._actions[spec.name] = spec, action
        if spec.icon is not None:
            action.setIcon(self._theme.icon(spec.icon))
        self.on(spec.name, slot)
        self.added.emit(action)
        return action

    def set_icon(self, name: str, icon: str) -> None:
        """Another icon for an action, from now on."""
        if self._specs[name].icon != icon:
            self._specs[name] = replace(self._specs[name], icon=icon)
            self._actions[name].setIcon(self._theme.icon(icon))

    def group(self, title: str) -> list[QAction]:
        """The actions of one group, in the registry's order."""
        return [self._actions[spec.name] for spec in self if spec.group == title]

    def keys(self, name: str) -> list[str]:
        """The keys of an action, as the platform writes them."""
        native = QKeySequence.SequenceFormat.NativeText
        return [key.toString(native) for key in self._actions[name].shortcuts()]

    def set_keys(self, name: str, keys: list[str]) -> None:
        """Change the keys of an action (portable notation); remembered."""
        self._actions[name].setShortcuts([QKeySequence(key) for key in keys])
        self._actions[name].setToolTip(tooltip(self._actions[name]))
        if self._settings is not None:
            self._settings.setValue(f"keys/{name}", keys)
        self.keys_changed.emit(name)

    def conflicts(self) -> list[tuple[str, str, str]]:
        """Pairs of actions that share a key, as ``(key, first, second)``."""
        found: list[tuple[str, str, str]] = []
        seen: dict[str, str] = {}
        for name, action in self._actions.items():
            for key in action.shortcuts():
                text = key.toString()
                if text in seen:
                    found.append((text, seen[text], name))
                seen.setdefault(text, name)
        return found

    def refresh_icons(self) -> None:
        """Paint the icons in the colours in force."""
        for spec in self:
            if spec.icon is not None:
                self._actions[spec.name].setIcon(self._theme.icon(spec.icon))

    def _build(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.title, self)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        action.setAutoRepeat(spec.repeats)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        keys: list[str] = list(spec.keys)
        if self._settings is not None:
            stored = self._settings.value(f"keys/{spec.name}")
            if stored is not None:
                keys = [str(stored)] if isinstance(stored, str) else [str(key) for key in stored]
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setStatusTip(spec.tip)
        action.setProperty("group", spec.group)
        action.setToolTip(tooltip(action))
        return action


def tooltip(action: QAction) -> str:
    """Title, key and, on a second line, what the action is for."""
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    title = action.text().rstrip("…")
    first = f"{title} ({key})" if key else title
    return f"{first}\n{action.statusTip()}" if action.statusTip() else first

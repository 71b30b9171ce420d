"""Menu bar and tool bar, from the registry of actions."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from handstudio.ui.actions import Actions

MENUS: Final[tuple[tuple[str, tuple[str | None, ...]], ...]] = (
    (
        "Project",
        (
            "import_folder",
            "import_video",
            None,
            "new_project",
            "open_project",
            "open_example",
            None,
            "export",
            None,
            "reviewer",
            "verify_own",
            None,
            "quit",
        ),
    ),
    (
        "Edit",
        (
            "undo",
            "redo",
            "cancel_step",
            None,
            "draw_box",
            "place_joints",
            "remove_hand",
            "next_hand",
            None,
            "refit",
            None,
            "select_all",
            "next_joint",
            "previous_joint",
            "visibility",
            "pin",
            "depth_nearer",
            "depth_farther",
            "nudge_left",
            "nudge_right",
            "nudge_up",
            "nudge_down",
            None,
            "turn_left",
            "turn_right",
            "larger",
            "smaller",
        ),
    ),
    (
        "Decide",
        (
            "accept",
            "take_correction",
            "reject",
            "skip",
            "reset",
            None,
            "flip_side",
            "swap_fingers",
            "shift_fingers",
            "reverse_fingers",
            None,
            "copy_previous",
            "copy_next",
            "interpolate",
            "carry_forward",
            None,
            "verify",
            "send_back",
            "second_review",
            "blind",
            None,
            "mark",
            "mark_as",
            "note",
            None,
            "bulk",
            "go_on",
        ),
    ),
    (
        "Go",
        (
            "previous_frame",
            "next_frame",
            "back_10",
            "forward_10",
            "back_100",
            "forward_100",
            "first_frame",
            "last_frame",
            "go_to_frame",
            None,
            "play",
            "play_slower",
            "play_faster",
            "loop",
            None,
            "next_in_queue",
            "previous_in_queue",
            "next_undecided",
            "next_problem",
            "next_mark",
            "previous_mark",
            "next_disagreement",
            "previous_disagreement",
            None,
            "order",
            "filter",
            "filter_by_clicks",
        ),
    ),
    (
        "Machine",
        ("propose", "propose_hand", None, "finetune", "hold_out", "draw_hold_out", None, "cancel_job"),
    ),
    ("Help", ("help", "palette", "shortcuts", None, "about")),
)

TOOLS: Final[tuple[str | None, ...]] = (
    "import_folder",
    "import_video",
    None,
    "undo",
    "redo",
    None,
    "previous_frame",
    "next_frame",
    "next_in_queue",
    None,
    "accept",
    "take_correction",
    "reject",
    "skip",
    None,
    "flip_side",
    "visibility",
    "draw_box",
    "place_joints",
    None,
    "zoom_hand",
    "zoom_fit",
    "inset",
    "exposure",
)

WITH_TEXT: Final = ("propose", "finetune")


def add_menus(window: QMainWindow, actions: Actions) -> QMenu:
    """Fill the menu bar; returns the View menu, to which the docks' switches are added."""
    view: QMenu | None = None
    for title, names in MENUS:
        if title == "Machine":
            view = window.menuBar().addMenu("View")
            _fill_view(view, actions)
        menu = window.menuBar().addMenu(title)
        for name in names:
            if name is None:
                menu.addSeparator()
            else:
                menu.addAction(actions[name])
    return view


def _fill_view(menu: QMenu, actions: Actions) -> None:
    layers = menu.addMenu("Layers")
    for action in actions.group("Layers"):
        layers.addAction(action)
    layers.addSeparator()
    layers.addAction(actions["hide_overlays"])
    for name in (
        "zoom_in",
        "zoom_out",
        "zoom_fit",
        "zoom_hand",
        "pan_left",
        "pan_right",
        "pan_up",
        "pan_down",
        None,
        "turn_view_left",
        "turn_view_right",
        "turn_view_to",
        "turn_view_back",
        None,
        "thumbnails",
        "inset",
        "magnifier",
        "key_cursor",
        "exposure",
        None,
    ):
        if name is None:
            menu.addSeparator()
        else:
            menu.addAction(actions[name])
    measures = menu.addMenu("Measure of confidence")
    for name in ("measure_doubt", "measure_c"):
        measures.addAction(actions[name])
    colours = menu.addMenu("Colours")
    for name in ("theme_system", "theme_dark", "theme_light", "theme_contrast"):
        colours.addAction(actions[name])
    menu.addAction(actions["agreement"])
    menu.addAction(actions["sessions"])
    menu.addAction(actions["rest_reminder"])
    menu.addSeparator()
    menu.addAction(actions["float_pane"])
    menu.addAction(actions["full_screen"])
    menu.addAction(actions["reset_layout"])
    menu.addSeparator()


class ToolBar(QToolBar):
    """Where there is no room for names, icons alone say what the named buttons do."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.named: list[QToolButton] = []

    def show_more_by(self, icon: QIcon) -> None:
        """How the button looks that shows what has no room; the style's own is black."""
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is not None:
            more.setIcon(icon)
            more.setToolTip("More tools")
            more.setAccessibleName("More tools")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        with_names, icons = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
            Qt.ToolButtonStyle.ToolButtonIconOnly,
        )
        needed = self.sizeHint().width()
        for button in self.named:
            if button.toolButtonStyle() == icons:
                needed += button.fontMetrics().horizontalAdvance(button.text()) + 8
        style = with_names if needed <= self.width() else icons
        for button in self.named:
            button.setToolButtonStyle(style)


def add_tool_bar(window: QMainWindow, actions: Actions) -> QToolBar:
    """The one tool bar: icons 20 px, the two acts of the machine with their names at the right."""
    bar = ToolBar("Tools", window)
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for name in TOOLS:
        if name is None:
            bar.addSeparator()
        else:
            bar.addAction(actions[name])
    gap = QWidget()
    gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(gap)
    for name in WITH_TEXT:
        button = QToolButton()
        button.setDefaultAction(actions[name])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setObjectName("machine")
        bar.named.append(button)
        bar.addWidget(button)
    bar.addAction(actions["palette"])
    for button in bar.findChildren(QToolButton):
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the canvas
    window.addToolBar(bar)
    return bar

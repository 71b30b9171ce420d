"""The list of keys, where each can be changed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from handstudio.ui.actions import Actions
from handstudio.ui.captioned import NOTHING, spoken
from handstudio.ui.command_palette import match
from handstudio.ui.room import resize_within_screen

MOUSE: tuple[tuple[str, str], ...] = (
    ("Select a joint", "Click"),
    ("Select more joints", "Ctrl+click, or drag over nothing (Ctrl: add to those selected)"),
    ("Move the selected joints together", "Drag one of them"),
    ("Move a joint with its finger", "Drag"),
    ("Move one joint freely", "Shift+drag"),
    ("Depth of a joint", "Wheel while dragging, Alt+wheel"),
    ("Move a joint with its finger by 1 px", "Arrows (Shift for 5 px)"),
    ("Move one joint alone by 1 px", "Alt+arrows"),
    ("Turn the hand", "Drag the ring around its wrist"),
    ("Scale the hand", "Drag a square at its corners (Shift: about the wrist)"),
    ("Pin a joint, or free it", "Right click"),
    ("Change a box", "Drag its corners"),
    ("Placing joints: guess a hidden one", "V, right click"),
    ("Placing joints: take the last one back", "Backspace"),
    ("Zoom at the cursor", "Wheel"),
    ("Magnifier: larger, smaller", "Its key held, and the wheel"),
    ("Drag finely under the magnifier", "Its key held while dragging"),
    ("Pan", "Middle button, or Space+drag"),
)


BY_KEYS: tuple[tuple[str, str], ...] = (
    ("Move the crosshair for keys (F2)", "Arrows; Shift: 10 px, Ctrl: 100 px"),
    ("Take hold at the crosshair, let go", "Enter (Shift, Ctrl: as with the mouse)"),
    ("Crosshair to the next joint", "Tab"),
    ("Crosshair to corners and the ring", "Page keys"),
    ("Depth of what the crosshair holds", "Brackets"),
    ("Give back what is held; put the crosshair away", "Escape"),
    ("Draw a box", "B, arrows, Enter, arrows, Enter"),
    ("Place joints", "G, then arrows and Enter"),
    ("Magnifier: larger, smaller, finer steps", "Its key held, and + or - or arrows"),
    ("3D view: turn, move, zoom, show all", "Arrows, Shift+arrows, + and -, 0"),
    ("3D view: move the selected joint", "Enter, arrows, brackets, Enter"),
    ("Timeline: zoom, all frames", "+ and -, 0"),
)
"""What keys do where they are, beside the actions."""


class ShortcutList(QDialog):
    """Every action with its key; not modal."""

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Keys")
        self.setModal(False)
        self.actions_of_window = actions
        self.field = QLineEdit(placeholderText="Words of an action, or its key")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("Find an action by its words or its key")
        self.field.textChanged.connect(self._show_those_meant)
        self.field.returnPressed.connect(self._choose_first)
        self.tree = QTreeWidget(columnCount=2)
        self.tree.setAccessibleName("Actions and their keys")
        self.tree.setHeaderLabels(["Action", "Key"])
        self.tree.setRootIsDecorated(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.currentItemChanged.connect(self._chosen)
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.keySequenceChanged.connect(self._speak)
        self.apply = QPushButton("Use this key", autoDefault=False)
        self.apply.clicked.connect(self._use)
        self.note = QLabel(wordWrap=True)
        self.note.setProperty("secondary", True)
        row = QHBoxLayout()
        row.addWidget(self.edit, 1)
        self.apply.setMinimumWidth(self.apply.fontMetrics().horizontalAdvance(self.apply.text()) + 32)
        row.addWidget(self.apply)
        layout = QVBoxLayout(self)
        layout.addWidget(self.field)
        layout.addWidget(self.tree, 1)
        layout.addLayout(row)
        layout.addWidget(self.note)
        em = self.fontMetrics().averageCharWidth()
        resize_within_screen(self, QSize(116 * em, 107 * em))
        actions.added.connect(self._fill)
        self._fill()

    def _fill(self, *_added: object) -> None:
        self.tree.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        for spec in self.actions_of_window:
            if spec.group not in groups:
                groups[spec.group] = self._heading(spec.group)
            item = QTreeWidgetItem(
                [spec.title.rstrip("…"), ", ".join(self.actions_of_window.keys(spec.name))]
            )
            item.setData(0, Qt.ItemDataRole.UserRole, spec.name)
            item.setToolTip(0, spec.tip)
            groups[spec.group].addChild(item)
        for heading, ways in (("Mouse", MOUSE), ("Without a mouse", BY_KEYS)):
            group = self._heading(heading)
            for title, how in ways:
                group.addChild(QTreeWidgetItem([title, how]))
        self.tree.expandAll()
        self._show_those_meant()
        self._chosen(None)

    def _show_those_meant(self, *_text: object) -> None:
        """Hide what does not answer to the words in the field, and groups of which nothing does."""
        typed = self.field.text()
        for group in map(self.tree.topLevelItem, range(self.tree.topLevelItemCount())):
            rows = [group.child(row) for row in range(group.childCount())]
            for row in rows:
                row.setHidden(match(typed, f"{row.text(0)} {group.text(0)} {row.text(1)}") is None)
            group.setHidden(all(row.isHidden() for row in rows))

    def _choose_first(self) -> None:
        """Go on in the list, with the first action that answers."""
        groups = map(self.tree.topLevelItem, range(self.tree.topLevelItemCount()))
        rows = (group.child(row) for group in groups for row in range(group.childCount()))
        first = next((row for row in rows if not row.isHidden()), None)
        if first is not None:
            self.tree.setCurrentItem(first)
            self.tree.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _heading(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        font = item.font(0)
        font.setWeight(font.Weight.DemiBold)
        item.setFont(0, font)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.tree.addTopLevelItem(item)
        return item

    def _chosen(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None = None) -> None:
        name = item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None
        self.edit.setEnabled(name is not None)
        self.apply.setEnabled(name is not None)
        self.edit.setKeySequence(
            self.actions_of_window[name].shortcut() if name is not None else QKeySequence()
        )
        self.note.setText("Choose an action, press its new key in the field." if name is None else "")
        self._speak()

    def _speak(self, *_keys: QKeySequence) -> None:
        """A screen reader says of the field whose key it holds, and which."""
        item = self.tree.currentItem()
        whose = f"New key of {item.text(0)}" if item is not None else "New key of the action"
        self.edit.setAccessibleName(spoken(whose, self.edit.keySequence().toString() or NOTHING))

    def _use(self) -> None:
        item = self.tree.currentItem()
        name = item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None
        if name is None:
            return
        keys = self.edit.keySequence()
        taken = [
            spec.title
            for spec in self.actions_of_window
            if spec.name != name and keys.toString() and keys in self.actions_of_window[spec.name].shortcuts()
        ]
        if taken:
            self.note.setText(
                f"{keys.toString()} is the key of “{taken[0]}”: choose another, or change that one first."
            )
            return
        self.actions_of_window.set_keys(name, [keys.toString()] if keys.toString() else [])
        item.setText(1, ", ".join(self.actions_of_window.keys(name)))
        self.note.setText("Changed.")

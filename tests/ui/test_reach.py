"""Every control can be reached without a mouse, and a screen reader has a name for it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QWidget

from handstudio.ui.reveal import in_front

from .reach import controls, described, missed, name_of, press, tab_through

Key, Mod = Qt.Key, Qt.KeyboardModifier

DIALOGS = (
    *("shortcuts", "help", "sessions", "draw_hold_out", "mark_as", "reviewer", "bulk", "agreement"),
    *("import_folder", "import_video", "export", "open_project", "new_project", "filter_by_clicks"),
)


@pytest.fixture
def dialogs(full, qtbot):
    """Opens the window beside the window that an action shows, and closes it at the end."""
    opened: list[QWidget] = []

    def open_by(action: str) -> QWidget:
        before = set(_windows())
        full.services.actions[action].trigger()
        qtbot.waitUntil(lambda: set(_windows()) - before != set(), timeout=10_000)
        (dialog,) = set(_windows()) - before
        opened.append(dialog)
        dialog.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() in (dialog, None) or dialog.isActiveWindow())
        return dialog

    yield open_by
    for dialog in opened:
        dialog.close()


def _windows() -> list[QWidget]:
    kinds = QDialog, QWidget
    return [
        one
        for one in QApplication.topLevelWidgets()
        if one.isVisible() and isinstance(one, kinds) and type(one).__name__ != "MainWindow"
    ]


def walk_panes(window) -> set[QWidget]:
    """F6 from pane to pane, Tab in each."""
    known: set[QWidget] = set()
    for count in range(1, 20):
        press(window, Key.Key_F4)
        for _ in range(count):
            press(window, Key.Key_F6)
        if QApplication.focusWidget() is window.canvas.view:
            break
        tab_through(window, known)
    known.add(window.canvas.view)
    return known


def test_tab_and_f6_reach_every_control_of_the_window(full, qtbot):
    full.canvas.exposure.setVisible(True)
    view3d = full.docks.widgets["view3d"]
    qtbot.waitUntil(lambda: view3d.stage.scene is not None and view3d.bar.isVisible(), timeout=20_000)
    wanted = controls(full)
    assert missed(wanted, walk_panes(full)) == []


@pytest.mark.parametrize("name", ["acceptance", "training", "models"])
def test_tab_and_f6_reach_every_control_of_docks_behind_tabs(full, qtbot, name):
    dock = full.docks.by_name[name]
    dock.raise_()
    qtbot.waitUntil(lambda: in_front(dock.widget()))
    widget = full.docks.widgets[name]
    if name == "acceptance":
        qtbot.waitUntil(lambda: widget.seen is not None and not widget.busy, timeout=10_000)
    qtbot.waitUntil(lambda: widget.pages.state != "loading", timeout=10_000)
    wanted = [control for control in controls(full) if dock.isAncestorOf(control)]
    assert wanted
    assert missed(wanted, walk_panes(full)) == []


def test_placing_joints_has_its_button_within_reach(full):
    press(full, Key.Key_G)
    wanted = [full.canvas.placing.strip.cross]
    assert missed(wanted, walk_panes(full)) == []


@pytest.mark.parametrize("action", DIALOGS)
def test_tab_reaches_every_control_of_a_dialog_and_each_has_a_name(dialogs, qtbot, action):
    dialog = dialogs(action)
    wanted = controls(dialog)
    assert wanted
    assert [described(control) for control in wanted if not name_of(control)] == []
    known: set[QWidget] = set()
    if QApplication.focusWidget() is None:
        press(dialog, Key.Key_Tab)
    tab_through(dialog, known)
    assert missed(controls(dialog), known) == []


def test_every_control_of_the_window_has_a_name_for_those_who_do_not_see_it_and_buttons_a_tip(full, qtbot):
    nameless, without_tip = [], []
    for dock in full.docks.by_name.values():
        dock.raise_()
        qtbot.waitUntil(lambda dock=dock: in_front(dock.widget()))
        found = controls(full)
        nameless += [described(control) for control in found if not name_of(control)]
        buttons = [control for control in found if isinstance(control, QAbstractButton)]
        without_tip += [described(button) for button in buttons if not button.toolTip()]
    assert nameless == []
    assert without_tip == []


def test_what_is_read_on_labels_and_buttons_is_part_of_what_is_spoken(full, qtbot):
    """A name takes the place of the text, so it has to say it."""
    silent = []
    for dock in full.docks.by_name.values():
        dock.raise_()
        qtbot.waitUntil(lambda dock=dock: in_front(dock.widget()))
        for kind in (QLabel, QAbstractButton):
            for widget in full.findChildren(kind):
                text = widget.text().replace("&", "")
                text = QTextDocumentFragment.fromHtml(text).toPlainText() if "<" in text else text
                shown = widget.isVisible() and text not in ("", "—")
                if shown and text not in name_of(widget) and not isinstance(widget.parent(), QLabel):
                    silent.append(f"{described(widget)} shows {text!r}")
    assert silent == []


def test_the_inspectors_lines_the_counts_and_the_sheet_speak_their_figures(full, qtbot):
    inspector = full.docks.widgets["inspector"].header
    assert inspector.error.text().endswith("px")
    assert name_of(inspector.error) == f"Expected error: {inspector.error.text()}"
    assert name_of(inspector.decided) == "Decided: none"
    press(full, Key.Key_Space)
    queue = full.docks.widgets["queue"]
    qtbot.waitUntil(lambda: any("Accepted: 1" in name_of(label) for label in queue.findChildren(QLabel)))
    full.docks.by_name["acceptance"].raise_()
    sheet = full.docks.widgets["acceptance"].sheet
    sheet.count.setText("120")
    assert name_of(sheet.count) == "Hands that would be accepted: 120"


def test_the_field_of_a_new_key_says_whose_key_it_is(dialogs, full):
    keys = dialogs("shortcuts")
    keys.field.setText("undo")
    press(keys, Key.Key_Return)
    assert name_of(keys.edit) == "New key of Undo: Ctrl+Z"

"""Keys of the window and keys of what has the focus, with every dock filled."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.ui.reveal import in_front
from handstudio.ui.shortcuts import ShortcutList

Key = Qt.Key


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, keys)


def test_space_works_the_switch_that_has_the_focus_and_decides_nothing(full):
    here = full.docks.widgets["queue"].controls.here
    here.setFocus()
    press(Key.Key_Space)
    assert here.isChecked()
    assert full.session.project.state_counts()["accepted"] == 0


def test_space_accepts_from_the_queues_table(full):
    full.docks.widgets["queue"].table.setFocus()
    press(Key.Key_Space)
    assert full.session.project.state_counts()["accepted"] == 1


def test_tab_goes_on_from_a_field_and_selects_no_joint(full):
    field = full.docks.widgets["queue"].controls.text
    field.setFocus()
    press(Key.Key_Tab)
    assert QApplication.focusWidget() is not field
    assert full.session.joints == set()
    full.canvas.view.setFocus()
    press(Key.Key_Tab)
    assert len(full.session.joints) == 1


def test_every_pane_that_is_seen_is_reached_from_the_canvas_and_back(full):
    full.canvas.view.setFocus()
    reached = set()
    for _ in range(len(full.docks.by_name) + 1):
        press(Key.Key_F6)
        holder = QApplication.focusWidget()
        reached |= {name for name, widget in full.docks.widgets.items() if widget.isAncestorOf(holder)}
        if holder is full.canvas.view:
            break
    assert not reached & {"training", "models"}
    assert QApplication.focusWidget() is full.canvas.view
    assert reached >= {"sequences", "queue", "view3d", "inspector", "timeline"}


def test_brightness_is_set_with_the_keyboard(full):
    full.canvas.view.setFocus()
    press(Key.Key_X)
    press(Key.Key_F6)
    assert full.canvas.exposure.brightness.hasFocus()
    frame = full.session.frame_index
    press(Key.Key_Right)
    assert full.canvas.exposure.brightness.value() > 0
    assert full.session.frame_index == frame
    press(Key.Key_F6)
    assert not full.canvas.isAncestorOf(QApplication.focusWidget())


def test_the_docks_actions_are_in_the_palette_and_the_list_and_their_keys_can_be_changed(full, qtbot):
    palette, keys = full.palette_overlay, ShortcutList(full.services.actions, full)
    palette.open()
    listed = set(palette.titles())
    wanted = {"Camera's view", "Floor in 3D", "Adopt the model", "Roll back the model", "Resume the run"}
    assert wanted | {"Put τ back", "Hold-out"} <= listed
    palette.close_palette()
    tree = keys.tree
    titles = {
        tree.topLevelItem(row).child(child).text(0)
        for row in range(tree.topLevelItemCount())
        for child in range(tree.topLevelItem(row).childCount())
    }
    assert wanted <= titles
    assert full.services.actions.conflicts() == []
    full.services.actions.set_keys("view3d_camera", ["Ctrl+J"])
    stage = full.docks.widgets["view3d"].stage
    qtbot.waitUntil(lambda: stage._joints is not None, timeout=20_000)
    before = stage.orbit
    full.canvas.view.setFocus()
    press(Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert stage.orbit is not before
    keys.deleteLater()


def test_a_key_is_found_by_the_words_of_its_action_and_an_action_by_its_key(full, qtbot):
    full.services.actions["shortcuts"].trigger()
    keys = full.beside.keys
    keys.activateWindow()

    def listed() -> list[str]:
        groups = [keys.tree.topLevelItem(row) for row in range(keys.tree.topLevelItemCount())]
        shown = [group for group in groups if not group.isHidden()]
        rows = [group.child(row) for group in shown for row in range(group.childCount())]
        assert all(
            any(not group.child(row).isHidden() for row in range(group.childCount())) for group in shown
        )
        return [row.text(0) for row in rows if not row.isHidden()]

    everything = listed()
    qtbot.waitUntil(keys.field.hasFocus)
    for key in "undo":
        QTest.keyClick(keys.field, key)
    assert "Undo" in listed()
    assert len(listed()) < len(everything) / 10
    keys.field.clear()
    for key in "ctrl+shift+t":
        QTest.keyClick(keys.field, key)
    assert listed() == ["Pictures in the queue"]
    press(Key.Key_Return)
    assert keys.tree.currentItem().text(0) == "Pictures in the queue"
    assert keys.edit.keySequence().toString() == "Ctrl+Shift+T"
    keys.field.clear()
    assert listed() == everything
    keys.close()


def test_the_current_sequence_is_kept_as_hold_out_and_no_longer(full):
    action, project = full.services.actions["hold_out"], full.session.project
    action.trigger()
    assert project.sequence(1).hold_out
    assert "is hold-out" in full.status.message.full_text
    action.trigger()
    assert not project.sequence(1).hold_out


def test_to_adopt_shows_the_models_first(full, qtbot):
    models = full.docks.widgets["models"]
    full.docks.by_name["timeline"].raise_()
    qtbot.waitUntil(lambda: not in_front(models))
    full.services.actions["adopt_model"].trigger()
    qtbot.waitUntil(lambda: in_front(models))
    assert full.status.message.full_text == "Choose the model to adopt"
    assert models.isAncestorOf(QApplication.focusWidget())

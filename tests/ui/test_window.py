"""The shell: docks, what is remembered, the palette, keys, read-only windows, footage dropped on it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from handstudio.errors import HandStudioError
from handstudio.project.project import Project
from handstudio.ui.actions import SPECS
from handstudio.ui.command_palette import match
from handstudio.ui.desk import Desk
from handstudio.ui.docks import DOCKS

Key, Mod = Qt.Key, Qt.KeyboardModifier


def test_no_two_actions_share_a_key_and_every_icon_exists(window):
    assert window.services.actions.conflicts() == []
    for spec in SPECS:
        if spec.icon:
            assert not window.services.actions[spec.name].icon().isNull()


def test_every_tooltip_names_the_action_and_its_key(window):
    for spec in SPECS:
        action = window.services.actions[spec.name]
        assert spec.title.rstrip("…") in action.toolTip()
        if spec.keys and len(spec.keys[0]) == 1:
            assert f"({spec.keys[0]})" in action.toolTip()


def test_the_palette_finds_an_action_by_words_and_enter_does_it(window, hand):
    hand.key(Key.Key_K, Mod.ControlModifier)
    palette = window.palette_overlay
    assert palette.isVisible()
    QTest.keyClicks(palette.field, "next frame")
    assert palette.titles()[0] == "Next frame"
    QTest.keyClick(palette.field, Key.Key_Return)
    assert not palette.isVisible()
    assert window.session.frame_index == 1


def test_typing_in_the_palette_decides_nothing(window, hand):
    hand.key(Key.Key_K, Mod.ControlModifier)
    QTest.keyClicks(window.palette_overlay.field, "c r s f b")
    QTest.keyClick(window.palette_overlay.field, Key.Key_Escape)
    counts = window.session.project.state_counts()
    assert counts["proposed"] == 12
    assert not window.services.actions["draw_box"].isChecked()


def test_match_wants_every_word_and_prefers_beginnings():
    assert match("next fr", "Next frame Go") is not None
    assert match("xyz", "Next frame Go") is None
    assert match("next", "Next frame") < match("next", "Go to the next frame")


def test_a_changed_key_acts_and_is_remembered(window, hand, settings):
    window.services.actions.set_keys("reject", ["Ctrl+J"])
    hand.key(Key.Key_R)
    assert window.session.project.state_counts()["rejected"] == 0
    hand.key(Key.Key_J, Mod.ControlModifier)
    assert window.session.project.state_counts()["rejected"] == 1
    assert settings.value("keys/reject") in ("Ctrl+J", ["Ctrl+J"])


def test_layout_layers_and_brightness_are_remembered(desk, open_window, project, qtbot):
    first = open_window(project)
    first.resize(1234, 777)
    first.docks.by_name["inspector"].hide()
    first.services.actions["layer_circles"].setChecked(True)
    first.services.actions["inset"].setChecked(False)
    first.canvas.exposure.brightness.setValue(20)
    first.close()
    second = open_window(project)
    assert (second.width(), second.height()) == (1234, 777)
    assert second.docks.by_name["inspector"].isHidden()
    assert second.services.actions["layer_circles"].isChecked()
    assert not second.canvas.inset.isVisible()
    assert second.canvas.exposure.exposure().brightness == pytest.approx(0.2)


def test_closing_and_reopening_loses_no_decision(desk, open_window, project, qtbot):
    first = open_window(project)
    for _ in range(3):
        QTest.keyClick(first.canvas.view, Key.Key_Space)
    first.close()
    second = open_window(project)
    assert second.session.project.state_counts()["accepted"] == 3
    QTest.keyClick(second.canvas.view, Key.Key_Z, Mod.ControlModifier)
    assert second.session.project.state_counts()["accepted"] == 2


def test_a_second_window_reads_only_and_names_the_holder(window, desk, project, qtbot):
    second = desk.open(project)
    assert second.session.project.read_only
    assert "for reading only" in second.windowTitle()
    assert second.banner.isVisible()
    assert "process" in second.banner.text.text()
    assert not second.services.actions["accept"].isEnabled()
    before = second.session.project.state_counts()
    QTest.keyClick(second.canvas.view, Key.Key_Space)
    assert second.session.project.state_counts() == before


def test_an_empty_project_says_what_to_do_next(desk, tmp_path, qtbot):
    Project.create(tmp_path / "empty").close()
    window = desk.open(tmp_path / "empty")
    assert window.canvas.pages.state == "empty"
    assert "Drop a folder" in window.canvas.pages.notice.text.text()
    assert window.canvas.pages.notice.button.isVisible()


def test_a_missing_frame_is_said_and_the_next_one_is_shown(open_window, project, qtbot):
    (project.parent / "footage" / "wave" / "frame_0001.jpg").unlink()
    window = open_window(project)
    QTest.keyClick(window.canvas.view, Key.Key_Right)
    qtbot.waitUntil(lambda: window.canvas.pages.state == "failed")
    assert "cannot be shown" in window.canvas.pages.notice.text.text()
    QTest.mouseClick(window.canvas.pages.notice.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.canvas.pages.state == "content")
    assert window.session.frame_index == 2


def test_a_frame_whose_file_is_back_is_shown_at_the_next_visit(open_window, project, qtbot):
    path = project.parent / "footage" / "wave" / "frame_0001.jpg"
    away = path.rename(path.with_suffix(".away"))
    window = open_window(project)
    QTest.keyClick(window.canvas.view, Key.Key_Right)
    qtbot.waitUntil(lambda: window.canvas.pages.state == "failed")
    QTest.keyClick(window.canvas.view, Key.Key_Left)
    qtbot.waitUntil(lambda: window.canvas.pages.state == "content")
    away.rename(path)
    QTest.keyClick(window.canvas.view, Key.Key_Right)
    qtbot.waitUntil(lambda: window.session.frame_index == 1 and window.canvas.pages.state == "content")


def test_footage_dropped_on_the_window_is_imported(window, tmp_path):
    asked = []
    window.work.import_paths = asked.append
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "walk.mp4"))])
    point, copy, left = QPointF(200, 200), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(point.toPoint(), copy, data, left, Mod.NoModifier)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(point, copy, data, left, Mod.NoModifier))
    assert asked == [[tmp_path / "walk.mp4"]]


def test_dark_and_light_are_switched_while_the_window_is_open(window):
    theme = window.services.theme
    theme.set_scheme("dark")
    dark = window.grab().toImage().pixelColor(3, window.height() - 3).lightness()
    theme.set_scheme("light")
    light = window.grab().toImage().pixelColor(3, window.height() - 3).lightness()
    assert dark < 60
    assert light > 190


def test_what_a_job_writes_appears_by_itself(window, project, qtbot):
    first = window.session.hand_id
    with Project.open(project, writer="job") as other:
        from handstudio.project.commands import SetState
        from handstudio.project.records import State

        other.history.apply(SetState(first, State.REJECTED), "job")
    qtbot.waitUntil(lambda: window.status.hand.text().startswith("right · rejected"), timeout=5000)


def test_every_dock_is_filled_and_shut_down(settings, qapp, project, qtbot):
    desk = Desk(settings, jobs=False)
    window = desk.open(project)
    problems = []
    window.docks.failed.connect(lambda title, why: problems.append((title, why)))
    qtbot.waitSignal(window.docks.filled, timeout=60_000).wait()
    assert problems == []
    assert set(window.docks.widgets) == {spec.name for spec in DOCKS}
    window.close()
    assert desk.windows == []


def test_the_window_is_made_without_the_heavy_libraries(tmp_path, project):
    import subprocess

    code = (
        "import sys; from pathlib import Path\n"
        "from PySide6.QtCore import QSettings\n"
        "from handstudio.ui.start import application\n"
        "app = application(['handstudio'])\n"
        "from handstudio.ui.desk import Desk\n"
        f"desk = Desk(QSettings({str(tmp_path / 's.ini')!r}, QSettings.Format.IniFormat))\n"
        f"window = desk.open(Path({str(project)!r}))\n"
        "heavy = {'torch', 'open3d', 'lightning_fabric', 'alembic', 'matplotlib', 'vispy', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules))); window.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_path_that_is_not_there_is_an_error_with_its_name(desk, tmp_path):
    with pytest.raises(HandStudioError, match="nothing here"):
        desk.open_path(Path(tmp_path / "nothing here"))


def test_a_file_added_to_the_folder_later_shifts_no_frame(open_window, project):
    import cv2
    import numpy as np

    footage = project.parent / "footage" / "wave"
    cv2.imwrite(str(footage / "a_new_first_file.jpg"), np.zeros((480, 640, 3), np.uint8))
    window = open_window(project)
    assert window.canvas.frame.rgb.mean() > 100


def test_resetting_the_layout_leaves_one_tab_bar_for_each_group_of_docks(window, qtbot):
    from PySide6.QtWidgets import QTabBar

    def groups():
        found = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        shown = [bar for bar in found if bar.isVisible()]
        return sorted([bar.tabText(place) for place in range(bar.count())] for bar in shown)

    window.docks.by_name["queue"].hide()
    window.services.actions["reset_layout"].trigger()
    qtbot.waitUntil(
        lambda: groups() == [["Inspector", "Maps", "Acceptance"], ["Timeline", "Training", "Models"]]
    )
    assert window.docks.by_name["queue"].isVisible()


def test_an_empty_project_has_its_docks_as_well(qapp, settings, tmp_path, qtbot):
    Project.create(tmp_path / "empty").close()
    desk = Desk(settings, jobs=False)
    window = desk.open(tmp_path / "empty")
    qtbot.waitUntil(lambda: len(window.docks.widgets) == len(DOCKS), timeout=20_000)
    window.close()


def test_the_canvas_takes_the_keyboard_over_from_the_notice_it_replaces(window, qtbot):
    pages = window.canvas.pages
    pages.show_empty("No frames yet.", window.services.actions["import_folder"])
    pages.notice.button.setFocus()
    pages.show_content()
    assert window.canvas.view.hasFocus()


def test_the_canvas_takes_the_keyboard_over_behind_a_dialog(window, qtbot):
    pages = window.canvas.pages
    pages.show_empty("No frames yet.", window.services.actions["import_folder"])
    pages.notice.button.setFocus()
    dialog = QDialog(window)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    pages.show_content()
    dialog.close()
    dialog.deleteLater()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert window.canvas.view.hasFocus()


def test_the_export_dialog_offers_every_format():
    from handstudio.exchange.formats import FORMATS
    from handstudio.ui.dialogs import EXPORTS

    assert {form for form, _ending, _verified in EXPORTS.values()} == set(FORMATS)


def choose_measure(window, title: str) -> None:
    """By the command palette, as a person does."""
    window.palette_overlay.open()
    QTest.keyClicks(window.palette_overlay.field, title)
    assert window.palette_overlay.titles()[0] == title
    QTest.keyClick(window.palette_overlay.field, Key.Key_Return)


def test_the_measure_of_confidence_is_chosen_and_the_next_window_goes_by_it(
    open_window, project, window, qtbot
):
    actions, session = window.services.actions, window.session
    assert session.measure == "doubt"
    assert actions["measure_doubt"].isChecked()
    before = session.hand_view(session.hand_id).expected_error_px
    choose_measure(window, "The method's C")
    assert session.measure == "C"
    assert not actions["measure_doubt"].isChecked()
    after = session.hand_view(session.hand_id).expected_error_px
    assert after != before
    qtbot.waitUntil(lambda: f"{after:.1f} px" in window.status.hand.text(), timeout=3_000)
    window.close_and_wait()
    again = open_window(project)
    assert again.session.measure == "C"
    assert again.services.actions["measure_c"].isChecked()
    choose_measure(again, "Joints' doubt")
    assert again.session.hand_view(again.session.hand_id).expected_error_px == pytest.approx(before)

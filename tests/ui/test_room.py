"""Full HD at 200 % has 960 x 500 px beside a task bar, at 300 % 640 x 360: windows and dialogs fit."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from handstudio.ui.dock_places import DOCKS, places, room_of
from handstudio.ui.reveal import in_front
from handstudio.ui.room import Scrolled, free_size, resize_within_screen

from .test_reach import DIALOGS, dialogs  # noqa: F401

SMALL, LARGE = QSize(624, 320), QSize(944, 460)
"""What a screen of 640 x 360 and one of 960 x 500 leave within a window's frame."""


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["300 %", "200 %"])
def test_the_window_fits_and_everything_of_it_can_be_shown(full, qtbot, size):
    full.status.job.show_progress("Finetuning", 1, 100, "1,234 of 5,000 steps · 12.3/s · 12 min left")
    full.status.job.show()
    for name, dock in full.docks.by_name.items():
        dock.raise_()
        qtbot.waitUntil(lambda dock=dock: in_front(dock.widget()))
        assert full.minimumSizeHint().width() <= size.width(), name
        assert full.minimumSizeHint().height() <= size.height(), name
    full.resize(size)
    full.services.actions["reset_layout"].trigger()
    QApplication.processEvents()
    assert full.size() == size
    view = full.canvas.view
    assert min(view.width() / size.width(), view.height() / size.height()) > 0.35, "the frame has its room"
    for name, dock in full.docks.by_name.items():
        dock.raise_()
        qtbot.waitUntil(lambda dock=dock: in_front(dock.widget()), timeout=5_000)
        area = QRect(dock.mapTo(full, QPoint(0, 0)), dock.size())
        assert full.rect().contains(area), name


def test_docks_stand_apart_where_there_is_room_else_behind_tabs(full, qtbot):
    assert room_of(full) == "apart"
    assert places("apart") == DOCKS
    full.resize(LARGE)
    assert room_of(full) == "sides"
    assert {spec.beside for spec in places("sides")} == {None, "queue", "inspector", "timeline"}
    full.resize(SMALL)
    assert room_of(full) == "one"
    assert {spec.beside for spec in places("one")} == {None, "queue"}
    full.services.actions["reset_layout"].trigger()
    tabs = full.tabifiedDockWidgets(full.docks.by_name["queue"])
    assert len(tabs) == len(DOCKS) - 1
    qtbot.waitUntil(lambda: in_front(full.docks.widgets["queue"]))
    full.resize(1440, 900)
    full.services.actions["reset_layout"].trigger()
    assert full.tabifiedDockWidgets(full.docks.by_name["queue"]) == []


@pytest.mark.parametrize("action", DIALOGS)
def test_every_dialog_fits_a_small_screen(dialogs, action):  # noqa: F811
    dialog = dialogs(action)
    least = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
    assert least.width() <= SMALL.width()
    assert least.height() <= SMALL.height()
    assert dialog.screen().availableGeometry().size().expandedTo(dialog.size()) == (
        dialog.screen().availableGeometry().size()
    )


def test_a_layout_of_a_large_screen_is_not_put_into_a_small_window(desk, open_window, project, settings):
    window = open_window(project)
    window.docks.by_name["queue"].hide()
    window.close_and_wait()
    assert settings.value("window/room") == "apart"
    again = open_window(project)
    assert again.docks.by_name["queue"].isHidden()
    again.close_and_wait()
    elsewhere = QWidget()
    elsewhere.resize(SMALL)
    settings.setValue("window/geometry", elsewhere.saveGeometry())
    small = open_window(project)
    assert small.docks.room == "one"
    assert not small.docks.by_name["queue"].isHidden()


def test_no_window_is_larger_than_its_screen(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    resize_within_screen(window, QSize(20_000, 300))
    assert window.size() == QSize(free_size(window).width(), 300)


def test_what_has_no_room_scrolls_and_fills_what_it_has(qtbot):
    inside = QWidget()
    column = QVBoxLayout(inside)
    for number in range(12):
        column.addWidget(QLabel(f"Line {number}"))
    scrolled = Scrolled(inside)
    qtbot.addWidget(scrolled)
    scrolled.show()
    needed = inside.minimumSizeHint()
    scrolled.resize(300, needed.height() + 80)
    assert inside.size() == scrolled.viewport().size()
    scrolled.resize(300, needed.height() // 2)
    QApplication.processEvents()
    assert scrolled.verticalScrollBar().maximum() > 0
    assert inside.height() == needed.height()
    assert scrolled.horizontalScrollBar().maximum() == 0
    column.addWidget(QLabel("One more"))
    qtbot.waitUntil(lambda: inside.height() > needed.height())


def test_a_control_that_tab_goes_to_is_scrolled_into_sight(full, qtbot):
    full.resize(SMALL)
    full.services.actions["reset_layout"].trigger()
    dock = full.docks.by_name["queue"]
    qtbot.waitUntil(lambda: in_front(dock.widget()))
    full.docks.widgets["queue"].controls.here.setFocus(Qt.FocusReason.TabFocusReason)
    field = full.docks.widgets["queue"].controls.text
    field.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert not field.visibleRegion().isEmpty()

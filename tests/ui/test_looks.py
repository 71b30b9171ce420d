"""What an annotator sees without asking: an inset that helps, layers that explain themselves, full docks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLineEdit, QTabBar

from handstudio.project.project import Project
from handstudio.ui.desk import Desk
from handstudio.ui.docks import DOCKS
from handstudio.ui.pages import Notice

from .conftest import Hand, close_all

Key, Mod = Qt.Key, Qt.KeyboardModifier
TIP = 8


@pytest.fixture
def full_desk(qapp, settings):
    """Windows with all their docks."""
    desk = Desk(settings, jobs=False)
    yield desk
    close_all(desk)


@pytest.fixture
def full_window(full_desk, project, qtbot):
    """A window whose docks and frame are there."""
    window = full_desk.open(project)
    with qtbot.waitSignal(window.docks.filled, timeout=60_000):
        pass
    qtbot.waitUntil(lambda: window.canvas.frame is not None)
    return window


def test_an_empty_project_has_all_its_docks_and_each_says_what_to_do(full_desk, tmp_path, qtbot):
    Project.create(tmp_path / "project").close()
    window = full_desk.open(tmp_path / "project")
    qtbot.waitUntil(lambda: len(window.docks.widgets) == len(DOCKS), timeout=30_000)
    for name in ("sequences", "queue", "timeline"):
        pages = window.docks.widgets[name].pages
        qtbot.waitUntil(lambda pages=pages: pages.state == "empty", timeout=5_000)
        assert pages.notice.text.text()


def test_every_control_has_a_name_for_those_who_do_not_see_it_and_a_tip(full_desk, project, qtbot):
    window = full_desk.open(project)
    qtbot.waitUntil(lambda: len(window.docks.widgets) == len(DOCKS), timeout=30_000)
    for dock in window.docks.by_name.values():
        dock.raise_()
    silent = [
        f"{type(control).__name__} {control.objectName()} in {type(control.parent()).__name__}"
        for kind in (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)
        for control in window.findChildren(kind)
        if not _named(control)
    ]
    assert silent == []


def _named(control) -> bool:
    """A text that is shown counts as a name; what Qt adds to fields, docks and tabs is its own."""
    own = isinstance(control.parent(), QLineEdit | QTabBar)
    if own or control.objectName().startswith("qt_") or "Scroll" in type(control).__name__:
        return True
    text = control.text() if isinstance(control, QAbstractButton) else ""
    if isinstance(control.parent(), Notice) and not text:
        return True  # a notice without anything to do shows no button
    named = bool(control.accessibleName() or text)
    return named and bool(control.toolTip() or not isinstance(control, QAbstractButton))


def joints_covered(window) -> int:
    inset = window.canvas.inset
    transform = window.canvas.view.viewportTransform()
    uv = window.canvas.hands.current.uv
    places = [QPoint(*map(round, transform.map(float(u), float(v)))) for u, v in uv]
    return sum(inset.geometry().contains(place) for place in places)


def test_the_inset_hides_no_joint_of_the_hand_that_it_shows(window, hand):
    canvas = window.canvas
    canvas.view.zoom_by(0.5)
    assert canvas.inset.isVisible()
    assert joints_covered(window) == 0
    while not canvas.inset.isHidden():
        assert canvas.inset.zoom >= canvas.view.zoom
        canvas.view.zoom_by(1.15)
    canvas.view.zoom_by(0.5)
    assert canvas.inset.isVisible()


def test_the_inset_goes_when_the_frame_shows_the_hand_as_large_and_says_so_when_it_is_asked_for(window, hand):
    window.resize(window.width() + 200, window.height())  # a frame half as wide again as high
    hand.key(Key.Key_Z)
    assert window.canvas.inset.isHidden()
    assert window.services.actions["inset"].isChecked()
    hand.key(Key.Key_I)
    hand.key(Key.Key_I)
    assert window.canvas.inset.isHidden()
    assert "zoom out" in window.status.message.full_text
    window.canvas.view.zoom_by(0.4)
    assert window.canvas.inset.isVisible()


def test_zooming_to_the_hand_fills_the_view_with_it(window, hand):
    hand.key(Key.Key_Z)
    view = window.canvas.view
    uv = window.canvas.hands.current.uv
    seen = np.array([view.viewportTransform().map(float(u), float(v)) for u, v in uv])
    assert (seen >= 0).all()
    assert (seen <= (view.viewport().width(), view.viewport().height())).all()
    spread = np.ptp(seen, axis=0) / (view.viewport().width(), view.viewport().height())
    assert spread.max() > 0.5


def test_a_layer_without_anything_to_show_says_what_it_needs(window, hand):
    hand.key(Key.Key_9)
    assert "select a joint" in window.status.message.full_text
    hand.key(Key.Key_7)
    assert "without depth" in window.status.message.full_text


class Looker:
    """Stands for the worker: the model looks at the middle of the box, wherever the joint is."""

    model_path = None

    def __init__(self) -> None:
        self.asked = 0

    def heatmaps(self, frame, box, side, callback):
        self.asked += 1
        maps = np.zeros((21, 32, 32), np.float32)
        maps[:, 14:18, 14:18] = 1.0
        callback(maps)
        return self

    def cancel(self) -> None:
        """Nothing is under way."""


def test_the_heatmap_of_a_selected_joint_is_asked_of_the_model_once_and_drawn(window, hand):
    window.canvas.heatmaps._worker = worker = Looker()
    window.services.worker = None
    hand.key(Key.Key_9)
    hand.click(*hand.joint(TIP))
    shown = window.canvas.hands.current.maps
    assert "heatmap" in shown
    window.session.select_joints({4})
    assert "heatmap" in window.canvas.hands.current.maps
    assert worker.asked == 1


def test_a_joint_selected_in_one_view_is_selected_in_the_others(full_desk, project, qtbot):
    window = full_desk.open(project)
    qtbot.waitUntil(lambda: len(window.docks.widgets) == len(DOCKS), timeout=30_000)
    qtbot.waitUntil(lambda: window.canvas.frame is not None, timeout=10_000)
    table = window.docks.widgets["inspector"].table

    def rows() -> set[int]:
        return {index.row() for index in table.selectionModel().selectedRows()}

    hand = Hand(window)
    hand.click(*hand.joint(TIP))
    qtbot.waitUntil(lambda: rows() == {TIP}, timeout=5_000)
    other = table.visualRect(table.model().index(4, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=other)
    assert window.session.joints == {4}
    assert window.canvas.hands.overlay.markers.selected == {4}
    stage = window.docks.widgets["view3d"].stage
    if QApplication.platformName() != "offscreen":
        qtbot.waitUntil(lambda: stage.scene is not None and stage._joints is not None, timeout=20_000)
        at, _ = stage.orbit.to_screen(stage._joints[12], stage.extent)
        QTest.mouseClick(stage, Qt.MouseButton.LeftButton, pos=QPointF(*at).toPoint())
        assert window.session.joints == {12}
        qtbot.waitUntil(lambda: rows() == {12}, timeout=5_000)


def test_the_window_fits_half_of_a_full_hd_screen_and_says_errors_in_full(full_window, qtbot):
    window = full_window
    window.resize(960, 700)
    assert window.width() == 960
    QApplication.processEvents()
    reach = window.canvas.layer_bar.rect()
    assert all(reach.contains(switch.geometry()) for switch in window.canvas.layer_bar.switches.values())
    assert all(
        switch.width() >= switch.sizeHint().width() for switch in window.canvas.layer_bar.switches.values()
    )
    assert all(button.isVisible() for button in window.tools.named)
    window.status.job.show_progress("Finetuning", 1, 100, "1,234 of 5,000 steps · 12.3/s · 12 min left")
    window.status.job.show()
    QApplication.processEvents()
    text = (
        "The dense maps cannot be written (No space left on device): /home/somebody/hands/dense.h5. Check it"
    )
    window.status.say_error(text)
    assert window.banner.isVisible()
    assert window.banner.text.text() == text
    window.status.say("Saved")
    assert not window.banner.isVisible()


def test_an_error_that_fits_stays_in_the_status_line(window):
    window.status.say_error("The disk is full")
    assert not window.banner.isVisible()


def test_the_timelines_figures_have_room_in_a_large_font(full_window):
    plot = full_window.docks.widgets["timeline"].plot
    font = plot.font()
    font.setPointSizeF(3 * font.pointSizeF())
    plot.setFont(font)
    metrics = QFontMetrics(plot._font)
    assert plot._frames.height() > metrics.height()
    assert plot._scale.width() > metrics.horizontalAdvance("C 10")


def test_the_canvas_and_the_palettes_list_have_names(window):
    assert window.canvas.view.accessibleName() == "Frame"
    assert window.palette_overlay.list.accessibleName()

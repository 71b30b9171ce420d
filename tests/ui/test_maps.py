"""What the model sees of a hand: one map over the frame, all of them side by side."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.errors import HandStudioError
from handstudio.project.records import Change
from handstudio.ui.desk import Desk
from handstudio.ui.maps.colouring import TABLE

from .conftest import Hand, close_all
from .made_project import make_project
from .maps_made import MapWorker

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def worker() -> MapWorker:
    return MapWorker()


@pytest.fixture
def open_with(qapp, settings, tmp_path, worker, monkeypatch, qtbot):
    """Opens a window with this worker, and its docks where they are wanted."""
    own = Desk._services
    monkeypatch.setattr(Desk, "_services", lambda desk, *what: replace(own(desk, *what), worker=worker))
    desks = []

    def open_window(docks: bool = False, **how: object):
        desk = Desk(settings, jobs=False, docks=docks)
        desks.append(desk)
        window = desk.open(make_project(tmp_path / f"made{len(desks)}", **how))
        window.resize(1500, 950)
        qtbot.waitUntil(lambda: window.canvas.frame is not None, timeout=10_000)
        if docks:
            qtbot.waitUntil(lambda: "models" in window.docks.widgets, timeout=60_000)
        window.activateWindow()
        QApplication.processEvents()
        return window

    yield open_window
    for desk in desks:
        close_all(desk)


@pytest.fixture
def seen(open_with):
    """A window without docks, its lines out of the way."""
    window = open_with()
    for name in ("proposal", "correction", "label"):
        window.services.actions[f"layer_{name}"].setChecked(False)
    window.services.actions["inset"].setChecked(False)
    window.canvas.boxes.setVisible(False)
    return window


@pytest.fixture
def dock(open_with):
    """The maps dock in front."""
    window = open_with(docks=True)
    window.services.actions["show_maps"].trigger()
    return window, window.docks.widgets["maps"]


def map_is_there(window):
    return lambda: window.canvas.hands.current is not None and "map" in window.canvas.hands.current.maps


def colour_at(window, u: float, v: float) -> np.ndarray:
    view = window.canvas.view
    picture = view.viewport().grab().toImage()
    place = view.viewportTransform().map(QPointF(u, v)) * picture.devicePixelRatio()
    return np.array(picture.pixelColor(place.toPoint()).getRgb()[:3], float)


def end_of_table(share: float) -> np.ndarray:
    value = np.array([[round(255 * share)]], np.uint8)
    return cv2.applyColorMap(value, TABLE)[0, 0, ::-1].astype(float)


def test_the_map_lies_exactly_over_what_the_model_looked_at(seen, worker, qtbot):
    before = {}
    look = seen.session.project.hand(seen.session.hand_id).box.square().scaled(0.5)
    middle = look.y + look.side / 4
    edge = 0.02 * look.side
    places = {
        "outside at the left": (look.x - edge, middle),
        "left": (look.x + edge, middle),
        "right": (look.x + look.side - edge, middle),
        "outside at the right": (look.x + look.side + edge, middle),
        "said nothing": (look.x + look.side / 4, look.y + 0.95 * look.side),
        "above": (look.x + look.side / 4, look.y - edge),
    }
    QApplication.processEvents()
    before = {name: colour_at(seen, *place) for name, place in places.items()}
    Hand(seen).key(Key.Key_A)
    qtbot.waitUntil(map_is_there(seen))
    QApplication.processEvents()
    after = {name: colour_at(seen, *place) for name, place in places.items()}
    for name in ("outside at the left", "outside at the right", "said nothing", "above"):
        np.testing.assert_allclose(after[name], before[name], atol=2, err_msg=name)
    for name, share in (("left", 0.0), ("right", 1.0)):
        expected = 0.75 * end_of_table(share) + 0.25 * before[name]
        np.testing.assert_allclose(after[name], expected, atol=6, err_msg=name)
    assert len(worker.asked) == 1


def test_the_legend_says_which_map_it_is_and_what_its_ends_mean(seen, qtbot):
    legend = seen.canvas.legend
    assert legend.isHidden()
    Hand(seen).key(Key.Key_A)
    qtbot.waitUntil(legend.isVisible)
    assert legend.accessibleDescription() == "near, from far to close"
    assert seen.canvas.view.rect().contains(legend.geometry())
    Hand(seen).key(Key.Key_X)
    assert not legend.geometry().intersects(seen.canvas.exposure.geometry())
    Hand(seen).key(Key.Key_O)
    assert legend.isHidden()


def test_the_key_for_the_next_map_goes_through_them_and_the_choice_is_remembered(
    seen, worker, settings, qtbot
):
    hand = Hand(seen)
    hand.key(Key.Key_A, Mod.ShiftModifier)
    qtbot.waitUntil(map_is_there(seen))
    assert seen.maps.chosen == "near"
    hand.key(Key.Key_A, Mod.ShiftModifier)
    assert seen.maps.chosen == seen.canvas.legend.one.name == "looked at"
    assert settings.value("canvas/map") == "looked at"
    hand.key(Key.Key_A, Mod.ShiftModifier)
    assert seen.maps.chosen == "near"
    assert len(worker.asked) == 1


def test_the_menu_names_the_maps_once_the_model_was_asked(seen, worker, qtbot):
    worker.at_once = False
    button = seen.canvas.layer_bar.maps
    button.list.popup(button.mapToGlobal(button.rect().bottomLeft()))
    assert "Asking the model" in button.list.actions()[0].text()
    qtbot.waitUntil(lambda: len(worker.asked) == 1)
    worker.asked[0].answer()
    titles = [action.text() for action in button.list.actions() if not action.isSeparator()]
    assert titles == ["Near", "Looked at", "Next map", "All maps"]
    QTest.mouseClick(
        button.list,
        Qt.MouseButton.LeftButton,
        pos=button.list.actionGeometry(button.list.actions()[1]).center(),
    )
    assert seen.maps.chosen == "looked at"
    assert seen.services.actions["layer_map"].isChecked()
    assert "map" in seen.canvas.hands.current.maps


def test_frames_that_are_stepped_through_are_not_asked_for(seen, worker, qtbot):
    Hand(seen).key(Key.Key_A)
    qtbot.waitUntil(map_is_there(seen))
    for _ in range(5):
        QTest.keyClick(seen.canvas.view, Key.Key_Right)
    qtbot.waitUntil(map_is_there(seen))
    assert len(worker.asked) == 2
    assert worker.asked[-1].frame.index == 5
    QTest.keyClick(seen.canvas.view, Key.Key_Home)
    assert map_is_there(seen)()
    assert len(worker.asked) == 2


def test_what_was_asked_for_another_hand_is_cancelled(seen, worker, qtbot):
    worker.at_once = False
    Hand(seen).key(Key.Key_A)
    qtbot.waitUntil(lambda: len(worker.asked) == 1)
    QTest.keyClick(seen.canvas.view, Key.Key_Right)
    assert worker.asked[0].cancelled
    qtbot.waitUntil(lambda: len(worker.asked) == 2)
    worker.asked[1].answer()
    assert map_is_there(seen)()


def test_another_model_that_is_adopted_shows_maps_of_its_own_names(seen, worker, qtbot):
    Hand(seen).key(Key.Key_A)
    qtbot.waitUntil(map_is_there(seen))
    worker.method, worker.names = "Other", ("mask",)
    project = seen.session.project
    project.add_model("m", "M", "other", "lite", source="pretrain", path="/m", adopted=True)
    seen.session.changed.emit(Change(models=True))
    qtbot.waitUntil(lambda: len(worker.asked) == 2)
    assert worker.models == ["/m"]
    qtbot.waitUntil(map_is_there(seen))
    assert (seen.maps.offered, seen.maps.chosen, seen.maps.method) == (("mask",), "mask", "Other")


def test_a_method_without_maps_says_so_in_the_frame_and_in_the_dock(dock, worker, qtbot):
    window, panel = dock
    worker.names = ()
    qtbot.waitUntil(lambda: panel.pages.state == "empty" and len(worker.asked) == 1)
    assert panel.pages.notice.text.text().startswith("Stranger shows no maps of a hand")
    assert "(6)" in panel.pages.notice.text.text()
    Hand(window).key(Key.Key_A)
    assert window.status.message.full_text == "Map: Stranger shows no maps of a hand"


def test_the_dock_shows_the_crop_and_every_map_by_its_name(dock, qtbot):
    _, panel = dock
    qtbot.waitUntil(lambda: panel.pages.state == "content" and len(panel.tiles.tiles) == 3)
    tiles = panel.tiles.tiles
    assert [tile.text() for tile in tiles] == ["RGB", "Near", "Looked at"]
    assert panel.caption.full_text == "What Stranger sees of this hand"
    QApplication.processEvents()
    for tile, places in (
        (tiles[0], {0.25: (200, 0, 0)}),
        (tiles[1], {0.2: end_of_table(0), 0.8: end_of_table(1)}),
    ):
        picture, area = tile.grab().toImage(), tile.picture_area()
        for share, expected in places.items():
            at = QPointF(area.left() + share * area.width(), area.top() + 0.3 * area.height())
            found = picture.pixelColor((at * picture.devicePixelRatio()).toPoint()).getRgb()[:3]
            np.testing.assert_allclose(found, expected, atol=4)
    assert all(panel.rect().contains(tile.mapTo(panel, tile.rect().center())) for tile in tiles)


def test_pressing_a_picture_lays_its_map_over_the_frame_and_pressing_it_again_takes_it_away(dock, qtbot):
    window, panel = dock
    qtbot.waitUntil(lambda: len(panel.tiles.tiles) == 3)
    tile, layer = panel.tiles.tiles[2], window.services.actions["layer_map"]
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert layer.isChecked()
    assert tile.isChecked()
    assert window.maps.chosen == "looked at"
    assert "map" in window.canvas.hands.current.maps
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert not layer.isChecked()
    assert not tile.isChecked()


def test_a_dock_behind_another_asks_nothing_until_it_comes_to_the_front(open_with, worker, qtbot):
    window = open_with(docks=True)
    QTest.keyClick(window.canvas.view, Key.Key_Right)
    qtbot.wait(400)  # longer than it takes until a hand that is looked at is asked about
    assert worker.asked == []
    window.services.actions["show_maps"].trigger()
    qtbot.waitUntil(lambda: len(worker.asked) == 1)
    qtbot.waitUntil(lambda: window.docks.widgets["maps"].pages.state == "content")


def test_the_dock_says_that_it_waits_and_shows_no_other_hands_maps_meanwhile(dock, worker, qtbot):
    window, panel = dock
    qtbot.waitUntil(lambda: panel.pages.state == "content")
    worker.at_once = False
    QTest.keyClick(window.canvas.view, Key.Key_Right)
    qtbot.waitUntil(lambda: panel.waiting)
    assert all(tile.picture is None for tile in panel.tiles.tiles)
    qtbot.waitUntil(lambda: panel.pages.state == "loading")
    qtbot.waitUntil(lambda: len(worker.asked) == 2)
    worker.asked[1].answer()
    assert panel.pages.state == "content"
    assert not panel.waiting


def test_an_error_is_said_in_the_dock_and_the_model_can_be_asked_again(dock, worker, qtbot):
    window, panel = dock
    qtbot.waitUntil(lambda: panel.pages.state == "content")
    worker.fault = HandStudioError("The model's weights are missing", "/m", "Choose another model")
    QTest.keyClick(window.canvas.view, Key.Key_Right)
    qtbot.waitUntil(lambda: panel.pages.state == "failed")
    assert "weights are missing" in panel.pages.notice.text.text()
    worker.fault = None
    QTest.mouseClick(panel.pages.notice.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.pages.state == "content")


def test_a_window_for_reading_only_says_that_it_asks_no_model(window, hand):
    hand.key(Key.Key_A)
    assert window.status.message.full_text == "Map: a window for reading only asks no model"

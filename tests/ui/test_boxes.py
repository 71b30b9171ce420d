"""Boxes: drawing one, changing one, two hands in a frame."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from handstudio.ui.canvas.prepared import PreparedHand

from .conftest import Hand
from .made_project import make_project

Key = Qt.Key


class AnsweringWorker:
    """A resident worker that notes what it was asked."""

    def __init__(self) -> None:
        self.asked = []
        self.model_path = None

    def use_model(self, model_path):
        self.model_path = model_path

    def submit(self, frame, box, side, callback, shape):
        self.asked.append((frame, box, side))

    def warm_up(self, ready):
        pass

    def close(self):
        pass


@pytest.fixture
def two_hands(open_window, tmp_path):
    return open_window(make_project(tmp_path / "two", count=3, hands=2))


def test_b_and_a_drag_add_a_hand_with_that_box_and_ask_for_its_proposal(window, hand):
    worker = window.services.worker = AnsweringWorker()
    hand.key(Key.Key_B)
    hand.drag((40.0, 300.0), (140.0, 420.0))
    record = window.session.project.hand(window.session.hand_id)
    assert (record.box.x, record.box.y) == pytest.approx((40, 300), abs=1.5)
    assert (record.box.width, record.box.height) == pytest.approx((100, 120), abs=2.5)
    assert record.side == "left", "the frame had a right hand"
    assert len(window.session.hands()) == 2
    assert [(box, side) for _, box, side in worker.asked] == [(record.box, "left")]
    assert not window.services.actions["draw_box"].isChecked()


def test_escape_puts_the_box_tool_away(window, hand):
    hand.key(Key.Key_B)
    hand.key(Key.Key_Escape)
    hand.drag((40.0, 300.0), (140.0, 420.0))
    assert len(window.session.hands()) == 1


def test_a_corner_of_the_box_can_be_dragged(window, hand):
    before = window.session.project.hand(window.session.hand_id).box
    corner = (before.x + before.width, before.y + before.height)
    hand.drag(corner, (corner[0] + 20, corner[1] + 12))
    after = window.session.project.hand(window.session.hand_id).box
    assert (after.x, after.y) == pytest.approx((before.x, before.y), abs=0.1)
    assert after.width == pytest.approx(before.width + 20, abs=1.5)
    assert after.height == pytest.approx(before.height + 12, abs=1.5)


def test_a_click_makes_the_other_hand_of_the_frame_the_current_one(two_hands):
    hand = Hand(two_hands)
    first, second = (record.id for record in two_hands.session.hands())
    assert two_hands.session.hand_id == first
    box = two_hands.session.project.hand(second).box
    hand.click(box.x + box.width - 12, box.y + 12)
    assert two_hands.session.hand_id == second
    assert two_hands.canvas.hands.current_id == second
    hand.key(Key.Key_H)
    assert two_hands.session.hand_id == first


def test_the_other_hand_is_shown_quietly_and_its_joints_cannot_be_grabbed(two_hands):
    overlays = {overlay.hand.hand_id: overlay for overlay in two_hands.canvas.hands._overlays if overlay.hand}
    second = two_hands.session.hands()[1].id
    assert not overlays[second].markers.isVisible()
    assert overlays[second].items["proposal"].opacity() < 1


def test_delete_removes_the_hand_and_undo_brings_it_back(window, hand, qtbot):
    hand.key(Key.Key_Delete)
    assert window.session.hands() == []
    assert window.session.hand_id is None
    qtbot.waitUntil(lambda: "draw a box" in window.status.hand.text())
    hand.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(window.session.hands()) == 1


def test_a_press_without_a_drag_draws_no_box(window, hand):
    hand.key(Key.Key_B)
    at = window.canvas.view.viewportTransform().map(QPointF(50, 50)).toPoint()
    QTest.mouseClick(window.canvas.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert len(window.session.hands()) == 1


def test_a_single_proposal_comes_from_the_model_that_is_adopted_now(window, hand, tmp_path):
    worker = window.services.worker = AnsweringWorker()
    project = window.session.project
    for name in ("first", "second"):
        project.add_model(name, name, "semihand", "lite", source="finetune", path=tmp_path / name)
    for name in ("first", "second"):
        window.session.adopt_model(name)
        hand.key(Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
        assert worker.model_path == project.model(name).path
    assert len(worker.asked) == 2


def test_a_tag_is_cut_where_the_canvas_is_narrow(window):
    """Never is its beginning out of sight: side and state."""
    boxes, widget = window.canvas.boxes, QWidget()
    widget.resize(260, 120)
    hand = PreparedHand(1, QRectF(150, 60, 40, 40), "sent_back", "right", "a long reason " * 9)
    boxes.show_hands([hand], 1, QRectF(0, 0, 260, 120))
    image = QImage(260, 120, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    boxes.paint(painter, QStyleOptionGraphicsItem(), widget)
    painter.end()
    dark = pixels_of(image)[:50].max(axis=2) < 120
    columns = np.flatnonzero(dark.any(axis=0))
    assert 3 <= columns.min() < 14
    assert 240 < columns.max() <= 256
    widget.deleteLater()


def pixels_of(image):
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., :3]

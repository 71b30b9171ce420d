"""Marks on frames and notes on hands, by keys on the real window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog

from handstudio.ui.queue.model import FRAME

Key, Mod = Qt.Key, Qt.KeyboardModifier


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Mod.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, keys)


def test_u_marks_the_frame_and_finds_it_again(full, qtbot):
    full.session.step(4)
    press(Key.Key_U)
    assert full.session.marks.current == "blurred"
    plot = full.docks.widgets["timeline"].plot
    qtbot.waitUntil(lambda: dict(plot.flags.marks) == {4: "blurred"}, timeout=5_000)
    qtbot.waitUntil(lambda: full.status.place.text().endswith("marked blurred"), timeout=5_000)
    queue = full.docks.widgets["queue"]
    row = queue.model._ids.tolist().index(full.session.hand_id)
    qtbot.waitUntil(
        lambda: queue.model.data(queue.model.index(row, FRAME), Qt.ItemDataRole.DecorationRole) is not None
    )
    assert "Marked blurred" in queue.model.data(queue.model.index(row, FRAME), Qt.ItemDataRole.ToolTipRole)
    full.session.step(-3)
    press(Key.Key_U, Mod.ControlModifier)
    assert full.session.frame_index == 4
    press(Key.Key_U)
    assert full.session.marks.current is None


def test_another_word_is_chosen_and_remembered(full, qtbot):
    press(Key.Key_U, Mod.ShiftModifier)
    dialog = full.findChild(QInputDialog)
    QTest.keyClicks(dialog.focusWidget() or dialog, "glove")
    QTest.keyClick(dialog, Key.Key_Return)
    qtbot.waitUntil(lambda: full.session.marks.current == "glove")
    assert full.services.settings.value("review/mark") == "glove"
    full.canvas.view.setFocus()
    full.session.step(1)
    press(Key.Key_U)
    assert full.session.marks.current == "glove"


def test_a_note_is_typed_in_the_inspector_and_the_keys_go_back(full, qtbot):
    hand_id = full.session.hand_id
    press(Key.Key_E)
    field = full.docks.widgets["inspector"].note.field
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    QTest.keyClicks(field, "skin of the thumb is wet")
    QTest.keyClick(field, Key.Key_Return)
    assert full.session.project.hand(hand_id).note == "skin of the thumb is wet"
    assert QApplication.focusWidget() is full.canvas.view
    assert full.canvas.hands.current.note == "skin of the thumb is wet"
    press(Key.Key_E)
    QTest.keyClicks(field, "something else")
    QTest.keyClick(field, Key.Key_Escape)
    assert full.session.project.hand(hand_id).note == field.text() == "skin of the thumb is wet"
    press(Key.Key_Z, Mod.ControlModifier)
    qtbot.waitUntil(lambda: field.text() == "")


def test_a_note_that_is_being_typed_is_stored_when_one_goes_to_another_hand(full, qtbot):
    first = full.session.hand_id
    press(Key.Key_E)
    field = full.docks.widgets["inspector"].note.field
    QTest.keyClicks(field, "look again")
    full.session.next_in_queue()
    qtbot.waitUntil(lambda: full.session.project.hand(first).note == "look again")
    qtbot.waitUntil(lambda: field.text() == "")


def test_the_frame_that_was_asked_about_is_marked_wherever_one_is_meanwhile(full, qtbot):
    press(Key.Key_U, Mod.ShiftModifier)
    dialog = full.findChild(QInputDialog)
    assert dialog.windowTitle() == "Mark frame 1"
    full.session.step(3)
    QTest.keyClicks(dialog.focusWidget() or dialog, "glove")
    QTest.keyClick(dialog, Key.Key_Return)
    qtbot.waitUntil(lambda: full.session.project.marks(1) == {0: "glove"})
    assert "frame 1" in full.status.message.full_text


def test_flags_are_as_large_on_every_screen(full, qtbot):
    full.session.step(4)
    press(Key.Key_U)
    plot = full.docks.widgets["timeline"].plot
    qtbot.waitUntil(lambda: dict(plot.flags.marks) == {4: "blurred"}, timeout=5_000)
    colour = plot.flags._theme.colour("accent").getRgb()[:3]
    plot.flags.getViewBox().setXRange(-0.5, 11.5, padding=0)
    widths = []
    for ratio in (1.0, 3.0):
        picture = QPixmap(plot.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        full.session.step(-2)  # the line of the current frame is elsewhere
        painter = QPainter(picture)
        plot.render(painter, QRectF(plot.viewport().rect()), plot.viewport().rect())
        painter.end()
        seen = picture.toImage().convertToFormat(QImage.Format.Format_RGB32)
        rows = np.frombuffer(seen.constBits(), np.uint8).reshape(seen.height(), seen.bytesPerLine())
        bgr = rows[:, : 4 * seen.width()].reshape(seen.height(), seen.width(), 4)[..., :3].astype(int)
        accent = np.abs(bgr[..., ::-1] - colour).max(axis=2) < 12
        at = plot.mapFromScene(plot.flags.mapToScene(QPointF(4, 0))).x()
        near = accent[:, round((at - 4) * ratio) : round((at + 30) * ratio)]
        columns = np.flatnonzero(near.any(axis=0))
        widths.append((columns.max() - columns.min() + 1) / ratio)
    assert widths[1] == pytest.approx(widths[0], abs=1.5)
    assert widths[0] == pytest.approx(9, abs=2)

"""A blind pass and the agreement of two annotators at the real window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog

from handstudio.project.commands import SetLabel
from handstudio.project.project import Project
from handstudio.project.records import Pose, State
from handstudio.review.agreement import agreement, pairs_of
from handstudio.review.session import ReviewSession
from handstudio.ui.agreement.tables import DisagreementTable, StatesTable
from handstudio.ui.canvas.pair_item import COLOURS

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def project(project, settings):
    """Ann decided the first four hands, and rejected the second; Ben sits at the window."""
    settings.setValue("review/who", "Ben")
    with Project.open(project) as opened:
        ann = ReviewSession(opened, "ann")
        ann.open()
        for hand_id in (1, 2, 3, 4):
            ann.go_to_hand(hand_id)
            ann.reject() if hand_id == 2 else ann.accept()
    return project


def press(window, key: Qt.Key, keys: Qt.KeyboardModifier = Mod.NoModifier) -> None:
    QTest.keyClick(window.focusWidget() or window, key, keys)


def second_opinion(window) -> None:
    """Ben sees three joints of hand 1 elsewhere, by 20 px, hand 3 by 6."""
    for hand_id, shift in ((1, 20.0), (3, 6.0)):
        label = window.session.project.label_of(hand_id).pose
        uv = label.uv.copy()
        uv[[8, 12, 16]] += (shift, 0.0)
        command = SetLabel(hand_id, Pose(uv, label.depth), State.FIXED, "dragged")
        window.session.apply(command)


def test_a_blind_pass_hides_what_the_first_said_and_keeps_it(full, qtbot):
    session = full.session

    def stored():
        return [(session.project.hand(number), session.project.label_of(number)) for number in (1, 2, 3, 4)]

    before = stored()
    press(full, Key.Key_K, Mod.ControlModifier | Mod.ShiftModifier)
    assert session.blind.on
    assert full.banner.isVisible()
    assert "4 hands that others decided" in full.banner.text.text()
    assert sorted(session.queue.ids.tolist()) == [1, 2, 3, 4]
    queue = full.docks.widgets["queue"]
    qtbot.waitUntil(lambda: queue.model.rowCount() == 4, timeout=5_000)
    assert {queue.model.record(row).state for row in range(4)} == {State.PROPOSED}
    assert "label" not in full.canvas.hands.current.skeletons
    timeline = full.docks.widgets["timeline"]
    qtbot.waitUntil(lambda: set(np.unique(timeline.plot.strip._code).tolist()) == {2}, timeout=5_000)
    for key in (Key.Key_Space, Key.Key_R, Key.Key_C, Key.Key_Space):
        press(full, key)
    assert "All hands of the pass" in full.status.message.full_text
    press(full, Key.Key_K, Mod.ControlModifier | Mod.ShiftModifier)
    assert not session.blind.on
    assert not full.banner.isVisible()
    assert stored() == before
    assert len(session.project.annotations("ann", "Ben")) == 4


def test_a_pass_without_hands_does_not_begin(full):
    full.session.who = "ann"
    full.services.actions["blind"].setChecked(True)
    assert not full.services.actions["blind"].isChecked()
    assert "No hand of the queue waits" in full.status.message.full_text


def test_disagreements_are_gone_through_with_both_poses_drawn(full, qtbot):
    second_opinion(full)
    full.session.go_to_hand(5)
    press(full, Key.Key_D)
    window = full.two_annotators.agreement
    qtbot.waitUntil(lambda: window.found is not None, timeout=10_000)
    assert window.people.currentText() == "ann and Ben: 2 hands"
    assert "px apart" in window.figures.text()
    assert window.parts.view.rowCount() == 26
    full.activateWindow()
    full.canvas.view.setFocus()
    press(full, Key.Key_D)
    assert full.session.hand_id == 1
    qtbot.waitUntil(lambda: full.canvas.frame is not None)
    assert full.canvas.pair.isVisible()
    assert window.listed.view.currentRow() == 0
    shown = full.session.comparing.shown
    view = full.canvas.view
    picture = view.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    for which, uv in enumerate(shown.uv):
        at = view.viewportTransform().map(QPointF(*uv[8].tolist()))
        seen = picture.pixelColor(round(at.x() * ratio), round(at.y() * ratio))
        assert seen == QColor(COLOURS[which])
    press(full, Key.Key_D)
    assert full.session.hand_id == 3
    press(full, Key.Key_D, Mod.AltModifier)
    assert full.session.hand_id == 1
    press(full, Key.Key_Escape)
    assert not full.canvas.pair.isVisible()
    assert full.canvas.hands.overlay.markers.isVisible()


def test_a_row_of_the_list_shows_its_hand(full, qtbot):
    second_opinion(full)
    full.services.actions["agreement"].trigger()
    window = full.two_annotators.agreement
    qtbot.waitUntil(lambda: window.listed.view.rowCount() == 2, timeout=10_000)
    window.listed.view.selectRow(1)
    assert full.session.hand_id == 3
    full.session.go_to_hand(7)
    qtbot.waitUntil(lambda: not window.listed.view.selectedItems())
    assert not full.canvas.pair.isVisible()


def test_with_nothing_to_compare_it_says_what_to_do(full, qtbot):
    full.services.actions["agreement"].trigger()
    window = full.two_annotators.agreement
    qtbot.waitUntil(lambda: "No two people" in window.figures.text(), timeout=10_000)
    assert "Ctrl+Shift+K" in window.figures.text()
    assert not window.people.isEnabled()


def test_in_a_blind_pass_nothing_opens_that_shows_what_the_first_said(full, qtbot):
    second_opinion(full)
    full.services.actions["agreement"].trigger()
    window = full.two_annotators.agreement
    qtbot.waitUntil(lambda: window.found is not None, timeout=10_000)
    full.session.comparing.step(1)
    full.session.who = "cora"
    full.services.actions["blind"].trigger()
    assert full.session.blind.on
    assert not window.isVisible()
    assert not full.canvas.pair.isVisible()
    here = full.session.hand_id
    for name in ("agreement", "next_disagreement", "previous_disagreement", "second_review", "reviewer"):
        full.services.actions[name].trigger()
        assert "end the blind pass first" in full.status.message.full_text, name
    assert full.session.hand_id == here
    assert full.session.query.only is not None
    assert not window.isVisible()
    assert full.findChild(QInputDialog) is None


def test_that_a_pass_goes_on_is_said_all_the_time(full, qtbot):
    full.session.who = "<i>Ben</i> & Co"
    full.services.actions["blind"].trigger()
    assert "&lt;i&gt;Ben" in full.banner.text.text()
    full.services.actions["about"].trigger()
    assert "Blind pass" not in full.banner.text.text()
    QTest.mouseClick(full.banner.cross, Qt.MouseButton.LeftButton)
    assert full.banner.isVisible()
    assert "<b>Blind pass</b>: 4 hands" in full.banner.text.text()
    QTest.mouseClick(full.banner.cross, Qt.MouseButton.LeftButton)
    assert not full.banner.isVisible()
    qtbot.waitUntil(lambda: full.status.place.full_text.startswith("blind pass · wave"), timeout=5_000)
    full.services.actions["blind"].trigger()
    qtbot.waitUntil(lambda: full.status.place.full_text.startswith("wave"), timeout=5_000)


def test_long_names_leave_the_tables_readable(full, qtbot):
    found = agreement_of(full, "Dr. Wilhelmina Featherstonehaugh-Cholmondeley", "Ben")
    states, listed = StatesTable(), DisagreementTable()
    states.show(found)
    listed.show(found, {1: "wave"}, 10)
    for table in (states.view, listed.view):
        table.resize(600, 300)
        table.show()
        assert table.horizontalHeader().length() <= 600
        for column in range(table.columnCount()):
            head, cell = table.horizontalHeaderItem(column), table.item(0, column)
            assert head.textAlignment() == cell.textAlignment()
        table.close()
        table.deleteLater()


def agreement_of(window, *names):
    second_opinion(window)
    project = window.session.project
    found = agreement(project, ("ann", "Ben"), pairs_of(project.annotations("ann", "Ben")))
    return replace(found, names=names)

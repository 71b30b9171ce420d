"""The inspector: the hand's figures, joint by joint."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from handstudio.review.hand_view import JointRow
from handstudio.ui.inspector import Inspector
from handstudio.ui.inspector.model import (
    ABDUCTION,
    BONE,
    DOUBT_ROLE,
    ERROR,
    FLEXION,
    SEEN,
    SHIFT,
    JointTable,
    words_of,
)


@pytest.fixture
def inspector(bench):
    return bench.show(Inspector, 460, 600)


def text(inspector, joint: int, column: int) -> str:
    return inspector.model.data(inspector.model.index(joint, column))


def test_it_shows_what_the_session_says_of_each_joint(inspector, bench):
    rows = bench.session.hand_view(bench.session.hand_id).joints
    for row in rows:
        assert text(inspector, row.joint, SHIFT) == f"{row.shift_px:.1f}"
        assert text(inspector, row.joint, ERROR) == f"{row.expected_error_px:.1f}"
    assert text(inspector, 0, BONE) == ""
    assert text(inspector, 8, FLEXION) == ""
    assert text(inspector, 5, FLEXION) != ""
    record = bench.project.hand(bench.session.hand_id)
    assert (
        f"{record.confidence:.2f} = {record.c_stability:.2f} stability" in inspector.header.confidence.text()
    )
    assert inspector.header.title.text() == "Right hand · proposed"


def test_it_says_from_how_many_cameras_a_proposal_is(inspector, bench):
    assert inspector.header.shown.text() == "Proposal"
    view = replace(bench.session.hand_view(bench.session.hand_id), views=4)
    inspector.header.show_hand(view, "a model")
    assert inspector.header.shown.text() == "Proposal · 4 views"
    assert "4 calibrated cameras" in inspector.header.shown.toolTip()


def test_a_row_that_is_clicked_selects_its_joint_everywhere(inspector, bench):
    place = inspector.table.visualRect(inspector.model.index(8, 1)).center()
    QTest.mouseClick(inspector.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert bench.session.joints == {8}
    control = Qt.KeyboardModifier.ControlModifier
    place = inspector.table.visualRect(inspector.model.index(4, 1)).center()
    QTest.mouseClick(inspector.table.viewport(), Qt.MouseButton.LeftButton, control, place)
    assert bench.session.joints == {4, 8}


def test_joints_selected_elsewhere_are_marked(inspector, bench):
    bench.session.select_joints({2, 19})
    assert {index.row() for index in inspector.table.selectionModel().selectedRows()} == {2, 19}


def test_the_arrow_keys_go_from_joint_to_joint(inspector, bench):
    inspector.table.setFocus()
    bench.session.select_joints({3})
    inspector.table.setCurrentIndex(inspector.model.index(3, 0))
    QTest.keyClick(inspector.table, Qt.Key.Key_Down)
    assert bench.session.joints == {4}


def test_a_click_on_the_eye_changes_the_visibility_and_can_be_undone(inspector, bench):
    place = inspector.table.visualRect(inspector.model.index(8, SEEN)).center()
    QTest.mouseClick(inspector.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert bench.session.hand_view(bench.session.hand_id).joints[8].visibility == 1
    bench.session.undo()
    assert bench.session.hand_view(bench.session.hand_id).joints[8].visibility == 0


def test_an_edit_shows_soon_and_a_decision_at_once(inspector, bench, qtbot):
    before = text(inspector, 8, BONE), text(inspector, 7, FLEXION)
    bench.session.begin_edit()
    bench.session.move_joint(8, bench.session.edit.uv[8] + 9, free=True)
    qtbot.waitUntil(lambda: (text(inspector, 8, BONE), text(inspector, 7, FLEXION)) != before, timeout=3_000)
    assert inspector.header.shown.text() == "Being edited"
    bench.session.commit_edit()
    assert inspector.header.title.text() == "Right hand · fixed"


def test_a_hidden_inspector_times_nothing_and_catches_up(inspector, bench):
    inspector.hide()
    bench.session.begin_edit()
    bench.session.move_joint(8, bench.session.edit.uv[8] + 9, free=True)
    assert not inspector._later.isActive()
    bench.session.commit_edit()
    inspector.show()
    assert inspector.header.title.text() == "Right hand · fixed"


def test_a_narrow_inspector_keeps_the_joints_and_their_errors(inspector):
    inspector.resize(230, 500)
    hidden = [inspector.table.isColumnHidden(column) for column in range(7)]
    assert not hidden[0]
    assert not hidden[ERROR]
    assert hidden[ABDUCTION]


def test_a_hand_without_a_pose_offers_to_propose(make_bench):
    bench = make_bench(proposed=False)
    inspector = bench.show(Inspector)
    assert inspector.pages.state == "empty"
    assert inspector.pages.notice.button.text() == "Propose"
    bench.session._show(bench.session.sequence_id, bench.session.frame_id, 0, None)
    assert inspector.pages.notice.button.text() == "Draw box"


def row(**values) -> JointRow:
    ordinary = {
        "joint": 6,
        "name": "index PIP",
        "expected_error_px": 2.0,
        "shift_px": 1.25,
        "bone_percent": 104.0,
        "flexion": math.radians(-12),
        "abduction": 0.0,
        "beyond": (0.0, 0.0),
        "limits": ((math.radians(-5), math.radians(110)), (math.radians(-20), math.radians(25))),
        "visibility": 0,
    }
    return JointRow(**{**ordinary, **values})


def test_what_is_out_of_the_ordinary_is_marked_by_more_than_colour(bench):
    table = JointTable(bench.services.theme)
    table.set_rows([row(joint=place) for place in range(20)] + [row(beyond=(0.2, 0.0), bone_percent=140.0)])
    odd, plain = table.index(20, FLEXION), table.index(3, FLEXION)
    assert "▲" in table.data(odd)
    assert "▲" not in table.data(plain)
    assert table.data(plain) == "−12"
    assert table.data(table.index(20, BONE), DOUBT_ROLE)
    assert not table.data(table.index(3, BONE), DOUBT_ROLE)
    assert table.data(table.index(3, BONE)) == "+4"


def test_a_cell_can_be_read_out(bench):
    assert words_of(row(), SHIFT) == "index PIP: moved by the correction 1.2 px"
    assert words_of(row(), FLEXION) == "index PIP: flexion −12°, limits −5° to 110°"
    assert words_of(row(visibility=2), SEEN) == "index PIP: outside"


def test_what_is_out_of_the_ordinary_keeps_its_colour_in_a_row_that_is_selected(bench):
    table = bench.show(Inspector, 460, 600).table
    model = table.model()
    model.set_rows([row(joint=place, bone_percent=140.0) for place in range(21)])
    bench.session.select_joints({3})
    option = QStyleOptionViewItem()
    option.state |= QStyle.StateFlag.State_Selected
    table.itemDelegateForIndex(model.index(3, BONE)).initStyleOption(option, model.index(3, BONE))
    assert option.palette.highlightedText().color() == bench.services.theme.colour("warning")

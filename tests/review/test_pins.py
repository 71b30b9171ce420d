"""Pinned joints, the hand turned and scaled as a whole, and limits that are reached."""

from __future__ import annotations

import numpy as np
import pytest

from handstudio.review.pins import Pins


def pose(session):
    return session.hand_view(session.hand_id).pose


def test_pins_are_of_one_hand_and_toggle():
    pins = Pins()
    assert pins.toggle(1, {3, 4})
    assert pins.toggle(1, {4, 5})
    assert pins.of(1) == {3, 4, 5}
    assert not pins.toggle(1, {3, 4})
    assert pins.of(1) == {5}
    assert pins.of(2) == pins.of(None) == frozenset()


def test_a_pinned_joint_is_not_dragged_nor_nudged(session, heard):
    session.toggle_pins({8})
    assert heard.told == ["selection"]
    before = pose(session)
    session.begin_edit()
    session.move_joint(8, before.uv[8] + 20.0)
    assert session.edit == before
    session.cancel_edit()
    session.nudge(8, 3.0, 0.0)
    assert pose(session) == before
    session.select_joints({7, 8})
    session.nudge_selected(3.0, 0.0)
    np.testing.assert_allclose(pose(session).uv[7] - before.uv[7], (3.0, 0.0), atol=0.5)
    np.testing.assert_array_equal(pose(session).uv[8], before.uv[8])


def test_the_hand_turns_about_its_pin_and_two_pins_hold_it(session, heard):
    before = pose(session)
    session.toggle_pins({12})
    session.transform_hand(0.3, 1.5, before.uv[0])
    np.testing.assert_allclose(session.edit.uv[12], before.uv[12], atol=1e-4)
    grown = np.linalg.norm(session.edit.uv[0] - before.uv[12]) / np.linalg.norm(before.uv[0] - before.uv[12])
    assert grown == pytest.approx(1.5, rel=1e-3)
    session.cancel_edit()
    session.toggle_pins({16})
    assert session.transform_hand(0.3, 1.0, before.uv[0]) is None
    assert "hold the hand" in heard.messages[-1]
    assert session.edit is None


def test_a_turn_is_one_step_of_undo_and_keeps_depths(session):
    before = pose(session)
    for turn in (0.1, 0.2, 0.3):
        session.transform_hand(turn, 1.0, before.uv[0])
    session.commit_edit()
    after = pose(session)
    np.testing.assert_array_equal(after.depth, before.depth)
    first, last = before.uv[9] - before.uv[0], after.uv[9] - after.uv[0]
    turned = np.arctan2(last[1], last[0]) - np.arctan2(first[1], first[0])
    assert turned == pytest.approx(0.3, abs=1e-3)
    session.undo()
    assert pose(session) == before


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan])
def test_no_hand_is_scaled_to_nothing(session, scale):
    before = pose(session)
    assert session.transform_hand(0.0, scale, before.uv[0]) == before

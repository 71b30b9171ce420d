"""Decisions with real keys and a real mouse on the real window."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from handstudio.project.records import State

Key, Mod = Qt.Key, Qt.KeyboardModifier


def states(window):
    return window.session.project.state_counts()


def test_space_accepts_the_proposal_and_shows_the_next_hand(window, hand):
    first = window.session.hand_id
    hand.key(Key.Key_Space)
    assert window.session.project.hand(first).state == State.ACCEPTED
    assert window.session.hand_id != first
    assert window.canvas.hands.current_id == window.session.hand_id


def test_ten_hands_are_accepted_with_ten_presses_and_ten_undos_take_them_back(window, hand):
    for _ in range(10):
        hand.key(Key.Key_Space)
    assert states(window)[State.ACCEPTED] == 10
    for _ in range(10):
        hand.key(Key.Key_Z, Mod.ControlModifier)
    assert states(window)[State.ACCEPTED] == 0
    for _ in range(10):
        hand.key(Key.Key_Z, Mod.ControlModifier | Mod.ShiftModifier)
    assert states(window)[State.ACCEPTED] == 10


def test_one_key_each_takes_the_correction_rejects_and_skips(window, hand):
    ids = [window.session.hand_id]
    for key in (Key.Key_C, Key.Key_R, Key.Key_S):
        hand.key(key)
        ids.append(window.session.hand_id)
    project = window.session.project
    assert [project.hand(i).state for i in ids[:3]] == [State.ACCEPTED, State.REJECTED, State.SKIPPED]
    assert np.array_equal(project.label_of(ids[0]).pose.uv, project.proposal_of(ids[0]).corrected.uv)


def test_f_flips_the_side(window, hand):
    before = window.session.project.hand(window.session.hand_id).side
    hand.key(Key.Key_F)
    assert window.session.project.hand(window.session.hand_id).side != before


def test_v_marks_the_selected_joint_occluded_then_outside_then_visible(window, hand):
    hand.click(*hand.joint(8))
    seen = []
    for _ in range(3):
        hand.key(Key.Key_V)
        seen.append(int(window.session.hand_view(window.session.hand_id).pose.visibility[8]))
    assert seen == [1, 2, 0]


def test_a_decision_stays_where_it_is_when_going_on_is_switched_off(window, hand):
    window.services.actions["go_on"].setChecked(False)
    here = window.session.hand_id
    hand.key(Key.Key_Space)
    assert window.session.hand_id == here


def test_the_status_line_says_side_state_and_place(window, hand, qtbot):
    assert window.status.hand.text().startswith("right · proposed")
    assert window.status.place.text() == "wave · frame 1 of 12"
    window.services.actions["go_on"].setChecked(False)
    hand.key(Key.Key_Space)
    qtbot.waitUntil(lambda: window.status.hand.text().startswith("right · accepted"))


DECIDING = ("accept", "take_correction", "reject", "skip", "flip_side", "copy_previous", "draw_box")


def able(window):
    return {name for name in DECIDING if window.services.actions[name].isEnabled()}


def test_nothing_is_decided_while_the_frame_loads(window, qtbot, monkeypatch):
    loader = window.services.loader
    with monkeypatch.context() as slow:
        slow.setattr(loader, "frame", lambda *_: None)
        slow.setattr(loader, "request", lambda *_: None)
        window.session.step(1)
        assert able(window) == set()
        window.services.actions["accept"].trigger()
        assert states(window)[State.ACCEPTED] == 0
    window.canvas.show_session()
    qtbot.waitUntil(lambda: able(window) == set(DECIDING))


def test_a_hand_whose_frame_cannot_be_shown_can_be_passed_over_but_not_accepted(window, monkeypatch):
    monkeypatch.setattr(window.services.loader, "frame", lambda *_: None)
    monkeypatch.setattr(window.services.loader, "request", lambda *_: None)
    monkeypatch.setattr(window.services.loader, "problem", lambda *_: "It is damaged.")
    window.session.step(1)
    assert window.canvas.pages.state == "failed"
    assert able(window) == {"reject", "skip"}

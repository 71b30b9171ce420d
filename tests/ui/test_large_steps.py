"""Thirty thousand hands are undone while the window goes on, and nothing that is pressed overtakes that."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from handstudio.hand.box import Box
from handstudio.project.project import Project
from handstudio.project.records import (
    FrameImport,
    HandImport,
    HandQuery,
    ProposalBatch,
    SequenceImport,
    State,
)
from handstudio.review.bulk import decide_all
from handstudio.ui.window import MainWindow

from .made_project import make_project
from .person import Person

HANDS = 30_000
SHOWN = 4
"""Of them, with frames that can be shown."""
Key, Mod = Qt.Key, Qt.KeyboardModifier
UNDO = (Key.Key_Z, Mod.ControlModifier)
REDO = (Key.Key_Z, Mod.ControlModifier | Mod.ShiftModifier)
CANCEL = (Key.Key_Z, Mod.ControlModifier | Mod.AltModifier)
COMES_FIRST = "Not done, since this comes first: Undoing: Accept 30\u202f000 hands"


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of thirty thousand hands that one step accepted."""
    path = make_project(tmp_path_factory.mktemp("many"), count=SHOWN)
    box, count = Box(100.0, 60.0, 200.0, 200.0), HANDS - SHOWN
    with Project.open(path) as project:
        project.add_sequence(
            SequenceImport(
                "long",
                "folder",
                "/nowhere",
                [FrameImport(f"{index:06d}.jpg", 640, 480) for index in range(count)],
                [HandImport(index, "right", box) for index in range(count)],
            )
        )
        ids = project.hand_ids()[SHOWN:]
        uv = np.random.default_rng(0).uniform(100, 300, (count, 21, 2)).astype(np.float32)
        depth, c = np.zeros((count, 21), np.float32), np.linspace(0.1, 5.0, count)
        project.store_proposals(None, None, ProposalBatch(ids, uv, depth, uv, depth, c, c, uv, depth))
        assert decide_all(project, "accept", HandQuery(), "ann") == HANDS
    return path


@pytest.fixture
def window(open_window: Callable[[Path], MainWindow], accepted: Path, tmp_path: Path) -> MainWindow:
    return open_window(copytree(accepted, tmp_path / "project"))


class Turns(QObject):
    """How long the event loop took from turn to turn."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        timer = QTimer(self, interval=2)
        timer.timeout.connect(self._turn)
        timer.start()

    def _turn(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now


def press(window: MainWindow, key: tuple[Key, Mod]) -> None:
    Person(window).key(*key)


def until_done(window: MainWindow, qtbot) -> None:
    qtbot.waitUntil(lambda: not window.steps.running, timeout=60_000)


def accepted_in(window: MainWindow) -> int:
    return window.session.project.state_counts()[State.ACCEPTED]


def acts(window: MainWindow) -> list[tuple[str, str]]:
    """What happened, latest first."""
    return [(entry.action, entry.title) for entry in window.session.project.history.entries(10)]


@pytest.mark.parametrize("redone", [False, True])
def test_the_event_loop_keeps_turning_while_many_hands_are_undone_and_redone(window, qtbot, redone):
    if redone:
        press(window, UNDO)
        until_done(window, qtbot)
    began, turns = time.perf_counter(), Turns()
    press(window, REDO if redone else UNDO)
    assert window.steps.running
    assert window.status.step.isVisible()
    until_done(window, qtbot)
    took = time.perf_counter() - began
    turns.deleteLater()
    assert accepted_in(window) == (HANDS if redone else 0)
    assert len(turns.gaps) > 20
    assert max(turns.gaps) < took / 3
    assert not window.status.step.isVisible()
    did = "Redid" if redone else "Undid"
    assert window.status.message.full_text == f"{did}: Accept 30\u202f000 hands"
    assert (window.session.hand_view(window.session.hand_id).label is not None) is redone


def test_progress_is_shown_while_it_goes_on(window, qtbot):
    strip, seen = window.status.step, set()
    window.steps._progress.told.connect(lambda done, total, _unit: seen.add((done, total)))
    press(window, UNDO)
    assert strip.text.full_text.startswith("Undoing: Accept 30\u202f000 hands")
    until_done(window, qtbot)
    assert (0, HANDS) in seen
    assert (HANDS, HANDS) in seen
    assert len(seen) > 3


def test_keys_pressed_meanwhile_do_nothing_and_say_why(window, qtbot, hand):
    press(window, (Key.Key_R, Mod.NoModifier))
    press(window, UNDO)
    press(window, UNDO)
    before = acts(window)
    for key in (UNDO, REDO, (Key.Key_Space, Mod.NoModifier), (Key.Key_R, Mod.NoModifier)):
        window.status.say("")
        press(window, key)
        assert window.status.message.full_text.startswith(COMES_FIRST)
    window.status.say("")
    u, v = hand.joint(8)
    hand.drag((u, v), (u - 20, v + 10))
    assert window.status.message.full_text.startswith(COMES_FIRST)
    assert window.session.edit is None
    assert window.steps.running
    assert acts(window) == before
    until_done(window, qtbot)
    assert acts(window)[0] == ("undo", "Accept 30\u202f000 hands")
    assert len(acts(window)) == len(before) + 1
    assert accepted_in(window) == 0
    press(window, (Key.Key_Space, Mod.NoModifier))
    assert accepted_in(window) == 1


def test_other_hands_are_looked_at_meanwhile(window, qtbot):
    press(window, UNDO)
    press(window, (Key.Key_Right, Mod.NoModifier))
    qtbot.waitUntil(lambda: window.canvas.frame is not None and window.session.frame_index == 1)
    assert window.steps.running
    until_done(window, qtbot)


def test_cancelled_all_is_as_it_was_and_it_can_be_undone_later(window, qtbot):
    before = acts(window)
    press(window, UNDO)
    assert window.services.actions["cancel_step"].isEnabled()
    press(window, CANCEL)
    until_done(window, qtbot)
    assert window.status.message.full_text.startswith("Cancelled, nothing of it is done: Undoing")
    assert not window.services.actions["cancel_step"].isEnabled()
    assert accepted_in(window) == HANDS
    assert acts(window) == before
    press(window, UNDO)
    until_done(window, qtbot)
    assert accepted_in(window) == 0


def test_a_window_that_is_closed_meanwhile_waits_for_it(window, qtbot, desk):
    path = window.session.project.path
    press(window, UNDO)
    with qtbot.waitSignal(window.closed, timeout=60_000):
        window.close()
        assert window.isVisible()
        assert "The window closes after this: Undoing" in window.banner.text.text()
    assert desk.windows == []
    with Project.open(path) as project:
        assert project.state_counts()[State.PROPOSED] == HANDS


def test_a_window_that_is_closed_twice_does_not_wait_and_the_project_is_as_before(window, qtbot, desk):
    path = window.session.project.path
    press(window, UNDO)
    with qtbot.waitSignal(window.closed, timeout=60_000):
        window.close()
        window.close()
    with Project.open(path) as project:
        assert project.state_counts()[State.ACCEPTED] == HANDS
        assert project.history.next("undo").hands == HANDS


def test_the_end_of_the_program_waits_for_it(window, desk):
    path = window.session.project.path
    press(window, UNDO)
    window.close_and_wait()
    assert desk.windows == []
    with Project.open(path) as project:
        assert project.state_counts()[State.PROPOSED] == HANDS


def test_a_note_that_is_written_meanwhile_is_kept_and_comes_after(window, qtbot):
    from handstudio.ui.inspector.note import NoteLine

    line = NoteLine(window.session)
    qtbot.addWidget(line)
    line.show()
    line.show_hand(window.session.project.hand(1))
    press(window, UNDO)
    QTest.keyClicks(line.field, "thumb hidden")
    QTest.keyClick(line.field, Key.Key_Return)
    assert window.session.project.hand(1).note == ""
    until_done(window, qtbot)
    assert window.session.project.hand(1).note == "thumb hidden"
    assert [title for _, title in acts(window)[:2]] == ["Write a note", "Accept 30\u202f000 hands"]


def test_small_steps_are_undone_at_once(window):
    press(window, (Key.Key_R, Mod.NoModifier))
    press(window, UNDO)
    assert not window.steps.running
    assert accepted_in(window) == HANDS

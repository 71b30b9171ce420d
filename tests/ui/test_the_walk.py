"""Open, propose, accept, drag, undo, redo, close, reopen, finetune: by mouse and keys; nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from handstudio.project.project import Project
from handstudio.project.records import State
from handstudio.ui.desk import Desk

from .conftest import close_all
from .walk import ACCEPTED, DRAGGED, TINY, Walk, footage, project_with_model, shipped_model

FRAMES = 40
STEP_BOUND_S = 5.0
"""From a key to the next frame painted, on a machine that may be busy with other things as well."""


@pytest.fixture
def walk(qapp, settings: QSettings, tmp_path: Path):
    model = shipped_model(tmp_path / "model", TINY)
    desk = Desk(settings)
    yield Walk(desk, project_with_model(tmp_path / "project", model))
    close_all(desk)


@pytest.mark.timeout(600)
def test_a_person_walks_through_the_main_job_and_nothing_is_lost(walk: Walk, tmp_path: Path, qtbot) -> None:
    walk.open()
    assert walk.window.canvas.pages.state == "empty"

    walk.import_by_dropping(footage(tmp_path / "photographs", FRAMES))
    assert walk.kept().count(State.NONE) == FRAMES

    walk.propose()
    proposed = walk.kept()
    assert proposed.count(State.PROPOSED) == FRAMES
    assert proposed.audit == []

    accepted = walk.accept()
    assert len(set(accepted)) == ACCEPTED
    assert [walk.kept().states[hand] for hand in accepted] == [State.ACCEPTED] * ACCEPTED

    fixed = walk.window.session.hand_id
    before = walk.window.session.hand_view(fixed).pose
    joints = walk.drag_joints()
    decided = walk.kept()
    assert decided.states[fixed] == State.FIXED
    assert decided.labels.keys() == {*accepted, fixed}
    assert decided.actions() == ["apply"] * (ACCEPTED + DRAGGED)
    with Project.open(walk.path, read_only=True) as project:
        pose = project.label_of(fixed).pose
    for joint in joints:
        assert pose.uv[joint][0] < before.uv[joint][0]
        assert pose.uv[joint][1] > before.uv[joint][1]

    assert walk.undo_all() == ACCEPTED + DRAGGED
    undone = walk.kept()
    assert undone.states == proposed.states
    assert undone.labels == {}

    assert walk.redo_all() == ACCEPTED + DRAGGED
    redone = walk.kept()
    assert (redone.states, redone.labels) == (decided.states, decided.labels)
    commands = [command for _, command in decided.audit]
    assert redone.audit == [
        *(("apply", command) for command in commands),
        *(("undo", command) for command in reversed(commands)),
        *(("redo", command) for command in commands),
    ]

    walk.close()
    assert walk.kept() == redone
    walk.open("reopened")
    assert walk.kept() == redone
    assert walk.window.services.actions["undo"].isEnabled()
    assert walk.window.session.progress()[State.ACCEPTED] == ACCEPTED

    stepping = walk.finetune_while_stepping()
    assert len(stepping.steps_s) >= 10
    assert max(stepping.steps_s) < STEP_BOUND_S
    assert walk.kept() == redone
    with Project.open(walk.path, read_only=True) as project:
        (run,) = project.runs("finetune")
        new = next(model for model in project.models() if model.source == "finetune")
        assert run.state == "finished"
        assert (new.parent, new.adopted) == ("shipped", False)
        assert project.adopted_model().id == "shipped"
    walk.close()
    assert walk.kept() == redone

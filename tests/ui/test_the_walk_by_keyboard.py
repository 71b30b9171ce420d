"""The main job without a mouse, from the import to the export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt

from handstudio.project.project import Project
from handstudio.project.records import State
from handstudio.ui.desk import Desk
from handstudio.ui.queue.bulk_dialog import BulkDialog
from handstudio.ui.reveal import in_front

from .conftest import close_all
from .keyboard import Keyboard
from .person import Person, wait_until
from .walk import TINY, footage, project_with_model, shipped_model

Key, Mod = Qt.Key, Qt.KeyboardModifier
FRAMES = 12
HELD = 3


@pytest.fixture
def walk(qapp, settings: QSettings, tmp_path: Path):
    model = shipped_model(tmp_path / "model", TINY)
    desk = Desk(settings)
    yield Keyboard(desk, project_with_model(tmp_path / "project", model))
    close_all(desk)


@pytest.mark.timeout(600)
def test_the_main_job_is_done_by_keys_alone(walk: Keyboard, tmp_path: Path, qtbot, monkeypatch) -> None:
    for act in ("click", "click_tab", "drag", "drop", "hold", "point", "wheel"):
        monkeypatch.delattr(Person, act)
    walk.open()
    photographs = footage(tmp_path / "photographs", FRAMES)

    walk.press(Key.Key_O, Mod.ControlModifier)
    walk.answer(str(photographs))
    wait_until(walk._shows_a_frame, "the imported footage is shown")
    walk._wait_for_jobs()
    walk.propose()
    assert walk.kept().count(State.PROPOSED) == FRAMES

    walk.accept(3)
    fixed = walk.window.session.hand_id
    before = walk.window.session.hand_view(fixed).pose
    walk.press(Key.Key_Tab)
    (joint,) = walk.window.session.joints
    walk.press(Key.Key_Right, Mod.AltModifier, times=5)
    assert walk.kept().states[fixed] == State.FIXED
    with Project.open(walk.path, read_only=True) as project:
        assert project.label_of(fixed).pose.uv[joint][0] == pytest.approx(before.uv[joint][0] + 5, abs=0.5)

    queue = walk.window.session.queue
    walk.filter("state:proposed")
    wait_until(lambda: len(queue.ids) == FRAMES - 4, "the queue holds what is left")
    walk.press(Key.Key_B, Mod.ControlModifier | Mod.ShiftModifier)
    dialog = []

    def decide() -> None:
        dialog.append(walk._front())
        wait_until(dialog[0].go.isEnabled, "the hands are counted")
        walk.press(Key.Key_Return)

    walk.in_dialog(BulkDialog, decide)
    assert walk.kept().count(State.ACCEPTED) == FRAMES - 1
    walk.press(Key.Key_Z, Mod.ControlModifier)
    assert walk.kept().count(State.ACCEPTED) == 3
    walk.filter("")
    wait_until(lambda: len(queue.ids) == FRAMES, "the queue holds all hands")

    walk.press(Key.Key_T)
    wait_until(lambda: bool(walk.window.services.board.running), "the finetune runs")
    walk._wait_for_jobs()
    models = walk.window.docks.widgets["models"]
    walk.act("Adopt the model")
    wait_until(lambda: in_front(models), "the models are in front")
    wait_until(lambda: models.pages.state == "content" and len(models._records) == 2, "both are listed")
    for _ in range(3):
        if models._chosen != "shipped":
            break
        walk.press(Key.Key_Down)
    walk.act("Adopt the model")
    assert "learnt from every sequence" in walk.window.status.message.full_text
    _hold_out_new_footage(walk, footage(tmp_path / "held", HELD))
    walk.act("Judge on the hold-out")
    wait_until(lambda: bool(walk.window.services.board.running), "the models are judged")
    walk._wait_for_jobs()
    wait_until(models.adopt.isEnabled, "the new model can be adopted")
    walk.act("Adopt the model")
    walk.act("Adopt the model")
    with Project.open(walk.path, read_only=True) as project:
        assert project.adopted_model().source == "finetune"

    walk.press(Key.Key_E, Mod.ControlModifier)
    walk.answer(str(tmp_path / "labels.json"))
    walk._wait_for_jobs()
    assert len(json.loads((tmp_path / "labels.json").read_text("utf-8"))["annotations"]) == 4 + HELD
    walk.close()


def _hold_out_new_footage(walk: Keyboard, folder: Path) -> None:
    """Import, propose, hold out and accept what no model has learnt from."""
    walk.press(Key.Key_O, Mod.ControlModifier)
    walk.answer(str(folder))
    wait_until(lambda: len(walk.window.session.project.sequences()) == 2, "the further footage is there")
    walk._wait_for_jobs()
    walk.press(Key.Key_P)
    wait_until(lambda: bool(walk.window.services.board.running), "it proposes")
    walk._wait_for_jobs()
    walk.filter(f"seq:{folder.name}")
    wait_until(lambda: len(walk.window.session.queue.ids) == HELD, "the queue holds the new hands")
    walk.press(Key.Key_N)
    walk.act("Hold-out")
    walk.accept(HELD - 1)
    walk.press(Key.Key_Space)
    with Project.open(walk.path, read_only=True) as project:
        assert [sequence.hold_out for sequence in project.sequences()] == [False, True]
    walk.filter("")

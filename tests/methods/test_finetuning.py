"""Finetuning on a project: what is learned from, what is kept, what is left alone."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.methods.device import Engine
from handstudio.methods.finetuning import finetune
from handstudio.methods.footage import LearntFrom
from handstudio.methods.proposing import propose
from handstudio.methods.weights import load_model
from handstudio.progress import Silent
from handstudio.project.commands import SetHoldOut, SetLabel, SetState
from handstudio.project.project import Project
from handstudio.project.records import HandQuery, ModelRecord, State

from .conftest import Made

ENGINE = Engine("cpu", "32-true", 1)


class After(Silent):
    """Cancels after some steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.seen = 0

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        self.seen += total is not None

    def cancelled(self) -> bool:
        return self.seen >= self.steps


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _labelled(project: Project, model: ModelRecord, count: int) -> list[int]:
    propose(project, model, engine=ENGINE)
    ids = [int(number) for number in project.hand_ids(HandQuery())]
    _fix(project, ids[:count])
    return ids


def _fix(project: Project, ids: list[int]) -> None:
    for number in ids:
        proposal = project.proposal_of(number)
        assert proposal is not None
        project.history.apply(SetLabel(number, proposal.pose, State.FIXED, "dragged", proposal.id), "ann")


def test_a_new_model_is_registered_with_its_lineage_and_not_adopted(made: Made) -> None:
    project, model = made()
    _labelled(project, model, 3)
    run = project.start_run("finetune", [], {})
    result = finetune(project, model, run_id=run, engine=ENGINE)
    assert (result.finished, result.hands, result.labelled, result.parent) == (True, 10, 3, "toy-1")
    assert result.model is not None
    new = project.model(result.model)
    assert (new.parent, new.adopted, new.source) == ("toy-1", False, "finetune")
    assert new.lineage["parents"] == ["toy-1"]
    assert new.lineage["data"]["labelled"] == 3
    assert new.lineage["data"]["sequences"] == ["one", "two"]
    assert load_model(Path(new.path)).lineage.source == "finetune"
    adopted = project.adopted_model("toy")
    assert adopted is not None
    assert adopted.id == "toy-1"


def test_a_run_that_goes_on_after_its_model_was_registered_makes_no_second_one(made: Made) -> None:
    project, model = made()
    run = project.start_run("finetune", [], {})
    first = finetune(project, model, run_id=run, engine=ENGINE)
    again = finetune(project, model, run_id=run, engine=ENGINE)
    assert (again.finished, again.model) == (True, first.model)
    assert len(project.models()) == 2


def test_hold_out_and_rejected_hands_are_not_learned_from(made: Made) -> None:
    project, model = made()
    ids = _labelled(project, model, 2)
    project.history.apply(SetState(ids[4], State.REJECTED), "ann")
    project.history.apply(SetHoldOut(project.sequences()[1].id, True), "ann")
    result = finetune(project, model, run_id=project.start_run("finetune", [], {}), engine=ENGINE)
    assert (result.hands, result.labelled) == (4, 2)


def test_without_labels_labelled_hands_are_footage_like_the_rest(made: Made) -> None:
    project, model = made()
    _labelled(project, model, 3)
    run = project.start_run("finetune", [], {})
    result = finetune(project, model, run_id=run, labels="none", engine=ENGINE)
    assert (result.hands, result.labelled) == (10, 0)


@pytest.mark.parametrize("stop", [0, 1, 3])
def test_a_cancelled_finetune_leaves_its_parent_byte_for_byte_and_resumes(made: Made, stop: int) -> None:
    project, model = made()
    before = _digests(Path(model.path))
    run = project.start_run("finetune", [], {})
    cancelled = finetune(project, model, run_id=run, progress=After(stop), engine=ENGINE)
    assert (cancelled.finished, cancelled.model) == (False, None)
    assert [found.id for found in project.models()] == ["toy-1"]
    assert _digests(Path(model.path)) == before
    resumed = finetune(project, model, run_id=run, engine=ENGINE)
    assert resumed.finished
    whole = finetune(project, model, run_id=project.start_run("finetune", [], {}), engine=ENGINE)
    assert resumed.model is not None
    assert whole.model is not None
    first, second = (
        load_model(Path(project.model(one).path)).network.state_dict() for one in (resumed.model, whole.model)
    )
    assert all(np.array_equal(first[name].numpy(), second[name].numpy()) for name in first)
    assert _digests(Path(model.path)) == before


def test_pseudo_labels_are_kept_with_the_run_in_pixels(made: Made) -> None:
    project, model = made()
    run = project.start_run("finetune", [], {})
    finetune(project, model, run_id=run, engine=ENGINE)
    kept = project.pseudo_labels(run)
    assert len(kept) == 1
    assert kept[0].hand_ids.tolist() == [int(number) for number in project.hand_ids(HandQuery())]
    assert np.allclose(kept[0].uv, (64.0, 48.0), atol=1e-3)
    assert kept[0].trusted.all()


def test_a_resumed_run_keeps_to_the_footage_that_it_began_with(made: Made) -> None:
    project, model = made()
    run = project.start_run("finetune", [], {})
    finetune(project, model, run_id=run, progress=After(1), engine=ENGINE)
    project.history.apply(SetHoldOut(project.sequences()[1].id, True), "ann")
    resumed = finetune(project, model, run_id=run, engine=ENGINE)
    assert resumed.hands == 10
    assert resumed.model is not None
    assert project.model(resumed.model).lineage["data"]["sequences"] == ["one", "two"]


def test_a_resumed_run_keeps_to_the_labels_that_it_began_with(made: Made) -> None:
    project, model = made()
    ids = _labelled(project, model, 2)
    run = project.start_run("finetune", [], {})
    finetune(project, model, run_id=run, progress=After(1), engine=ENGINE)
    _fix(project, ids[2:5])
    project.history.apply(SetState(ids[0], State.REJECTED), "ann")
    resumed = finetune(project, model, run_id=run, engine=ENGINE)
    assert (resumed.hands, resumed.labelled) == (10, 2)


def test_a_resumed_run_knows_which_labels_nobody_looked_at(made: Made, tmp_path: Path) -> None:
    project, model = made()
    ids = _labelled(project, model, 2)
    proposal = project.proposal_of(ids[2])
    assert proposal is not None
    project.history.apply(SetLabel(ids[2], proposal.pose, State.AUTO_ACCEPTED, "carried", proposal.id), "ann")
    for learnt in (LearntFrom.read(project, "curated", None, None, 0).as_begun(tmp_path) for _ in range(2)):
        assert learnt.labels.hand_ids.tolist() == ids[:3]
        assert learnt.looked_at.tolist() == ids[:2]
        project.history.apply(SetState(ids[2], State.ACCEPTED), "ann")


def test_footage_that_is_gone_is_a_problem_and_the_rest_is_learnt_from(made: Made) -> None:
    project, model = made()
    shutil.rmtree(project.sequences()[0].path)
    result = finetune(project, model, run_id=project.start_run("finetune", [], {}), engine=ENGINE)
    assert (result.hands, len(result.problems)) == (5, 1)
    assert project.sequences()[0].path in result.problems[0]


def test_without_footage_it_says_so(made: Made) -> None:
    project, model = made()
    for record in project.sequences():
        project.history.apply(SetHoldOut(record.id, True), "ann")
    with pytest.raises(HandStudioError, match="no hands to learn from"):
        finetune(project, model, run_id=project.start_run("finetune", [], {}), engine=ENGINE)


def test_frames_that_cannot_be_read_are_problems(made: Made) -> None:
    project, model = made()
    Path(project.sequences()[0].path, "01.png").unlink()
    result = finetune(project, model, run_id=project.start_run("finetune", [], {}), engine=ENGINE)
    assert result.hands == 9
    assert len(result.problems) == 1

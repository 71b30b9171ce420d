"""A finetune is judged on hands that it never sees."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.methods.device import Engine
from handstudio.methods.finetuning import finetune
from handstudio.methods.judging import HoldOut
from handstudio.methods.judging_again import judge_models
from handstudio.methods.proposing import propose
from handstudio.progress import Silent
from handstudio.project.commands import SetHoldOut, SetLabel
from handstudio.project.project import Project
from handstudio.project.records import HandQuery, ModelRecord, Pose, State

from .conftest import Made

ENGINE = Engine("cpu", "32-true", 1)
SHIFT = 3.0


class Listening(Silent):
    """Keeps the figures that are told."""

    def __init__(self) -> None:
        self.told: list[dict[str, float]] = []

    def values(self, step: int, values: Mapping[str, float]) -> None:
        self.told.append(dict(values))


def _held_out(project: Project, model: ModelRecord) -> list[int]:
    """The second sequence held out, its labels ``SHIFT`` px right of the proposals; ids of its hands."""
    propose(project, model, engine=ENGINE)
    held = project.sequences()[1].id
    ids = [int(number) for number in project.hand_ids(HandQuery((held,)))]
    for number in ids:
        proposal = project.proposal_of(number)
        assert proposal is not None
        pose = proposal.pose
        moved = Pose(pose.uv + np.float32((SHIFT, 0.0)), pose.depth, pose.visibility)
        project.history.apply(SetLabel(number, moved, State.FIXED, "dragged", proposal.id), "ann")
    project.history.apply(SetHoldOut(held, True), "ann")
    return ids


def test_both_models_keep_their_figures_on_the_hold_out(made: Made) -> None:
    project, model = made()
    ids = _held_out(project, model)
    listening = Listening()
    result = finetune(
        project, model, run_id=project.start_run("finetune", [], {}), engine=ENGINE, progress=listening
    )
    assert result.model is not None
    before = project.model("toy-1").lineage["hold_out"]
    after = project.model(result.model).lineage["hold_out"]
    assert before["hand_ids"] == after["hand_ids"] == ids
    assert before["epe_px"] == pytest.approx(SHIFT, abs=1e-3)
    labels = project.poses("label", ids)
    for model_id, figures in (("toy-1", before), (result.model, after)):
        kept = project.judged_uv(model_id, ids)
        apart = [
            float(np.linalg.norm(kept[number] - label, axis=1).mean())
            for number, label in zip(ids, labels.uv, strict=True)
        ]
        assert apart == pytest.approx(figures["hand_px"], abs=1e-3)
    told = [values["hold_out_px"] for values in listening.told if "hold_out_px" in values]
    assert told
    assert project.adopted_model("toy").id == "toy-1"  # type: ignore[union-attr]


def test_no_model_is_judged_on_hands_that_it_or_its_parents_learnt_from(made: Made) -> None:
    project, model = made()
    run = project.start_run("finetune", [], {})
    child = finetune(project, model, run_id=run, sequences=[project.sequences()[1].id], engine=ENGINE).model
    assert child is not None
    _held_out(project, model)
    result = finetune(
        project, project.model(child), run_id=project.start_run("finetune", [], {}), engine=ENGINE
    )
    assert result.model is not None
    assert "hold_out" not in project.model(result.model).lineage


def test_without_reviewed_hands_held_out_nothing_is_judged(made: Made) -> None:
    project, model = made()
    project.history.apply(SetHoldOut(project.sequences()[1].id, True), "ann")
    assert HoldOut.read(project, 64) is None
    result = finetune(project, model, run_id=project.start_run("finetune", [], {}), engine=ENGINE)
    assert result.model is not None
    assert "hold_out" not in project.model(result.model).lineage


def test_models_that_are_there_already_are_judged_on_hands_that_none_of_them_learnt_from(made: Made) -> None:
    project, model = made()
    first, second = (record.id for record in project.sequences())
    run = project.start_run("finetune", [], {})
    child = finetune(project, model, run_id=run, sequences=[first], engine=ENGINE).model
    assert child is not None
    assert "hold_out" not in project.model(child).lineage
    ids = _held_out(project, model)
    project.history.apply(SetHoldOut(first, True), "ann")
    own = int(project.hand_ids(HandQuery((first,)))[0])
    pose = project.label_of(ids[0])
    assert pose is not None
    project.history.apply(SetLabel(own, pose.pose, State.FIXED, "dragged"), "ann")
    found = judge_models(project, [project.model(child), model], engine=ENGINE)
    assert {one.hands for one in found.values()} == {len(ids)}
    for name in (child, "toy-1"):
        kept = project.model(name).lineage["hold_out"]
        assert kept["hand_ids"] == ids
        assert kept["epe_px"] == pytest.approx(found[name].epe_px)
    assert found["toy-1"].epe_px == pytest.approx(SHIFT, abs=1e-3)
    assert set(project.judged_uv(child, ids)) == set(ids)
    project.history.apply(SetHoldOut(second, False), "ann")
    with pytest.raises(HandStudioError, match="No reviewed hand is held out"):
        judge_models(project, [project.model(child), model], engine=ENGINE)

"""A model is adopted only against a hold-out; what is missing is said, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from handstudio.project import Project
from handstudio.project.commands import AdoptModel, SetHoldOut
from handstudio.review.adoption import Obstacle, obstacle
from handstudio.review.judged import judged_of

from .promised import many_hands, review


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two sequences of ten hands each; the first model, which learnt from nothing here, proposes."""
    with many_hands(tmp_path / "project", 20) as project:
        project.history.apply(AdoptModel("first"), "ann")
        yield project


def add(project: Project, name: str, parent: str | None, learnt: list[str]) -> None:
    lineage = {"data": {"sequences": learnt}}
    project.add_model(name, name, "toy", "only", source="finetune", parent=parent, lineage=lineage)


def judge(project: Project, name: str, hands: list[int]) -> None:
    figures: Mapping[str, Any] = {
        "hands": len(hands),
        "epe_px": 1.0,
        "pck_005": 1.0,
        "hand_ids": hands,
        "hand_px": [1.0] * len(hands),
        "hand_share": [0.01] * len(hands),
    }
    project.change_lineage(name, {**project.model(name).lineage, "hold_out": figures})


def missing(project: Project, name: str) -> Obstacle | None:
    models = project.models()
    return obstacle(project, models, project.model(name), {one.id: judged_of(one) for one in models})


def step(project: Project, name: str) -> str | None:
    found = missing(project, name)
    return None if found is None else found.step


def test_each_thing_that_is_missing_comes_after_the_other(project: Project) -> None:
    add(project, "new", "first", ["walk 0"])
    assert step(project, "new") == "draw"
    project.history.apply(SetHoldOut(2, True), "ann")
    found = missing(project, "new")
    assert found is not None
    assert (found.step, [one.name for one in found.sequences]) == ("review", ["walk 1"])
    review(project, [15])
    assert step(project, "new") == "judge"
    judge(project, "new", [15])
    assert "first" in missing(project, "new").reason.casefold()  # type: ignore[union-attr]
    judge(project, "first", [15])
    assert missing(project, "new") is None


def test_models_that_were_judged_on_different_hands_are_to_be_judged_together(project: Project) -> None:
    add(project, "new", "first", ["walk 0"])
    project.history.apply(SetHoldOut(2, True), "ann")
    review(project, [15, 16])
    judge(project, "new", [15])
    judge(project, "first", [16])
    assert step(project, "new") == "judge"


def test_what_a_model_learnt_from_cannot_judge_it(project: Project) -> None:
    add(project, "new", "first", ["walk 1"])
    project.history.apply(SetHoldOut(2, True), "ann")
    review(project, [15])
    assert step(project, "new") == "draw"
    add(project, "newer", "new", ["walk 0"])
    assert step(project, "newer") == "import"


def test_going_back_needs_no_judgement(project: Project) -> None:
    add(project, "new", "first", ["walk 0"])
    add(project, "newer", "new", ["walk 0"])
    project.history.apply(AdoptModel("newer"), "ann")
    assert [step(project, name) for name in ("newer", "new", "first")] == [None] * 3


def test_where_no_model_proposes_any_may(project: Project) -> None:
    add(project, "new", "first", ["walk 0", "walk 1"])
    project.history.apply(AdoptModel(None), "ann")
    assert missing(project, "new") is None


def test_a_single_sequence_cannot_be_learnt_from_and_judge(tmp_path: Path) -> None:
    with many_hands(tmp_path / "one", 10, sequences=1) as project:
        project.history.apply(AdoptModel("first"), "ann")
        add(project, "new", "first", ["walk 0"])
        assert step(project, "new") == "import"

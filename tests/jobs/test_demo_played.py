"""The demonstration plays the whole loop, and adopts a new model only where it is better."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handstudio.jobs import demo
from handstudio.jobs.command import Work
from handstudio.jobs.finetuning import Wishes
from handstudio.jobs.progress import Quiet
from handstudio.jobs.references import reference_for
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project
from handstudio.project.records import UNDECIDED, HandQuery, ProposalBatch, State
from tests.media.footage import write_recording

FRAMES = 12
PARENT_OFF_PX = 3.0


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], dict[str, Any]]:
    """Plays it with models that are off by so many px: nothing is trained and no network looks."""
    off = {"parent": PARENT_OFF_PX}

    def proposing(
        work: Work, path: Path, model: str | None = None, sequences: Any = None, decided: bool = False
    ) -> dict[str, Any]:
        with Project.open(path, writer="job") as project:
            known = {each.id for each in project.models()}
            if "parent" not in known:
                add_model(project, "parent", adopted=True)
            adopted = project.adopted_model()
            assert adopted is not None
            name = model or adopted.id
            chosen = tuple(each.id for each in project.sequences() if each.name in (sequences or [each.name]))
            ids = project.hand_ids(HandQuery(sequences=chosen, states=None if decided else UNDECIDED))
            truth = reference_for(project, "truth")
            rows = [truth.row_of(hand_id) for hand_id in ids.tolist()]
            assert truth.depth is not None
            uv, depth = truth.uv[rows] + np.float32(off[name]), truth.depth[rows]
            terms = np.arange(len(ids), dtype=np.float32)
            batch = ProposalBatch(ids, uv, depth, uv, depth, terms, terms)
            project.store_proposals(None, name, batch, include_decided=decided)
        return {"model": name, "hands": len(ids), "per_second": None, "problems": []}

    def finetuning(work: Work, path: Path, wishes: Wishes) -> dict[str, Any]:
        with Project.open(path, writer="job") as project:
            add_model(project, "child", adopted=False)
        return {"model": "child", "parent": "parent", "epochs": 1, "losses": {"loss": 0.5}}

    def run(child_off_px: float) -> dict[str, Any]:
        off["child"] = child_off_px
        return demo.run(Work(Quiet(StopRequest()), None), out=tmp_path / "out", screenshots=False)

    for subject in ("ada", "ben"):
        write_recording(tmp_path / "example" / subject, frames=FRAMES, views=1)
    monkeypatch.setattr(demo, "EXAMPLE", tmp_path / "example")
    monkeypatch.setattr(demo.proposing, "run", proposing)
    monkeypatch.setattr(demo.finetuning, "run", finetuning)
    return run


def add_model(project: Project, name: str, adopted: bool) -> None:
    project.add_model(name, name, "semihand", "lite", source="pretrain", path=name, adopted=adopted)


def test_a_better_model_is_adopted_and_proposes_for_what_is_left(
    play: Callable[[float], dict[str, Any]], tmp_path: Path
) -> None:
    result = play(1.0)
    assert result.keys() >= {"out", "report", "screenshots", "before", "after", "labels", "seconds"}
    assert (result["adopted"], result["parent"], result["model"]) == (True, "parent", "child")
    assert result["after"]["left"]["epe_px"] < result["before"]["left"]["epe_px"]
    with Project.open(tmp_path / "out" / "project") as project:
        adopted = project.adopted_model()
        assert adopted is not None
        assert adopted.id == "child"
        held = [each for each in project.sequences() if each.hold_out]
        assert [each.subject for each in held] == [project.sequences()[-1].subject]
        assert project.state_counts()[State.PROPOSED] > 0
    report = (tmp_path / "out" / "report.md").read_text("utf-8")
    for title in (
        *("Import", "Propose", "Review", "Finetune", "Compare on the hold-out"),
        *("Propose again", "Export"),
    ):
        assert f"## {title} (" in report
    assert "better in EPE px" in report
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"labels.json", "labels.h5", "curves"}


def test_a_worse_model_is_not_adopted_and_the_proposals_before_it_come_back(
    play: Callable[[float], dict[str, Any]], tmp_path: Path
) -> None:
    result = play(9.0)
    assert result["adopted"] is False
    with Project.open(tmp_path / "out" / "project") as project:
        adopted = project.adopted_model()
        assert adopted is not None
        assert adopted.id == "parent"
        standing = {project.proposal_of(hand_id).model_id for hand_id in project.hand_ids().tolist()}  # type: ignore[union-attr]
        assert standing == {"parent"}
    assert "worse in EPE px" in (tmp_path / "out" / "report.md").read_text("utf-8")

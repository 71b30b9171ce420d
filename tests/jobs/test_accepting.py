"""The shell refuses and accepts as the window does, and says why."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from handstudio.cli.app import app
from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.template import TEMPLATE_MM
from handstudio.jobs import reviewing
from handstudio.jobs.accepting import PromiseWishes, run
from handstudio.jobs.command import Work
from handstudio.jobs.progress import Quiet
from handstudio.jobs.reviewing import Wishes
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project
from handstudio.project.records import (
    FrameImport,
    HandImport,
    Pose,
    ProposalBatch,
    SequenceImport,
    State,
)

HANDS = 200
FLAT = (TEMPLATE_MM[:, :2] / 2.5 + (50.0, 80.0)).astype(np.float32)
ASKED = {"share": 0.1, "worse_than": 5.0, "confidence": 0.9}


def work() -> Work:
    return Work(Quiet(StopRequest()), None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Hands with truth; the more doubtful tenth of their proposals is far off."""
    pose = Pose(FLAT, np.zeros(21, np.float32))
    box = Box(0.0, 0.0, 64.0, 64.0)
    with Project.create(tmp_path / "P") as project:
        project.add_sequence(
            SequenceImport(
                "walk",
                "folder",
                "/footage",
                [FrameImport(f"{index}.png", 100, 100) for index in range(HANDS)],
                [HandImport(index, "right", box, "dataset", truth=pose) for index in range(HANDS)],
            )
        )
        uv = np.repeat(FLAT[None], HANDS, 0)
        uv[-HANDS // 10 :] += 20.0
        depth, zeros = np.zeros((HANDS, 21), np.float32), np.zeros(HANDS)
        doubt = np.repeat(np.linspace(1.0, 2.0, HANDS)[:, None], 21, axis=1)
        batch = ProposalBatch(project.hand_ids(), uv, depth, uv, depth, zeros + 1.0, zeros, joint_doubt=doubt)
        project.store_proposals(None, None, batch)
    return tmp_path / "P"


def states(path: Path) -> dict[State, int]:
    with Project.open(path, read_only=True) as project:
        return project.state_counts()


def sampled_and_reviewed(path: Path) -> list[int]:
    drawn = run(work(), path, PromiseWishes(draw_sample=0, **ASKED))["sample"]["hands"]
    reviewing.run(work(), path, Wishes(label_from="truth", sampled=True, count=HANDS, exact=True))
    return drawn


def test_acceptance_without_reviews_is_refused_with_the_reason_and_what_to_do(path: Path) -> None:
    with pytest.raises(HandStudioError, match="No random sample") as refused:
        run(work(), path, PromiseWishes(auto_accept=True, **ASKED))
    assert "Draw a sample of" in str(refused.value.remedy)
    assert states(path)[State.AUTO_ACCEPTED] == 0


def test_a_sample_is_drawn_listed_reviewed_and_then_accepted_on(path: Path) -> None:
    drawn = run(work(), path, PromiseWishes(draw_sample=0, **ASKED))
    listed = reviewing.run(work(), path, Wishes(list_hands=True, sampled=True, count=1000))["listed"]
    assert [row["hand"] for row in listed] == drawn["sample"]["hands"] == drawn["sample"]["pending"]
    fixed = reviewing.run(work(), path, Wishes(label_from="truth", sampled=True, count=HANDS, exact=True))
    assert sorted(fixed["hands"]) == sorted(drawn["sample"]["hands"])
    answer = run(work(), path, PromiseWishes(auto_accept=True, who="Ada", **ASKED))
    assert answer["accepted"] == answer["states"]["auto_accepted"] > 50
    assert answer["promise"]["share"] == 0.1
    assert "at most 10 % of the accepted hands are worse than 5 px" in answer["done"][0]
    reviewing.run(work(), path, Wishes(undo=True))
    assert states(path)[State.AUTO_ACCEPTED] == 0


def test_a_promise_that_was_not_said_before_the_sample_was_drawn_is_refused(path: Path) -> None:
    sampled_and_reviewed(path)
    with pytest.raises(HandStudioError, match="something else"):
        run(work(), path, PromiseWishes(auto_accept=True, share=0.01, worse_than=5.0, confidence=0.9))
    assert run(work(), path, PromiseWishes(auto_accept=True, share=0.2, worse_than=5.0, confidence=0.9))[
        "accepted"
    ]


def test_what_could_be_promised_is_shown_without_changing_anything(path: Path) -> None:
    shown = run(work(), path, PromiseWishes(promise=True))
    assert shown["stage"] == "no sample"
    assert shown["refused"]["more"] > 0
    sampled_and_reviewed(path)
    shown = run(work(), path, PromiseWishes(promise=True))
    assert shown["refused"] is None
    assert shown["positions"][shown["best"]]["holds"]
    json.dumps(shown)


def test_spot_checks_are_listed_and_failed_ones_withdraw_the_promise(path: Path) -> None:
    sampled_and_reviewed(path)
    with pytest.raises(HandStudioError, match="No promise stands"):
        run(work(), path, PromiseWishes(spot_check=5))
    run(work(), path, PromiseWishes(auto_accept=True, **ASKED))
    pending = run(work(), path, PromiseWishes(spot_check=8))["checks"][0]["pending"]
    assert len(pending) == 8
    done = reviewing.run(work(), path, Wishes(reject=",".join(map(str, pending))))["done"]
    assert "withdrawn" in done[-1]
    assert states(path)[State.AUTO_ACCEPTED] == 0
    reviewing.run(work(), path, Wishes(undo=True))
    assert states(path)[State.AUTO_ACCEPTED] > 0


def test_failed_checks_withdraw_the_promise_also_when_they_are_done_again(path: Path) -> None:
    sampled_and_reviewed(path)
    run(work(), path, PromiseWishes(auto_accept=True, **ASKED))
    pending = run(work(), path, PromiseWishes(spot_check=8))["checks"][0]["pending"]
    reviewing.run(work(), path, Wishes(reject=",".join(map(str, pending))))
    for _ in range(2):
        reviewing.run(work(), path, Wishes(undo=True))
    assert states(path)[State.AUTO_ACCEPTED] > 0
    done = reviewing.run(work(), path, Wishes(redo=True))["done"]
    assert done[0].startswith("Redid: Reject")
    assert "Promise 1 is withdrawn" in done[-1]
    assert states(path)[State.AUTO_ACCEPTED] == 0


def test_what_was_decided_before_it_is_drawn_to_be_checked_speaks_at_once(path: Path) -> None:
    sampled_and_reviewed(path)
    run(work(), path, PromiseWishes(auto_accept=True, **ASKED))
    reviewing.run(work(), path, Wishes(do_to_all="reject", where="state:auto-accepted"))
    assert "withdrawn" in run(work(), path, PromiseWishes(spot_check=8))["done"][0]


def test_programs_get_one_object_and_people_a_table(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["review", str(path), *words])
        return done.exit_code, done.output + capfd.readouterr().out

    terms = ("--share", "0.1", "--worse-than", "5", "--confidence", "0.9")
    code, drawn = said("--draw-sample", "0", *terms, "--json")
    assert code == 0
    assert json.loads(drawn.splitlines()[-1])["sample"]["round"] == 1
    assert said("--auto-accept", *terms, "--json")[0] == 1
    code, table = said("--promise")
    assert code == 0
    assert "still to be reviewed" in " ".join(table.split())
    assert said("--auto-accept", "--spot-check", "3")[0] == 1

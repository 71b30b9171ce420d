"""Projects of many hands with known errors, for tests of acceptance with a promise, and acts on them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from handstudio.hand.box import Box
from handstudio.project import Project
from handstudio.project.commands import Bulk, Command, SetLabel
from handstudio.project.promise_records import Sample, Terms
from handstudio.project.records import (
    FrameImport,
    HandImport,
    HandQuery,
    Pose,
    ProposalBatch,
    SequenceImport,
    State,
)
from handstudio.review import decisions
from handstudio.review.acceptance import Acceptance
from handstudio.review.expected_error import ExpectedError
from handstudio.review.session import ReviewSession
from handstudio.review.survey import Survey

from .made import hand_pose

BOX = Box(0.0, 0.0, 64.0, 64.0)
TERMS = Terms(0.1, 5.0, 0.9)
PLAIN = ExpectedError()
BAD = 20.0
"""How far bad proposals are off, px."""


def many_hands(
    folder: Path, hands: int = 300, bad: float = 0.2, sequences: int = 2, writer: str = "window"
) -> Project:
    """Hands whose doubt grows from hand to hand; the ``bad`` share of them with the largest doubt is off.

    A cell of their boxes is a pixel.
    """
    project = Project.create(folder, writer)  # type: ignore[arg-type]
    for number in range(sequences):
        count = hands // sequences
        project.add_sequence(
            SequenceImport(
                f"walk {number}",
                "folder",
                "/footage",
                [FrameImport(f"{index:04d}.jpg", 640, 480) for index in range(count)],
                [HandImport(index, "right", BOX) for index in range(count)],
            )
        )
    project.add_model("first", "First", "toy", "lite", source="finetune")
    propose(project, "first", bad)
    return project


def doubts(count: int) -> np.ndarray:
    """(N,) px, spread over the sequences."""
    return 1.0 + np.random.default_rng(5).permutation(count) / count


def is_bad(count: int, bad: float) -> np.ndarray:
    """(N,) whether each hand's proposal is off."""
    return doubts(count) > 2.0 - bad


def propose(project: Project, model_id: str | None, bad: float = 0.2) -> None:
    """Proposals of a model for every hand; of the bad ones they are off to the right."""
    ids = project.hand_ids()
    pose = hand_pose()
    uv = np.repeat(pose.uv[None], len(ids), 0)
    uv[is_bad(len(ids), bad), :, 0] += BAD
    depth = np.repeat(pose.depth[None], len(ids), 0)
    doubt = np.repeat(doubts(len(ids))[:, None], 21, axis=1)
    zeros = np.zeros(len(ids))
    project.store_proposals(
        None, model_id, ProposalBatch(ids, uv, depth, uv, depth, doubt[:, 0], zeros, joint_doubt=doubt)
    )


def decision_of(project: Project, hand_id: int) -> Command:
    """What a person who sees everything does with a hand: accept it, or put it right."""
    bundle = project.bundle(hand_id)
    shown = decisions.shown_pose(bundle)
    assert shown is not None
    if np.abs(shown.uv - hand_pose().uv).max() > 1.0:
        return decisions.fix(bundle, Pose(hand_pose().uv, hand_pose().depth))
    return decisions.accept(bundle)


def review(project: Project, hand_ids: list[int]) -> None:
    """Decide hands, as one step."""
    project.history.apply(Bulk(tuple(decision_of(project, number) for number in hand_ids)), "ann")


def badly(project: Project, hand_id: int) -> Command:
    """Fix a hand far from its proposal, whatever it is."""
    bundle = project.bundle(hand_id)
    proposal = bundle.proposal
    return SetLabel(
        hand_id, hand_pose(100.0), State.FIXED, "dragged", None if proposal is None else proposal.id
    )


def drawn(project: Project, seed: int = 0, reviewed: bool = True, size: int | None = None) -> Sample:
    """A sample, of the suggested size by default, and its review."""
    sample = Acceptance(project).draw(TERMS, size, seed, PLAIN, "ann")
    if reviewed:
        review(project, sample.hands.tolist())
    return sample


def look(project: Project) -> Survey:
    """What could be accepted now."""
    return Acceptance(project).survey(PLAIN)


def accept(project: Project) -> None:
    """Let the machine accept as much as it may."""
    project.history.apply(Acceptance(project).command(look(project)), "ann")


def accepted(project: Project) -> list[int]:
    """Hands that stand on account of a promise."""
    return sorted(project.hand_ids(HandQuery(states=(State.AUTO_ACCEPTED,))).tolist())


def put_right(session: ReviewSession) -> object:
    """Drag the current hand far away: its proposal was wrong."""
    session.begin_edit()
    edit = session.edit
    assert edit is not None
    session.put_pose(replace(edit, uv=edit.uv + np.float32((40.0, 0.0))))
    return session.commit_edit()

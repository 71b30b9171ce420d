"""The simulated person looks at every joint, and drags those that are off and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.hand.template import TEMPLATE_MM
from handstudio.jobs.person import SEEN, SEEN_DEPTH, SimulatedPerson
from handstudio.jobs.references import reference_for
from handstudio.project import Project
from handstudio.project.records import FrameImport, HandImport, Pose, ProposalBatch, SequenceImport, State
from handstudio.review.session import ReviewSession

SIDE = 100.0
RIGHT = Pose(
    np.ascontiguousarray(TEMPLATE_MM[:, :2] / 2.5 + (50.0, 80.0)).astype(np.float32), np.zeros(21, np.float32)
)
OFF, NEAR = 2.0 * SEEN * SIDE, 0.5 * SEEN * SIDE
TIP, OTHER_TIP, DEEP = 8, 12, 20


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """One hand: two joints of its proposal are off, one of these also in its correction, one in depth."""
    with Project.create(tmp_path / "P") as project:
        box = Box(0.0, 0.0, SIDE, SIDE)
        hands = [HandImport(0, "right", box, "dataset", truth=RIGHT)]
        frames = [FrameImport("0.png", 100, 100)]
        project.add_sequence(SequenceImport("walk", "folder", str(tmp_path), frames, hands))
        yield project


def propose(project: Project, moved: dict[int, float], corrected: dict[int, float], deep: float) -> None:
    uv, better, depth = RIGHT.uv.copy(), RIGHT.uv.copy(), RIGHT.depth.copy()
    for joint, by in moved.items():
        uv[joint, 0] += by
    for joint, by in corrected.items():
        better[joint, 0] += by
    depth[DEEP] = deep
    ids = project.hand_ids()
    batch = ProposalBatch(ids, uv[None], depth[None], better[None], depth[None], np.ones(1), np.zeros(1))
    project.store_proposals(None, None, batch)


def decide(project: Project) -> tuple[SimulatedPerson, Pose]:
    person = SimulatedPerson(ReviewSession(project, "demo"), reference_for(project, "truth"))
    (hand_id,) = project.hand_ids().tolist()
    person.decide(hand_id)
    label = project.label_of(hand_id)
    assert label is not None
    return person, label.pose


def test_a_hand_with_one_joint_astray_is_not_accepted_however_good_its_mean(project: Project) -> None:
    propose(project, {TIP: OFF}, {TIP: OFF}, 0.0)
    person, label = decide(project)
    assert (person.decisions, person.drags) == ({"fixed": 1}, 1)
    np.testing.assert_allclose(label.uv[TIP], RIGHT.uv[TIP], atol=1e-4)


def test_every_joint_that_is_off_is_dragged_and_no_other(project: Project) -> None:
    propose(project, {TIP: OFF, OTHER_TIP: -OFF, 4: NEAR}, {TIP: OFF, OTHER_TIP: OFF, 16: OFF}, 0.0)
    person, label = decide(project)
    assert person.drags == 2
    np.testing.assert_allclose(np.delete(label.uv, 4, 0), np.delete(RIGHT.uv, 4, 0), atol=1e-4)
    assert label.uv[4, 0] == pytest.approx(RIGHT.uv[4, 0] + NEAR, abs=1e-4)


def test_the_pose_with_fewer_joints_off_is_begun_with(project: Project) -> None:
    propose(project, {TIP: OFF, OTHER_TIP: OFF}, {TIP: OFF}, 0.0)
    person, _ = decide(project)
    assert person.drags == 1


def test_a_joint_that_is_off_in_depth_alone_is_put_right(project: Project) -> None:
    propose(project, {}, {}, 2.0 * SEEN_DEPTH)
    person, label = decide(project)
    assert person.decisions == {"fixed": 1}
    assert label.depth[DEEP] == pytest.approx(0.0, abs=1e-5)


def test_what_nobody_would_see_is_accepted(project: Project) -> None:
    propose(project, {TIP: NEAR}, {}, 0.5 * SEEN_DEPTH)
    person, _ = decide(project)
    assert person.decisions == {"accepted": 1}
    assert project.hands()[0].state is State.ACCEPTED

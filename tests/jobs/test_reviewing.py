"""Decisions from the shell and by a simulated person go through the same commands as the window's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.exchange.reference import ReferencePose
from handstudio.hand.box import Box
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.template import TEMPLATE_MM
from handstudio.jobs.command import Work
from handstudio.jobs.evaluating import confidence_of, evaluate_layer
from handstudio.jobs.person import SimulatedPerson
from handstudio.jobs.progress import Quiet
from handstudio.jobs.references import matched, reference_for
from handstudio.jobs.reviewing import Wishes, draw, run
from handstudio.jobs.stopping import StopRequest
from handstudio.jobs.workplace import chosen_hands, chosen_sequences, hand_numbers
from handstudio.project import Project
from handstudio.project.records import (
    FrameImport,
    HandImport,
    HandQuery,
    Pose,
    ProposalBatch,
    SequenceImport,
    State,
)
from handstudio.review.session import ReviewSession

COUNT = 12
FLAT = np.ascontiguousarray(TEMPLATE_MM[:, :2] / 2.5 + (50.0, 80.0)).astype(np.float32)
OFFSETS = np.linspace(0.0, 11.0, COUNT).astype(np.float32)
"""How far each hand's proposal is off, px; its correction is off by half of it."""


def work() -> Work:
    return Work(Quiet(StopRequest()), None)


def true_pose(index: int) -> Pose:
    return Pose(FLAT + np.float32(index), np.full(21, 0.1 * index, dtype=np.float32))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Hands with truth, and with proposals that get worse from frame to frame."""
    frames = [FrameImport(f"{index}.png", 100, 100) for index in range(COUNT)]
    box = Box(0.0, 0.0, 100.0, 100.0)
    hands = [HandImport(index, "right", box, "dataset", truth=true_pose(index)) for index in range(COUNT)]
    with Project.create(tmp_path / "P") as project:
        project.add_sequence(SequenceImport("walk", "folder", str(tmp_path / "walk"), frames, hands))
        truth = project.poses("truth")
        shift = np.zeros((COUNT, 21, 2), dtype=np.float32)
        shift[..., 0] = OFFSETS[:, None]
        project.store_proposals(
            None,
            None,
            ProposalBatch(
                truth.hand_ids,
                truth.uv + shift,
                truth.depth,
                truth.uv + shift / 2,
                truth.depth,
                OFFSETS,
                np.zeros(COUNT),
            ),
        )
        yield project


def states(project: Project) -> list[State]:
    return [hand.state for hand in project.hands()]


def test_hands_are_accepted_corrected_and_rejected_by_their_numbers(project: Project) -> None:
    result = run(work(), project.path, Wishes(accept="1,2", take_correction="3", reject="4-5", who="Ada"))
    assert result["done"] == ["Accept 2 hands", "Accept", "Reject 2 hands"]
    assert states(project)[:6] == [State.ACCEPTED] * 3 + [State.REJECTED] * 2 + [State.PROPOSED]
    label = project.label_of(3)
    assert label is not None
    assert (label.origin, label.decided_by) == ("correction", "Ada")


def test_the_list_begins_with_the_worst(project: Project) -> None:
    listed = run(work(), project.path, Wishes(list_hands=True, count=3))["listed"]
    assert [row["frame"] for row in listed] == ["11.png", "10.png", "9.png"]


def test_the_list_is_that_of_the_filter_and_order_of_the_window(project: Project) -> None:
    def frames(where: str, order: str = "worst") -> list[str]:
        asked = Wishes(list_hands=True, where=where, order=order)
        return [row["frame"] for row in run(work(), project.path, asked)["listed"]]

    assert frames("frame:2..4", "sequence") == ["1.png", "2.png", "3.png"]
    assert frames("frame:2..4 state:proposed") == ["3.png", "2.png", "1.png"]
    with pytest.raises(HandStudioError, match="Try state:proposed"):
        frames("state:propsed")
    with pytest.raises(HandStudioError, match="no order"):
        frames("", "wrong")


def test_a_person_is_played_from_a_reference_file(project: Project, tmp_path: Path) -> None:
    reference = tmp_path / "reference.json"
    known = {f"{index}.png": {"uv": true_pose(index).uv.tolist()} for index in range(6)}
    reference.write_text(json.dumps({"images": known}), "utf-8")
    wishes = Wishes(label_from=str(reference), count=4, seed=1)
    hands = run(work(), project.path, wishes)["hands"]
    assert len(hands) == 4
    for hand_id in hands:
        label, proposal = project.label_of(hand_id), project.proposal_of(hand_id)
        assert label is not None
        assert proposal is not None
        assert (label.origin, label.decided_by) == ("dragged", "reference")
        assert project.hand(hand_id).state is State.FIXED
        np.testing.assert_allclose(label.pose.uv, true_pose(project.hand(hand_id).frame_index).uv, atol=1e-4)
        np.testing.assert_array_equal(label.pose.depth, proposal.corrected.depth)
    assert run(work(), project.path, wishes)["hands"] != hands
    run(work(), project.path, Wishes(undo=True))
    assert states(project).count(State.FIXED) == 5


def test_the_audit_trail_says_who_undid_and_redid(project: Project) -> None:
    run(work(), project.path, Wishes(reject="1", who="Ada"))
    run(work(), project.path, Wishes(undo=True, who="Bob"))
    run(work(), project.path, Wishes(redo=True, who="Cid"))
    assert [(entry.action, entry.who) for entry in project.history.entries()] == [
        ("redo", "Cid"),
        ("undo", "Bob"),
        ("apply", "Ada"),
    ]


def test_only_the_frames_that_were_named_are_fixed(project: Project, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("2.png\nsomewhere/7.png\n", "utf-8")
    result = run(work(), project.path, Wishes(label_from="truth", names_file=names))
    assert result["hands"] == [3, 8]
    run(work(), project.path, Wishes(label_from="truth", frames="1?.png"))
    assert [hand.frame_index for hand in project.hands() if hand.state is State.FIXED] == [2, 7, 10, 11]


def test_a_simulated_person_accepts_takes_and_drags(project: Project) -> None:
    session = ReviewSession(project, "demo")
    person = SimulatedPerson(session, reference_for(project, "truth"))
    person.review(project.hand_ids(HandQuery(order="worst")).tolist())
    assert person.decisions == {"accepted": 3, "corrected": 3, "fixed": 6}
    assert person.drags > 0
    assert project.count_hands(HandQuery(states=(State.PROPOSED,))) == 0
    assert evaluate_layer(project, "label", person.reference).hand_px.max() < 3.0
    assert len(project.history.entries()) == COUNT


def test_evaluation_is_of_the_hands_that_have_both(project: Project) -> None:
    truth = reference_for(project, "truth")
    evaluation = evaluate_layer(project, "proposal", truth)
    assert evaluation.hands == COUNT
    assert evaluation.epe_px == pytest.approx(OFFSETS.mean(), rel=1e-5)
    assert evaluate_layer(project, "correction", truth).epe_px == pytest.approx(OFFSETS.mean() / 2, rel=1e-5)
    some = chosen_hands(project, frames="[0-3].png")
    assert evaluate_layer(project, "proposal", truth, some).epe_px == pytest.approx(OFFSETS[:4].mean())
    with pytest.raises(HandStudioError, match="No hand has a label"):
        evaluate_layer(project, "label", truth)


def test_an_evaluation_of_proposals_says_what_the_measures_of_confidence_are_worth(project: Project) -> None:
    evaluation = evaluate_layer(project, "proposal", reference_for(project, "truth"))
    project_doubt = [project.hand(int(number)).doubt for number in evaluation.hand_ids]
    assert evaluation.hand_doubt.tolist() == pytest.approx(project_doubt)
    worth = confidence_of(project, evaluation)
    assert set(worth) == {"doubt", "C"}
    for measure in worth.values():
        assert measure["hands"] == COUNT
        assert {"aurc_px", "captured", "reliability_gap_px", "risk_coverage", "reliability", "basis"} < set(
            measure
        )
    assert worth["doubt"]["reliability_gap_px"] == pytest.approx(
        np.abs(evaluation.hand_doubt - evaluation.hand_px).mean(), rel=0.2
    )
    of_corrections = evaluate_layer(project, "correction", reference_for(project, "truth"))
    assert np.isnan(of_corrections.hand_doubt).all()


def test_of_two_poses_each_goes_to_the_hand_that_it_lies_on(project: Project) -> None:
    first = project.hand(1)
    hands = [replace(first, id=7, box=Box(0, 0, 50, 50)), replace(first, id=8, box=Box(50, 0, 50, 50))]
    poses = [ReferencePose(FLAT * 0.4 + (52.0, 2.0)), ReferencePose(FLAT * 0.4 + (2.0, 2.0))]
    assert {hand_id: pose is poses[0] for hand_id, pose in matched(hands, poses)} == {7: False, 8: True}


def test_sequences_are_chosen_by_name_pattern_or_number(project: Project) -> None:
    assert [each.name for each in chosen_sequences(project, None)] == ["walk"]
    for name in ("walk", "w*", "1"):
        assert len(chosen_sequences(project, [name])) == 1
    with pytest.raises(HandStudioError, match="There are: walk"):
        chosen_sequences(project, ["run"])
    with pytest.raises(HandStudioError, match="No frame has such a name"):
        chosen_hands(project, frames="nothing*")


def test_hand_numbers_are_read_with_ranges() -> None:
    assert hand_numbers("3, 8,10-12") == [3, 8, 10, 11, 12]
    with pytest.raises(HandStudioError, match="is no hand"):
        hand_numbers("3,x")


@pytest.mark.parametrize("text", ["1-99999999999999", "20-10", "-5", "3-"])
def test_a_range_that_cannot_be_meant_is_refused_before_it_fills_the_memory(text: str) -> None:
    with pytest.raises(HandStudioError, match="is no hand"):
        hand_numbers(text)


def test_what_cannot_all_be_done_is_not_done_at_all(project: Project, tmp_path: Path) -> None:
    for wishes in (
        Wishes(accept="3", reject="99"),
        Wishes(accept="3", take_correction="x"),
        Wishes(accept="3", label_from=str(tmp_path / "nowhere.json")),
        Wishes(accept="3", label_from="truth", frames="nothing*"),
        Wishes(accept="3", state="juggled"),
        Wishes(accept="3", undo=True),
        Wishes(undo=True, redo=True),
    ):
        with pytest.raises(HandStudioError):
            run(work(), project.path, wishes)
        assert set(states(project)) == {State.PROPOSED}
    assert project.history.entries() == []


def test_a_stopped_person_claims_only_what_was_fixed(project: Project) -> None:
    class StopsAtTheThird(Quiet):
        def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
            if done == 2:
                self.stop.request()

    result = run(Work(StopsAtTheThird(StopRequest()), None), project.path, Wishes(label_from="truth"))
    assert result["hands"] == [1, 2, 3]
    assert result["done"] == ["Fix 3 hands from truth"]
    assert states(project).count(State.FIXED) == 3


def test_joints_that_a_reference_does_not_know_stay_where_the_correction_has_them(
    project: Project, tmp_path: Path
) -> None:
    keypoints = np.concatenate([true_pose(1).uv, np.full((21, 1), 2.0)], axis=-1)
    keypoints[5:9] = 0.0
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 100, 100]}
    coco = {
        "images": [{"id": 1, "file_name": "1.png", "width": 100, "height": 100}],
        "categories": [{"id": 1, "name": "hand", "keypoints": [str(joint) for joint in range(21)]}],
        "annotations": [{**annotation, "keypoints": keypoints.ravel().tolist(), "num_keypoints": 17}],
    }
    (tmp_path / "coco.json").write_text(json.dumps(coco), "utf-8")
    assert run(work(), project.path, Wishes(label_from=str(tmp_path / "coco.json")))["hands"] == [2]
    label, proposal = project.label_of(2), project.proposal_of(2)
    assert label is not None
    assert proposal is not None
    np.testing.assert_array_equal(label.pose.uv[5:9], proposal.corrected.uv[5:9])
    assert np.abs(label.pose.uv[:5] - true_pose(1).uv[:5]).max() <= 0.51


def test_a_hand_without_a_proposal_is_not_fixed_from_half_a_pose(project: Project, tmp_path: Path) -> None:
    reference = reference_for(project, "truth")
    reference.uv[0, 3] = np.nan
    assert 1 in draw(project, reference, 50, 0, reference.hand_ids)
    box = Box(0.0, 0.0, 100.0, 100.0)
    project.add_sequence(
        SequenceImport(
            "more",
            "folder",
            str(tmp_path / "more"),
            [FrameImport("0.png", 100, 100)],
            [HandImport(0, "right", box, "dataset", truth=true_pose(0))],
        )
    )
    reference = reference_for(project, "truth")
    reference.uv[-1, 3] = np.nan
    assert COUNT + 1 not in draw(project, reference, 50, 0, reference.hand_ids)


def test_the_truth_of_recordings_lies_where_people_label_unless_it_is_wanted_exactly(
    project: Project, tmp_path: Path
) -> None:
    (folder,) = project.sequences()
    box = Box(0.0, 0.0, 100.0, 100.0)
    truth = true_pose(3)
    hand = HandImport(0, "right", box, "dataset", truth=truth)
    frames = [FrameImport("0.png", 100, 100)]
    project.add_sequence(SequenceImport("filmed", "recording", str(tmp_path / "r"), frames, [hand], view="a"))
    exact, labelled = reference_for(project, "truth", exact=True), reference_for(project, "truth")
    assert len(exact) == len(labelled) == folder.frame_count + 1
    np.testing.assert_array_equal(labelled.uv[:-1], exact.uv[:-1])
    np.testing.assert_allclose(labelled.uv[-1], AS_POINTED_AT.moved(exact.uv[-1]), rtol=1e-6)
    run(work(), project.path, Wishes(label_from="truth", count=50))
    label = project.label_of(COUNT + 1)
    assert label is not None
    np.testing.assert_allclose(label.pose.uv, AS_POINTED_AT.moved(truth.uv), rtol=1e-6)
    assert evaluate_layer(project, "label", reference_for(project, "truth")).epe_px == pytest.approx(0.0)
    assert evaluate_layer(project, "label", exact).epe_px > 0.01
    at_joints = evaluate_layer(project, "label", exact, at_joints=True)
    assert at_joints.hands == folder.frame_count + 1
    assert at_joints.epe_px == pytest.approx(0.0, abs=1e-3)
    run(work(), project.path, Wishes(undo=True))
    run(work(), project.path, Wishes(label_from="truth", exact=True))
    label = project.label_of(COUNT + 1)
    assert label is not None
    np.testing.assert_array_equal(label.pose.uv, truth.uv)

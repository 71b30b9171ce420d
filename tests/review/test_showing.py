"""What the painters and the inspector get of a hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.hand.skeleton import REFERENCE_CHILD
from handstudio.hand.template import relative_bone_lengths, template_bone_lengths
from handstudio.methods.masks import store_masks
from handstudio.project import Project
from handstudio.project.commands import SetState
from handstudio.project.records import Change, HandImport, HandQuery, ProposalBatch, SequenceImport, State
from handstudio.project.records import FrameImport as Frame
from handstudio.review import expected_error
from handstudio.review.session import ReviewSession

from .made import BOX, add_sequence, batch, hand_pose, new_project


def test_all_layers_of_a_proposed_hand_are_there(session: ReviewSession) -> None:
    session.project.store_dense("mask", [1], np.full((1, 64, 64), 200, np.uint8))
    view = session.hand_view(1)
    assert view.shown == "proposal"
    assert view.pose == view.proposal == hand_pose()
    assert view.perturbed is not None
    assert view.corrected is not None
    assert view.label is None
    assert view.edit is None
    assert view.truth is None
    assert view.circles is not None
    assert view.circles[0].shape == (55, 2)
    assert view.circles[1].shape == (55,)
    assert view.mask is not None
    assert view.mask.shape == (64, 64)
    assert view.xyz is not None
    assert view.xyz.shape == (21, 3)
    assert not view.metric
    assert view.scale is None


def test_a_mask_is_shown_over_the_box_it_was_proposed_for_and_over_no_other(session: ReviewSession) -> None:
    box = session.bundle(1).record.box
    store_masks(session.project, [1], [box], np.full((1, 64, 64), 0.8, np.float32))
    assert session.hand_view(1).mask is not None
    session.set_box(Box(box.x + 40.0, box.y, box.width / 2, box.height / 2))
    assert session.hand_view(1).mask is None
    session.undo()
    assert session.hand_view(1).mask is not None


def test_the_inspector_has_a_line_per_joint(session: ReviewSession) -> None:
    rows = session.hand_view(1).joints
    assert [row.name for row in rows[:2]] == ["wrist", "thumb CMC"]
    assert rows[0].bone_percent is None
    assert all(row.shift_px == pytest.approx(8.0**0.5, rel=1e-4) for row in rows)
    at_the_joints = template_bone_lengths() / template_bone_lengths()[REFERENCE_CHILD - 1]
    expected = 100.0 * at_the_joints / relative_bone_lengths()
    shares = [row.bone_percent / one for row, one in zip(rows[1:], expected.tolist(), strict=True)]
    assert all(100.0 * share == pytest.approx(100.0, abs=12.0) for share in shares)
    assert rows[5].flexion is not None
    assert rows[8].flexion is None
    assert rows[6].beyond is not None


def test_with_a_camera_the_hand_is_in_mm(tmp_path: Path) -> None:
    with new_project(tmp_path / "p", camera=True) as project:
        session = ReviewSession(project, "ann")
        view = session.hand_view(1)
        assert view.metric
        assert view.scale == "template"
        assert view.xyz is not None
        assert np.linalg.norm(view.xyz[10] - view.xyz[9]) == pytest.approx(44.0, rel=0.1)
        assert view.xyz[:, 2].min() > 100.0


def test_the_size_of_a_hand_with_known_truth_is_that_of_its_truth(tmp_path: Path) -> None:
    K = [[500.0, 0.0, 320.0], [0.0, 500.0, 240.0], [0.0, 0.0, 1.0]]
    xyz = np.zeros((21, 3), np.float32)
    xyz[10, 1] = -30.0
    with new_project(tmp_path / "p", frames=0, proposed=False) as project:
        hand = HandImport(0, "right", BOX, "dataset", truth=hand_pose(), truth_xyz_mm=xyz)
        project.add_sequence(
            SequenceImport("t", "recording", "/r", [Frame("a", 640, 480)], [hand], camera={"K": K})
        )
        (hand_id,) = project.hand_ids().tolist()
        project.store_proposals(None, None, batch([hand_id]))
        view = ReviewSession(project, "ann").hand_view(hand_id)
        assert view.scale == "truth"
        assert view.truth == hand_pose()
        assert view.xyz is not None
        assert np.linalg.norm(view.xyz[10] - view.xyz[9]) == pytest.approx(30.0, rel=0.1)


def test_a_camera_that_is_none_is_told_once_and_left_out(tmp_path: Path) -> None:
    with new_project(tmp_path / "p", frames=0, proposed=False) as project:
        project.add_sequence(
            SequenceImport(
                "t", "folder", "/f", [Frame("a", 9, 9)], [HandImport(0, "left", BOX)], camera={"K": 3}
            )
        )
        session = ReviewSession(project, "ann")
        told: list[str] = []
        session.message.connect(told.append)
        assert not session.hand_view(1).metric
        session.hand_view(1)
        assert len(told) == 1
        assert "camera" in told[0]


def test_a_hand_without_a_pose_has_a_view(session: ReviewSession) -> None:
    session.add_hand(Box(0.0, 0.0, 5.0, 5.0), "left")
    view = session.hand_view(session.hand_id or 0)
    assert (view.pose, view.xyz, view.circles, view.joints) == (None, None, None, ())
    assert view.expected_error_px is None


def test_the_expected_error_says_what_it_rests_on(session: ReviewSession) -> None:
    assert session.hand_view(1).expected_error_basis.startswith("not calibrated")
    session.accept()
    session.recalibrate()
    assert session.hand_view(2).expected_error_basis.endswith("scaled to 1 reviewed hand")
    session.use_measure("C")
    assert session.hand_view(2).expected_error_basis.startswith(expected_error.ROOT_OF_C)


def test_an_estimate_that_was_measured_on_rendered_hands_says_so(session: ReviewSession) -> None:
    figures = {"figures": {"error_of_doubt": 0.5}}
    add = session.project.add_model
    add("m", "m", "toy", "only", source="pretrain", path="/m", adopted=True, lineage=figures)
    assert "rendered hands alone" in session.recalibrate().basis


def test_before_any_review_a_hands_doubt_is_its_expected_error(session: ReviewSession) -> None:
    session.project.store_proposals(None, None, told_batch([1, 2], [3.0, 7.0]))
    session.noticed(Change(everything=True))
    assert session.hand_view(2).expected_error_px == pytest.approx(7.0)
    assert session.hand_view(1).joints[4].expected_error_px == pytest.approx(3.0)


def test_a_joint_is_as_doubtful_as_the_method_says(session: ReviewSession) -> None:
    doubt = np.linspace(0.5, 6.0, 21, dtype=np.float32)
    session.project.store_proposals(None, None, replace(batch([1]), joint_doubt=doubt[None]))
    session.noticed(Change(everything=True))
    errors = [row.expected_error_px for row in session.hand_view(1).joints]
    np.testing.assert_allclose(np.array(errors, float), doubt, rtol=1e-5)


def test_reviews_bend_the_expected_error_once_they_are_many() -> None:
    rng = np.random.default_rng(0)
    doubt = rng.uniform(0.3, 3.0, (600, 21)).mean(axis=1, keepdims=True) + rng.uniform(0.0, 9.0, (600, 1))
    errors = np.repeat(4.0 + 0.5 * doubt, 21, axis=1) + rng.normal(0.0, 0.2, (600, 21))
    few = expected_error.fit(np.repeat(doubt[:20], 21, axis=1), errors[:20])
    assert few.kind == "factor"
    many = expected_error.fit(np.repeat(doubt, 21, axis=1), errors)
    assert many.kind == "curve"
    for value in (2.0, 5.0, 9.0):
        assert many.of_doubts([value], [64.0])[0] == pytest.approx(4.0 + 0.5 * value, rel=0.12)
    shown = many.of_doubts(np.linspace(0.0, 30.0, 100), np.full(100, 64.0))
    assert (np.diff(shown) >= -1e-6).all()
    assert np.isnan(many.of_doubts([np.nan], [64.0])[0])


def test_reviewed_hands_calibrate_the_expected_error(tmp_path: Path) -> None:
    with new_project(tmp_path / "p", frames=12, proposed=False) as project:
        project.store_proposals(None, None, batch(list(range(1, 13)), [4.0] * 12))
        session = ReviewSession(project, "ann")
        session.open()
        for hand_id in range(1, 11):
            session.go_to_hand(hand_id)
            before = session.begin_edit()
            assert before is not None
            session.put_pose(type(before)(before.uv + np.array((10.0, 0.0)), before.depth))
            session.commit_edit()
        assert session.recalibrate().kind == "factor"
        told, before_any = session.hand_view(12).expected_error_px, 6.25
        assert told is not None
        assert before_any < told < 10.0
        errors = session.expected.of_sequence(project.confidences(1))
        np.testing.assert_allclose(errors, told, rtol=1e-4)


def test_with_many_hands_dragged_alike_the_estimate_counts_little(tmp_path: Path) -> None:
    doubt = np.full((200, 21), 2.0)
    found = expected_error.fit(doubt, np.full((200, 21), 5.0))
    assert found.of_doubts([2.0], [64.0])[0] == pytest.approx(5.0, rel=0.06)


def test_the_hands_joints_share_its_expected_error(session: ReviewSession) -> None:
    view = session.hand_view(3)
    errors = [row.expected_error_px for row in view.joints]
    assert view.expected_error_px is not None
    assert np.mean([error for error in errors if error is not None]) == pytest.approx(
        view.expected_error_px, rel=1e-4
    )


def test_a_change_while_hands_are_counted_is_counted_the_next_time(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = session.project.state_counts_by_sequence

    def counted_while_one_is_decided() -> dict[int, dict[State, int]]:
        found = count()
        with Project.open(session.project.path, "job") as job:
            job.history.apply(SetState(3, State.REJECTED), "rule")
        session.noticed(Change(everything=True))
        return found

    monkeypatch.setattr(session.project, "state_counts_by_sequence", counted_while_one_is_decided)
    assert session.progress()[State.REJECTED] == 0
    monkeypatch.undo()
    assert session.progress()[State.REJECTED] == 1


def test_who_asks_while_others_count_is_told_what_is_so(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.progress()
    session.reject()
    count, asked = session.project.state_counts, []

    def counted_while_another_asks(number: int) -> dict[State, int]:
        monkeypatch.undo()
        asked.append(session.progress()[State.REJECTED])
        return count(number)

    monkeypatch.setattr(session.project, "state_counts", counted_while_another_asks)
    assert session.progress()[State.REJECTED] == 1
    assert asked == [1]
    session.accept()
    assert session.progress()[State.REJECTED] == 0


def test_progress_counts_what_was_decided_here_and_elsewhere(session: ReviewSession) -> None:
    assert session.progress()[State.PROPOSED] == 6
    session.accept()
    other = add_sequence(session.project, 2, "bare")
    session.noticed(Change(sequences=frozenset({other})))
    with Project.open(session.project.path, "job") as job:
        job.history.apply(SetState(3, State.REJECTED), "rule")
    session.poll()
    assert session.progress() == session.project.state_counts()
    assert session.progress(1)[State.REJECTED] == 1
    assert session.progress(other)[State.NONE] == 2


def test_hands_that_were_accepted_as_they_are_do_not_promise_an_error_of_nothing(tmp_path: Path) -> None:
    with new_project(tmp_path / "p", frames=12, proposed=False) as project:
        project.store_proposals(None, None, told_batch(list(range(1, 13)), [3.0] * 12))
        session = ReviewSession(project, "ann")
        session.open()
        for hand_id in range(1, 11):
            session.go_to_hand(hand_id)
            session.accept()
        session.recalibrate()
        assert session.hand_view(12).expected_error_px == pytest.approx(3.0, rel=0.1)


def test_the_other_measure_orders_the_queue_and_expects_by_c(session: ReviewSession) -> None:
    session.project.store_proposals(
        None, None, told_batch([1, 2, 3, 4, 5, 6], [1.0, 6.0, 2.0, 5.0, 3.0, 4.0])
    )
    session.set_query(HandQuery(order="worst"))
    assert session.queue.ids.tolist() == [2, 4, 6, 5, 3, 1]
    said: list[str] = []
    session.expectation_changed.connect(lambda: said.append("other"))
    session.use_measure("C")
    assert session.queue.ids.tolist() == [6, 5, 4, 3, 2, 1]
    record = session.project.hand(2)
    assert record.confidence is not None
    assert session.expected.of_hand(record) == pytest.approx(record.confidence**0.5 * BOX.side / 64)
    session.use_measure("C")
    assert said == ["other"]


def told_batch(hand_ids: list[int], doubt_px: list[float]) -> ProposalBatch:
    """Proposals whose joints are all as doubtful as their hand."""
    return replace(batch(hand_ids), joint_doubt=np.repeat(np.array(doubt_px)[:, None], 21, axis=1))

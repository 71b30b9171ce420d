"""Machines write proposals; what a person decided stays as it is."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.project import Project, footage, store
from handstudio.project.commands import RemoveHand, SetBox, SetLabel, SetState
from handstudio.project.records import Box, HandImport, HandQuery, ProposalBatch, SequenceImport, State
from handstudio.project.records import FrameImport as Frame
from handstudio.project.store import Store

from .made import BOX, add_sequence, batch, hand_pose


def decide_all(project: Project) -> None:
    for hand_id, state in ((1, State.ACCEPTED), (2, State.FIXED), (3, State.AUTO_ACCEPTED)):
        project.history.apply(SetLabel(hand_id, hand_pose(1.0), state, "proposal", hand_id), "me")
    project.history.apply(SetState(4, State.REJECTED), "me")
    project.history.apply(SetState(5, State.SKIPPED), "me")


def test_proposals_pass_over_decided_hands(project: Project) -> None:
    decide_all(project)
    before = [(project.hand(i), project.label_of(i), project.proposal_of(i)) for i in range(1, 6)]
    stored = project.store_proposals(None, None, batch([1, 2, 3, 4, 5, 6], shift=50.0))
    assert stored.tolist() == [6]
    assert [(project.hand(i), project.label_of(i), project.proposal_of(i)) for i in range(1, 6)] == before


def test_a_newer_proposal_beside_a_label_changes_neither_label_nor_state(project: Project) -> None:
    decide_all(project)
    before = [(project.hand(i).state, project.hand(i).decided_at, project.label_of(i)) for i in range(1, 6)]
    project.store_proposals(None, None, batch([1, 2, 3, 4, 5], shift=50.0), include_decided=True)
    after = [(project.hand(i).state, project.hand(i).decided_at, project.label_of(i)) for i in range(1, 6)]
    assert after == before
    newest = project.proposal_of(1)
    assert newest is not None
    assert newest.pose == hand_pose(50.0)


def test_the_proposal_that_a_label_was_decided_from_is_kept(project: Project) -> None:
    decide_all(project)
    for shift in (10.0, 20.0):
        project.store_proposals(None, None, batch([1, 6], shift=shift), include_decided=True)
    kept = project.proposal(1)
    assert kept is not None
    assert kept.pose == hand_pose()
    assert project.proposal(6) is None


def test_proposal_ids_are_never_used_twice(project: Project) -> None:
    seen: set[int] = set()
    for _ in range(3):
        project.store_proposals(None, None, batch([5, 6]))
        ids = {found.id for found in (project.proposal_of(5), project.proposal_of(6)) if found}
        assert not ids & seen
        seen |= ids


def test_the_hand_repeats_the_figures_of_its_latest_proposal(project: Project) -> None:
    project.store_proposals(None, None, batch([2], [4.0]))
    hand, found = project.hand(2), project.proposal_of(2)
    assert found is not None
    assert hand.proposal_id == found.id
    assert hand.confidence == pytest.approx(4.0)
    assert hand.correction_px == pytest.approx(8.0**0.5, rel=1e-5)
    assert found.perturbed is not None


def test_a_proposal_that_is_not_finite_is_not_stored(project: Project) -> None:
    good = batch([5, 6])
    uv = np.array(good.uv)
    uv[0, 3] = np.nan
    bad = ProposalBatch([5, 6], uv, good.depth, good.corrected_uv, good.corrected_depth, [1, 1], [1, 1])
    assert project.store_proposals(None, None, bad).tolist() == [6]


def test_proposals_for_removed_or_unknown_hands_are_passed_over(project: Project) -> None:
    project.history.apply(RemoveHand(5), "me")
    assert project.store_proposals(None, None, batch([5, 6, 77])).tolist() == [6]


def test_boxes_of_decided_or_drawn_hands_are_not_moved(project: Project) -> None:
    project.history.apply(SetState(1, State.REJECTED), "me")
    project.history.apply(SetBox(2, Box(1.0, 1.0, 5.0, 5.0), "drawn"), "me")
    boxes = np.tile([5.0, 6.0, 70.0, 80.0], (3, 1))
    assert project.set_boxes([1, 2, 3], boxes).tolist() == [3]
    assert project.hand(1).box == BOX
    assert project.hand(2).box == Box(1.0, 1.0, 5.0, 5.0)
    assert (project.hand(3).box, project.hand(3).box_source) == (Box(5.0, 6.0, 70.0, 80.0), "followed")


def test_a_sequence_keeps_its_truth_and_its_frames_in_order(project: Project) -> None:
    xyz = np.arange(63, dtype=np.float32).reshape(21, 3)
    sequence_id = project.add_sequence(
        SequenceImport(
            "truth",
            "recording",
            "/r",
            [Frame("b.png", 10, 20), Frame("a.png", 10, 20, "damaged")],
            [HandImport(1, "left", BOX, "dataset", truth=hand_pose(), truth_xyz_mm=xyz)],
            camera={"K": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
        )
    )
    assert [(frame.name, frame.problem) for frame in project.frames(sequence_id)] == [
        ("b.png", None),
        ("a.png", "damaged"),
    ]
    (hand,) = project.hands_of_frame(project.frame_at(sequence_id, 1).id)
    truth = project.truth_of(hand.id)
    assert truth is not None
    assert truth.pose == hand_pose()
    assert truth.xyz_mm is not None
    np.testing.assert_array_equal(truth.xyz_mm, xyz)
    assert project.poses("truth").hand_ids.tolist() == [hand.id]


def test_an_import_that_cannot_be_stored_leaves_nothing_behind(project: Project) -> None:
    before = project.count_hands()
    with pytest.raises(Exception, match="no frame 9"):
        project.add_sequence(
            SequenceImport("x", "folder", "/x", [Frame("a", 1, 1)], [HandImport(9, "left", BOX)])
        )
    assert project.count_hands() == before
    assert len(project.sequences()) == 1


def test_frames_added_later_shift_nothing(project: Project) -> None:
    project.add_footage(1, [Frame("later.jpg", 640, 480)], [])
    assert [frame.name for frame in project.frames(1)] == [*(f"{i:03d}.jpg" for i in range(6)), "later.jpg"]
    assert project.sequence(1).frame_count == 7


def test_poses_come_in_the_order_asked_for(project: Project) -> None:
    add_sequence(project, 2, "other")
    table = project.poses("correction", [5, 99, 2, 7])
    assert table.hand_ids.tolist() == [5, 2]
    np.testing.assert_allclose(table.uv[0], hand_pose().uv + 2.0)
    assert project.poses("proposal").hand_ids.tolist() == [1, 2, 3, 4, 5, 6]
    assert len(project.poses("label")) == 0
    with pytest.raises(ValueError, match="no layer"):
        project.poses("guess")  # type: ignore[arg-type]


def test_frames_and_their_hands_are_stored_together(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footage, "AT_ONCE", 2)
    frames = [Frame(f"later {index}.jpg", 640, 480) for index in range(5)]
    hands = [HandImport(index, "right", BOX, track=track) for index in (4, 1, 0) for track in (0, 1)]
    frame_ids, hand_ids = project.add_footage(1, frames, hands)
    assert len(frame_ids) == 5
    assert [project.frame(frame_id).index for frame_id in frame_ids.tolist()] == [6, 7, 8, 9, 10]
    assert sorted((hand.frame_index, hand.track) for hand in project.hands(hand_ids.tolist())) == [
        (index, track) for index in (6, 7, 10) for track in (0, 1)
    ]
    with pytest.raises(HandStudioError, match="no frame 5"):
        project.add_footage(1, frames, [HandImport(5, "right", BOX)])


def test_an_import_that_ends_half_way_leaves_no_frame_without_its_hands(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footage, "AT_ONCE", 2)
    put, calls = footage._put_hands, []

    def interrupted(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return put(*arguments)

    monkeypatch.setattr(footage, "_put_hands", interrupted)
    frames = [Frame(f"later {index}.jpg", 640, 480) for index in range(8)]
    with pytest.raises(KeyboardInterrupt):
        project.add_footage(1, frames, [HandImport(index, "right", BOX) for index in range(8)])
    assert project.sequence(1).frame_count == 6 + 4
    assert [hand.frame_index for hand in project.hands(HandQuery(sequences=(1,)))] == list(range(10))


def test_what_was_decided_while_an_import_ran_outlives_its_failure(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footage, "AT_ONCE", 2)
    with Project.open(project.path, "job") as job:
        writing, parts = job._store.writing, []

        def interrupted_at_the_third_part() -> Any:
            parts.append(True)
            if len(parts) == 3:
                project.history.apply(SetLabel(7, hand_pose(7.0), State.FIXED, "dragged"), "me")
                raise KeyboardInterrupt
            return writing()

        monkeypatch.setattr(job._store, "writing", interrupted_at_the_third_part)
        with pytest.raises(KeyboardInterrupt):
            add_sequence(job, 8, "long")
    label = project.label_of(7)
    assert label is not None
    assert label.pose == hand_pose(7.0)
    assert project.sequence(2).frame_count == 4
    assert project.sequence(add_sequence(project, 2, "next")).id == 3
    assert project.history.undo() is not None
    assert project.label_of(7) is None


def test_what_could_not_be_read_is_asked_for_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with Project.open(project.path, "job") as job:
        job.set_frame_problem(1, "it is cut short")

    def refuse(store: Store) -> Any:
        raise HandStudioError("Another process keeps the project busy")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "reading", refuse)
        with pytest.raises(HandStudioError, match="busy"):
            project.poll()
    change = project.poll()
    assert change is not None
    assert change.frames == {1}


def test_a_proposal_keeps_the_doubt_of_each_joint_and_its_hand_their_mean(project: Project) -> None:
    doubt = np.linspace(0.5, 4.5, 21, dtype=np.float32)
    project.store_proposals(None, None, replace(batch([1]), joint_doubt=doubt[None]))
    proposal = project.proposal_of(1)
    assert proposal is not None
    assert proposal.joint_doubt is not None
    assert proposal.joint_doubt.tolist() == doubt.tolist()
    assert project.hand(1).doubt == pytest.approx(2.5)
    told = project.joint_doubts([2, 1])
    assert np.isnan(told[0]).all()
    assert told[1].tolist() == doubt.tolist()


def test_a_proposal_without_doubts_is_as_doubtful_as_the_root_of_its_c_in_px(project: Project) -> None:
    project.store_proposals(None, None, batch([1], [9.0]))
    assert project.hand(1).doubt == pytest.approx(3.0 * BOX.side / 64)
    proposal = project.proposal_of(1)
    assert proposal is not None
    assert proposal.joint_doubt is None


def test_doubts_that_are_not_finite_are_passed_over_as_poses_are(project: Project) -> None:
    doubt = np.full((2, 21), 1.0)
    doubt[0, 3] = np.nan
    kept = project.store_proposals(None, None, replace(batch([1, 2]), joint_doubt=doubt))
    assert kept.tolist() == [2]


def test_a_job_waits_for_a_long_step_of_the_window_and_a_window_says_that_it_is_busy(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_MS", 20)
    run = project.start_run("propose", ["propose"], {})
    states: list[str] = []

    def finish() -> None:
        with Project.open(project.path, "job") as job:
            opened.set()
            job.update_run(run, state="interrupted")
            states.append(job.run(run).state)

    opened = threading.Event()
    with Project.open(project.path, "cli") as other:
        waiting = threading.Thread(target=finish)
        with project._store.writing():
            with pytest.raises(HandStudioError, match="busy"):
                other.update_run(run, state="failed")
            waiting.start()
            assert opened.wait(10.0)
            with pytest.raises(HandStudioError, match="busy"):
                other.update_run(run, state="failed")
            assert states == []
        waiting.join(30.0)
    assert states == ["interrupted"]

"""Several views of one moment say together what none of them knows alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.hand.camera import Camera
from handstudio.hand.shape import ANYBODY
from handstudio.hand.skeleton import Side
from handstudio.hand.template import TEMPLATE_MM
from handstudio.hand.triangulation import projected
from handstudio.jobs.importing import prepare
from handstudio.media.opening import open_sequences
from handstudio.methods.across_views import AGREEING, Seen, agreed
from handstudio.methods.contract import HandProposals, Pixels, Proposer
from handstudio.methods.looking_together import put_together
from handstudio.methods.moments import Moments, drawn, moments_of, to_cells
from handstudio.methods.self_training import LABEL_BATCH, rows_of_passes
from handstudio.progress import Silent
from handstudio.project.project import Project
from handstudio.project.records import HandQuery, ProposalBatch, SequenceRecord
from handstudio.synthesis.filming import SequencePlan
from handstudio.synthesis.recording import write_recordings
from handstudio.synthesis.scene import SceneSettings
from tests.hand.test_triangulation import cameras

VIEWS = 4


def hands(seed: int, count: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """(count, 21, 3) mm and cameras (count, V, 3, 4) whose cells these hands fill."""
    rng = np.random.default_rng(seed)
    xyz = TEMPLATE_MM - TEMPLATE_MM[9] + rng.normal(0.0, 4.0, (count, 21, 3))
    matrices = cameras(rng, VIEWS)
    matrices[:, :2] = matrices[:, :2] * 0.2 + matrices[:, 2:] * np.array([[[10.0]], [[10.0]]])[:, :, 0]
    return xyz, np.broadcast_to(matrices, (count, VIEWS, 3, 4)).copy()


def seen_by(xyz: np.ndarray, matrices: np.ndarray) -> Seen:
    uv = projected(xyz, matrices).astype(np.float32)
    doubt = np.full(uv.shape[:-1], 2.0, dtype=np.float32)
    return Seen(drawn(uv, doubt), uv, doubt, matrices)


def test_views_that_see_the_same_hand_agree_on_it() -> None:
    xyz, matrices = hands(0)
    found = agreed(seen_by(xyz, matrices))
    assert np.linalg.norm(found.xyz - xyz, axis=-1).mean() < 3.0
    assert found.believable.all()
    assert (found.doubt < AGREEING + 0.5).all()


def test_a_finger_that_one_view_takes_for_another_is_put_right_by_its_second_choice() -> None:
    xyz, matrices = hands(1)
    seen = seen_by(xyz, matrices)
    wrong = seen.uv.copy()
    wrong[:, 0, 5:9], wrong[:, 0, 9:13] = seen.uv[:, 0, 9:13], seen.uv[:, 0, 5:9]
    heat = 0.7 * drawn(wrong, seen.doubt) + 0.3 * seen.heat
    found = agreed(replace(seen, heat=heat.astype(np.float32), uv=wrong))
    alone = np.linalg.norm(wrong - seen.uv, axis=-1)[:, 0, 5:13].mean()
    together = np.linalg.norm(projected(found.xyz, matrices) - seen.uv, axis=-1)[:, 0, 5:13].mean()
    assert together < 0.25 * alone


def test_views_of_which_two_calibrations_are_exchanged_are_not_believed() -> None:
    xyz, matrices = hands(2)
    seen = seen_by(xyz, matrices)
    assert not agreed(replace(seen, projections=matrices[:, [1, 0, 2, 3]])).believable.any()


def test_a_hand_that_one_camera_sees_is_left_alone(recordings: Path, tmp_path: Path) -> None:
    project, sequences = project_of(recordings, tmp_path)
    ids = project.hand_ids(HandQuery())
    own = [row for row, hand in enumerate(project.hands(ids)) if hand.sequence_id == sequences[0].id]
    assert moments_of(project, ids[own], [project.hands(ids)[row].box for row in own]) is None
    project.close()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("dist", [None, (0.05, -0.02, 0.001, 0.0005)])
def test_cells_of_a_crop_are_where_the_camera_sees_a_point(
    side: Side, dist: tuple[float, ...] | None
) -> None:
    K = np.array([[600.0, 0.0, 320.0], [0.0, 610.0, 240.0], [0.0, 0.0, 1.0]])
    turn = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    camera = Camera(K, None if dist is None else np.array(dist), turn, np.array([5.0, -8.0, 600.0]))
    xyz = np.random.default_rng(4).uniform(-60, 60, (21, 3))
    look = Box(230.0, 140.0, 180.0, 180.0)
    cells = projected(xyz, to_cells(camera, look, side)[None])[0]
    px = camera.project(camera.to_camera(xyz))
    expected = (px - np.array([look.x, look.y])) * (64.0 / look.side)
    if side == "left":
        expected[:, 0] = 64.0 - expected[:, 0]
    np.testing.assert_allclose(cells, expected, atol=0.02 if dist is None else 0.1)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered hand, seen three times by two cameras."""
    out = tmp_path_factory.mktemp("recordings")
    quick = SceneSettings(discs=12_000, oversample=1)
    write_recordings(out, 0, 48, 3, 2, settings=quick, plans=(SequencePlan("ada", "left", frames=3),))
    return out


def project_of(recordings: Path, tmp_path: Path) -> tuple[Project, list[SequenceRecord]]:
    """The recording in a project, every hand proposed a few px beside the truth."""
    project = Project.create(tmp_path / "project", "job")
    for source in open_sequences(recordings).sequences:
        project.add_sequence(prepare(source))
    ids = project.hand_ids(HandQuery())
    truth = project.poses("truth", ids)
    uv = truth.uv + np.random.default_rng(0).normal(0.0, 1.0, truth.uv.shape).astype(np.float32)
    model = project.add_model("m", "m", "semihand", "lite", source="pretrain", lineage={})
    flat, doubt = np.ones(len(ids)), np.ones((len(ids), 21))
    batch = ProposalBatch(ids, uv, truth.depth, uv, truth.depth, flat, flat, joint_doubt=doubt)
    project.store_proposals(None, model.id, batch)
    return project, project.sequences()


class Knowing(Proposer):
    """Has no heatmaps; its poses are all that is known."""

    def propose(self, crops: Pixels) -> HandProposals:
        raise NotImplementedError


def test_the_same_hand_is_found_by_recording_frame_and_side(recordings: Path, tmp_path: Path) -> None:
    project, sequences = project_of(recordings, tmp_path)
    ids = project.hand_ids(HandQuery())
    records = project.hands(ids)
    moments = moments_of(project, ids, [hand.box for hand in records])
    assert moments is not None
    assert len(moments.groups) == 3
    for group in moments.groups:
        assert len({records[row].frame_index for row in group}) == 1
        assert {records[row].sequence_id for row in group} == {record.id for record in sequences}
    project.close()


def test_proposals_of_one_moment_become_one_hand_and_say_from_how_many_views(
    recordings: Path, tmp_path: Path
) -> None:
    project, sequences = project_of(recordings, tmp_path)
    ids = project.hand_ids(HandQuery())
    before, truth = project.poses("proposal", ids), project.poses("truth", ids)
    alone = project.ids_proposed_by("m", alone=True)
    done, problems = put_together(project, sequences, Knowing(), 64, "m", None, Silent())
    assert (len(alone), done, problems) == (6, 6, [])
    after = project.poses("proposal", ids)
    assert np.abs(after.uv - before.uv).max() > 0.0
    proposal = project.proposal_of(int(ids[0]))
    assert proposal is not None
    assert proposal.views == 2
    assert proposal.perturbed is not None
    np.testing.assert_allclose(proposal.perturbed.uv, before.uv[0], atol=1e-3)
    off = [np.linalg.norm(table.uv - truth.uv, axis=-1).mean() for table in (before, after)]
    assert off[1] < 1.1 * off[0]
    assert len(project.ids_proposed_by("m", alone=True)) == 0
    assert put_together(project, sequences, Knowing(), 64, "m", None, Silent())[0] == 0
    project.close()


def test_four_cameras_take_a_third_of_the_error_away(tmp_path: Path) -> None:
    quick = SceneSettings(discs=12_000, oversample=1)
    write_recordings(
        tmp_path / "four", 0, 48, 3, 4, settings=quick, plans=(SequencePlan("ada", "right", frames=3),)
    )
    project, sequences = project_of(tmp_path / "four", tmp_path)
    ids = project.hand_ids(HandQuery())
    before, truth = project.poses("proposal", ids), project.poses("truth", ids)
    assert put_together(project, sequences, Knowing(), 64, "m", None, Silent()) == (12, [])
    after = project.poses("proposal", ids)
    off = [np.linalg.norm(table.uv - truth.uv, axis=-1).mean() for table in (before, after)]
    assert off[1] < 0.67 * off[0]
    project.close()


def test_hands_that_are_one_hand_are_labelled_by_one_replica_in_one_piece() -> None:
    groups = tuple((row, row + 50, row + 100) for row in range(50))
    moments = Moments(groups, np.zeros((170, 3, 4)), np.zeros((170, 4)))
    pieces = rows_of_passes(170, 2, moments)
    parts = [set(part.tolist()) for piece in pieces for part in piece]
    assert sorted(row for part in parts for row in part) == list(range(170))
    assert all(any(set(group) <= part for part in parts) for group in groups)
    assert max(sum(map(len, piece)) for piece in pieces) <= LABEL_BATCH
    alone = rows_of_passes(130, 2, None)
    assert sorted(row for piece in alone for part in piece for row in part.tolist()) == list(range(130))


def test_moments_without_hands_that_can_be_believed_change_nothing() -> None:
    _, matrices = hands(5, 1)
    uv = np.random.default_rng(0).uniform(0, 64, (VIEWS, 21, 2)).astype(np.float32)
    moments = Moments((tuple(range(VIEWS)),), matrices[0], np.zeros((VIEWS, 4)))
    found = moments.together(None, uv, np.ones((VIEWS, 21), np.float32), ANYBODY)
    assert len(found.rows) == 0
    assert found.uv.shape == (0, 21, 2)

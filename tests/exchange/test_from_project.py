from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.exchange.coco_reading import read_coco
from handstudio.exchange.formats import Options, export
from handstudio.exchange.from_project import uniquely_named
from handstudio.exchange.hdf5_reading import read_hdf5
from handstudio.hand.box import Box
from handstudio.project import Project
from handstudio.project.commands import SetLabel
from handstudio.project.records import (
    FrameImport,
    HandImport,
    HandQuery,
    Pose,
    ProposalBatch,
    SequenceImport,
    State,
)

BOX = Box(5.0, 5.0, 50.0, 40.0)


def pose(seed: int) -> Pose:
    rng = np.random.default_rng(seed)
    return Pose(rng.uniform(0, 60, (21, 2)), rng.normal(size=21), np.arange(21) % 2)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two sequences of one name, three frames each; the first two hands are labelled, one from a proposal."""
    with Project.create(tmp_path / "P") as project:
        for take in range(2):
            folder = tmp_path / f"take{take}"
            folder.mkdir()
            for index in range(3):
                image = np.full((48, 64, 3), 10 * take + index, dtype=np.uint8)
                assert cv2.imwrite(str(folder / f"{index}.png"), image)
            truth = [
                HandImport(index, "left", BOX, "dataset", 0, pose(50 + index), np.ones((21, 3), np.float32))
                for index in range(3)
            ]
            frames = [FrameImport(f"{index}.png", 64, 48) for index in range(3)]
            project.add_sequence(SequenceImport("take", "folder", str(folder), frames, truth, subject="s1"))
        ids = project.hand_ids()
        project.add_model("m1", "first", "semihand", "lite", source="shipped", path=tmp_path)
        uv = np.stack([pose(hand).uv for hand in range(4)])
        depth = np.stack([pose(hand).depth for hand in range(4)])
        terms = np.full(4, 0.25)
        batch = ProposalBatch(ids[:4], uv, depth, uv + 1.0, depth, terms, terms)
        project.store_proposals(None, "m1", batch)
        proposal = project.proposal_of(int(ids[0]))
        assert proposal is not None
        project.history.apply(
            SetLabel(int(ids[0]), proposal.pose, State.ACCEPTED, "proposal", proposal.id), who="Ada"
        )
        project.history.apply(SetLabel(int(ids[1]), pose(9), State.FIXED, "dragged"), who="Ben")
        yield project


def test_labels_leave_with_where_they_came_from(project: Project, tmp_path: Path) -> None:
    written = export(project, "coco", tmp_path / "out.json")
    assert (written.hands, written.skipped) == (2, 4)
    accepted, fixed = read_coco(tmp_path / "out.json").hands
    source = accepted.provenance
    assert (source.state, source.origin, source.decided_by, source.model) == (
        "accepted",
        "proposal",
        "Ada",
        "m1",
    )
    assert source.confidence == pytest.approx(0.5)
    assert source.decided_at is not None
    assert (fixed.provenance.state, fixed.provenance.origin, fixed.provenance.decided_by) == (
        "fixed",
        "dragged",
        "Ben",
    )
    np.testing.assert_array_equal(fixed.uv, pose(9).uv)
    np.testing.assert_array_equal(fixed.visibility, pose(9).visibility)
    assert fixed.depth is not None
    np.testing.assert_array_equal(fixed.depth, pose(9).depth)
    assert (fixed.side, fixed.box, fixed.frame.name, fixed.frame.subject) == ("left", BOX, "1.png", "s1")


def test_a_label_keeps_the_confidence_of_its_own_proposal(project: Project, tmp_path: Path) -> None:
    project.add_model("m2", "second", "semihand", "lite", source="finetune", path=tmp_path)
    newer = pose(3)
    uv, depth = [newer.uv] * 2, [newer.depth] * 2
    batch = ProposalBatch(project.hand_ids()[:2], uv, depth, uv, depth, [9.0, 9.0], [9.0, 9.0])
    project.store_proposals(None, "m2", batch, include_decided=True)
    export(project, "coco", tmp_path / "out.json")
    accepted, fixed = (hand.provenance for hand in read_coco(tmp_path / "out.json").hands)
    assert (accepted.model, accepted.confidence) == ("m1", pytest.approx(0.5))
    assert (fixed.model, fixed.confidence) == (None, None)


def test_every_layer_can_be_exported(project: Project, tmp_path: Path) -> None:
    counts = {
        layer: export(project, "hdf5", tmp_path / f"{layer}.h5", layer=layer).hands
        for layer in ("proposal", "correction", "label", "truth")
    }
    assert counts == {"proposal": 4, "correction": 4, "label": 2, "truth": 6}
    truth = read_hdf5(tmp_path / "truth.h5")[0]
    assert truth.xyz_mm is not None
    assert (truth.provenance.origin, truth.provenance.model) == ("truth", None)
    assert read_hdf5(tmp_path / "proposal.h5")[3].provenance.model == "m1"


def test_sequences_of_one_name_stay_apart(project: Project, tmp_path: Path) -> None:
    export(project, "coco", tmp_path / "out.json", layer="truth")
    hands = read_coco(tmp_path / "out.json").hands
    assert len({(hand.frame.sequence, hand.frame.index) for hand in hands}) == 6


def test_a_sequence_named_like_a_number_of_others_stays_apart(project: Project, tmp_path: Path) -> None:
    frames, hands = [FrameImport("0.png", 64, 48)], [HandImport(0, "left", BOX)]
    project.add_sequence(SequenceImport("take (1)", "folder", "/elsewhere", frames, hands))
    names = [record.name for record in uniquely_named(project.sequences()).values()]
    assert len(set(names)) == 3
    assert names[2] == "take (1)"


def test_frames_are_those_of_their_hands(project: Project, tmp_path: Path) -> None:
    export(project, "hdf5", tmp_path / "out.h5", layer="truth", options=Options(frames=True))
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["images"][:, 0, 0, 0].tolist() == [0, 1, 2, 10, 11, 12]


def test_only_the_hands_asked_for_leave(project: Project, tmp_path: Path) -> None:
    query = HandQuery(states=(State.FIXED,))
    written = export(project, "coco", tmp_path / "out.json", query=query)
    assert (written.hands, written.skipped) == (1, 0)


def test_an_unknown_format_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(HandStudioError, match="coco, hdf5"):
        export(project, "xlsx", tmp_path / "out")

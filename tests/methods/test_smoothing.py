"""Proposals of a filmed hand are smoothed over time; nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handstudio.methods.closer import crop_of
from handstudio.methods.contract import HandProposals
from handstudio.methods.keeping import Keeping, Kept
from handstudio.methods.smoothing import TimedPose, continuous, reach, smoothed
from handstudio.project.records import HandQuery

from .conftest import Made
from .toy import ToyProposer

SIDE = 100.0


def pose(frame: int, uv: np.ndarray, c: float = 0.5) -> TimedPose:
    return TimedPose(frame, uv.astype(np.float32), np.full(21, 0.1 * frame, np.float32), c, SIDE)


def moving(count: int, px: float = 3.0) -> list[TimedPose]:
    """A hand that goes to the right, so many px a frame."""
    joints = np.random.default_rng(0).uniform(20.0, 80.0, (21, 2))
    return [pose(frame, joints + np.array((px * frame, 0.0))) for frame in range(count)]


@settings(deadline=None, max_examples=25)
@given(
    spread=st.floats(0.5, 4.0), px=st.floats(-10.0, 10.0), place=st.integers(0, 14), count=st.integers(3, 15)
)
def test_a_hand_that_moves_evenly_stays_where_it_is_without_a_lag(
    spread: float, px: float, place: int, count: int
) -> None:
    poses = moving(count, px)
    here = min(place, count - 1)
    uv, depth = smoothed(poses, here, spread)
    np.testing.assert_allclose(uv, poses[here].uv, atol=1e-3)
    np.testing.assert_allclose(depth, poses[here].depth, atol=1e-4)


def test_trembling_becomes_less() -> None:
    chance = np.random.default_rng(1)
    still = moving(15)
    trembling = [
        replace(one, uv=one.uv + chance.normal(0.0, 2.0, (21, 2)).astype(np.float32)) for one in still
    ]
    before = np.abs(trembling[7].uv - still[7].uv).mean()
    assert np.abs(smoothed(trembling, 7, 2.0)[0] - still[7].uv).mean() < 0.6 * before


def test_one_frame_that_went_astray_is_brought_back_and_draws_no_other_along() -> None:
    poses = moving(9)
    lost = [*poses[:4], replace(poses[4], uv=poses[4].uv + 30.0, c=30.0), *poses[5:]]
    assert np.abs(smoothed(lost, 4, 1.5)[0] - poses[4].uv).mean() < 3.0
    assert np.abs(smoothed(lost, 5, 1.5)[0] - poses[5].uv).mean() < 0.5


def test_past_and_future_count_alike() -> None:
    chance = np.random.default_rng(2)
    there = [replace(one, uv=one.uv + chance.normal(0, 2, (21, 2)).astype(np.float32)) for one in moving(9)]
    back = [replace(one, frame=8 - one.frame) for one in reversed(there)]
    np.testing.assert_allclose(smoothed(there, 4, 1.5)[0], smoothed(back, 4, 1.5)[0], atol=1e-3)


def test_jumps_and_gaps_begin_another_movement() -> None:
    first, second = moving(2)
    assert continuous(first, second, 1.0)
    assert not continuous(first, replace(second, uv=second.uv + 60.0), 1.0)
    assert not continuous(first, replace(second, frame=1 + reach(1.0) + 1), 1.0)
    assert not continuous(second, first, 1.0)


def test_two_frames_alone_stay_as_they_are() -> None:
    poses = moving(2)
    assert smoothed(poses, 0, 2.0)[0] is poses[0].uv


def run(made: Made, kind: str, spread: float, jump: int | None = None) -> tuple[np.ndarray, np.ndarray, Kept]:
    """The trembling poses of a sequence of five frames as they came and as they were stored, px."""
    project, model = made()
    record = replace(project.sequences()[0], kind=kind)  # type: ignore[arg-type]
    hands = project.hands(HandQuery((record.id,)))
    proposer = ToyProposer()
    proposer.smoothing = spread
    keeping = Keeping(project, record, proposer, model.id, None)
    chance = np.random.default_rng(3)
    kept, raw = Kept(), []
    for hand in hands:
        crop = crop_of(hand.id, np.zeros((96, 128, 3), np.uint8), hand.box, hand.side, 64)
        uv = (30.0 + chance.normal(0.0, 1.0, (1, 21, 2))).astype(np.float32)
        if jump is not None and hand.frame_index >= jump:
            uv += 33.0
        zeros, ones = np.zeros((1, 21), np.float32), np.ones(1, np.float32)
        found = HandProposals(
            uv, zeros, np.zeros((1, 64, 64), np.float32), uv + 5, zeros, uv, zeros, ones, ones
        )
        new = keeping.put([crop], found)
        kept = Kept(kept.hands + new.hands, kept.skipped + new.skipped)
        raw.append(crop.in_px(uv[0]))
    last = keeping.flush()
    table = project.poses("proposal", [hand.id for hand in hands])
    perturbed = project.poses("perturbed", [hand.id for hand in hands])
    scale = hands[0].box.square().side / 64.0
    np.testing.assert_allclose(perturbed.uv, np.array(raw) + 5.0 * scale, atol=1e-2)
    return np.array(raw), table.uv, Kept(kept.hands + last.hands, kept.skipped + last.skipped)


@pytest.mark.parametrize("kind", ["video", "recording"])
def test_every_proposal_of_a_film_is_stored_once_and_smoother(made: Made, kind: str) -> None:
    raw, stored, kept = run(made, kind, 1.5)
    assert kept == (len(raw), 0)
    assert np.diff(stored, axis=0).std() < 0.6 * np.diff(raw, axis=0).std()


def test_photographs_in_a_folder_stay_as_they_are(made: Made) -> None:
    raw, stored, _ = run(made, "folder", 1.5)
    np.testing.assert_allclose(stored, raw, atol=1e-3)


def test_without_smoothing_a_film_stays_as_it_is(made: Made) -> None:
    raw, stored, _ = run(made, "video", 0.0)
    np.testing.assert_allclose(stored, raw, atol=1e-3)


def test_nothing_is_blurred_across_a_jump(made: Made) -> None:
    raw, stored, kept = run(made, "video", 1.5, jump=3)
    assert kept.hands == len(raw)
    assert np.abs(stored - raw).max() < 12.0


def test_the_correction_is_that_of_the_smoothed_pose(made: Made) -> None:
    project, model = made()
    record = replace(project.sequences()[0], kind="video")
    proposer = ToyProposer()
    proposer.smoothing = 1.0
    keeping = Keeping(project, record, proposer, model.id, None)
    chance = np.random.default_rng(4)
    ids = []
    for hand in project.hands(HandQuery((record.id,))):
        crop = crop_of(hand.id, np.zeros((96, 128, 3), np.uint8), hand.box, hand.side, 64)
        uv = chance.uniform(20.0, 44.0, (1, 21, 2)).astype(np.float32)
        flat, one = np.zeros((1, 21), np.float32), np.ones(1, np.float32)
        mask = np.zeros((1, 64, 64), np.float32)
        keeping.put([crop], HandProposals(uv, flat, mask, uv, flat, uv, flat, one, one))
        ids.append(hand.id)
    keeping.flush()
    found = project.poses("proposal", ids), project.poses("correction", ids)
    expected = proposer.corrected(found[0].uv, found[0].depth)[0]
    np.testing.assert_allclose(found[1].uv, expected, atol=0.05)

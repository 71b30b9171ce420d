"""What a person placed stays to the hundredth; the rest goes where the picture and the other joints say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handstudio.hand.lift import lift_scale_free
from handstudio.hand.peaks import KEPT, Peaks
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.refit import Believed, Placed, Refit
from handstudio.hand.skeleton import BONES
from handstudio.hand.template import TEMPLATE_MM, relative_bone_lengths

POINTED = AS_POINTED_AT.moved(TEMPLATE_MM)
UV = (POINTED[:, :2] + (200.0, 250.0)).astype(np.float32)
DEPTH = ((POINTED[:, 2] - POINTED[9, 2]) / np.linalg.norm(POINTED[10] - POINTED[9])).astype(np.float32)
DOUBT = np.full(21, 8.0, np.float32)
INDEX, MIDDLE = [6, 7, 8], [10, 11, 12]
INDEX_TIP, MIDDLE_TIP = 8, 12
PARENTS, CHILDREN = np.array(BONES).T

joints = st.integers(0, 20)
offsets = st.tuples(st.floats(-25.0, 25.0), st.floats(-25.0, 25.0))


def peaks_at(*places: np.ndarray, shares: tuple[float, ...] = (1.0,), spread: float = 2.0) -> Peaks:
    """Each joint's heatmap has its peaks at these (21, 2) px."""
    uv = np.zeros((21, KEPT, 2), np.float32)
    share = np.zeros((21, KEPT), np.float32)
    for place, (where, how_much) in enumerate(zip(places, shares, strict=True)):
        uv[:, place], share[:, place] = where, how_much
    return Peaks(uv, share, np.full((21, KEPT), spread, np.float32))


def believed(uv: np.ndarray = UV, peaks: Peaks | None = None, together: bool = False) -> Believed:
    return Believed(uv, DEPTH, DOUBT, peaks or peaks_at(uv), together)


@given(st.dictionaries(joints, offsets, min_size=1, max_size=6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_placed_joints_are_where_they_were_put_and_all_is_finite(
    moved: dict[int, tuple[float, float]], together: bool
) -> None:
    placed = {joint: Placed(UV[joint] + np.float32(by)) for joint, by in moved.items()}
    uv, depth = Refit(believed(together=together)).through(placed)
    for joint, one in placed.items():
        np.testing.assert_array_equal(uv[joint], one.uv)
    assert np.isfinite(uv).all()
    assert np.isfinite(depth).all()
    assert depth[9] == 0.0


@given(st.permutations([3, 8, 12, 17]))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_drags_does_not_matter_and_it_is_the_same_every_time(order: list[int]) -> None:
    fit = Refit(believed())
    once = fit.through({joint: Placed(UV[joint] + 6.0) for joint in (3, 8, 12, 17)})
    again = Refit(believed()).through({joint: Placed(UV[joint] + 6.0) for joint in order})
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(once[1], again[1])


@given(joints, st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0)))
@settings(max_examples=40, deadline=None)
def test_where_the_heatmaps_agree_with_the_proposal_a_trembling_drag_leaves_the_rest(
    joint: int, tremor: tuple[float, float]
) -> None:
    uv, _ = Refit(believed()).through({joint: Placed(UV[joint] + np.float32(tremor))})
    rest = np.arange(21) != joint
    assert np.linalg.norm(uv - UV, axis=-1)[rest].max() < 2.5


@given(joints, offsets)
@example(20, (-23.0, -22.0))  # far beyond the finger's reach
@settings(max_examples=60, deadline=None)
def test_bones_keep_their_lengths_where_the_placed_joints_let_them(
    joint: int, by: tuple[float, float]
) -> None:
    goal = UV[joint] + np.float32(by) * np.float32(0.5)
    uv, depth = Refit(believed()).through({joint: Placed(goal)})
    xyz, _ = lift_scale_free(uv, depth)
    lengths = np.linalg.norm(xyz[CHILDREN] - xyz[PARENTS], axis=-1) / relative_bone_lengths()
    touching = (joint == CHILDREN) | (joint == PARENTS)
    assert np.abs(np.log(lengths / np.median(lengths)))[~touching].max() < 0.3


def test_a_finger_comes_with_its_tip() -> None:
    nothing = peaks_at(UV, shares=(0.0,))
    uv, _ = Refit(believed(peaks=nothing)).through({INDEX_TIP: Placed(UV[INDEX_TIP] + (14.0, 0.0))})
    moved = (uv - UV)[:, 0]
    assert moved[7] > 5.0
    assert moved[7] > moved[6] > 1.0
    assert abs(moved[20]) < 3.0


def test_a_tip_that_is_dragged_to_the_right_finger_takes_its_joints_to_their_second_peaks() -> None:
    wrong = UV.copy()
    wrong[INDEX] = UV[MIDDLE] + (2.0, 0.0)
    seen = peaks_at(wrong, UV, shares=(0.5, 0.4), spread=6.0)
    uv, _ = Refit(Believed(wrong, DEPTH, np.full(21, 14.0, np.float32), seen)).through(
        {INDEX_TIP: Placed(UV[INDEX_TIP])}
    )
    before = np.linalg.norm(wrong - UV, axis=-1)[[6, 7]]
    after = np.linalg.norm(uv - UV, axis=-1)[[6, 7]]
    assert (before > 10.0).all()
    assert (after < 0.6 * before).all()
    assert after[1] < 4.0
    np.testing.assert_allclose(uv[MIDDLE], UV[MIDDLE], atol=4.0)


def test_a_depth_that_was_chosen_stays() -> None:
    _, depth = Refit(believed()).through({INDEX_TIP: Placed(UV[INDEX_TIP], depth=-1.25)})
    assert depth[INDEX_TIP] == pytest.approx(-1.25, abs=0.35)


def test_nothing_placed_and_heatmaps_that_agree_leave_the_hand() -> None:
    uv, _ = Refit(believed()).through({})
    assert np.linalg.norm(uv - UV, axis=-1).max() < 2.5


def test_a_pose_that_is_not_finite_is_refused() -> None:
    broken = UV.copy()
    broken[3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        Refit(believed(broken, peaks_at(UV)))

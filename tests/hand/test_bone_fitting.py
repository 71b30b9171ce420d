"""Bone lengths fitted to labelled hands are those of the hands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handstudio.hand.bone_fitting import LEAST_HANDS, fit_bone_lengths
from handstudio.hand.lift import project_scale_free, to_25d
from handstudio.hand.registration import register
from handstudio.hand.skeleton import BONE_COUNT, REFERENCE_CHILD
from handstudio.hand.surface import scale_from_surface_mm, surface_at
from handstudio.hand.template import TEMPLATE_MM, relative_bone_lengths

K = np.array(((500.0, 0.0, 112.0), (0.0, 500.0, 112.0), (0.0, 0.0, 1.0)))
REFERENCE = REFERENCE_CHILD - 1
AWAY = np.array((0.0, 0.0, 14.0))


def somebody(seed: int, spread: float = 0.12) -> np.ndarray:
    """(20,) bones of a person who is not the template; the reference bone is the unit."""
    shares = 1.0 + np.random.default_rng(seed).uniform(-spread, spread, BONE_COUNT)
    shares[REFERENCE] = 1.0
    return relative_bone_lengths() * shares


def hands(seed: int, count: int, bones: np.ndarray) -> np.ndarray:
    """(count, 21, 3) in reference bones, bent and turned, their root at the origin."""
    rng = np.random.default_rng(seed)
    bent = register(TEMPLATE_MM / 44.0 + rng.normal(0.0, 0.3, (count, 21, 3)), bones)
    turns, _ = np.linalg.qr(rng.normal(size=(count, 3, 3)))
    turns *= np.sign(np.linalg.det(turns))[:, None, None]
    return (bent - bent[:, 9:10]) @ turns


def wrong(found: np.ndarray, bones: np.ndarray) -> float:
    """Mean relative error."""
    return float(np.abs(found / bones - 1.0).mean())


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), count=st.integers(LEAST_HANDS, 30), px=st.floats(8.0, 60.0))
def test_exact_labels_without_a_camera_give_the_very_bones(seed: int, count: int, px: float) -> None:
    bones = somebody(seed)
    uv, depth = project_scale_free(hands(seed, count, bones), px, np.full((count, 2), 112.0))
    fit = fit_bone_lengths(uv, depth)
    assert wrong(fit.lengths, bones) < 0.004
    assert fit.fitted.all()
    assert (fit.hands == count).all()
    assert (fit.spread < 0.02).all()


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), count=st.integers(LEAST_HANDS, 30))
def test_exact_labels_with_a_camera_give_the_very_bones(seed: int, count: int) -> None:
    bones = somebody(seed)
    uv, depth = to_25d(hands(seed, count, bones) + AWAY, K, 1.0)
    fit = fit_bone_lengths(uv, depth, np.repeat(K[None], count, 0))
    assert wrong(fit.lengths, bones) < 0.004


def test_labels_that_are_px_off_give_about_the_bones_and_say_how_far_they_spread() -> None:
    errors, of_template = [], []
    for seed in range(24):
        bones, count = somebody(seed), 40
        uv, depth = project_scale_free(hands(seed, count, bones), 25.0, np.full((count, 2), 112.0))
        rng = np.random.default_rng(seed + 1)
        noisy = fit_bone_lengths(
            uv + rng.normal(0.0, 2.0, uv.shape), depth + rng.normal(0.0, 0.05, depth.shape)
        )
        errors.append(wrong(noisy.lengths, bones))
        of_template.append(wrong(relative_bone_lengths(), bones))
        assert float(np.median(noisy.spread)) > 0.03
    assert np.mean(errors) < 0.75 * np.mean(of_template)
    assert np.mean(errors) < 0.06
    assert max(errors) < 0.12


def test_some_labels_far_off_change_little() -> None:
    bones, count = somebody(3), 30
    uv, depth = project_scale_free(hands(3, count, bones), 30.0, np.full((count, 2), 112.0))
    uv[:6, 8] += 200.0
    assert wrong(fit_bone_lengths(uv, depth).lengths, bones) < 0.02


def test_the_reference_bone_stays_the_unit() -> None:
    uv, depth = project_scale_free(hands(5, 9, somebody(5)), 30.0, np.full((9, 2), 112.0))
    assert fit_bone_lengths(uv, depth).lengths[REFERENCE] == pytest.approx(relative_bone_lengths()[REFERENCE])


def test_a_bone_that_too_few_hands_show_keeps_the_template_s_length() -> None:
    bones = somebody(7)
    uv, depth = project_scale_free(hands(7, 12, bones), 30.0, np.full((12, 2), 112.0))
    known = np.ones((12, 21), bool)
    known[3:, 20] = False
    fit = fit_bone_lengths(uv, depth, known=known)
    assert (fit.hands[19], fit.fitted[19]) == (3, False)
    assert fit.lengths[19] == pytest.approx(relative_bone_lengths()[19])
    assert wrong(fit.lengths[:19], bones[:19]) < 0.01


def test_hands_that_are_not_whole_do_not_count() -> None:
    uv, depth = project_scale_free(hands(9, LEAST_HANDS, somebody(9)), 30.0, np.full((LEAST_HANDS, 2), 112.0))
    uv[0, 4] = np.nan
    with pytest.raises(ValueError, match="4 hands show the reference bone, 5 must"):
        fit_bone_lengths(uv, depth)
    with pytest.raises(ValueError, match=r"uv is \(N, 21, 2\)"):
        fit_bone_lengths(uv[:, :5], depth)


def test_depth_tells_the_size_of_a_hand_under_its_surface() -> None:
    size = 41.0
    xyz = hands(11, 1, somebody(11))[0] + AWAY
    uv, _ = to_25d(xyz, K, 1.0)
    depth_mm = np.zeros((224, 224), np.float32)
    for (u, v), z in zip(uv, xyz[:, 2], strict=True):
        depth_mm[int(v), int(u)] = z * size - 9.0
    found = scale_from_surface_mm(uv, xyz[:, 2], depth_mm)
    assert found == pytest.approx(size, rel=0.02)
    assert scale_from_surface_mm(uv, xyz[:, 2], np.zeros_like(depth_mm)) is None
    outside = surface_at(uv - 300.0, depth_mm)
    assert np.isnan(outside).all()
    assert np.isnan(surface_at(uv, depth_mm, np.zeros_like(depth_mm))).all()

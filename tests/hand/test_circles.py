from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from handstudio.hand.circles import (
    CIRCLE_COUNT,
    LAYOUT,
    circle_centres,
    circle_radii,
    fitted_ratios,
    hand_scale,
    sphere_model,
)
from handstudio.hand.consistency import cross_modal_consistency, d2m, hand_field, m2d
from handstudio.hand.lift import project_scale_free
from handstudio.hand.raster import circle_field, render_circles, render_spheres
from handstudio.hand.skeleton import FINGERS

SEEDS = st.integers(0, 2**32 - 1)
Posed = Callable[..., np.ndarray]


def _circles(seed: int, batch: int = 2, count: int = CIRCLE_COUNT) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    centres = torch.rand((batch, count, 2), generator=generator) * 64
    return centres, 0.3 + 6 * torch.rand((batch, count), generator=generator)


def _hands_in_cells(posed: Posed, seed: int, count: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    uv, depth = project_scale_free(posed(seed, count) / 44.0, 7.0, np.full((count, 2), 32.0, np.float32))
    return torch.from_numpy(uv), torch.from_numpy(depth)


def _exact_field(centres: np.ndarray, radii: np.ndarray, size: int) -> np.ndarray:
    """max_i (r_i - |g - c_i|), pixel by pixel and circle by circle, in double precision."""
    g = np.stack(np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5), axis=-1)
    away = np.linalg.norm(g[:, :, None] - centres.astype(np.float64), axis=-1)
    return (radii.astype(np.float64) - away).max(axis=-1)


def test_there_are_nine_circles_for_each_finger_and_ten_for_the_palm() -> None:
    assert LAYOUT.shape == (55, 21)
    np.testing.assert_allclose(LAYOUT.sum(axis=1), 1.0, atol=1e-6)
    for number, finger in enumerate(FINGERS):
        block = LAYOUT[9 * number : 9 * number + 9]
        assert set(np.flatnonzero(block.any(axis=0))) == set(finger)
    assert all(row[0] > 0 for row in LAYOUT[45:])


def test_each_joint_of_a_finger_is_a_centre() -> None:
    uv = np.random.default_rng(0).uniform(0, 64, (21, 2)).astype(np.float32)
    centres = circle_centres(uv)
    for joint in range(1, 21):
        assert np.isclose(centres, uv[joint], atol=1e-4).all(axis=-1).any()


@given(SEEDS)
@settings(max_examples=25)
def test_a_rendered_mask_is_that_of_exact_disks(seed: int) -> None:
    centres, radii = _circles(seed)
    mask = render_circles(centres, radii, 64)[:, 0] > 0.5
    for hand in range(2):
        exact = _exact_field(centres[hand].numpy(), radii[hand].numpy(), 64)
        clear = np.abs(exact) > 1e-3
        np.testing.assert_array_equal(mask[hand].numpy()[clear], exact[clear] > 0)
        np.testing.assert_allclose(circle_field(centres, radii, 64)[hand].numpy(), exact, atol=1e-3)


def test_a_finer_mask_of_the_same_circles_has_the_same_area() -> None:
    centres, radii = _circles(4)
    coarse = render_circles(centres, radii, 64).mean((1, 2, 3))
    fine = render_circles(centres, radii, 256, extent=64.0).mean((1, 2, 3))
    np.testing.assert_allclose(coarse.numpy(), fine.numpy(), rtol=0.01)


def test_a_softer_edge_is_flatter() -> None:
    centres, radii = torch.tensor([[[32.0, 32.0]]]), torch.tensor([[10.0]])
    hard = render_circles(centres, radii, 64, softness=0.1)
    soft = render_circles(centres, radii, 64, softness=2.0)
    assert ((hard > 0.05) & (hard < 0.95)).sum() < ((soft > 0.05) & (soft < 0.95)).sum() / 3


@given(SEEDS)
@settings(max_examples=20)
def test_d2m_is_zero_exactly_where_mask_and_circles_agree(posed: Posed, seed: int) -> None:
    uv, _ = _hands_in_cells(posed, seed)
    own = (hand_field(uv, 64) > 0).float()[:, None]
    assert (d2m(uv, own) == 0).all()
    flipped = own.clone()
    row, column = np.random.default_rng(seed).integers(0, 64, 2)
    flipped[:, 0, row, column] = 1 - flipped[:, 0, row, column]
    distance = hand_field(uv, 64)[:, row, column].abs()
    np.testing.assert_allclose(d2m(uv, flipped).numpy(), distance.numpy(), atol=1e-4)


def test_d2m_is_the_sum_of_equation_14(posed: Posed) -> None:
    uv, _ = _hands_in_cells(posed, 8, 2)
    mask = torch.rand((2, 1, 64, 64), generator=torch.Generator().manual_seed(0))
    centres, radii = circle_centres(uv).numpy(), circle_radii(hand_scale(uv)).numpy()
    for hand in range(2):
        field = _exact_field(centres[hand], radii[hand], 64)
        expected = np.where(mask[hand, 0].numpy() > 0.5, np.maximum(-field, 0), np.maximum(field, 0)).sum()
        np.testing.assert_allclose(d2m(uv, mask)[hand].item(), expected, rtol=1e-4)


def test_m2d_is_least_for_the_pose_that_made_the_mask(posed: Posed) -> None:
    uv, depth = _hands_in_cells(posed, 2)
    mask = render_circles(circle_centres(uv), circle_radii(hand_scale(uv, depth)), 64)
    at_truth = m2d(uv, mask, depth)
    assert (at_truth < 1e-2).all()
    for shift in ((2.0, 0.0), (0.0, -2.0), (1.5, 1.5)):
        assert (m2d(uv + torch.tensor(shift), mask, depth) > at_truth + 20).all()


def test_following_both_terms_downhill_brings_a_displaced_hand_onto_its_mask(posed: Posed) -> None:
    uv, depth = _hands_in_cells(posed, 5)
    mask = (hand_field(uv, 64, depth) > 0).float()[:, None]
    shift = torch.tensor((5.0, -4.0)).expand(3, 1, 2).clone().requires_grad_()
    optimiser = torch.optim.Adam([shift], lr=0.3)
    for _ in range(50):
        sum(term.sum() for term in cross_modal_consistency(uv + shift, mask, depth)).backward()
        optimiser.step()
        optimiser.zero_grad()
    assert shift.detach().norm(dim=-1).max() < 0.5


def test_no_gradient_reaches_the_mask(posed: Posed) -> None:
    uv, _ = _hands_in_cells(posed, 1)
    uv.requires_grad_()
    mask = torch.rand((3, 1, 64, 64), requires_grad=True)
    sum(term.sum() for term in cross_modal_consistency(uv, mask)).backward()
    assert mask.grad is None
    assert uv.grad is not None
    assert uv.grad.abs().sum() > 0


def test_gradients_of_both_terms_agree_with_finite_differences(posed: Posed) -> None:
    uv, depth = (part.double()[:1] for part in _hands_in_cells(posed, 3))
    generator = torch.Generator().manual_seed(2)
    mask = torch.rand((1, 1, 16, 16), generator=generator, dtype=torch.float64)
    uv.requires_grad_()
    assert torch.autograd.gradcheck(lambda p: m2d(p, mask, depth), (uv,), atol=1e-3)
    assert torch.autograd.gradcheck(lambda p: d2m(p, mask, depth), (uv,), atol=1e-3)


def test_the_two_terms_together_are_the_two_terms_apart(posed: Posed) -> None:
    uv, depth = _hands_in_cells(posed, 6)
    mask = torch.rand((3, 1, 32, 32), generator=torch.Generator().manual_seed(0))
    together = cross_modal_consistency(uv, mask, depth)
    torch.testing.assert_close(together, (m2d(uv, mask, depth), d2m(uv, mask, depth)))


def test_the_scale_without_depth_is_near_that_with_it(posed: Posed) -> None:
    uv, depth = project_scale_free(posed(0, 300) / 44.0, 9.0, np.zeros((300, 2), np.float32))
    np.testing.assert_allclose(hand_scale(uv, depth), 9.0, rtol=1e-3)
    assert 0.85 < np.median(hand_scale(uv)) / 9.0 < 1.1


def test_radii_grow_with_the_hand() -> None:
    np.testing.assert_allclose(circle_radii(np.float32([10.0, 20.0])), np.outer((10, 20), fitted_ratios()))
    assert circle_radii(np.zeros((4, 21, 2), np.float32) + 1).shape == (4, 55)
    assert (fitted_ratios() > 0).all()
    assert (fitted_ratios() < 1).all()


@given(SEEDS)
@settings(max_examples=10)
def test_spheres_seen_from_afar_are_the_circles(posed: Posed, seed: int) -> None:
    hands = posed(seed, 2, distance_mm=40_000)
    centres, radii = (torch.from_numpy(part) for part in sphere_model(hands))
    focal = 7.0 * 40_000 / 44.0
    K = torch.tensor([[focal, 0, 32], [0, focal, 32], [0, 0, 1]])
    depth, mask = render_spheres(centres, radii, K, 64)
    flat = render_circles(centres[..., :2] / centres[..., 2:] * focal + 32, radii * 7 / 44, 64)
    assert ((mask > 0.5) != (flat > 0.5)).float().mean() < 2e-3
    seen = (mask > 0.5) & (depth > 0)
    assert ((mask > 0.5) != (depth > 0)).float().mean() < 1e-3
    assert (depth[seen] > 39_700).all()
    assert (depth[seen] < 40_300).all()


def test_one_sphere_has_the_depth_of_a_sphere() -> None:
    centres, radii = torch.tensor([[[0.0, 0.0, 500.0]]]), torch.tensor([[40.0]])
    K = torch.tensor([[400.0, 0, 32.5], [0, 400.0, 32.5], [0, 0, 1]])
    depth, mask = render_spheres(centres, radii, K, 65)
    assert abs(depth[0, 0, 32, 32].item() - 460.0) < 1e-2
    ray = np.array((20 / 400, 0, 1))
    a, b, c = ray @ ray, -2 * 500.0, 500.0**2 - 40.0**2
    assert abs(depth[0, 0, 32, 52].item() - (-b - np.sqrt(b * b - 4 * a * c)) / (2 * a)) < 0.05
    assert mask[0, 0, 32, 32] > 0.99
    assert mask[0, 0, 0, 0] < 0.01
    assert depth[0, 0, 0, 0] == 0


def test_gradients_of_rendered_spheres_agree_with_finite_differences(posed: Posed) -> None:
    hands = posed(3, 1, distance_mm=500).astype(np.float64)
    centres, radii = (torch.tensor(part[:, :45:6]) for part in sphere_model(hands))
    K = torch.tensor([[80.0, 0, 8], [0, 80.0, 8], [0, 0, 1]], dtype=torch.float64)
    centres.requires_grad_()
    radii.requires_grad_()
    weights = torch.rand((1, 1, 16, 16), dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def total(c: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
        depth, mask = render_spheres(c, r, K, 16)
        return (weights * depth).sum() / 500 + (weights * mask).sum()

    assert torch.autograd.gradcheck(total, (centres, radii), atol=1e-4)


def test_a_centre_that_is_no_number_harms_its_own_hand_alone() -> None:
    centres, radii = torch.full((2, 55, 2), 10.0), torch.full((2, 55), 3.0)
    centres[0] = torch.nan
    field = circle_field(centres, radii, 16)
    assert bool(field[1].isfinite().all())

"""Poses and masks move with the pixels."""

from __future__ import annotations

import math

import pytest
import torch

from handstudio.methods.augmentation import (
    Move,
    as_large,
    diversity_move,
    flatten,
    perturbation_move,
    recolour,
    reshade,
    similarity,
)
from handstudio.methods.settings import DiversitySettings, PerturbationSettings
from plugins.semihand.settings import LiteSettings


def _dot(u: float, v: float) -> torch.Tensor:
    """A soft white dot at a place in cells."""
    along = torch.arange(64) + 0.5
    picture = torch.exp(-((along[None, :] - u) ** 2 + (along[:, None] - v) ** 2) / 8.0)
    return picture[None, None].expand(1, 3, 64, 64)


def _found(picture: torch.Tensor) -> tuple[float, float]:
    plane = picture[0, 0]
    along = torch.arange(64) + 0.5
    total = plane.sum()
    return float((plane.sum(0) * along).sum() / total), float((plane.sum(1) * along).sum() / total)


def _place(u: float, v: float) -> torch.Tensor:
    return torch.tensor([[[u, v]]])


@pytest.mark.parametrize("degrees", [0.0, 17.0, 90.0, 180.0, 270.0])
@pytest.mark.parametrize("scale", [0.8, 1.0, 1.2])
def test_a_dot_lies_where_its_joint_was_moved(degrees: float, scale: float) -> None:
    move = similarity(
        torch.tensor([math.radians(degrees)]), torch.tensor([scale]), torch.tensor([[3.0, -2.0]])
    )
    expected = move.points(_place(38.0, 26.5))[0, 0].tolist()
    assert _found(move.images(_dot(38.0, 26.5), "zeros")) == pytest.approx(expected, abs=0.05)


def test_a_quarter_turn_moves_whole_cells_without_blur() -> None:
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    move = similarity(torch.tensor([math.pi / 2]), torch.ones(1), torch.zeros(1, 2))
    turned = move.images(picture)
    assert torch.allclose(turned, torch.rot90(picture, -1, (2, 3)), atol=1e-4)


def test_points_back_undoes_points() -> None:
    generator = torch.Generator().manual_seed(1)
    move = diversity_move(7, DiversitySettings(), generator)
    uv = 64.0 * torch.rand(7, 21, 2, generator=generator)
    assert torch.allclose(move.points_back(move.points(uv)), uv, atol=1e-4)


def test_perturbation_shifts_or_turns_as_published() -> None:
    settings = PerturbationSettings()
    move = perturbation_move(500, settings, torch.Generator().manual_seed(2))
    degrees = torch.rad2deg(torch.atan2(move.turn[:, 1, 0], move.turn[:, 0, 0]))
    shifted = move.shift.abs().sum(1) > 0
    assert float(move.shift.abs().max()) <= 5.0
    assert bool((degrees[shifted].abs() < 1e-5).all())
    turned = degrees[~shifted] % 360.0
    away = torch.stack([(turned - quarter).abs() for quarter in (0, 90, 180, 270, 360)]).min(0).values
    assert float(away.max()) <= 2.0 + 1e-3
    assert 100 < int(shifted.sum()) < 400


def test_perturbation_keeps_sizes() -> None:
    move = perturbation_move(50, PerturbationSettings(), torch.Generator().manual_seed(3))
    assert torch.allclose(torch.linalg.det(move.turn), torch.ones(50), atol=1e-5)


def test_perturbation_scales_between_the_given_sizes() -> None:
    settings = PerturbationSettings(scale=(0.8, 1.25))
    move = perturbation_move(200, settings, torch.Generator().manual_seed(3))
    sizes = torch.linalg.det(move.turn).sqrt()
    assert 0.8 <= float(sizes.min()) < 0.85
    assert 1.2 < float(sizes.max()) <= 1.25


def test_flattened_hands_keep_their_mean_colour_and_their_surroundings() -> None:
    generator = torch.Generator().manual_seed(6)
    pictures = torch.rand(8, 3, 64, 64, generator=generator)
    mask = torch.zeros(8, 1, 64, 64)
    mask[:, :, 20:44, 20:44] = 1.0
    flat = flatten(pictures, mask, DiversitySettings(flat_share=1.0), generator)
    inside, before = flat[:, :, 20:44, 20:44], pictures[:, :, 20:44, 20:44]
    assert torch.allclose(inside.mean((2, 3)), before.mean((2, 3)), atol=1e-4)
    assert bool((inside.std((2, 3)) < before.std((2, 3))).all())
    outside = mask.expand_as(pictures) == 0
    assert torch.equal(flat[outside], pictures[outside])


def test_uneven_light_falls_on_the_hand_alone_and_is_smooth() -> None:
    generator = torch.Generator().manual_seed(7)
    pictures = torch.full((8, 3, 64, 64), 0.4)
    mask = torch.zeros(8, 1, 64, 64)
    mask[:, :, 16:48, 16:48] = 1.0
    lit = reshade(pictures, mask, DiversitySettings(shade_share=1.0), generator)
    outside = mask.expand_as(pictures) == 0
    assert torch.equal(lit[outside], pictures[outside])
    inside = lit[:, :, 16:48, 16:48]
    assert bool((inside.amax((2, 3)) - inside.amin((2, 3)) > 0.01).all())
    assert float((inside[..., 1:] - inside[..., :-1]).abs().max()) < 0.1


def test_recolouring_keeps_pictures_in_range_and_is_repeatable() -> None:
    pictures = torch.rand(6, 3, 64, 64, generator=torch.Generator().manual_seed(4))
    first = recolour(pictures, DiversitySettings(), torch.Generator().manual_seed(5))
    again = recolour(pictures, DiversitySettings(), torch.Generator().manual_seed(5))
    assert torch.equal(first, again)
    assert float(first.min()) >= 0.0
    assert float(first.max()) <= 1.0
    assert not torch.allclose(first, pictures)


def test_erasing_paints_one_rectangle_of_one_colour() -> None:
    settings = DiversitySettings(
        brightness=0,
        contrast=0,
        saturation=0,
        tint=0,
        gamma=0,
        grey_share=0,
        noise=0,
        blur_share=0,
        erase_share=1,
    )
    pictures = torch.full((4, 3, 64, 64), 0.5)
    erased = recolour(pictures, settings, torch.Generator().manual_seed(6))
    for picture in erased:
        changed = (picture - 0.5).abs().sum(0) > 1e-3
        rows, columns = changed.any(1).nonzero()[:, 0], changed.any(0).nonzero()[:, 0]
        block = picture[:, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert int(changed.sum()) == len(rows) * len(columns)
        assert float(block.flatten(1).std(1).max()) < 1e-6


def test_a_move_keeps_masks_empty_outside() -> None:
    move = Move(torch.eye(2)[None], torch.tensor([[20.0, 0.0]]))
    moved = move.images(torch.ones(1, 1, 64, 64), "zeros")
    assert float(moved[..., :19].abs().max()) == 0.0
    assert float(moved[..., 21:].min()) == 1.0


def test_everything_stays_on_the_device_of_the_pictures() -> None:
    generator = torch.Generator().manual_seed(0)
    settings = LiteSettings().pretraining.diversity
    images = torch.zeros(3, 3, 64, 64, device="meta")
    mask, uv = torch.zeros(3, 1, 64, 64, device="meta"), torch.zeros(3, 21, 2, device="meta")
    for done in (
        recolour(images, settings, generator),
        flatten(images, mask, settings, generator),
        reshade(images, mask, settings, generator),
        diversity_move(3, settings, generator).images(images),
        diversity_move(3, settings, generator).points(uv),
        perturbation_move(3, LiteSettings().perturbation, generator).points_back(uv),
    ):
        assert done.device.type == "meta"


@pytest.mark.parametrize("count", [0, 2])
def test_masks_of_the_grid_are_made_as_large_as_the_pictures(count: int) -> None:
    images, masks = torch.zeros(count, 3, 128, 128), torch.zeros(count, 1, 64, 64)
    masks[:, :, :32] = 1.0
    found = as_large(masks, images)
    assert found.shape == (count, 1, 128, 128)
    assert bool((found[:, :, :60] == 1.0).all())
    assert bool((found[:, :, 68:] == 0.0).all())
    assert as_large(masks, images[:, :, :64, :64]) is masks

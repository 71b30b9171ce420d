"""Several views of one crop, and the pose in their middle."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handstudio.methods.augmentation import perturbation_move
from handstudio.methods.latent import cell_centres, heat_doubts, read_pose, widths
from handstudio.methods.settings import PerturbationSettings, ProposingSettings
from handstudio.methods.views import doubt_of_views, middle, moves_of_crops, moves_to_propose, turned_moves

CPU = torch.device("cpu")


def test_the_middle_is_the_median_and_of_an_even_number_the_mean_of_the_two_inner_ones() -> None:
    values = torch.tensor((5.0, 1.0, 100.0, 3.0))
    assert float(middle(values[:3, None])) == 5.0
    assert float(middle(values[:, None])) == 4.0


def test_a_crop_has_the_same_views_alone_and_among_others() -> None:
    crops = np.random.default_rng(0).integers(0, 255, (4, 8, 8, 3)).astype(np.uint8)
    together = moves_of_crops(crops, 3, PerturbationSettings(), CPU)
    alone = moves_of_crops(crops[2:3], 3, PerturbationSettings(), CPU)
    assert len(together) == 3
    for many, one in zip(together, alone, strict=True):
        assert torch.equal(many.turn[2:3], one.turn)
        assert torch.equal(many.shift[2:3], one.shift)
    assert not torch.equal(together[0].shift, together[1].shift)


def test_a_heatmap_is_as_wide_as_its_spread_about_its_middle() -> None:
    centres, place = cell_centres(32), torch.tensor((21.0, 40.0))
    for spread in (2.0, 4.0):
        apart = (centres - place).square().sum(-1) / (-2.0 * spread**2)
        pose = read_pose(apart.view(1, 1, 32, 32).expand(2, 21, -1, -1), torch.zeros(2, 21, 32, 32), centres)
        width = widths(pose.heat, pose.uv, centres)
        assert width.shape == (2, 21)
        assert torch.allclose(width, torch.tensor(2.0**0.5 * spread), rtol=0.02)
        assert torch.allclose(heat_doubts(pose.heat, pose.uv, centres)["heatmaps, width"], width[:, 0])


def test_a_heatmap_of_one_cell_has_no_width() -> None:
    centres = cell_centres(32)
    sharp = torch.full((1, 21, 32, 32), -200.0)
    sharp[:, :, 30, 2] = 0.0
    pose = read_pose(sharp, torch.zeros_like(sharp), centres)
    assert float(widths(pose.heat, pose.uv, centres).max()) < 0.1


def test_joints_are_doubted_for_wide_heatmaps_and_for_views_that_disagree() -> None:
    uv = torch.full((1, 21, 2), 30.0)
    uvs, wide = uv.expand(2, -1, -1, -1).clone(), torch.full((2, 1, 21), 2.0)
    assert torch.equal(doubt_of_views(uv, uvs, wide), torch.full((1, 21), 2.0))
    uvs[1, 0, 4, 0] += 6.0
    wide[0, 0, 8] = 4.0
    doubt = doubt_of_views(uv, uvs, wide)[0]
    assert doubt[[4, 8, 12]].tolist() == [5.0, 3.0, 2.0]


def test_a_move_tells_how_much_longer_things_become() -> None:
    move = perturbation_move(5, PerturbationSettings(), torch.Generator().manual_seed(1))
    ends = torch.tensor(((20.0, 20.0), (23.0, 24.0))).expand(5, 2, 2)
    moved = move.points(ends)
    assert torch.allclose((moved[:, 1] - moved[:, 0]).norm(dim=-1), 5.0 * move.scale, rtol=1e-5)


def test_turned_views_go_to_either_side_evenly_up_to_the_angle() -> None:
    moves = turned_moves(2, 4, 30.0, CPU)
    angles = [float(torch.rad2deg(torch.atan2(move.turn[1, 1, 0], move.turn[1, 0, 0]))) for move in moves]
    assert sorted(angles) == pytest.approx([-30.0, -15.0, 15.0, 30.0], abs=1e-4)
    assert all(bool((move.shift == 0.0).all()) for move in moves)
    assert turned_moves(2, 0, 30.0, CPU) == []


def test_a_pose_seen_in_a_turned_view_comes_back_to_where_it_was() -> None:
    uv = torch.rand(2, 21, 2, generator=torch.Generator().manual_seed(0)) * 64.0
    for move in turned_moves(2, 3, 45.0, CPU):
        assert torch.allclose(move.points_back(move.points(uv)), uv, atol=1e-4)


def test_the_setting_says_whether_views_are_turned_or_perturbed() -> None:
    crops = np.random.default_rng(0).integers(0, 255, (2, 8, 8, 3)).astype(np.uint8)
    perturbation = PerturbationSettings()
    perturbed = moves_to_propose(crops, ProposingSettings(views=3), perturbation, CPU)
    assert torch.equal(perturbed[0].turn, moves_of_crops(crops, 2, perturbation, CPU)[0].turn)
    turned = moves_to_propose(crops, ProposingSettings(views=3, view_turn=20.0), perturbation, CPU)
    assert torch.equal(turned[1].turn, turned_moves(2, 2, 20.0, CPU)[1].turn)
    assert moves_to_propose(crops, ProposingSettings(view_turn=20.0), perturbation, CPU) == []

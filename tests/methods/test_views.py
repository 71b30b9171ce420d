"""Several views of one crop, and the pose in their middle."""

from __future__ import annotations

import numpy as np
import torch

from handstudio.methods.augmentation import perturbation_move
from handstudio.methods.latent import cell_centres, heat_doubts, read_pose, widths
from handstudio.methods.settings import PerturbationSettings
from handstudio.methods.views import doubt_of_views, middle, moves_of_crops

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

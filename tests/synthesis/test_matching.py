"""Rendered hands in the pose of given ones."""

from __future__ import annotations

import torch

from handstudio.synthesis.articulation import LIMITS
from handstudio.synthesis.matching import best_turn, bone_directions, hands_like, render_like
from handstudio.synthesis.scene import SceneSettings, parts_in_view, render_batch, to_scale_free
from handstudio.synthesis.viewpoint import random_rotation

QUICK = SceneSettings(discs=12_000, oversample=1)


def test_kabsch_finds_the_turn_between_directions() -> None:
    generator = torch.Generator().manual_seed(0)
    source = torch.nn.functional.normalize(torch.randn(5, 20, 3, generator=generator), dim=-1)
    turn = random_rotation(5, generator)
    torch.testing.assert_close(best_turn(source, source @ turn.transpose(1, 2)), turn, atol=1e-4, rtol=1e-4)


def test_hands_take_pose_size_and_place_of_given_ones() -> None:
    given = render_batch(48, 21, 16, QUICK)
    hands = hands_like(given.uv, given.depth, torch.Generator().manual_seed(1), QUICK, jitter=0.0)
    parts = parts_in_view(hands)
    uv, depth = to_scale_free(parts.joints, parts.K)
    extent = (given.uv.amax(dim=1) - given.uv.amin(dim=1)).amax(dim=1)
    away = (uv - given.uv).norm(dim=-1) / extent[:, None]
    assert away.mean() < 0.06
    assert (depth - given.depth).abs().mean() < 0.3
    directions = bone_directions(parts.joints)
    assert (directions * bone_directions(given.xyz_mm)).sum(-1).mean() > 0.97
    low, high = LIMITS.unbind(-1)
    assert bool((hands.articulation.fingers >= low - 1e-6).all())
    assert bool((hands.articulation.fingers <= high + 1e-6).all())


def test_the_same_seed_gives_the_same_pictures_and_jitter_strays() -> None:
    given = render_batch(4, 3, 24, QUICK)
    first, again = (render_like(given.uv, given.depth, 7, 24, QUICK) for _ in range(2))
    assert torch.equal(first.rgb, again.rgb)
    still = render_like(given.uv, given.depth, 7, 24, QUICK, jitter=0.0)
    assert (first.uv - still.uv).abs().mean() > 0.1
    assert torch.equal(first.mask > 0, first.depth_mm > 0)

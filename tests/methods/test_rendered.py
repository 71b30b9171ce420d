"""Rendered hands as labels, with the depth of their surface for those who ask."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from handstudio.hand.skeleton import ROOT
from handstudio.methods.anchors import anchor_chunk
from handstudio.methods.rendered import HandPool, LabelledHands, RenderedBatch, labelled, render_chunk
from handstudio.synthesis.scene import RenderedHands, SceneSettings, render_batch

QUICK = SceneSettings(settling=0)


@pytest.fixture(scope="module")
def hands() -> RenderedHands:
    return render_batch(3, 0, 64, QUICK)


def test_the_surface_is_made_only_when_asked_for(hands: RenderedHands) -> None:
    assert labelled(hands).surface is None
    assert set(labelled(hands).tensors()) == {"images", "uv", "depth", "mask"}
    assert RenderedBatch.of(labelled(hands)).surface is None


def test_the_surface_is_depth_relative_to_the_root_in_reference_bones_on_the_hand_alone(
    hands: RenderedHands,
) -> None:
    found = labelled(hands, surface=True).surface
    assert found is not None
    assert found.shape == (3, 1, 64, 64)
    assert found.dtype == torch.float16
    on_hand = hands.hand_mask > 0
    root, bone = (each.view(3, 1, 1, 1) for each in (hands.xyz_mm[:, ROOT, 2], hands.reference_mm))
    expected = ((hands.depth_mm - root) / bone)[on_hand]
    assert torch.allclose(found[on_hand].float(), expected, atol=2e-3)
    assert not found[~on_hand].any()


def test_the_reference_bone_is_that_of_the_joints_depth(hands: RenderedHands) -> None:
    z = hands.xyz_mm[..., 2] - hands.xyz_mm[:, ROOT : ROOT + 1, 2]
    assert torch.allclose(hands.depth * hands.reference_mm[:, None], z, atol=1e-2)


def test_joints_in_sight_lie_just_behind_the_surface() -> None:
    hands = render_batch(8, 1, 64, QUICK)
    surface = labelled(hands, surface=True).surface
    assert surface is not None
    cell = hands.uv.floor().long().clamp(0, 63)
    above = surface[torch.arange(8)[:, None], 0, cell[..., 1], cell[..., 0]].float()
    seen = (hands.visibility == 0) & (above != 0.0)
    behind = (hands.depth - above)[seen]
    assert 0.0 < float(behind.median()) < 0.5


def test_larger_pictures_have_their_labels_in_cells_of_the_same_grid() -> None:
    hands = render_batch(1, 2, 128, QUICK)
    found = labelled(hands, surface=True)
    assert found.images.shape == (1, 3, 128, 128)
    assert found.surface is not None
    assert found.mask.shape == found.surface.shape == (1, 1, 64, 64)
    assert torch.allclose(found.uv, hands.uv / 2.0)
    assert torch.equal(found.surface != 0.0, found.mask > 0)


def test_matched_hands_of_any_size_lie_where_the_footage_has_them() -> None:
    like = render_chunk(0, 1, 0, QUICK)
    found = anchor_chunk(0, 1, 0, 1.0, like.uv, like.depth, size=128, surface=True)
    assert found.images.shape[-1] == 128
    assert found.surface is not None
    assert float((found.uv - like.uv).norm(dim=-1).mean()) < 8.0


def test_a_pool_keeps_surfaces_in_its_folder(tmp_path: Path) -> None:
    def render(number: int) -> LabelledHands:
        return labelled(hands, surface=True) if number == 0 else pytest.fail("rendered again")

    hands = render_batch(2, 3, 64, QUICK)
    HandPool(render, 1, tmp_path).grow(1)
    pool = HandPool(lambda number: pytest.fail("rendered again"), 1, tmp_path)
    pool.grow(1)
    drawn = pool.draw(5, torch.Generator().manual_seed(0))
    assert drawn.surface is not None
    assert drawn.surface.shape == (5, 1, 64, 64)
    assert RenderedBatch.none(surface=True).surface is not None

"""Rendered hands before the footage's own backgrounds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handstudio.methods.backdrops import before_footage, without_hand
from handstudio.methods.rendered import LabelledHands

SKIN = np.array((200, 140, 110), np.uint8)


def footage(side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """A hand of one colour before a wall that darkens to the right, and where it is."""
    crop = np.repeat(np.linspace(220, 60, side)[None, :, None], side, 0).repeat(3, 2).astype(np.uint8)
    mask = np.zeros((32, 32), np.float32)
    mask[10:24, 12:22] = 1.0
    inside = np.kron(mask, np.ones((side // 32, side // 32))) > 0
    crop[inside] = SKIN
    return crop, mask


def hands(count: int = 1, side: int = 64) -> LabelledHands:
    """Green hands before a red wall, a little smaller than those of the footage."""
    mask = torch.zeros(count, 1, 64, 64, dtype=torch.uint8)
    mask[:, :, 24:44, 28:40] = 255
    inside = torch.nn.functional.interpolate(mask.float(), (side, side))[:, 0] > 0
    images = torch.tensor((200, 0, 0), dtype=torch.uint8).view(1, 3, 1, 1).repeat(count, 1, side, side)
    for channel, value in enumerate((30, 160, 60)):
        images[:, channel][inside] = value
    return LabelledHands(images, torch.full((count, 21, 2), 32.0), torch.zeros(count, 21), mask)


def staged(share: float, count: int = 1, side: int = 64, seed: int = 0) -> LabelledHands:
    crop, mask = footage(side)
    crops = torch.from_numpy(crop).expand(count, -1, -1, -1)
    masks = torch.from_numpy(mask).expand(count, -1, -1)
    return before_footage(hands(count, side), crops, masks, share, torch.Generator().manual_seed(seed))


def test_a_hand_is_painted_over_from_what_is_about_it() -> None:
    crop, mask = footage()
    place = without_hand(crop, mask)
    assert place is not None
    wall = np.linspace(220, 60, 64)[None, :, None]
    assert np.abs(place.astype(float) - wall).max() < 45
    assert (place[:, :15] == crop[:, :15]).all()


@pytest.mark.parametrize("seen", [0.0, 1.0])
def test_a_hand_that_was_not_found_or_fills_the_crop_leaves_no_backdrop(seen: float) -> None:
    crop, _ = footage()
    assert without_hand(crop, np.full((32, 32), seen, np.float32)) is None


@pytest.mark.parametrize("side", [64, 128])
def test_the_rendered_hand_stands_before_the_wall_of_the_footage(side: int) -> None:
    found = staged(1.0, side=side)
    assert found.images.shape == (1, 3, side, side)
    wall = torch.from_numpy(footage(side)[0]).permute(2, 0, 1)
    edge = side // 8
    assert torch.equal(found.images[0, :, :edge], wall[:, :edge])
    red = (found.images[0, 0].int() - found.images[0, 1].int()) > 100
    assert not bool(red.any())
    assert torch.equal(found.uv, hands().uv)
    assert torch.equal(found.mask, hands().mask)


def test_its_colour_lies_between_its_own_and_that_of_the_footages_hand() -> None:
    colours = torch.stack([staged(1.0, seed=seed).images[0, :, 34, 34].float() for seed in range(12)])
    own, theirs = torch.tensor((30.0, 160.0, 60.0)), torch.from_numpy(SKIN.astype(np.float32))
    along = ((colours - own) / (theirs - own)).mean(dim=1)
    assert float(along.min()) >= 0.0
    assert float(along.max()) <= 1.0
    assert float(along.max() - along.min()) > 0.4


def test_a_share_of_the_hands_is_moved_and_the_others_stay_as_they_are() -> None:
    before, after = hands(40), staged(0.5, 40)
    same = [torch.equal(mine, theirs) for mine, theirs in zip(before.images, after.images, strict=True)]
    assert 8 <= sum(same) <= 32
    assert all(torch.equal(a, b) for a, b in zip(hands(4).images, staged(0.0, 4).images, strict=True))

"""Several views of one crop, and the pose in their middle."""

from __future__ import annotations

import numpy as np
import torch

from handstudio.methods.settings import PerturbationSettings
from handstudio.methods.views import middle, moves_of_crops

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

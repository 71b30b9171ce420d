"""What a reviewer can be shown of a SemiHand proposal."""

from __future__ import annotations

import numpy as np

from handstudio.methods.device import Engine
from plugins.semihand.proposer import SEEN, SemiHandProposer

from .tiny import footage, tiny_network, tiny_settings


def test_mask_joints_and_their_depth_can_be_shown() -> None:
    settings, crops = tiny_settings(), footage(3).crops
    proposer = SemiHandProposer(tiny_network(settings), settings, Engine("cpu", "32-true", 1))
    shown = proposer.maps(crops)
    assert list(shown) == ["mask", "joints", "depth of joints"]
    for one in shown.values():
        known = one.values[np.isfinite(one.values)]
        assert len(one.values) == 3
        assert ((known >= 0.0) & (known <= 1.0)).all()
    np.testing.assert_allclose(shown["mask"].values, proposer.propose(crops).mask, atol=1e-5)
    heat = proposer.heatmaps(crops)
    relative = (heat / heat.max((2, 3), keepdims=True)).max(1)
    np.testing.assert_allclose(shown["joints"].values, relative, atol=1e-5)
    depth = shown["depth of joints"]
    assert (depth.low, depth.high) == ("far", "near")
    np.testing.assert_array_equal(np.isnan(depth.values), shown["joints"].values < SEEN)

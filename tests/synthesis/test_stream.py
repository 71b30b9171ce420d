"""Streams of rendered hands."""

from __future__ import annotations

import multiprocessing as mp

import pytest
import torch

from handstudio.synthesis.scene import SceneSettings
from handstudio.synthesis.stream import RenderedStream, batch_seed

QUICK = SceneSettings(discs=16_000, oversample=1, settling=2)


@pytest.mark.timeout(400)
def test_workers_make_the_same_batches_as_the_caller_alone_and_leave_no_process() -> None:
    with RenderedStream(QUICK, 3, 4, 0, 24) as serial, RenderedStream(QUICK, 3, 4, 2, 24) as parallel:
        assert len(mp.active_children()) == 2
        for _ in range(3):
            one, other = next(serial), next(parallel)
            assert (one.rgb - other.rgb).abs().max() <= 0.5 / 255 + 1e-6
            assert torch.equal(one.mask, other.mask)
            torch.testing.assert_close(one.uv, other.uv, atol=1e-3, rtol=1e-5)
    assert not mp.active_children()


def test_a_stream_can_go_on_where_a_run_stopped() -> None:
    with RenderedStream(QUICK, 3, 4, 0, 16) as whole:
        next(whole)
        second = next(whole)
    with RenderedStream(QUICK, 3, 4, 0, 16, first=1) as resumed:
        assert torch.equal(next(resumed).rgb, second.rgb)


def test_batches_of_a_stream_differ() -> None:
    assert len({batch_seed(seed, index) for seed in range(20) for index in range(20)}) == 400

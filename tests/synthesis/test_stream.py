"""Streams and pools of rendered hands."""

from __future__ import annotations

import multiprocessing as mp
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from handstudio.errors import HandStudioError
from handstudio.synthesis import pool as pools
from handstudio.synthesis.pool import RenderedPool
from handstudio.synthesis.scene import SceneSettings
from handstudio.synthesis.stream import RenderedStream, batch_seed

QUICK = SceneSettings(discs=16_000, oversample=1, settling=2)


class _Stopping:
    """Says cancelled after the first report."""

    def __init__(self) -> None:
        self.told = 0

    def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
        self.told += 1

    def values(self, step: int, values: object) -> None:
        pass

    def cancelled(self) -> bool:
        return self.told >= 1


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


def test_a_pool_is_made_once_and_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "_BATCH", 8)
    stopped = RenderedPool.make(tmp_path / "a", 24, QUICK, 1, 16, 0, _Stopping())  # type: ignore[arg-type]
    assert len(stopped) == 8
    resumed = RenderedPool.make(tmp_path / "a", 24, QUICK, 1, 16, 0)
    whole = RenderedPool.make(tmp_path / "b", 24, QUICK, 1, 16, 0)
    assert len(resumed) == len(whole) == 24
    everything = np.arange(24)
    assert torch.equal(resumed.get(everything).rgb, whole.get(everything).rgb)
    assert len(RenderedPool.open(tmp_path / "a")) == 24


def test_a_pool_gives_the_same_shuffled_batches_for_a_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "_BATCH", 8)
    pool = RenderedPool.make(tmp_path, 16, QUICK, 1, 16, 0)
    first, again = pool.batches(4, 5), pool.batches(4, 5)
    laps = [next(first) for _ in range(6)]
    for batch in laps:
        assert torch.equal(next(again).uv, batch.uv)
    assert torch.equal(next(pool.batches(4, 5, start=5)).uv, laps[5].uv)
    assert not torch.equal(laps[0].uv, laps[4].uv)


def test_a_pool_of_other_settings_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_BATCH", 4)
    RenderedPool.make(tmp_path, 4, QUICK, 1, 16, 0)
    with pytest.raises(HandStudioError, match="other settings"):
        RenderedPool.make(tmp_path, 4, replace(QUICK, plain_share=0.1), 1, 16, 0)
    with pytest.raises(HandStudioError, match="no pool"):
        RenderedPool.open(tmp_path / "nowhere")

"""The resident worker proposes for one hand with a real network, and cleans clouds, outside this process."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.jobs.hand_maps import HandMaps
from handstudio.jobs.process import child_environment
from handstudio.jobs.worker import CleanCloud, FrameAddress, ProposalWorker, ProposedPose

LONG_S = 110.0
"""Loading torch or open3d on a machine that does other things."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    program = str(Path(__file__).with_name("tiny_model.py"))
    subprocess.run([sys.executable, program, str(folder)], env=child_environment({}), check=True)
    return folder


@pytest.fixture
def worker(model: Path) -> Iterator[ProposalWorker]:
    with ProposalWorker(model) as worker:
        yield worker


@pytest.fixture
def photo(tmp_path: Path) -> FrameAddress:
    image = np.random.default_rng(0).integers(0, 255, (100, 100, 3), dtype=np.uint8)
    assert cv2.imwrite(str(tmp_path / "a.png"), image)
    return FrameAddress("folder", str(tmp_path), None, 5, "a.png")


def propose(worker: ProposalWorker, frame: FrameAddress) -> ProposedPose | HandStudioError:
    answers: queue.Queue[Any] = queue.Queue()
    worker.submit(frame, Box(20.0, 10.0, 60.0, 60.0), "left", answers.put)
    answer = answers.get(timeout=LONG_S)
    assert isinstance(answer, ProposedPose | HandStudioError)
    return answer


@pytest.mark.timeout(240)
def test_a_hand_gets_a_proposal_and_again_after_the_child_was_killed(
    worker: ProposalWorker, photo: FrameAddress
) -> None:
    first = propose(worker, photo)
    assert isinstance(first, ProposedPose), first
    assert worker.computing is not None, "the child tells what computes"
    assert worker.computing.label.endswith("fp32, channels last")
    assert first.pose.uv.shape == (21, 2)
    assert first.mask is not None
    assert first.mask.shape == (64, 64)
    assert np.isfinite([first.c_stability, first.c_plausibility]).all()
    batch = first.batch(7)
    assert np.asarray(batch.hand_ids).tolist() == [7]
    assert np.asarray(batch.uv).shape == (1, 21, 2)
    assert np.asarray(batch.joint_doubt).shape == (1, 21)
    assert (first.joint_doubt > 0.0).all()
    maps: queue.Queue[Any] = queue.Queue()
    worker.heatmaps(photo, Box(20.0, 10.0, 60.0, 60.0), "left", maps.put)
    heat = maps.get(timeout=LONG_S)
    assert heat.shape[0] == 21
    np.testing.assert_allclose(heat.sum(axis=(1, 2)), 1.0, rtol=1e-3)
    worker.maps(photo, Box(20.0, 10.0, 60.0, 60.0), "left", maps.put)
    shown = maps.get(timeout=LONG_S)
    assert isinstance(shown, HandMaps), shown
    assert shown.method == "SemiHand"
    assert [one.name for one in shown.maps] == ["mask", "joints", "depth of joints"]
    assert shown.crop.shape == (64, 64, 3)
    depth = shown.named("depth of joints")
    assert depth is not None
    assert (depth.low, depth.high) == ("far", "near")
    assert shown.named("no such map") is None
    missing = propose(worker, FrameAddress("folder", photo.path, None, 0, "b.png"))
    assert isinstance(missing, HandStudioError)
    assert "b.png" in str(missing)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    again = propose(worker, photo)
    assert isinstance(again, ProposedPose), again
    np.testing.assert_allclose(again.pose.uv, first.pose.uv, atol=1e-3)


@pytest.mark.timeout(240)
def test_a_cloud_loses_its_strays_and_gets_normals(worker: ProposalWorker) -> None:
    x, y = np.meshgrid(np.linspace(-20, 20, 40), np.linspace(-20, 20, 40))
    plane = np.stack([x, y, np.full_like(x, 400.0)], axis=-1).reshape(-1, 3)
    points = np.concatenate([plane, [[0.0, 0.0, 900.0]]]).astype(np.float32)
    colours = np.zeros((len(points), 3), dtype=np.uint8)
    answers: queue.Queue[Any] = queue.Queue()
    worker.clean_cloud(points, colours, answers.put)
    cloud = answers.get(timeout=LONG_S)
    assert isinstance(cloud, CleanCloud), cloud
    assert cloud.points[:, 2].max() < 500.0
    assert cloud.points.shape == cloud.normals.shape
    np.testing.assert_allclose(np.abs(cloud.normals[:, 2]), 1.0, atol=1e-2)

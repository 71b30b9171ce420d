"""What the depth camera measured of a hand, in the 3D view: at once, then cleaned by a child process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from handstudio.errors import HandStudioError
from handstudio.jobs.worker import CleanCloud, ProposalWorker
from handstudio.ui.loading import FrameLoader
from handstudio.ui.view3d import View3D
from handstudio.ui.view3d.cleaning import CloudCleaner
from handstudio.ui.view3d.cloud import cloud_about, spacing_mm

from ..made_project import make_recording
from .conftest import Bench, drag

CHILD_MS = 120_000
"""The child imports open3d first, which takes seconds on a busy machine."""


class SlowWorker:
    """Stands for the worker: it keeps what it was asked, and answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.taken_back = 0

    def clean_cloud(self, points, colours, callback):
        self.asked.append((points, colours, callback))
        return self

    def cancel(self) -> None:
        self.taken_back += 1

    def answer(self, nth: int, kept: int) -> None:
        points, colours, callback = self.asked[nth]
        callback(CleanCloud(points[:kept], colours[:kept], np.tile(np.float32([0, 0, -1]), (kept, 1))))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """The first two frames of the bundled example, with depth, proposed."""
    return make_recording(tmp_path / "project", 2)


@pytest.fixture
def make_view(qapp, recording, settings, qtbot):
    if qapp.platformName() == "offscreen":
        pytest.skip("the offscreen platform has no OpenGL")
    opened = []

    def make(worker) -> tuple[Bench, View3D]:
        bench = Bench(recording, settings)
        bench.services.worker = worker
        bench.services.loader = loader = FrameLoader.of_project(bench.project)
        opened.append((bench, loader))
        view = bench.show(View3D)
        bench.session.go_to_frame(bench.session.sequence_id, 0)
        qtbot.waitUntil(lambda: view.studio.scene is not None, timeout=20_000)
        request(bench, 0, qtbot)
        qtbot.waitUntil(lambda: view.studio.scene._cloud is not None, timeout=20_000)
        return bench, view

    yield make
    for bench, loader in opened:
        bench.close()
        loader.close()


def request(bench: Bench, index: int, qtbot) -> None:
    """Have the frame decoded, as the canvas does."""
    loader, sequence = bench.services.loader, bench.session.sequence_id
    if loader.frame(sequence, index) is None:
        with qtbot.waitSignal(loader.ready, timeout=20_000):
            loader.request(sequence, index)


@pytest.mark.timeout(240)
def test_the_cleaned_cloud_with_normals_replaces_the_measured_one_when_the_child_answers(make_view, qtbot):
    with ProposalWorker() as worker:
        _, view = make_view(worker)
        measured = view.studio.scene._cloud
        assert view.cleaner.waiting
        seen = []
        view.cleaner.cleaned.connect(seen.append)
        qtbot.waitUntil(lambda: bool(seen), timeout=CHILD_MS)
        assert view.studio.scene._cloud is not measured
        assert not view.cleaner.waiting
        assert len(seen[0].points) > 500
        assert np.linalg.norm(seen[0].normals, axis=1) == pytest.approx(1.0, abs=1e-3)
        assert (seen[0].normals * seen[0].points).sum(axis=1).max() <= 1e-3  # they face the camera
        view.stage.repaint()
        assert not view.stage._stale


def test_an_answer_for_a_hand_that_is_no_longer_shown_is_dropped(make_view, qtbot):
    worker = SlowWorker()
    bench, view = make_view(worker)
    bench.session.step(1)
    request(bench, 1, qtbot)
    qtbot.waitUntil(lambda: len(worker.asked) == 2, timeout=20_000)
    assert worker.taken_back == 1
    shown = view.studio.scene._cloud
    worker.answer(0, kept=10)
    assert view.studio.scene._cloud is shown
    worker.answer(1, kept=20)
    assert view.studio.scene._cloud is not shown


def test_the_measured_points_stay_when_the_child_cannot_clean_them(make_view):
    worker = SlowWorker()
    _, view = make_view(worker)
    shown = view.studio.scene._cloud
    worker.asked[0][2](HandStudioError("The point cloud worker ended twice without an answer"))
    assert view.studio.scene._cloud is shown
    assert not view.cleaner.waiting


def test_the_points_lie_on_the_hand_that_they_were_measured_of(make_view):
    bench, view = make_view(None)
    hand = view._hand
    bundle = bench.session.bundle(hand.hand_id)
    record = bundle.record
    frame = bench.services.loader.frame(record.sequence_id, record.frame_index)
    found = cloud_about(hand, record, frame)
    away = np.linalg.norm(found.points[None] - bundle.truth.xyz_mm[:, None], axis=-1).min(axis=1)
    assert np.median(away) < 25  # the surface is about a finger's half thickness before the joint
    assert view.studio.scene._cloud_offset == pytest.approx(-hand.root)
    assert 0.1 < spacing_mm(found) < 5


def test_a_joint_of_a_hand_that_is_placed_by_its_depth_stays_under_the_mouse(make_view):
    _, view = make_view(None)
    assert "depth" in view.stage.note
    at, _ = view.stage.orbit.to_screen(view.stage._joints[8], view.stage.extent)
    start = QPointF(*at)
    end = start + QPointF(-18, 12)
    drag(view.stage, start, end, keys=Qt.KeyboardModifier.ShiftModifier)
    now, _ = view.stage.orbit.to_screen(view.stage._joints[8], view.stage.extent)
    assert np.hypot(now[0] - end.x(), now[1] - end.y()) < 4


def test_a_cleaner_without_a_worker_or_after_its_end_asks_nobody(qapp, make_cloud):
    worker = SlowWorker()
    CloudCleaner(None).ask(make_cloud)
    closed = CloudCleaner(worker)
    closed.ask(make_cloud)
    told = []
    closed.cleaned.connect(told.append)
    closed.close()
    worker.answer(0, kept=2)
    closed.ask(make_cloud)
    assert len(worker.asked) == 1
    assert told == []


@pytest.fixture
def make_cloud():
    from handstudio.media.pointcloud import PointCloud

    points = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    return PointCloud(points, np.zeros((5, 3), np.uint8))

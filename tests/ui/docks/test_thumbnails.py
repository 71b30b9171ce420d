"""The queue shows pictures of its hands, made when their rows are looked at."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from handstudio.media.folder import FolderSource
from handstudio.media.image import read_image
from handstudio.methods.crops import crop
from handstudio.ui.queue import Queue
from handstudio.ui.queue.model import HAND
from handstudio.ui.queue.thumbnails import AIR

DECORATION = Qt.ItemDataRole.DecorationRole


@pytest.fixture
def queue(bench):
    return bench.show(Queue, 400, 260)


def picture(queue, row: int) -> np.ndarray:
    """(S, S, 3) of a row's picture."""
    image = queue.model.index(row, HAND).data(DECORATION).toImage()
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    side, stride = image.width(), image.bytesPerLine()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(side, stride)
    return rows[:, : 3 * side].reshape(side, side, 3).copy()


def shown(queue, row: int) -> bool:
    found = queue.model.index(row, HAND).data(DECORATION)
    return isinstance(found, QPixmap) and bool(found.toImage().pixelColor(found.width() // 2, 4).alpha())


def test_a_row_gets_the_picture_of_its_hand(queue, bench, qtbot):
    assert queue.model.index(0, HAND).data(DECORATION) is None
    low = queue.table.rowHeight(0)
    bench.services.actions["thumbnails"].trigger()
    assert queue.table.rowHeight(0) > 2 * low
    qtbot.waitUntil(lambda: shown(queue, 0) and shown(queue, 5), timeout=10_000)
    first, second = (picture(queue, row).astype(int) for row in (0, 5))
    assert first.shape == second.shape
    assert np.abs(first - second).max() > 60
    skin = np.abs(first - np.array((196, 150, 125))).max(axis=2) < 30
    assert 0.1 < skin.mean() < 0.9
    bench.services.actions["thumbnails"].trigger()
    assert queue.table.rowHeight(0) == low
    assert queue.model.index(0, HAND).data(DECORATION) is None


def test_a_picture_of_a_reduced_frame_looks_as_one_of_the_whole_frame(make_bench, qtbot, monkeypatch):
    bench = make_bench(count=3, size=(1280, 960))
    queue = bench.show(Queue, 400, 260)
    glances: list[int] = []
    glance = FolderSource.glance

    def noted(source: FolderSource, index: int, reduction: int):
        frame = glance(source, index, reduction)
        glances.append(frame.reduction)
        return frame

    monkeypatch.setattr(FolderSource, "glance", noted)
    bench.services.actions["thumbnails"].trigger()
    qtbot.waitUntil(lambda: shown(queue, 0), timeout=10_000)
    assert max(glances) >= 4
    record = bench.project.hand(queue.model.hand_id(0))
    (file,) = bench.project.path.parent.rglob(bench.project.frame(record.frame_id).name)
    found = picture(queue, 0).astype(int)
    whole = crop(read_image(file), record.box.scaled(AIR), "right", found.shape[0])
    assert np.abs(found - whole).mean() < 1.5
    assert np.abs(found - whole).max() < 30


def test_only_rows_that_are_looked_at_are_decoded(queue, bench, qtbot):
    queue.table.setFixedHeight(90)
    bench.services.actions["thumbnails"].trigger()
    queue.table.viewport().repaint()
    thumbnails = queue.pictured.thumbnails
    qtbot.waitUntil(lambda: bool(thumbnails._pictures) and not thumbnails._wanted, timeout=10_000)
    assert 0 < len(thumbnails._pictures) < queue.model.rowCount()


def test_a_frame_that_cannot_be_read_leaves_its_row_without_a_picture(queue, bench, qtbot):
    record = bench.project.hand(queue.model.hand_id(0))
    name = bench.project.frame(record.frame_id).name
    (file,) = bench.project.path.parent.rglob(name)
    file.write_bytes(b"no picture")
    bench.services.actions["thumbnails"].trigger()
    qtbot.waitUntil(lambda: shown(queue, 1), timeout=10_000)
    assert not shown(queue, 0)


def test_it_is_remembered(queue, bench):
    bench.services.actions["thumbnails"].trigger()
    other = bench.show(Queue, 400, 260)
    assert other.table.rowHeight(0) == queue.table.rowHeight(0)
    assert bench.services.settings.value("queue/thumbnails", False, bool)

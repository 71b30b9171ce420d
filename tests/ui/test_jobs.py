"""Jobs started from the window run in processes of their own and tell how far they are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from handstudio.project.project import Project
from handstudio.ui.desk import Desk

from .conftest import close_all
from .made_project import make_footage


@pytest.fixture
def working_desk(qapp, settings):
    desk = Desk(settings, docks=False)
    yield desk
    close_all(desk)


def test_imported_footage_appears_while_the_window_stays_usable(working_desk, tmp_path, qtbot):
    make_footage(tmp_path / "walk", 4, (320, 240))
    Project.create(tmp_path / "project").close()
    window = working_desk.open(tmp_path / "project")
    with qtbot.waitSignal(window.work.imported, timeout=90_000):
        window.work.import_paths([tmp_path / "walk"])
        assert window.status.job.isVisible()
        assert "Importing" in window.status.job.text.text()
        assert window.services.actions["cancel_job"].isEnabled()
    qtbot.waitUntil(lambda: window.canvas.frame is not None, timeout=20_000)
    assert "Imported 4 frames" in window.status.message.full_text
    assert not window.status.job.isVisible()


def test_a_job_that_fails_says_what_and_where(working_desk, tmp_path, qtbot):
    Project.create(tmp_path / "project").close()
    window = working_desk.open(tmp_path / "project")
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with qtbot.waitSignal(window.services.board.ended, timeout=90_000):
        window.work.import_paths([tmp_path / "broken.mp4"])
    assert "broken.mp4" in window.status.message.full_text
    assert window.canvas.pages.state == "empty"


def test_closing_the_window_leaves_no_job_behind(working_desk, tmp_path, qtbot):
    make_footage(tmp_path / "walk", 2, (320, 240))
    Project.create(tmp_path / "project").close()
    window = working_desk.open(tmp_path / "project")
    window.work.import_paths([tmp_path / "walk"])
    window.close()
    assert working_desk.windows == []
    with Project.open(tmp_path / "project") as project:
        assert project.hold() is None


def test_a_job_cannot_be_started_twice(working_desk, tmp_path, qtbot):
    make_footage(tmp_path / "walk", 2, (320, 240))
    Project.create(tmp_path / "project").close()
    window = working_desk.open(tmp_path / "project")
    with qtbot.waitSignal(window.services.board.ended, timeout=90_000):
        window.work.import_paths([tmp_path / "walk"])
        window.work.import_paths([tmp_path / "walk"])
        assert "running already" in window.status.message.full_text
        assert len(window.services.board.running) == 1
        QTest.keyClick(window.canvas, Qt.Key.Key_Escape)

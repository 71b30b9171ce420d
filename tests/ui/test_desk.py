"""Projects and windows: one each, made where nobody gave a place, changed without waiting, faults said."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from handstudio.errors import HandStudioError
from handstudio.project.project import Project
from handstudio.project.records import FrameImport, SequenceImport
from handstudio.ui.desk import Desk, project_of
from handstudio.ui.faults import Faults

from .made_project import make_project


def test_a_project_that_is_open_already_is_shown_and_stays_writable(desk, window, project):
    desk._change(window, project)
    assert desk.windows == [window]
    assert window.isVisible()
    assert not window.session.project.read_only
    assert desk.open_path(project) is window


def test_the_example_is_opened_once(desk):
    assert desk.open_example() is desk.open_example()


def test_footage_is_known_by_its_name_wherever_one_stands(desk, tmp_path, monkeypatch):
    footage = tmp_path / "walk"
    footage.mkdir()
    monkeypatch.chdir(footage)
    monkeypatch.setattr("handstudio.ui.work.Work.import_paths", lambda _self, paths: asked.extend(paths))
    asked: list[Path] = []
    window = desk.open_path(Path())
    assert Path(window.session.project.path).name == "walk"
    assert asked == [footage.resolve()]


def project_from(footage: Path, projects: Path) -> Path:
    """What opening footage leaves behind."""
    footage.mkdir(parents=True, exist_ok=True)
    folder = project_of(footage, projects)
    with Project.open_or_create(folder) as project:
        if not project.sequences():
            project.add_sequence(SequenceImport("a", "folder", str(footage), [FrameImport("1.jpg", 4, 4)]))
    return folder


def test_folders_of_the_same_name_have_a_project_each_and_keep_it(tmp_path):
    projects = tmp_path / "projects"
    one = project_from(tmp_path / "a" / "images", projects)
    other = project_from(tmp_path / "b" / "images", projects)
    assert one != other
    assert project_from(tmp_path / "a" / "images", projects) == one
    assert project_from(tmp_path / "b" / "images", projects) == other


def test_an_unusable_data_folder_is_an_error_with_its_place(desk, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(HandStudioError, match="folder for projects cannot be made"):
        desk.open_example()


def test_changing_the_project_waits_for_no_job(desk, window, tmp_path, qtbot):
    class Board:
        def __init__(self) -> None:
            self.may_end = threading.Event()

        def close(self) -> None:
            assert self.may_end.wait(20)

    window.services.board = board = Board()
    path = Path(window.session.project.path)
    desk._change(window, make_project(tmp_path / "other", count=2))
    assert not window.isVisible()
    assert len(desk.windows) == 2
    board.may_end.set()
    qtbot.waitUntil(lambda: len(desk.windows) == 1)
    with Project.open(path) as project:
        assert project.hold() is None


def test_the_end_of_the_program_waits_for_the_jobs_of_a_window_that_closes(desk, window):
    ended = []
    window.services.board = type("Board", (), {"close": lambda self: ended.append(True)})()
    window.close_aside()
    window.close_and_wait()
    assert ended == [True]
    assert desk.windows == []


def test_what_the_project_finds_later_is_said(window, qtbot):
    assert not window.banner.isVisible()
    window.session.project.messages.append("The dense maps were damaged & set aside")
    qtbot.waitUntil(window.banner.isVisible)
    assert "damaged &amp; set aside" in window.banner.text.text()
    window.banner.cross.click()
    window._ask_what_changed()
    assert not window.banner.isVisible()


@pytest.fixture
def faults(desk: Desk, tmp_path):
    watching = Faults(desk.say_fault, tmp_path / "log" / "window.log", desk)
    before = sys.excepthook, threading.excepthook
    watching.watch()
    yield watching
    watching.stop()
    assert (sys.excepthook, threading.excepthook) == before


def test_a_fault_that_nobody_foresaw_is_said_in_the_window_and_kept_in_a_log(
    window, faults, tmp_path, capsys
):
    fault = ValueError("half a <hand>")
    sys.excepthook(ValueError, fault, None)
    assert "half a &lt;hand&gt;" in window.banner.text.text()
    log = tmp_path / "log" / "window.log"
    assert str(log) in window.banner.text.text()
    assert "half a <hand>" in log.read_text()
    assert "half a <hand>" in capsys.readouterr().err


def test_a_fault_of_a_thread_is_said_in_the_windows_thread(window, faults, qtbot):
    def fail() -> None:
        raise HandStudioError("The disk is full", "/somewhere", "Make room")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    QApplication.processEvents()
    assert "The disk is full: /somewhere. Make room." in window.banner.text.text()


def test_an_action_that_fails_says_so_in_the_status_line(window, monkeypatch):
    def fail(*_: object) -> None:
        raise HandStudioError("The project cannot be read")

    monkeypatch.setattr(window.work, "propose_hand", fail)
    window.services.actions["propose_hand"].trigger()
    assert "cannot be read" in window.status.message.full_text

"""Dense maps are kept beside the database and can be lost without harm."""

from __future__ import annotations

import errno
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.project import Project, dense

from .made import new_project


def masks(*values: int) -> np.ndarray:
    return np.stack([np.full((64, 64), value, np.uint8) for value in values])


def test_a_map_comes_back_for_its_hand(project: Project) -> None:
    project.store_dense("mask", [2, 5], masks(20, 50))
    project.store_dense("mask", [5, 1], masks(51, 10))
    for hand_id, value in ((1, 10), (2, 20), (5, 51)):
        found = project.dense("mask", hand_id)
        assert found is not None
        assert int(found.min()) == int(found.max()) == value
    assert project.dense("mask", 3) is None
    assert project.dense("mask", 99) is None
    assert project.dense("depth", 1) is None


def test_a_hand_twice_in_a_batch_keeps_the_last_map(project: Project) -> None:
    project.store_dense("mask", [4, 4], masks(1, 2))
    found = project.dense("mask", 4)
    assert found is not None
    assert int(found.max()) == 2


def test_maps_of_another_shape_are_refused(project: Project) -> None:
    project.store_dense("mask", [1], masks(1))
    with pytest.raises(HandStudioError, match="not \\(8, 8\\)"):
        project.store_dense("mask", [1], np.zeros((1, 8, 8), np.uint8))


def test_another_process_sees_new_maps(project: Project) -> None:
    with Project.open(project.path, "job") as job:
        job.store_dense("mask", [1], masks(1))
        assert project.dense("mask", 1) is not None
        job.store_dense("mask", [1], masks(7))
        found = project.dense("mask", 1)
        assert found is not None
        assert int(found.max()) == 7


def test_maps_that_one_project_of_a_process_shows_are_written_by_another(project: Project) -> None:
    with Project.open(project.path, "job") as job:
        job.store_dense("mask", [1], masks(1))
        assert project.dense("mask", 1) is not None
        job.store_dense("mask", [2], masks(2))
        assert job.messages == []
        for number in (1, 2):
            found = project.dense("mask", number)
            assert found is not None
            assert int(found.max()) == number


def test_a_file_that_is_open_elsewhere_is_not_damaged(project: Project) -> None:
    project.store_dense("mask", [1], masks(1))
    with (
        h5py.File(project.path / "dense.h5", "r", locking=False),
        pytest.raises(HandStudioError, match="already open"),
    ):
        project.store_dense("mask", [1], masks(2))
    assert project.messages == []
    project.store_dense("mask", [1], masks(3))


def test_a_file_system_without_locks_is_used_without(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(dense.fcntl, "flock", refuse)
    with Project.open(project.path, "job") as job:
        job.store_dense("mask", [1], masks(1))
        assert job.dense("mask", 1) is not None


@contextmanager
def held_by_a_thread(hold: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    """While another thread is inside of ``hold()``."""
    inside, done = threading.Event(), threading.Event()

    def stay() -> None:
        with hold():
            inside.set()
            done.wait(30)

    thread = threading.Thread(target=stay)
    thread.start()
    try:
        assert inside.wait(30)
        yield
    finally:
        done.set()
        thread.join()


def test_nobody_waits_for_maps_that_are_being_written(project: Project) -> None:
    project.store_dense("mask", [1], masks(1))

    @contextmanager
    def writing() -> Iterator[None]:
        with Project.open(project.path, "job") as job, job._dense._between_processes(exclusive=True):
            yield

    with held_by_a_thread(writing):
        assert project.dense("mask", 1, wait=False) is None
        for within_s in (0.0, 0.01):
            with pytest.raises(dense.MapsBusyError):
                project.dense_together(("mask", "depth"), 1, within_s)
    assert project.dense("mask", 1, wait=False) is not None
    mask, depth = project.dense_together(("mask", "depth"), 1, 0.0)
    assert mask is not None
    assert depth is None


@pytest.mark.parametrize("damage", ["overwritten", "cut short", "wrong inside"])
def test_a_damaged_file_is_set_aside_and_the_project_opens(tmp_path: Path, damage: str) -> None:
    with new_project(tmp_path / "p") as project:
        project.store_dense("mask", [1, 2, 3], masks(1, 2, 3))
    path = tmp_path / "p" / "dense.h5"
    content = path.read_bytes()
    if damage == "overwritten":
        path.write_bytes(b"nonsense" * 100)
    elif damage == "cut short":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.write_bytes(content[:600] + b"\xff" * 4000 + content[4600:])
    with Project.open(tmp_path / "p", "window") as project:
        assert project.count_hands() == 6
        assert project.dense("mask", 1) is None
        assert any("set aside" in message for message in project.messages)
        project.store_dense("mask", [1], masks(9))
        assert project.dense("mask", 1) is not None
    assert list((tmp_path / "p").glob("dense-damaged-*.h5"))


def test_a_file_that_another_process_is_beginning_is_not_set_aside(tmp_path: Path) -> None:
    with new_project(tmp_path / "p") as project, project._dense._between_processes(exclusive=True):
        (tmp_path / "p" / "dense.h5").touch()
        with Project.open(tmp_path / "p", "job") as job:
            assert job.messages == []
        assert (tmp_path / "p" / "dense.h5").exists()


def test_a_file_that_was_begun_and_left_is_set_aside_by_the_next_maps(project: Project) -> None:
    with h5py.File(project.path / "dense.h5", "w") as file:
        file.create_group("mask")
    project.store_dense("mask", [1], masks(3))
    assert project.dense("mask", 1) is not None
    assert any("set aside" in message for message in project.messages)


def test_nobody_waits_for_a_thread_that_is_at_the_file(project: Project) -> None:
    project.store_dense("mask", [1], masks(1))
    with held_by_a_thread(lambda: project._dense._lock):
        assert project.dense("mask", 1, wait=False) is None
    assert project.dense("mask", 1, wait=False) is not None


def test_a_full_disk_is_told_before_any_file_is_touched(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.store_dense("mask", [1], masks(1))
    run_id = project.start_run("finetune", ["finetune"], {})
    before = (project.path / "dense.h5").read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_000_000))
    with pytest.raises(HandStudioError, match="disk is full"):
        project.store_dense("mask", [2], masks(2))
    points, terms = np.ones((1, 21, 2)), np.ones((1, 21))
    with pytest.raises(HandStudioError, match="disk is full"):
        project.store_pseudo_labels(run_id, 0, [1], points, terms, points, terms, [1.0], [1.0], [True])
    assert (project.path / "dense.h5").read_bytes() == before
    assert not list(project.run_folder(run_id).iterdir())


def test_maps_of_another_type_are_refused(project: Project) -> None:
    project.store_dense("mask", [1], masks(200))
    with pytest.raises(HandStudioError, match="uint8 here, not float32"):
        project.store_dense("mask", [1], np.full((1, 64, 64), 0.8, np.float32))
    found = project.dense("mask", 1)
    assert found is not None
    assert int(found.max()) == 200

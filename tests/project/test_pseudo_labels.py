"""Pseudo-labels stay with their run, epoch by epoch, whatever ends it."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.project import Project


@pytest.fixture
def run_id(project: Project) -> int:
    return project.start_run("finetune", ["finetune", "P"], {})


def keep(project: Project, run_id: int, epoch: int) -> None:
    uv, depth = np.ones((2, 21, 2)), np.ones((2, 21))
    project.store_pseudo_labels(
        run_id, epoch, [4, 5], uv * epoch, depth, uv, depth, [1.0, 2.0], [0.5, 0.5], [True, False]
    )


def test_pseudo_labels_are_kept_by_epoch(project: Project, run_id: int) -> None:
    for epoch in (1, 0, 1):
        keep(project, run_id, epoch)
    first, second = project.pseudo_labels(run_id)
    assert (first.epoch, second.epoch) == (0, 1)
    assert second.hand_ids.tolist() == [4, 5]
    assert second.trusted.tolist() == [True, False]
    assert float(second.uv.max()) == 1.0
    assert project.pseudo_labels(99) == []


def test_a_finetune_killed_while_it_wrote_goes_on_and_keeps_its_epochs(
    project: Project, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(project, run_id, 0)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(h5py.Group, "create_dataset", killed)
        with pytest.raises(KeyboardInterrupt):
            keep(project, run_id, 1)
    assert [labels.epoch for labels in project.pseudo_labels(run_id)] == [0]
    left = project.run_folder(run_id) / "pseudo_labels" / "epoch_0001.part"
    left.write_bytes(b"half")
    keep(project, run_id, 1)
    assert [labels.epoch for labels in project.pseudo_labels(run_id)] == [0, 1]


def test_a_damaged_epoch_is_named_and_written_anew(project: Project, run_id: int) -> None:
    keep(project, run_id, 0)
    path = project.run_folder(run_id) / "pseudo_labels" / "epoch_0000.h5"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(HandStudioError, match=r"epoch_0000\.h5"):
        project.pseudo_labels(run_id)
    keep(project, run_id, 0)
    assert len(project.pseudo_labels(run_id)) == 1


def test_the_one_file_of_earlier_versions_is_read(project: Project, run_id: int) -> None:
    keep(project, run_id, 2)
    folder = project.run_folder(run_id)
    with (
        h5py.File(folder / "pseudo_labels" / "epoch_0002.h5") as new,
        h5py.File(folder / "pseudo_labels.h5", "w") as old,
    ):
        for epoch in (1, 2):
            group = old.create_group(f"epoch_{epoch:04d}")
            group.attrs["epoch"] = epoch
            for name in new:
                new.copy(name, group)
    assert [labels.epoch for labels in project.pseudo_labels(run_id)] == [1, 2]

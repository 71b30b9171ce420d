"""No command writes over footage or a project, whatever it was told."""

from __future__ import annotations

from pathlib import Path

import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs import exporting, synthesising
from handstudio.jobs.command import Work
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project


def work() -> Work:
    return Work(Quiet(StopRequest()), None)


def test_recordings_are_rendered_into_an_empty_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "sequences").mkdir()
    (tmp_path / "index.json").write_text("mine", "utf-8")
    with pytest.raises(HandStudioError, match=r"The folder is not empty.*Choose another with --out"):
        synthesising.run(work(), count=1, size=16, seed=0, out=tmp_path)
    assert (tmp_path / "index.json").read_text("utf-8") == "mine"
    with pytest.raises(HandStudioError, match="a file, not a folder"):
        synthesising.run(work(), count=1, size=16, seed=0, out=tmp_path / "index.json")


@pytest.mark.parametrize("form", ["coco", "hdf5"])
@pytest.mark.parametrize("out", ["P/project.db", "P", "P/runs/new/labels.json", "Q/project.db"])
def test_an_export_replaces_nothing_in_a_project(tmp_path: Path, form: str, out: str) -> None:
    for name in ("P", "Q"):
        Project.create(tmp_path / name).close()
    before = (tmp_path / "P" / "project.db").read_bytes()
    with pytest.raises(HandStudioError, match="inside a project"):
        exporting.run(work(), tmp_path / "P", form=form, out=tmp_path / out, overwrite=True)
    assert (tmp_path / "P" / "project.db").read_bytes() == before

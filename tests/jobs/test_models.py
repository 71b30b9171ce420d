"""Which model a command works with, and how that is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs.command import Work
from handstudio.jobs.modelling import run
from handstudio.jobs.models import bring_model, model_for
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project
from handstudio.project.commands import AdoptModel
from handstudio.project.records import ModelRecord


def test_two_first_jobs_that_bring_the_shipped_model_in_at_once_get_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.create(tmp_path / "p") as project, Project.open(tmp_path / "p") as other:
        brought = model_for(other, "semihand")
        read, stale = Project.models, [[]]

        def late(self: Project, method: str | None = None) -> list[ModelRecord]:
            return stale.pop() if stale else read(self, method)

        monkeypatch.setattr(Project, "models", late)
        monkeypatch.setattr(Project, "adopted_model", lambda self, method=None: None)
        assert model_for(project, "semihand") == brought


def test_a_model_of_another_profile_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p") as project:
        project.add_model("m", "M", "semihand", "lite", source="pretrain", path=tmp_path)
        assert model_for(project, "semihand", "m", "lite").id == "m"
        with pytest.raises(HandStudioError, match="is one of profile lite, not paper"):
            model_for(project, "semihand", "m", "paper")


def test_a_model_is_adopted_and_its_parent_comes_back(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p") as project:
        project.add_model("a", "A", "semihand", "lite", source="shipped", path=tmp_path, adopted=True)
        project.add_model("b", "B", "semihand", "lite", source="finetune", parent="a")
    work = Work(Quiet(StopRequest()), None)
    result = run(work, tmp_path / "p", adopt="b")
    assert result["adopted"] == "b"
    assert "nothing is left to judge it" in result["warnings"][0]
    assert {model["id"]: model["adopted"] for model in result["models"]} == {"a": False, "b": True}
    back = run(work, tmp_path / "p", rollback=True)
    assert (back["adopted"], "warnings" in back) == ("a", False)
    with pytest.raises(HandStudioError, match="no earlier model"):
        run(work, tmp_path / "p", rollback=True)
    with pytest.raises(HandStudioError, match="Choose one"):
        run(work, tmp_path / "p", adopt="b", rollback=True)
    with pytest.raises(HandStudioError, match="no model"):
        run(work, tmp_path / "p", adopt="nobody")


def test_one_model_proposes_whatever_its_method_and_any_can_be_adopted_again(tmp_path: Path) -> None:
    """Commands that name no method go with the adopted model, so that its method needs no mention."""
    with Project.create(tmp_path / "p") as project:
        project.add_model("a", "A", "semihand", "lite", source="shipped", path=tmp_path, adopted=True)
        project.add_model("b", "B", "dual_modality", "lite", source="pretrain", path=tmp_path, adopted=True)
        assert model_for(project).id == "a"
        for wanted in ("b", "a", "b"):
            project.history.apply(AdoptModel(wanted), "me")
            assert [model.id for model in project.models() if model.adopted] == [wanted]
            assert model_for(project).id == wanted
        project.history.undo()
        assert model_for(project).id == "a"
        assert project.adopted_model("dual_modality") is None
        assert model_for(project, "dual_modality", "b").id == "b"


def test_a_shipped_model_can_be_named_before_it_is_in_the_project(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p") as project:
        project.add_model("b", "B", "dual_modality", "lite", source="pretrain", path=tmp_path, adopted=True)
        shipped = model_for(project, model_id="semihand-lite")
        assert (shipped.method, shipped.source, shipped.adopted) == ("semihand", "shipped", False)


def _saved(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"")
    lineage = {"method": "semihand", "profile": "lite", "settings": {}}
    (folder / "model.json").write_text(json.dumps(lineage), "utf-8")
    return folder


def test_a_model_from_elsewhere_is_brought_in_once_and_adopted_by_the_name_of_its_folder(
    tmp_path: Path,
) -> None:
    Project.create(tmp_path / "p").close()
    work, folder = Work(Quiet(StopRequest()), None), _saved(tmp_path / "weights" / "mine")
    assert run(work, tmp_path / "p", adopt="mine", add=folder)["adopted"] == "mine"
    (model,) = run(work, tmp_path / "p", add=folder)["models"]
    assert (model["id"], model["method"], model["profile"]) == ("mine", "semihand", "lite")


def test_a_model_without_files_or_with_the_name_of_another_is_not_brought_in(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p") as project:
        bring_model(project, _saved(tmp_path / "one" / "mine"))
        with pytest.raises(HandStudioError, match="another model 'mine'"):
            bring_model(project, _saved(tmp_path / "two" / "mine"))
        with pytest.raises(HandStudioError, match="lineage is missing"):
            bring_model(project, tmp_path / "nowhere")
        (tmp_path / "one" / "mine" / "model.safetensors").unlink()
        with pytest.raises(HandStudioError, match="weights are missing"):
            bring_model(project, tmp_path / "one" / "mine")

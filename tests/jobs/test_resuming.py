"""A resumed run goes on as it began, and says so when something else is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs import pretraining
from handstudio.jobs.finetuning import Wishes, _as_begun
from handstudio.jobs.resuming import refuse_with_resume
from handstudio.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "P") as project:
        yield project


def begun(project: Project, wishes: Wishes, state: str = "interrupted") -> int:
    run_id = project.start_run("finetune", [], wishes.to_params("parent"))
    project.finish_run(run_id, state)  # type: ignore[arg-type]
    return run_id


def test_a_finetune_goes_on_as_it_was_asked_for(project: Project, tmp_path: Path) -> None:
    first = Wishes(epochs=3, labels="none", names_file=tmp_path / "names.txt", assignments=["a=1"], seed=4)
    run_id = begun(project, first)
    again = _as_begun(project, Wishes(resume=run_id), run_id)
    assert (again.epochs, again.labels, again.names_file, again.seed) == (
        3,
        "none",
        tmp_path / "names.txt",
        4,
    )
    assert (again.assignments, again.model, again.resume, again.adopt) == (["a=1"], "parent", run_id, False)


def test_adopting_the_model_may_be_asked_for_later(project: Project) -> None:
    run_id = begun(project, Wishes())
    assert _as_begun(project, Wishes(resume=run_id, adopt=True), run_id).adopt
    asked_first = begun(project, Wishes(adopt=True))
    assert _as_begun(project, Wishes(resume=asked_first), asked_first).adopt


def test_anything_else_is_refused_by_its_name(project: Project) -> None:
    run_id = begun(project, Wishes())
    with pytest.raises(HandStudioError, match="--epochs, --set cannot be given with --resume"):
        _as_begun(project, Wishes(resume=run_id, epochs=5, assignments=["a=1"]), run_id)
    with pytest.raises(HandStudioError, match="--names-file"):
        _as_begun(project, Wishes(resume=run_id, names_file=Path("x")), run_id)
    wishes = pretraining.Wishes(resume=True, minutes=3.0)
    with pytest.raises(HandStudioError, match="--minutes"):
        refuse_with_resume(wishes, pretraining.Wishes(), but=("resume",))
    refuse_with_resume(pretraining.Wishes(resume=True), pretraining.Wishes(), but=("resume",))


def test_only_a_finetune_that_did_not_end_is_resumed(project: Project) -> None:
    run_id = begun(project, Wishes(), "finished")
    with pytest.raises(HandStudioError, match="cannot be resumed: it is finished"):
        _as_begun(project, Wishes(resume=run_id), run_id)
    other = project.start_run("propose", [], {})
    project.finish_run(other, "failed")
    with pytest.raises(HandStudioError, match="is no finetune but a propose"):
        _as_begun(project, Wishes(resume=other), other)

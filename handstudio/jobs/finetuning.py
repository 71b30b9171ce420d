"""Adapt a model to a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from handstudio.errors import HandStudioError
from handstudio.project import Project

from .assignments import settings_from
from .modelling import adopt_model
from .models import model_for
from .resuming import refuse_with_resume
from .workplace import chosen_hands, chosen_sequences, one_of, open_project

if TYPE_CHECKING:
    from handstudio.progress import Progress

    from .command import Result, Work

RESUMABLE: Final = ("cancelled", "interrupted", "failed")


@dataclass(frozen=True)
class Wishes:
    """What ``handstudio finetune`` was asked for; see its help."""

    epochs: int | None = None
    labels: str = "curated"
    method: str | None = None
    model: str | None = None
    profile: str | None = None
    sequences: Sequence[str] | None = None
    frames: str | None = None
    names_file: Path | None = None
    name: str | None = None
    resume: int | None = None
    seed: int = 0
    adopt: bool = False
    assignments: Sequence[str] | None = None

    def to_params(self, model_id: str) -> dict[str, Any]:
        """What the run's row keeps, so that the run can be resumed."""
        values = asdict(replace(self, model=model_id, resume=None))
        values["names_file"] = str(self.names_file.absolute()) if self.names_file is not None else None
        return values

    @classmethod
    def from_params(cls, params: Mapping[str, Any], resume: int) -> Wishes:
        """The wishes that a run began with."""
        values = {name: params[name] for name in cls.__dataclass_fields__ if name in params}
        if values.get("names_file") is not None:
            values["names_file"] = Path(values["names_file"])
        return cls(**{**values, "resume": resume})


def run(work: Work, project_path: Path, wishes: Wishes) -> Result:
    """Does ``handstudio finetune``; keys ``run model parent epochs seconds losses``, ``hands labelled``.

    ``model`` is ``None`` when the run was stopped: it can be resumed.

    Raises:
        HandStudioError: when there is no footage, no model, or nothing to resume.
    """
    one_of(wishes.labels, ("curated", "none"), "choice of labels")
    with open_project(project_path) as project:
        if wishes.resume is not None:
            wishes = _as_begun(project, wishes, wishes.resume)
        settings = settings_from(wishes.assignments)
        sequences = [record.id for record in chosen_sequences(project, wishes.sequences)]
        hands = None
        if wishes.frames is not None or wishes.names_file is not None:
            hands = chosen_hands(project, wishes.sequences, wishes.frames, wishes.names_file)
        work.shown.report(0, None, "steps", "Loading the model")
        from handstudio.methods.finetuning import finetune

        parent = model_for(project, wishes.method, wishes.model, wishes.profile)

        def do(progress: Progress, run_id: int) -> Result:
            done = finetune(
                project,
                parent,
                run_id=run_id,
                epochs=wishes.epochs,
                labels="none" if wishes.labels == "none" else "curated",
                sequences=sequences,
                hands=hands,
                settings=settings,
                seed=wishes.seed,
                name=wishes.name,
                progress=progress,
            )
            adopted = wishes.adopt and done.model is not None
            if adopted and done.model is not None:
                adopt_model(project, done.model, "finetune --adopt")
            return {
                "project": str(project_path),
                "run": run_id,
                "model": done.model,
                "parent": done.parent,
                "epochs": done.epochs,
                "seconds": round(done.seconds, 1),
                "losses": done.losses,
                "hands": done.hands,
                "labelled": done.labelled,
                "adopted": adopted,
                "problems": done.problems,
            }

        return work.in_run(project, "finetune", wishes.to_params(parent.id), do, wishes.resume)


def _as_begun(project: Project, wishes: Wishes, run_id: int) -> Wishes:
    refuse_with_resume(wishes, Wishes(), but=("resume", "adopt"))
    run = project.run(run_id)
    if run.kind != "finetune":
        raise HandStudioError(f"Run {run_id} is no finetune but a {run.kind}", project.path)
    if run.state not in RESUMABLE:
        raise HandStudioError(
            f"Run {run_id} cannot be resumed: it is {run.state}",
            project.path,
            "See handstudio runs for those that can",
        )
    begun = Wishes.from_params(run.params, run_id)
    return replace(begun, adopt=begun.adopt or wishes.adopt)

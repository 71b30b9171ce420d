"""The models of a project: list them, bring one in, adopt one, roll back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import AdoptModel

from .models import bring_model
from .workplace import open_project

if TYPE_CHECKING:
    from .command import Result, Work


def run(
    work: Work,
    project_path: Path,
    adopt: str | None = None,
    rollback: bool = False,
    add: Path | None = None,
) -> Result:
    """Does ``handstudio models``; keys ``models adopted``.

    Where a model was adopted that was not judged, ``warnings`` says so: a shell does as it is told.
    """
    warnings: list[str] = []
    to_read = adopt is None and not rollback and add is None
    with open_project(project_path, writer="cli", to_read=to_read) as project:
        if add is not None:
            bring_model(project, add)
        if adopt is not None and rollback:
            raise HandStudioError("A model cannot be adopted and rolled back at once", None, "Choose one")
        if adopt is not None:
            warnings = _unjudged(project, adopt)
            adopt_model(project, adopt, "person")
        elif rollback:
            roll_back(project, "person")
        adopted = project.adopted_model()
        return {
            "models": [
                {
                    "id": model.id,
                    "name": model.name,
                    "method": model.method,
                    "profile": model.profile,
                    "parent": model.parent,
                    "source": model.source,
                    "created_at": model.created_at,
                    "adopted": model.adopted,
                    "lineage": model.lineage,
                }
                for model in project.models()
            ],
            "adopted": adopted.id if adopted is not None else None,
            **({"warnings": warnings} if warnings else {}),
        }


def _unjudged(project: Project, model_id: str) -> list[str]:
    """What is missing to adopt a model against a hold-out."""
    from handstudio.review.adoption import obstacle
    from handstudio.review.judged import judged_of

    models = project.models()
    known = {model.id: judged_of(model) for model in models}
    why = obstacle(project, models, project.model(model_id), known)
    return [] if why is None else [f"Adopted all the same: {why.reason}. {why.remedy}"]


def adopt_model(project: Project, model_id: str, who: str) -> None:
    """Lets a model make the proposals from now on; undo and roll back bring the one before back."""
    project.model(model_id)
    project.history.apply(AdoptModel(model_id), who)


def roll_back(project: Project, who: str) -> None:
    """Adopts the parent of the adopted model.

    Raises:
        HandStudioError: when there is none.
    """
    adopted = project.adopted_model()
    if adopted is None or adopted.parent is None:
        raise HandStudioError("There is no earlier model to go back to", project.path)
    known = {model.id for model in project.models()}
    parent = adopted.parent if adopted.parent in known else None
    project.history.apply(AdoptModel(parent), who)

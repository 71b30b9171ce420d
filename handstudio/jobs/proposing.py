"""Propose poses for the hands of a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from handstudio.errors import HandStudioError

from .assignments import settings_from
from .models import model_for
from .workplace import chosen_sequences, filtered, open_project

if TYPE_CHECKING:
    from handstudio.progress import Progress

    from .command import Result, Work

_MOST_NAMED: Final = 5


def run(
    work: Work,
    project_path: Path,
    method: str | None = None,
    model: str | None = None,
    sequences: Sequence[str] | None = None,
    decided: bool = False,
    only_new: bool = False,
    assignments: Sequence[str] | None = None,
    where: str | None = None,
) -> Result:
    """Does ``handstudio propose``; keys ``run hands seconds per_second model``, ``skipped
    together problems``.

    Raises:
        HandStudioError: when there is no such model or sequence, or none of the footage can be read.
    """
    settings = settings_from(assignments)
    with open_project(project_path) as project:
        records = chosen_sequences(project, sequences)
        work.shown.report(0, None, "hands", "Loading the model")
        from handstudio.methods.comparing import compare
        from handstudio.methods.proposing import propose

        chosen = model_for(project, method, model)
        only = None if where is None else project.hand_ids(filtered(project, where))

        def do(progress: Progress, run_id: int) -> Result:
            done = propose(
                project,
                chosen,
                run_id=run_id,
                sequences=[record.id for record in records],
                include_decided=decided,
                only_new=only_new,
                only=only,
                settings=settings,
                progress=progress,
            )
            if done.finished and done.problems and not done.hands:
                raise HandStudioError(
                    "No hand could be read", project_path, "; ".join(done.problems[:_MOST_NAMED])
                )
            if done.finished:
                compare(project, progress)
            return {
                "run": run_id,
                "hands": done.hands,
                "skipped": done.skipped,
                "together": done.together,
                "problems": done.problems,
                "seconds": round(done.seconds, 3),
                "per_second": round(done.hands / done.seconds, 2) if done.seconds > 0 else None,
                "model": chosen.id,
            }

        params = {
            "method": chosen.method,
            "model": chosen.id,
            "sequences": [record.name for record in records],
        }
        return work.in_run(project, "propose", params, do)

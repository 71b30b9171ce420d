"""Judge models on the hold-out, so that one of them can be adopted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .models import model_for
from .workplace import open_project

if TYPE_CHECKING:
    from handstudio.progress import Progress

    from .command import Result, Work


def run(work: Work, project_path: Path, models: Sequence[str] | None = None) -> Result:
    """Does ``handstudio judge``; keys ``run hands judged`` (``model name hands epe_px pck_005`` of each).

    Args:
        work: progress and stopping.
        project_path: the project's folder.
        models: ids; the adopted model is judged with them. All models of the project where none is given.

    Raises:
        HandStudioError: when there is no such model, or no reviewed hand to judge it on.
        CancelledError: when it was stopped.
    """
    with open_project(project_path) as project:
        records = [model_for(project, model_id=name) for name in models] if models else project.models()
        adopted = project.adopted_model()
        if adopted is not None:
            records.append(adopted)
        by_id = {record.id: record for record in records}

        def do(progress: Progress, run_id: int) -> Result:
            from handstudio.methods.judging_again import judge_models

            found = judge_models(project, list(by_id.values()), progress=progress)
            return {
                "run": run_id,
                "hands": max((one.hands for one in found.values()), default=0),
                "judged": [
                    {
                        "model": model_id,
                        "name": by_id[model_id].name,
                        "hands": one.hands,
                        "epe_px": one.epe_px,
                        "pck_005": one.pck_005,
                    }
                    for model_id, one in found.items()
                ],
            }

        return work.in_run(project, "judge", {"models": list(by_id)}, do)

"""What there is: methods that are installed, runs of a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .workplace import open_project

if TYPE_CHECKING:
    from .command import Result, Work


def plugins(work: Work, settings: bool = False) -> Result:
    """Does ``handstudio plugins``; a method that cannot be loaded is listed with the reason.

    Args:
        work: the command's.
        settings: list the settings of each method too: ``name meaning values`` (by profile).
    """
    from handstudio.methods import registry
    from handstudio.methods.described import settings_of

    methods = []
    for name, entry in sorted(registry.available().items()):
        row: dict[str, object] = {"name": name, "module": entry.value}
        try:
            method = registry.load(name)
        except Exception as error:
            row["problem"] = f"{type(error).__name__}: {error}"
        else:
            row.update(title=method.title, paper=method.paper, profiles=sorted(method.profiles))
            if settings:
                row["settings"] = [vars(each) for each in settings_of(method.profiles)]
        methods.append(row)
    return {"methods": methods}


def runs(work: Work, project_path: Path) -> Result:
    """Does ``handstudio runs``."""
    with open_project(project_path, to_read=True) as project:
        return {
            "runs": [
                {
                    "run": run.id,
                    "kind": run.kind,
                    "state": run.state,
                    "started_at": run.started_at,
                    "seconds": (run.ended_at - run.started_at) if run.ended_at is not None else None,
                    "progress": run.progress,
                    "result": run.result,
                    "log": run.log_path,
                }
                for run in project.runs()
            ]
        }

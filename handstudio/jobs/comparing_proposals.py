"""Compare the proposals of a project, by which its queue can be sorted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .workplace import open_project

if TYPE_CHECKING:
    from .command import Result, Work


def run(work: Work, project_path: Path, useful: bool = False) -> Result:
    """Does ``handstudio compare``; key ``hands``.

    Raises:
        HandStudioError: when the project cannot be written.
    """
    with open_project(project_path) as project:
        if useful:
            from handstudio.review.useful import find_useful

            return {"hands": find_useful(project, work.shown)}
        from handstudio.methods.comparing import compare

        return {"hands": compare(project, work.shown)}

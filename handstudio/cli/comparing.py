"""``handstudio compare``: the words of :mod:`handstudio.jobs.comparing_proposals`."""

from __future__ import annotations

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = (
    "handstudio compare P",
    "handstudio review P --list --order jump    [dim]# what it is for[/dim]",
)


def command(project: ProjectPath, as_json: Json = False) -> None:
    """Compare proposals with their masks and with the frames before and after.

    [b]propose[/b] does this at its end; it is needed for proposals of older versions.
    """
    from handstudio.jobs import comparing_proposals

    perform(lambda work: comparing_proposals.run(work, project), as_json, shown_by("compared_proposals"))

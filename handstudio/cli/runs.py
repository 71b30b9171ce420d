"""``handstudio runs``: the words of :mod:`handstudio.jobs.listing`."""

from __future__ import annotations

from handstudio.cli.options import Json, ProjectPath
from handstudio.cli.performing import perform, shown_by

EXAMPLES = ("handstudio runs P",)


def command(project: ProjectPath, as_json: Json = False) -> None:
    """List the runs of a project: what ran, how it ended, where its log is."""
    from handstudio.jobs import listing

    perform(lambda work: listing.runs(work, project), as_json, shown_by("runs"))

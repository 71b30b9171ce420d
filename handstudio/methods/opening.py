"""Footage of a project, opened for a method to look at."""

from __future__ import annotations

from handstudio.errors import HandStudioError
from handstudio.media.opening import open_source
from handstudio.media.source import FrameSource
from handstudio.project.project import Project
from handstudio.project.records import SequenceRecord


def open_stored(project: Project, record: SequenceRecord, problems: list[str]) -> FrameSource | None:
    """The frames of a stored sequence; ``None``, and one problem more, where they cannot be reached now."""
    names = [frame.name for frame in project.frames(record.id)]
    try:
        return open_source(record.kind, record.path, record.view, names)
    except HandStudioError as error:
        problems.append(str(error))
        return None

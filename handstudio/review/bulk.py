"""One decision about all hands of a filter: in parts, with progress, to be stopped, as one step of undo."""

from __future__ import annotations

from typing import Final

from handstudio.progress import Progress, Silent
from handstudio.project import Project
from handstudio.project.bulk_commands import DecideMany, ManyAction
from handstudio.project.packing import ids_to_text
from handstudio.project.records import HandQuery

_AT_ONCE: Final = 10_000


def decide_all(
    project: Project, action: ManyAction, query: HandQuery, who: str, progress: Progress | None = None
) -> int:
    """Do one thing to all hands that a query finds now; how many it was done to. Any thread may.

    What cannot be done to a hand (no proposal to accept) is passed over. Stopped, it leaves what was done
    until then, as one step of undo.

    Raises:
        HandStudioError: when it cannot be stored; the parts before stay.
    """
    progress = progress or Silent()
    ids = project.hand_ids(query)
    step, done = None, 0
    for start in range(0, len(ids), _AT_ONCE):
        progress.report(start, len(ids), "hands", "")
        if progress.cancelled():
            break
        part = DecideMany(action, ids_to_text(ids[start : start + _AT_ONCE]))
        step, change = project.history.apply_part(part, who, step)
        done += len(change.hands)
    return done

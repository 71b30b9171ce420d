"""The audit trail: who did, undid and redid what, and when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from handstudio.project import Project
from handstudio.project.records import HistoryEntry

from .workplace import open_project

if TYPE_CHECKING:
    from .command import Result, Work

_AT_ONCE: Final = 2000


def run(
    work: Work, project_path: Path, hand: int | None = None, who: str | None = None, count: int = 50
) -> Result:
    """Does ``handstudio history``; key ``entries``, the latest first: ``at who action title hands seconds``.

    Args:
        work: the command's.
        project_path: its folder.
        hand: only what concerned this hand. who: only what this person did.
        count: how many lines at most.
    """
    with open_project(project_path, to_read=True) as project:
        found = _entries(project, hand, who, count)
        return {
            "entries": [
                {
                    "at": entry.at,
                    "who": entry.who,
                    "action": entry.action,
                    "title": entry.title,
                    "hands": len(entry.hands),
                    "hand": entry.hands[0] if len(entry.hands) == 1 else hand,
                    "seconds": entry.seconds,
                }
                for entry in found
            ]
        }


def _entries(project: Project, hand: int | None, who: str | None, count: int) -> list[HistoryEntry]:
    """Read a page at a time, as far back as it takes."""
    found: list[HistoryEntry] = []
    offset = 0
    while len(found) < count:
        page = project.history.entries(_AT_ONCE, offset)
        offset += len(page)
        found += [
            entry
            for entry in page
            if (hand is None or hand in entry.hands)
            and (who is None or entry.who.casefold() == who.casefold())
        ]
        if len(page) < _AT_ONCE:
            break
    return found[:count]

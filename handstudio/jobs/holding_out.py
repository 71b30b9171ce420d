"""The hold-out from the shell: what is in it, drawing it by lot, and choosing by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handstudio.project import Project
from handstudio.project.commands import SetHoldOut
from handstudio.review.hold_out import SHARE, Plan, groups_of, plan

from .workplace import chosen_sequences, open_project

if TYPE_CHECKING:
    from .command import Result, Work


@dataclass(frozen=True)
class Wishes:
    """What ``handstudio hold-out`` was asked for; see its help."""

    draw: bool = False
    share: float = SHARE
    seed: int = 0
    hold: Sequence[str] = ()
    release: Sequence[str] = ()
    dry_run: bool = False
    who: str = "person"


def run(work: Work, project_path: Path, wishes: Wishes) -> Result:
    """Does ``handstudio hold-out``; keys ``done sequences share warnings``.

    Raises:
        HandStudioError: when a name fits no sequence, or nothing can be held out whole.
    """
    changes = bool(wishes.hold or wishes.release) or (wishes.draw and not wishes.dry_run)
    done: list[str] = []
    drawn: set[int] = set()
    warnings: tuple[str, ...] = ()
    with open_project(project_path, writer="cli", to_read=not changes) as project:
        for names, on in ((wishes.hold, True), (wishes.release, False)):
            for record in chosen_sequences(project, names) if names else ():
                title = project.history.apply(SetHoldOut(record.id, on), wishes.who).title
                done.append(f"{title}: {record.name}")
        groups = groups_of(project)
        found = Plan(groups, (), ())
        if wishes.draw:
            found = plan(groups, wishes.share, wishes.seed)
            warnings = found.warnings
            drawn = {record.id for group in found.drawn for record in group.sequences}
            if found.drawn and not wishes.dry_run:
                done.append(project.history.apply(found.command(), wishes.who).title)
        return {
            "done": done,
            "sequences": _listed(project, found, drawn),
            "share": found.share_after,
            "warnings": list(warnings),
            "dry_run": wishes.dry_run,
        }


def _listed(project: Project, found: Plan, drawn: set[int]) -> list[dict[str, Any]]:
    held = {record.id for record in project.sequences() if record.hold_out}
    return [
        {
            "sequence": record.name,
            "subject": record.subject,
            "side": group.side,
            "hands": group.hands if len(group.sequences) == 1 else None,
            "hold_out": record.id in held,
            "drawn": record.id in drawn,
            "by_hand": group.fixed,
            "learnt_by": list(group.learnt_by),
        }
        for group in found.groups
        for record in group.sequences
    ]

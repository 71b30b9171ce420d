"""A second look from the shell: what waits to be verified, verifying it, sending it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import Bulk
from handstudio.project.records import HandQuery
from handstudio.project.second_commands import SendBack, SetSetting
from handstudio.project.second_look import OWN
from handstudio.review import batch
from handstudio.review.acceptance import Acceptance
from handstudio.review.bulk import decide_all
from handstudio.review.second_review import waiting_for

from .workplace import filtered, hand_numbers, open_project

if TYPE_CHECKING:
    from .command import Result, Work


@dataclass(frozen=True)
class Wishes:
    """What ``handstudio verify`` was asked for; see its help."""

    hands: str | None = None
    where: str | None = None
    everything: bool = False
    send_back: str | None = None
    reason: str | None = None
    own: bool | None = None
    count: int = 50
    who: str = "person"


def run(work: Work, project_path: Path, wishes: Wishes) -> Result:
    """Does ``handstudio verify``; keys ``done hands passed_over waiting verified``, and ``listed`` where
    nothing was to be done.

    Raises:
        HandStudioError: when what was asked for cannot be done for any hand.
    """
    changes = (
        any(wish is not None for wish in (wishes.hands, wishes.send_back, wishes.own)) or wishes.everything
    )
    done: list[str] = []
    hands: list[int] = []
    passed_over: dict[int, str] = {}
    with open_project(project_path, writer="cli", to_read=not changes) as project:
        if wishes.own is not None:
            project.history.apply(SetSetting(OWN, True if wishes.own else None), wishes.who)
            done.append(f"People {'may' if wishes.own else 'may not'} verify what they decided themselves")
        if wishes.send_back is not None:
            hands += _sent_back(project, wishes)
            done.append(f"Send back {_hands(len(hands))}")
        if wishes.hands is not None:
            result = batch.decide(project, "verify", hand_numbers(wishes.hands), wishes.who)
            passed_over |= result.passed_over
            if result.change is None and passed_over:
                raise HandStudioError(next(iter(passed_over.values())), project.path)
            hands += result.hands
            done.append(f"Verify {_hands(len(result.hands))}")
        waiting = _waiting(project, wishes)
        if wishes.everything:
            number = decide_all(project, "verify", waiting, wishes.who, work.shown)
            done.append(f"Verify {_hands(number)}")
        if changes:
            done += Acceptance(project).withdraw_broken(wishes.who)
        answer: Result = {
            "done": done,
            "hands": hands,
            "passed_over": [{"hand": hand_id, "reason": reason} for hand_id, reason in passed_over.items()],
            "who": wishes.who,
            "waiting": project.count_hands(HandQuery(where=waiting_for(project, wishes.who))),
            "verified": sum(project.verified_counts().values()),
            "sent_back": project.state_counts()["sent_back"],  # type: ignore[index]
        }
        if not done:
            answer["listed"] = _listed(project, waiting, wishes.count)
    return answer


def _waiting(project: Project, wishes: Wishes) -> HandQuery:
    query = HandQuery() if wishes.where is None else filtered(project, wishes.where)
    return replace(query, where=(*query.where, *waiting_for(project, wishes.who)))


def _listed(project: Project, query: HandQuery, count: int) -> list[dict[str, Any]]:
    return [{**row.to_json(), "hand": row.hand_id} for row in batch.list_queue(project, query, limit=count)]


def _sent_back(project: Project, wishes: Wishes) -> list[int]:
    """Sends all of the hands back, or none."""
    ids = list(dict.fromkeys(hand_numbers(wishes.send_back or "")))
    commands = tuple(SendBack(hand_id, wishes.reason or "") for hand_id in ids)
    several = Bulk(commands, f"Send back {_hands(len(ids))}")
    project.history.apply(several if len(ids) != 1 else commands[0], wishes.who)
    return ids


def _hands(number: int) -> str:
    return "1 hand" if number == 1 else f"{number} hands"

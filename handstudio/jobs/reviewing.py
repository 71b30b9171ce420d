"""Decisions from the shell: the same commands as the window's, with the same undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import Command
from handstudio.project.records import UNDECIDED, HandQuery, Pose, State
from handstudio.review import batch, decisions

from .references import Reference, reference_for
from .workplace import chosen_hands, hand_numbers, one_of, open_project

if TYPE_CHECKING:
    from .command import Result, Work


@dataclass(frozen=True)
class Wishes:
    """What ``handstudio review`` was asked for; see its help."""

    accept: str | None = None
    reject: str | None = None
    take_correction: str | None = None
    undo: bool = False
    redo: bool = False
    label_from: str | None = None
    list_hands: bool = False
    count: int = 50
    seed: int = 0
    frames: str | None = None
    names_file: Path | None = None
    state: str | None = None
    who: str = "person"


def run(work: Work, project_path: Path, wishes: Wishes) -> Result:
    """Does ``handstudio review``; keys ``done`` (titles), ``hands passed_over states listed``."""
    done: list[str] = []
    hands: list[int] = []
    passed_over: dict[int, str] = {}
    with open_project(project_path, writer="cli") as project:
        for text, action in (
            (wishes.accept, "accept"),
            (wishes.take_correction, "take-correction"),
            (wishes.reject, "reject"),
        ):
            if text is None:
                continue
            result = batch.decide(project, action, hand_numbers(text), wishes.who)
            passed_over |= result.passed_over
            if result.change is None:
                reason = next(iter(passed_over.values()), "No hand was named")
                raise HandStudioError(reason, project.path, "See handstudio review P --list")
            done.append(result.change.title)
            hands += result.hands
        if wishes.label_from is not None:
            reference = reference_for(project, wishes.label_from)
            ids = draw(project, reference, wishes.count, wishes.seed, wishes.frames, wishes.names_file)
            done += fix_from(work, project, reference, ids)
            hands += ids
        if wishes.undo or wishes.redo:
            history = project.history
            change = history.undo(wishes.who) if wishes.undo else history.redo(wishes.who)
            if change is None:
                raise HandStudioError(
                    f"There is nothing to {'undo' if wishes.undo else 'redo'}", project.path
                )
            done.append(f"{'Undid' if wishes.undo else 'Redid'}: {change.title}")
            hands += sorted(change.hands)
        answer: Result = {
            "done": done,
            "hands": hands,
            "passed_over": [{"hand": hand_id, "reason": reason} for hand_id, reason in passed_over.items()],
            "states": {str(state): count for state, count in project.state_counts().items()},
        }
        if wishes.list_hands or not done:
            answer["listed"] = listed(project, wishes)
    return answer


def fixed(project: Project, reference: Reference, hand_id: int) -> Command:
    """Let the reference's pose stand, as if somebody had dragged every joint there.

    Where the reference knows no depth, that of the corrected proposal stays, as it does under the mouse.
    """
    row = reference.row_of(hand_id)
    hand = project.bundle(hand_id)
    uv = reference.uv[row]
    if reference.depth is not None and np.isfinite(reference.depth[row]).all():
        depth = reference.depth[row]
    elif hand.proposal is not None:
        depth = hand.proposal.corrected.depth
    else:
        depth = np.zeros(len(uv), dtype=np.float32)
    pose = Pose(uv, depth) if reference.visibility is None else Pose(uv, depth, reference.visibility[row])
    return decisions.fix(hand, pose)


def draw(
    project: Project,
    reference: Reference,
    count: int,
    seed: int,
    frames: str | None = None,
    names_file: Path | None = None,
) -> list[int]:
    """Up to ``count`` undecided hands that the reference knows, drawn by ``seed``, in their order."""
    wanted = set(chosen_hands(project, None, frames, names_file).tolist())
    candidates = [
        hand_id
        for hand_id in project.hand_ids(HandQuery(states=UNDECIDED)).tolist()
        if hand_id in wanted and reference.knows(hand_id)
    ]
    chosen = np.random.default_rng(seed).permutation(len(candidates))[:count]
    return [candidates[index] for index in sorted(chosen.tolist())]


def fix_from(work: Work, project: Project, reference: Reference, ids: Sequence[int]) -> list[str]:
    """Plays a person who fixes hands one by one from a reference; one command, one undo each."""
    for done, hand_id in enumerate(ids):
        if work.stop():
            break
        work.shown.report(done, len(ids), "hands", "Fixing")
        project.history.apply(fixed(project, reference, hand_id), "reference")
    work.shown.report(len(ids), len(ids), "hands", "Fixing")
    return [f"Fix {len(ids)} hands from {reference.name}"] if ids else []


def listed(project: Project, wishes: Wishes) -> list[dict[str, object]]:
    """The first hands of the queue, worst first."""
    states = UNDECIDED if wishes.state is None else (State(one_of(wishes.state, State, "state")),)
    query = HandQuery(states=states, order="worst")
    return [
        {**row.to_json(), "hand": row.hand_id} for row in batch.list_queue(project, query, limit=wishes.count)
    ]

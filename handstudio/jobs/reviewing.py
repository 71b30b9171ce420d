"""Decisions from the shell: the same commands as the window's, with the same undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import VISIBLE
from handstudio.project import Project
from handstudio.project.bulk_commands import TITLES
from handstudio.project.commands import Command
from handstudio.project.promise_commands import WITHDRAW
from handstudio.project.records import UNDECIDED, Change, HandQuery, Ids, Order, Pose, State
from handstudio.review import batch, decisions
from handstudio.review.acceptance import Acceptance
from handstudio.review.bulk import decide_all
from handstudio.review.expected_error import ExpectedError, fit_project
from handstudio.review.filter_text import parse
from handstudio.review.filter_words import Names

from . import remarks
from .accepting import pending_of_sample
from .references import Reference, reference_for
from .workplace import chosen_hands, filtered, hand_numbers, one_of, open_project

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
    exact: bool = False
    sampled: bool = False
    where: str | None = None
    order: str = "worst"
    do_to_all: str | None = None
    note: tuple[str, str] | None = None
    mark: tuple[str, str] | None = None
    who: str = "person"


def run(work: Work, project_path: Path, wishes: Wishes) -> Result:
    """Does ``handstudio review``; keys ``done`` (titles), ``hands passed_over states listed``.

    Raises:
        HandStudioError: when something that was asked for cannot be done; then nothing of it is.
    """
    named = _named(wishes)
    changes = bool(named) or wishes.undo or wishes.redo or wishes.label_from is not None
    changes = changes or any(said is not None for said in (wishes.do_to_all, wishes.note, wishes.mark))
    done: list[str] = []
    hands: list[int] = []
    passed_over: dict[int, str] = {}
    with open_project(project_path, writer="cli", to_read=not changes) as project:
        for action, ids in named:
            _check(project, action, ids)
        if wishes.note is not None:
            done.append(remarks.write_note(project, *wishes.note, wishes.who))
        if wishes.mark is not None:
            done.append(remarks.mark_frames(project, *wishes.mark, wishes.who))
        if wishes.do_to_all is not None:
            done.append(_done_to_all(work, project, wishes))
        reference = None
        if wishes.label_from is not None:
            reference = reference_for(project, wishes.label_from, wishes.exact)
            wanted = chosen_hands(project, None, wishes.frames, wishes.names_file)
            if wishes.sampled:
                wanted = np.intersect1d(wanted, pending_of_sample(project))
        for action, ids in named:
            result = batch.decide(project, action, ids, wishes.who)
            passed_over |= result.passed_over
            if result.change is not None:
                done.append(result.change.title)
            hands += result.hands
        if reference is not None:
            ids = draw(project, reference, wishes.count, wishes.seed, wanted)
            fixed_ids = fix_from(work, project, reference, ids)
            done += [f"Fix {len(fixed_ids)} hands from {reference.name}"] if fixed_ids else []
            hands += fixed_ids
        meant = False
        if wishes.undo or wishes.redo:
            change = _taken_back(project, wishes)
            done.append(f"{'Undid' if wishes.undo else 'Redid'}: {change.title}")
            hands += sorted(change.hands)
            meant = change.title == WITHDRAW
        if changes and not meant:
            done += Acceptance(project).withdraw_broken(wishes.who)
        answer: Result = {
            "done": done,
            "hands": hands,
            "passed_over": [{"hand": hand_id, "reason": reason} for hand_id, reason in passed_over.items()],
            "states": {str(state): count for state, count in project.state_counts().items()},
        }
        if wishes.list_hands or not done:
            answer["listed"] = listed(project, wishes)
    return answer


def _done_to_all(work: Work, project: Project, wishes: Wishes) -> str:
    """One decision about all hands of ``--where``; its title."""
    action = one_of(wishes.do_to_all or "", TITLES, "decision")
    if wishes.where is None:
        raise HandStudioError("Say which hands", None, 'For example --where "state:proposed error:<2"')
    number = decide_all(project, action, filtered(project, wishes.where), wishes.who, work.shown)  # type: ignore[arg-type]
    return f"{TITLES[action]} {number} hands"


def _named(wishes: Wishes) -> list[tuple[str, list[int]]]:
    """The decisions that were asked for, each with its hands."""
    if wishes.state is not None:
        one_of(wishes.state, State, "state")
    decisions_asked = [
        (action, hand_numbers(text))
        for action, text in (
            ("accept", wishes.accept),
            ("take-correction", wishes.take_correction),
            ("reject", wishes.reject),
        )
        if text is not None
    ]
    steps = [bool(decisions_asked) or wishes.label_from is not None, wishes.undo, wishes.redo]
    if sum(steps) > 1:
        raise HandStudioError(
            "Decisions, --undo and --redo cannot be asked for at once",
            None,
            "Give one command after the other",
        )
    return decisions_asked


def _check(project: Project, action: str, ids: Sequence[int]) -> None:
    """Refuses a decision that can be made for none of its hands.

    Raises:
        HandStudioError: with the first hand's reason.
    """
    refused = []
    for hand_id in ids:
        try:
            bundle = project.bundle(hand_id)
            batch.ACTIONS[action](bundle)
        except HandStudioError as error:
            refused.append(error.what)
        else:
            if not bundle.record.removed:
                return
            refused.append(f"Hand {hand_id} was removed")
    reason = refused[0] if refused else "No hand was named"
    raise HandStudioError(reason, project.path, "See handstudio review P --list")


def _taken_back(project: Project, wishes: Wishes) -> Change:
    history = project.history
    change = history.undo(wishes.who) if wishes.undo else history.redo(wishes.who)
    if change is None:
        raise HandStudioError(f"There is nothing to {'undo' if wishes.undo else 'redo'}", project.path)
    return change


def fixed(project: Project, reference: Reference, hand_id: int) -> Command:
    """Let the reference's pose stand, as if somebody had dragged every joint there.

    Joints that the reference does not know stay where the corrected proposal has them, as they do under the
    mouse; so does the depth where it knows none.
    """
    row = reference.row_of(hand_id)
    hand = project.bundle(hand_id)
    uv = reference.uv[row]
    known = np.isfinite(uv).all(axis=-1)
    depth = np.full(len(uv), np.nan, np.float32) if reference.depth is None else reference.depth[row]
    visibility = None if reference.visibility is None else reference.visibility[row]
    if hand.proposal is None:
        depth = np.zeros(len(uv), np.float32) if not np.isfinite(depth).all() else depth
        pose = Pose(uv, depth) if visibility is None else Pose(uv, depth, visibility)
        return decisions.fix(hand, pose)
    stays = hand.proposal.corrected
    seen = np.full_like(stays.visibility, VISIBLE) if visibility is None else visibility
    return decisions.fix(
        hand,
        Pose(
            np.where(known[:, None], uv, stays.uv),
            depth if np.isfinite(depth).all() else stays.depth,
            np.where(known, seen, stays.visibility),
        ),
    )


def draw(project: Project, reference: Reference, count: int, seed: int, wanted: Ids) -> list[int]:
    """Up to ``count`` undecided hands that can be fixed from the reference, drawn by ``seed``, as filmed.

    Args:
        project: where they are.
        reference: which knows them; of a hand without a proposal it has to know every joint.
        count: how many at most.
        seed: of the drawing.
        wanted: (N,) ids, of these only.
    """
    among = set(wanted.tolist())
    proposed = set(project.poses("correction").hand_ids.tolist())
    candidates = [
        hand_id
        for hand_id in project.hand_ids(HandQuery(states=UNDECIDED)).tolist()
        if hand_id in among
        and reference.knows(hand_id)
        and (hand_id in proposed or np.isfinite(reference.uv[reference.row_of(hand_id)]).all())
    ]
    chosen = np.random.default_rng(seed).permutation(len(candidates))[:count]
    return [candidates[index] for index in sorted(chosen.tolist())]


def fix_from(work: Work, project: Project, reference: Reference, ids: Sequence[int]) -> list[int]:
    """Plays a person who fixes hands one by one from a reference; one command, one undo each.

    Returns:
        The hands that were fixed: all of them, unless a stop was asked for.
    """
    for done, hand_id in enumerate(ids):
        if work.stop():
            return list(ids[:done])
        work.shown.report(done, len(ids), "hands", "Fixing")
        project.history.apply(fixed(project, reference, hand_id), "reference")
    work.shown.report(len(ids), len(ids), "hands", "Fixing")
    return list(ids)


def listed(project: Project, wishes: Wishes) -> list[dict[str, object]]:
    """The first hands of the queue in the order that was asked for, worst first by default."""
    expected = fit_project(project)
    if wishes.sampled:
        query = HandQuery(only=tuple(pending_of_sample(project).tolist()))
    else:
        query = asked_for(project, wishes, expected)
    rows = batch.list_queue(project, query, limit=wishes.count, expected=expected)
    return [{**row.to_json(), "hand": row.hand_id} for row in rows]


def asked_for(project: Project, wishes: Wishes, expected: ExpectedError) -> HandQuery:
    """The query of ``--state``, ``--where`` and ``--order``; undecided hands where neither is given.

    Raises:
        HandStudioError: for a state, an order or a term that there is not.
    """
    states: tuple[State, ...] | None = None if wishes.where is not None else UNDECIDED
    if wishes.state is not None:
        states = (State(one_of(wishes.state, State, "state")),)
    where = () if wishes.where is None else parse(wishes.where, Names.of(project))
    order = one_of(wishes.order, get_args(Order), "order")
    return HandQuery(states=states, order=order, seed=wishes.seed, where=where, error_scale=expected.scale)  # type: ignore[arg-type]

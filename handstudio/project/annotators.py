"""What each person said of a hand: what stands, what stood before (from the history), and what was annotated
blind, beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from handstudio.project.command_json import pose_from_json
from handstudio.project.packing import pose_of, unpack_ids
from handstudio.project.query import among, as_ids
from handstudio.project.records import Ids, Label, Pose, State
from handstudio.project.schema import audit, hand, history, kept, label, second_label
from handstudio.project.store import Store

_AT_ONCE: Final = 5000
_ABOUT_OTHER_THINGS: Final = sa.or_(
    *(
        history.c.title.startswith(begin)
        for begin in (
            *("Verify", "Withdraw the verification", "Send back", "Write a note", "Mark", "Clear the mark"),
            *("Move the box", "Hold", "Stop holding", "Allow:", "Forbid:"),
        )
    )
)
"""What people do to hands without deciding about their poses."""
_NONE: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Annotation:
    """What one person said of a hand.

    Attributes:
        pose: ``None`` where the hand was rejected or left for later.
        at: seconds since 1970.
        blind: whether it was said without seeing what others had.
    """

    hand_id: int
    who: str
    state: State
    pose: Pose | None
    at: float
    blind: bool = False


Said = dict[tuple[str, int], Annotation]


class Annotators:
    """The reading of annotations by person; any thread may."""

    _store: Store

    def hands_by_person(self) -> dict[str, Ids]:
        """(N,) ids of the hands about which each person decided something that was not undone."""
        did = (
            sa.select(audit.c.who, history.c.hands)
            .join(history, history.c.id == audit.c.command_id)
            .where(audit.c.action == "apply", history.c.state == "done", ~_ABOUT_OTHER_THINGS)
        )
        blind = sa.select(second_label.c.who, second_label.c.hand_id)
        found: dict[str, list[Ids]] = {}
        with self._store.reading() as connection:
            for who, hands in connection.execute(did):
                found.setdefault(who, []).append(unpack_ids(hands))
            for who, hand_id in connection.execute(blind):
                found.setdefault(who, []).append(np.array([hand_id], dtype=np.int64))
        return {who: np.unique(np.concatenate(parts)) for who, parts in found.items() if who}

    def annotator_pairs(self) -> list[tuple[str, str, int]]:
        """Pairs of people with the number of hands that both decided, most first; none with nothing."""
        by_person = self.hands_by_person()
        common = {
            (one, other): np.intersect1d(by_person[one], by_person[other], assume_unique=True)
            for one, other in combinations(sorted(by_person, key=str.casefold), 2)
        }
        ids = self._still_there(np.unique(np.concatenate([_NONE, *common.values()])))
        said = self._said(ids, tuple(by_person))
        found = []
        for (one, other), both in common.items():
            number = sum((one, hand_id) in said and (other, hand_id) in said for hand_id in both.tolist())
            found += [(one, other, number)] if number else []
        return sorted(found, key=lambda pair: -pair[2])

    def annotations(self, one: str, other: str) -> list[tuple[Annotation, Annotation]]:
        """What two people said of the hands that both decided and that are still there, by id; of each the
        last decision, or what was annotated blind."""
        by_person = self.hands_by_person()
        common = np.intersect1d(by_person.get(one, _NONE), by_person.get(other, _NONE), assume_unique=True)
        return self._both(self._still_there(common), one, other)

    def second_label_ids(self, who: str) -> Ids:
        """(N,) ids of the hands that a person annotated blind."""
        mine = sa.select(second_label.c.hand_id).where(second_label.c.who == who)
        with self._store.reading() as connection:
            return np.fromiter(connection.execute(mine).scalars(), dtype=np.int64)

    def second_label(self, hand_id: int, who: str) -> tuple[State, Label | None] | None:
        """What a person annotated of a hand blind; ``None`` where nothing."""
        mine = sa.select(second_label).where(second_label.c.hand_id == hand_id, second_label.c.who == who)
        with self._store.reading() as connection:
            row = connection.execute(mine).first()
        if row is None:
            return None
        if row.pose is None:
            return State(row.state), None
        pose = pose_of(row.pose, row.visibility)
        return State(row.state), Label(hand_id, pose, row.origin, row.proposal_id, row.who, row.at)

    def _still_there(self, ids: Ids) -> Ids:
        """Those of some hands that were not removed."""
        wanted = sa.select(hand.c.id).where(among(hand.c.id), hand.c.removed == sa.literal_column("0"))
        with self._store.reading() as connection:
            found = [connection.execute(wanted, as_ids(part)).scalars().all() for part in _parts(ids)]
        return np.sort(np.array([one for part in found for one in part], dtype=np.int64))

    def _both(self, common: Ids, one: str, other: str) -> list[tuple[Annotation, Annotation]]:
        said = self._said(common, (one, other))
        return [
            (said[one, hand_id], said[other, hand_id])
            for hand_id in common.tolist()
            if (one, hand_id) in said and (other, hand_id) in said
        ]

    def _said(self, ids: Ids, people: tuple[str, ...]) -> Said:
        """By person and hand, the last that was said."""
        said: Said = {}
        wanted = set(ids.tolist())
        with self._store.reading() as connection:
            for part in _parts(ids):
                for found in (*_standing(connection, part), *_blind(connection, part)):
                    _take(said, found, people)
            if wanted:
                for found in _replaced(connection, wanted):
                    _take(said, found, people)
        return said


def _parts(ids: Ids) -> list[Ids]:
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]


def _take(said: Said, found: Annotation, people: tuple[str, ...]) -> None:
    key = found.who, found.hand_id
    before = said.get(key)
    if found.who in people and (before is None or (found.blind, found.at) > (before.blind, before.at)):
        said[key] = found


def _standing(connection: sa.Connection, ids: Ids) -> Iterator[Annotation]:
    rows = (
        sa.select(
            hand.c.id, hand.c.state, hand.c.decided_by, hand.c.decided_at, label.c.pose, label.c.visibility
        )
        .select_from(hand.outerjoin(label, label.c.hand_id == hand.c.id))
        .where(among(hand.c.id), hand.c.decided_at.is_not(None))
    )
    for row in connection.execute(rows, as_ids(ids)):
        yield from _of(row.id, row.decided_by, row.state, row.decided_at, row.pose, row.visibility)


def _blind(connection: sa.Connection, ids: Ids) -> Iterator[Annotation]:
    rows = sa.select(second_label).where(among(second_label.c.hand_id))
    for row in connection.execute(rows, as_ids(ids)):
        yield from _of(row.hand_id, row.who, row.state, row.at, row.pose, row.visibility, blind=True)


def _replaced(connection: sa.Connection, wanted: set[int]) -> Iterator[Annotation]:
    """Decisions that later ones took the place of: the inverse of these says what they were."""
    done = sa.select(history.c.id, history.c.hands).where(history.c.state == "done")
    steps = [
        step for step, hands in connection.execute(done) if not wanted.isdisjoint(unpack_ids(hands).tolist())
    ]
    batches: list[int] = []
    for start in range(0, len(steps), _AT_ONCE):
        inverses = sa.select(history.c.inverse).where(among(history.c.id))
        for inverse in connection.execute(inverses, as_ids(steps[start : start + _AT_ONCE])).scalars():
            for one in _flat(json.loads(inverse)):
                if one["kind"] == "put_decision" and one["hand_id"] in wanted:
                    yield from _of_json(one)
                elif one["kind"] == "put_many_back":
                    batches.append(int(one["batch"]))
    if batches:
        before = sa.select(kept).where(kept.c.batch.in_(batches))
        for row in connection.execute(before):
            if row.hand_id in wanted:
                yield from _of(
                    *(row.hand_id, row.decided_by, row.state, row.decided_at, row.pose, row.visibility)
                )


def _flat(command: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if command["kind"] == "bulk":
        for part in command["commands"]:
            yield from _flat(part)
    else:
        yield command


def _of_json(values: Mapping[str, Any]) -> Iterator[Annotation]:
    stood = values["label"]
    found = list(
        _of(values["hand_id"], values["decided_by"], values["state"], values["decided_at"], None, None)
    )
    for one in found:
        pose = None if stood is None else pose_from_json(stood["pose"])
        yield Annotation(one.hand_id, one.who, one.state, pose, one.at)


def _of(
    hand_id: int,
    who: str | None,
    state: str,
    at: float | None,
    pose: bytes | None,
    visibility: bytes | None,
    blind: bool = False,
) -> Iterator[Annotation]:
    """A person's decision; nothing of what is undecided, or what a machine accepted."""
    decided = State(state)
    if not who or at is None or not decided.decided or decided is State.AUTO_ACCEPTED:
        return
    found = None if pose is None or visibility is None else pose_of(pose, visibility)
    yield Annotation(hand_id, who, decided, found, at, blind)

"""Random samples, promises and what became of their hands: read from the store, and drawn into it.

Drawing is no command of the history: whoever could undo a draw could draw until one is lucky.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project import changes
from handstudio.project.packing import (
    joints_of,
    pack_ids,
    pack_set,
    unpack_ids,
    unpack_poses,
    unpack_set,
)
from handstudio.project.promise_records import (
    Pool,
    PromiseRecord,
    Reviewed,
    Sample,
    StillOpen,
    Terms,
    thresholds_of,
)
from handstudio.project.query import among, as_ids
from handstudio.project.records import Change, Ids, Measure, State
from handstudio.project.schema import counter, hand, label, promise, proposal, sample, sequence
from handstudio.project.store import Store
from handstudio.project.table_columns import columns_of

_ABOVE: Final = 1.0 + 1e-12
"""So that a hand at a threshold stays below it: figures are read with 15 digits."""
_FIGURES: Final[dict[str, Any]] = {"doubt": hand.c.doubt, "C": hand.c.confidence}
_ZERO: Final[Any] = sa.literal_column("0")
_OPEN: Final = (hand.c.state == str(State.PROPOSED), hand.c.removed == _ZERO)
_NOT_HELD: Final = hand.c.sequence_id.in_(sa.select(sequence.c.id).where(sequence.c.hold_out.is_(False)))


class Promises:
    """The part of a project that knows of acceptance by a machine."""

    _store: Store
    writer_token: str

    def pool(self, measure: Measure) -> Pool | None:
        """The undecided hands of the model that proposed most of them; ``None`` where nothing is proposed.

        Hands of held-out sequences are left out: a model that is judged there must not label them itself.
        """
        figure = _FIGURES[measure]
        ordered = sa.select(hand.c.id, figure.label("figure")).where(*_OPEN, _NOT_HELD, figure.is_not(None))
        with self._store.reading() as connection:
            last = _last_proposal(connection)
            ids, figures = columns_of(connection, ordered.order_by(figure), kinds={"figure": np.float64})
            if not len(ids):
                return None
            model_id, kept = _of_one_model(connection, ids)
        if kept is not None:
            ids, figures = ids[kept], figures[kept]
        return Pool(model_id, measure, ids, figures, last)

    def add_sample(self, pool: Pool, size: int, seed: int, terms: Terms, who: str) -> Sample:
        """Draw hands of a pool, each with the same probability, and keep which and why."""
        order = np.random.default_rng(seed).permutation(np.sort(pool.ids))
        thresholds = thresholds_of(pool.figures) * _ABOVE
        return self._keep_sample(
            {
                "who": who,
                "model_id": pool.model_id,
                "seed": seed,
                "measure": pool.measure,
                "share": terms.share,
                "worse_than": terms.worse_than,
                "confidence": terms.confidence,
                "last_proposal": pool.last_proposal,
                "hands": pack_ids(order[:size]),
                "pool": pack_set(pool.ids),
                "thresholds": thresholds.astype("<f8").tobytes(),
                "totals": pack_ids(np.searchsorted(pool.figures, thresholds, side="right")),
            }
        )

    def extend_sample(self, old: Sample, size: int, who: str) -> Sample:
        """The same draw with more hands of the same pool: another look, with a probability of its own."""
        order = np.random.default_rng(old.seed).permutation(np.flatnonzero(old.pool))
        with self._store.reading() as connection:
            row = connection.execute(sa.select(sample).where(sample.c.id == old.id)).one()
        values = {name: value for name, value in row._mapping.items() if name not in ("id", "round")}
        return self._keep_sample({**values, "who": who, "hands": pack_ids(order[:size])})

    def latest_sample(self) -> Sample | None:
        """What was drawn last."""
        with self._store.reading() as connection:
            row = connection.execute(sa.select(sample).order_by(sample.c.id.desc()).limit(1)).first()
        return None if row is None else _sample_of(row)

    def sample(self, sample_id: int) -> Sample:
        """One sample."""
        with self._store.reading() as connection:
            return _sample_of(connection.execute(sa.select(sample).where(sample.c.id == sample_id)).one())

    def promises(self) -> list[PromiseRecord]:
        """All that were made, oldest first, but for those that were undone."""
        statement = sa.select(promise).where(promise.c.state != "undone").order_by(promise.c.id)
        with self._store.reading() as connection:
            return [promise_of(row) for row in connection.execute(statement).all()]

    def draw_checks(self, promise_id: int, number: int) -> None:
        """Let ``number`` of the hands of a promise be drawn to be checked, in all."""
        with self._store.writing() as connection:
            connection.execute(promise.update().where(promise.c.id == promise_id).values(checks=number))
            changes.note(connection, self.writer_token, Change(title="Draw spot checks"))

    def reviewed(self, hand_ids: npt.ArrayLike, measure: Measure) -> Reviewed:
        """What became of some hands, and how far the proposal was off that was decided on."""
        wanted = np.asarray(hand_ids, dtype=np.int64).reshape(-1)
        before = proposal.alias("before")
        figure = _FIGURES[measure]
        columns = (hand.c.id, hand.c.state, figure, hand.c.sequence_id, hand.c.doubt, before.c.id)
        poses = (label.c.pose, before.c.pose, before.c.joint_doubt)
        statement = (
            sa.select(*columns, _side(), *poses, hand.c.removed)
            .select_from(
                hand.outerjoin(label, label.c.hand_id == hand.c.id).outerjoin(
                    before, before.c.id == sa.func.coalesce(label.c.proposal_id, hand.c.proposal_id)
                )
            )
            .where(among(hand.c.id))
        )
        with self._store.reading() as connection:
            found = {row[0]: tuple(row) for row in connection.execute(statement, as_ids(wanted))}
        return _reviewed([found[number] for number in wanted.tolist()])

    def still_open(self, drawn: Sample) -> StillOpen:
        """The hands that could be accepted on account of a sample: read from one covering index."""
        figure = _FIGURES[drawn.measure]
        marks = drawn.pool.copy()
        marks[drawn.hands] = False
        with self._store.reading() as connection:
            newer = np.empty(0, np.int64)
            if _last_proposal(connection) != drawn.last_proposal:
                since = sa.select(hand.c.id).where(hand.c.proposal_id > drawn.last_proposal)
                (newer,) = columns_of(connection, since)
                newer = newer[newer < len(marks)]
                newer = newer[drawn.pool[newer]]
                marks[newer] = False
            ids: list[Ids] = []
            sequences: list[Ids] = []
            outside = 0
            low: float | None = None
            for high in [*drawn.thresholds.tolist(), None]:
                bounds = [figure > low] if low is not None else []
                bounds += [figure <= high] if high is not None else []
                part = sa.select(hand.c.id, hand.c.sequence_id).where(*bounds, *_OPEN)
                numbers, theirs = columns_of(connection, part)
                inside = numbers < len(marks)
                inside[inside] = marks[numbers[inside]]
                known = numbers < len(drawn.pool)
                known[known] = drawn.pool[numbers[known]]
                outside += int((~known).sum())
                if high is not None:
                    ids.append(numbers[inside])
                    sequences.append(theirs[inside])
                low = high
        return StillOpen(tuple(ids), tuple(sequences), len(newer), outside)

    def _keep_sample(self, values: dict[str, Any]) -> Sample:
        with self._store.writing() as connection:
            same = sample.c.model_id.is_not_distinct_from(values["model_id"])
            looks = connection.execute(sa.select(sa.func.count()).select_from(sample).where(same)).scalar()
            added = {**values, "drawn_at": time.time(), "round": int(looks or 0) + 1}
            number = connection.execute(sample.insert().returning(sample.c.id), added).scalar_one()
            changes.note(connection, self.writer_token, Change(title="Draw a random sample"))
        return self.sample(int(number))


def promise_of(row: Any) -> PromiseRecord:
    """The record of a row of ``promise``."""
    facts = json.loads(row.terms)
    return PromiseRecord(
        row.id,
        row.sample_id,
        row.state,
        row.who,
        row.made_at,
        Terms(facts["share"], facts["worse_than"], facts["confidence"]),
        facts,
        unpack_ids(row.hands),
        row.checks,
        row.reason,
    )


def _of_one_model(connection: sa.Connection, ids: Ids) -> tuple[str | None, npt.NDArray[np.bool_] | None]:
    """The model that proposed most of some undecided hands, and which; ``None`` where it proposed all.

    Only the hands of the lesser models are looked up.
    """
    found = sa.select(proposal.c.model_id, sa.func.count()).group_by(proposal.c.model_id)
    counts: dict[str | None, int] = {row[0]: int(row[1]) for row in connection.execute(found)}
    main = max(counts, key=lambda model: counts[model])
    theirs: dict[str | None, Ids] = {}
    for model in counts.keys() - {main}:
        same = sa.select(proposal.c.hand_id, proposal.c.id).where(
            proposal.c.model_id.is_not_distinct_from(model)
        )
        hands, numbers = columns_of(connection, same)
        latest = sa.select(hand.c.id, hand.c.proposal_id).where(among(hand.c.id), *_OPEN)
        candidates, proposals = columns_of(connection, latest, as_ids(hands))
        theirs[model] = candidates[np.isin(proposals, numbers) & np.isin(candidates, ids)]
    sizes = {model: len(part) for model, part in theirs.items()}
    sizes[main] = len(ids) - sum(sizes.values())
    chosen = max(sizes, key=lambda model: sizes[model])
    if chosen != main:
        return chosen, np.isin(ids, theirs[chosen])
    others = np.concatenate([np.empty(0, np.int64), *theirs.values()])
    return main, ~np.isin(ids, others) if len(others) else None


def _sample_of(row: Any) -> Sample:
    return Sample(
        row.id,
        row.drawn_at,
        row.who,
        row.model_id,
        row.round,
        row.seed,
        row.measure,
        Terms(row.share, row.worse_than, row.confidence),
        row.last_proposal,
        unpack_ids(row.hands),
        unpack_set(row.pool),
        np.frombuffer(row.thresholds, dtype="<f8"),
        unpack_ids(row.totals),
    )


def _side() -> Any:
    return sa.func.max(hand.c.box_width, hand.c.box_height)


def _reviewed(rows: Sequence[tuple[Any, ...]]) -> Reviewed:
    shift = np.full((len(rows), JOINT_COUNT), np.nan)
    both = [place for place, row in enumerate(rows) if row[7] is not None and row[8] is not None]
    if both:
        after, _ = unpack_poses([rows[place][7] for place in both])
        before, _ = unpack_poses([rows[place][8] for place in both])
        shift[both] = np.linalg.norm(after.astype(np.float64) - before, axis=-1)
    doubt = np.array(
        [np.full(JOINT_COUNT, row[4]) if row[9] is None else joints_of(row[9]) for row in rows], np.float64
    ).reshape(-1, JOINT_COUNT)
    return Reviewed(
        np.array([row[0] for row in rows], np.int64),
        tuple(State(row[1]) for row in rows),
        np.array([row[10] for row in rows], np.bool_),
        np.array([row[2] for row in rows], np.float64),
        np.array([row[3] for row in rows], np.int64),
        np.array([row[6] for row in rows], np.float64),
        np.array([row[5] or 0 for row in rows], np.int64),
        shift,
        doubt,
    )


def _last_proposal(connection: sa.Connection) -> int:
    return int(
        connection.execute(sa.select(counter.c.value).where(counter.c.name == "proposal")).scalar_one()
    )

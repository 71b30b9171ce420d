"""What the commands of acceptance by a machine do to the tables: whole sets of hands by single statements."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.project.packing import ids_from_text, ids_to_text, pack_ids, unpack_ids
from handstudio.project.promise_commands import AutoAccept, WithdrawPromise
from handstudio.project.query import among, as_ids
from handstudio.project.records import Ids, State
from handstudio.project.schema import hand, label, promise, proposal, sample
from handstudio.project.table_columns import columns_of

MANY: Final = 20_000
"""Hands from which on the database's pages are kept in more memory while all their indexes change."""
_PAGES_KB: Final = (32_000, 256_000)
Touched = tuple[list[int], list[int], list[int]]
"""Ids of hands, of frames, of sequences."""

_ZERO: Final[Any] = sa.literal_column("0")


def origin_of(promise_id: int) -> str:
    """What a label says of itself that stands on account of a promise."""
    return f"promise {promise_id}"


def accept(
    connection: sa.Connection, command: AutoAccept, who: str, now: float
) -> tuple[AutoAccept, Touched]:
    """Label the hands from their proposals; returns the command with everything filled in.

    Raises:
        HandStudioError: when none of the hands can be accepted (any more).
    """
    command = replace(
        command,
        decided_by=command.decided_by or who,
        decided_at=now if command.decided_at is None else command.decided_at,
    )
    last = connection.execute(
        sa.select(sample.c.last_proposal).where(sample.c.id == command.sample_id)
    ).scalar_one()
    wanted = (
        among(hand.c.id),
        hand.c.state == str(State.PROPOSED),
        hand.c.removed == _ZERO,
        hand.c.proposal_id <= last,
    )
    ids, frames, sequences = places(connection, wanted, ids_from_text(command.hands))
    if not len(ids) and command.promise_id is None:
        raise HandStudioError(
            "None of these hands can be accepted any more", remedy="Look at what the promise says now"
        )
    command = _stand(connection, command, ids)
    assert command.promise_id is not None
    labels = sa.select(
        hand.c.id,
        proposal.c.pose,
        proposal.c.visibility,
        sa.literal(origin_of(command.promise_id)),
        proposal.c.id,
        sa.literal(command.decided_by),
        sa.literal(command.decided_at),
    ).join(proposal, proposal.c.id == hand.c.proposal_id)
    columns = ("hand_id", "pose", "visibility", "origin", "proposal_id", "decided_by", "decided_at")
    connection.execute(label.insert().from_select(columns, labels.where(among(hand.c.id))), as_ids(ids))
    decided = {
        "state": str(State.AUTO_ACCEPTED),
        "has_label": True,
        "decided_by": command.decided_by,
        "decided_at": command.decided_at,
    }
    change_hands(connection, ids, decided)
    return command, (ids.tolist(), frames, sequences)


def withdraw(connection: sa.Connection, command: WithdrawPromise) -> tuple[AutoAccept, Touched]:
    """Take the labels of a promise away; returns the command that brings them back.

    Those that a person verified stay: somebody looked at them.

    Raises:
        HandStudioError: when there is no such promise, or it does not stand.
    """
    row = connection.execute(sa.select(promise).where(promise.c.id == command.promise_id)).first()
    if row is None or row.state != "standing":
        raise HandStudioError(f"There is no promise {command.promise_id} that stands")
    wanted = (
        among(hand.c.id),
        hand.c.state == str(State.AUTO_ACCEPTED),
        hand.c.verified == _ZERO,
        hand.c.id.in_(sa.select(label.c.hand_id).where(label.c.origin == origin_of(row.id))),
    )
    ids, frames, sequences = places(connection, wanted, unpack_ids(row.hands))
    connection.execute(label.delete().where(among(label.c.hand_id)), as_ids(ids))
    undecided = {
        "state": str(State.PROPOSED),
        "has_label": False,
        "decided_by": None,
        "decided_at": None,
    }
    change_hands(connection, ids, undecided)
    connection.execute(
        promise.update().where(promise.c.id == row.id).values(state=command.state, reason=command.reason)
    )
    inverse = AutoAccept(row.sample_id, json.loads(row.terms), ids_to_text(ids), row.id, row.who, row.made_at)
    return inverse, (ids.tolist(), frames, sequences)


def _stand(connection: sa.Connection, command: AutoAccept, ids: Ids) -> AutoAccept:
    """Write the promise down, or let it stand again."""
    if command.promise_id is not None:
        again = promise.update().where(promise.c.id == command.promise_id)
        connection.execute(again.values(state="standing", reason=""))
        return command
    values = {
        "sample_id": command.sample_id,
        "state": "standing",
        "who": command.decided_by,
        "made_at": command.decided_at,
        "terms": json.dumps(dict(command.facts)),
        "hands": pack_ids(ids),
        "checks": 0,
        "reason": "",
    }
    number = connection.execute(promise.insert().returning(promise.c.id), values).scalar_one()
    return replace(command, promise_id=int(number))


def change_hands(connection: sa.Connection, ids: Ids, values: dict[str, Any]) -> None:
    """Set columns of many hands."""
    usual, many = _PAGES_KB
    if len(ids) >= MANY:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{many}")
    connection.execute(hand.update().where(among(hand.c.id)).values(values), as_ids(ids))
    if len(ids) >= MANY:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{usual}")


def places(
    connection: sa.Connection, wanted: tuple[Any, ...], among_ids: Ids
) -> tuple[Ids, list[int], list[int]]:
    """The hands that fulfil conditions, their frames and their sequences."""
    found = sa.select(hand.c.id, hand.c.frame_id, hand.c.sequence_id).where(*wanted)
    ids, frames, sequences = columns_of(connection, found, as_ids(among_ids))
    return ids, list(set(frames.tolist())), list(set(sequences.tolist()))

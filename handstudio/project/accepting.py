"""What the commands of acceptance by a machine do to the tables: whole sets of hands by single statements."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.progress import Progress
from handstudio.project.many import Place, all_ids, change_hands, in_parts, places, room_for
from handstudio.project.packing import ids_from_text, ids_to_text, pack_ids, unpack_ids
from handstudio.project.promise_commands import AutoAccept, WithdrawPromise
from handstudio.project.query import among, as_ids
from handstudio.project.records import Ids, State
from handstudio.project.schema import hand, label, promise, proposal, sample

_ZERO: Final[Any] = sa.literal_column("0")


def origin_of(promise_id: int) -> str:
    """What a label says of itself that stands on account of a promise."""
    return f"promise {promise_id}"


def accept(
    connection: sa.Connection, command: AutoAccept, who: str, now: float, progress: Progress
) -> tuple[AutoAccept, list[Place]]:
    """Label the hands from their proposals; returns the command with everything filled in.

    Raises:
        HandStudioError: when none of the hands can be accepted (any more).
        CancelledError: when it was stopped.
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
        hand.c.state == str(State.PROPOSED),
        hand.c.removed == _ZERO,
        hand.c.proposal_id <= last,
    )
    fresh = command.promise_id is None
    command = _stand(connection, command)
    assert command.promise_id is not None
    touched: list[Place] = []
    ids = ids_from_text(command.hands)
    with room_for(connection, len(ids)):
        for part in in_parts(ids, progress):
            touched.append(places(connection, wanted, part))
            _label(connection, command, touched[-1][0])
    if fresh:
        accepted = all_ids(touched)
        if not len(accepted):
            raise HandStudioError(
                "None of these hands can be accepted any more", remedy="Look at what the promise says now"
            )
        made = promise.update().where(promise.c.id == command.promise_id)
        connection.execute(made.values(hands=pack_ids(accepted)))
    return command, touched


def _label(connection: sa.Connection, command: AutoAccept, ids: Ids) -> None:
    """Let the proposals of hands be their labels."""
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


def withdraw(
    connection: sa.Connection, command: WithdrawPromise, progress: Progress
) -> tuple[AutoAccept, list[Place]]:
    """Take the labels of a promise away; returns the command that brings them back.

    Those that a person verified stay: somebody looked at them.

    Raises:
        HandStudioError: when there is no such promise, or it does not stand.
        CancelledError: when it was stopped.
    """
    row = connection.execute(sa.select(promise).where(promise.c.id == command.promise_id)).first()
    if row is None or row.state != "standing":
        raise HandStudioError(f"There is no promise {command.promise_id} that stands")
    wanted = (
        hand.c.state == str(State.AUTO_ACCEPTED),
        hand.c.verified == _ZERO,
        sa.exists().where(label.c.hand_id == hand.c.id, label.c.origin == origin_of(row.id)),
    )
    undecided = {
        "state": str(State.PROPOSED),
        "has_label": False,
        "decided_by": None,
        "decided_at": None,
    }
    touched: list[Place] = []
    promised = unpack_ids(row.hands)
    with room_for(connection, len(promised)):
        for part in in_parts(promised, progress):
            touched.append(places(connection, wanted, part))
            ids = touched[-1][0]
            connection.execute(label.delete().where(among(label.c.hand_id)), as_ids(ids))
            change_hands(connection, ids, undecided)
    connection.execute(
        promise.update().where(promise.c.id == row.id).values(state=command.state, reason=command.reason)
    )
    taken = ids_to_text(all_ids(touched))
    inverse = AutoAccept(row.sample_id, json.loads(row.terms), taken, row.id, row.who, row.made_at)
    return inverse, touched


def _stand(connection: sa.Connection, command: AutoAccept) -> AutoAccept:
    """Write the promise down, of no hand yet, or let it stand again."""
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
        "hands": pack_ids([]),
        "checks": 0,
        "reason": "",
    }
    number = connection.execute(promise.insert().returning(promise.c.id), values).scalar_one()
    return replace(command, promise_id=int(number))

"""What decisions about many hands do to the tables: whole sets of hands by single statements."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from handstudio.progress import Progress
from handstudio.project.bulk_commands import DecideMany, PutManyBack
from handstudio.project.many import Place, all_ids, change_hands, in_parts, places, room_for
from handstudio.project.packing import ids_from_text, ids_to_text
from handstudio.project.query import among, as_ids
from handstudio.project.records import DECIDED, VERIFIABLE, Ids, State
from handstudio.project.schema import hand, kept, label, proposal, sent_back, verification
from handstudio.project.second_look import OWN, setting_of

_ZERO: Final[Any] = sa.literal_column("0")
_SENT_BACK: Final = hand.c.state == str(State.SENT_BACK)
_SENT_BACK_LABELS: Final = sa.select(sent_back.c.hand_id).where(sent_back.c.pose.is_not(None))
_NOT_VERIFIED: Final = {"verified": False}
_LABEL: Final = ("hand_id", "pose", "visibility", "origin", "proposal_id", "decided_by", "decided_at")
_UNDECIDED: Final[dict[str, Any]] = {
    "state": sa.case((hand.c.proposal_id.is_(None), str(State.NONE)), else_=str(State.PROPOSED)),
    "has_label": False,
    "decided_by": None,
    "decided_at": None,
}
_FLIPPED: Final[dict[str, Any]] = {"side": sa.case((hand.c.side == "left", "right"), else_="left")}
_STATES: Final = {
    "accept": State.ACCEPTED,
    "take-correction": State.ACCEPTED,
    "reject": State.REJECTED,
    "skip": State.SKIPPED,
}
_BY_ACTION: Final[dict[str, tuple[Any, ...]]] = {
    "accept": (
        sa.or_(
            hand.c.proposal_id.is_not(None),
            hand.c.has_label == sa.literal_column("1"),
            sa.and_(_SENT_BACK, hand.c.id.in_(_SENT_BACK_LABELS)),
        ),
    ),
    "take-correction": (hand.c.proposal_id.is_not(None),),
    "reset": (hand.c.state.in_([str(state) for state in (*DECIDED, State.SENT_BACK)]),),
    "verify": (
        hand.c.verified == _ZERO,
        hand.c.state.in_([str(state) for state in VERIFIABLE]),
    ),
}
"""What a hand needs for an action."""


def decide(
    connection: sa.Connection, command: DecideMany, who: str, now: float, progress: Progress
) -> tuple[DecideMany, PutManyBack, list[Place]]:
    """Do it; returns the command with everything filled in, its inverse, and what was touched.

    Raises:
        CancelledError: when it was stopped.
    """
    able = (hand.c.removed == _ZERO, *_BY_ACTION.get(command.action, ()))
    if command.action == "verify" and not setting_of(connection, OWN):
        able = (*able, _not_by(command.decided_by or who))
    batch = _new_batch(connection) if command.batch is None else command.batch
    command = replace(
        command,
        batch=batch,
        decided_by=command.decided_by or who,
        decided_at=now if command.decided_at is None else command.decided_at,
    )
    touched: list[Place] = []
    ids = ids_from_text(command.hands)
    with room_for(connection, len(ids)):
        for part in in_parts(ids, progress):
            touched.append(places(connection, able, part))
            _do(connection, command, batch, touched[-1][0])
    command = replace(command, hands=ids_to_text(all_ids(touched)))
    return command, PutManyBack(command.action, command.hands, batch), touched


def put_back(connection: sa.Connection, command: PutManyBack, progress: Progress) -> list[Place]:
    """Let the hands be as they were before.

    Raises:
        CancelledError: when it was stopped.
    """
    touched: list[Place] = []
    ids = ids_from_text(command.hands)
    with room_for(connection, len(ids)):
        for part in in_parts(ids, progress):
            touched.append(places(connection, (), part))
            _put_back(connection, command, touched[-1][0])
    return touched


def _new_batch(connection: sa.Connection) -> int:
    """A number under which nothing was kept yet, also nothing that is not kept any more."""
    batch = int(connection.execute(sa.select(sa.func.max(kept.c.batch))).scalar() or 0) + 1
    counted = connection.exec_driver_sql("SELECT value FROM counter WHERE name = 'batch'").scalar()
    batch = max(batch, int(counted or 0) + 1)
    connection.exec_driver_sql(
        "INSERT INTO counter (name, value) VALUES ('batch', ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (batch,),
    )
    return batch


def _do(connection: sa.Connection, command: DecideMany, batch: int, ids: Ids) -> None:
    if command.action == "verify":
        who_at = (sa.literal(command.decided_by), sa.literal(command.decided_at))
        seen = sa.select(hand.c.id, *who_at).where(among(hand.c.id))
        connection.execute(verification.insert().from_select(("hand_id", "who", "at"), seen), as_ids(ids))
        change_hands(connection, ids, {"verified": True})
    elif command.action == "flip-side":
        _keep(connection, ids, batch, hand.c.verified != _ZERO)
        _withdraw_verification(connection, ids)
        change_hands(connection, ids, _FLIPPED | _NOT_VERIFIED)
    else:
        _keep(connection, ids, batch, hand.c.state.in_([str(state) for state in (*DECIDED, State.SENT_BACK)]))
        _withdraw_verification(connection, ids)
        _decide(connection, command, ids)


def _put_back(connection: sa.Connection, command: PutManyBack, ids: Ids) -> None:
    if command.action == "verify":
        _withdraw_verification(connection, ids)
        change_hands(connection, ids, _NOT_VERIFIED)
        return
    if command.action == "flip-side":
        change_hands(connection, ids, _FLIPPED)
        _verify_again(connection, command.batch, ids)
        return
    connection.execute(label.delete().where(among(label.c.hand_id)), as_ids(ids))
    change_hands(connection, ids, _UNDECIDED)
    mine = (kept.c.batch == command.batch, among(kept.c.hand_id))
    labels = sa.select(
        *(kept.c.hand_id, kept.c.pose, kept.c.visibility, kept.c.origin),
        *(kept.c.proposal_id, kept.c.label_by, kept.c.label_at),
    ).where(*mine, kept.c.pose.is_not(None))
    connection.execute(label.insert().from_select(_LABEL, labels), as_ids(ids))
    before = {
        name: sa.select(column)
        .where(kept.c.batch == command.batch, kept.c.hand_id == hand.c.id)
        .scalar_subquery()
        for name, column in (
            ("state", kept.c.state),
            ("has_label", kept.c.pose.is_not(None)),
            ("decided_by", kept.c.decided_by),
            ("decided_at", kept.c.decided_at),
        )
    }
    decided = sa.select(kept.c.hand_id).where(*mine)
    connection.execute(hand.update().where(hand.c.id.in_(decided)).values(before), as_ids(ids))
    _verify_again(connection, command.batch, ids)


def _not_by(who: str) -> sa.ColumnElement[bool]:
    """What somebody else decided, or a machine."""
    theirs = sa.func.lower(sa.func.coalesce(hand.c.decided_by, "")) != sa.func.lower(sa.literal(who))
    return sa.or_(theirs, hand.c.state == str(State.AUTO_ACCEPTED))


def _withdraw_verification(connection: sa.Connection, ids: Ids) -> None:
    connection.execute(verification.delete().where(among(verification.c.hand_id)), as_ids(ids))


def _verify_again(connection: sa.Connection, batch: int, ids: Ids) -> None:
    """What was verified before a batch is so again; nothing is kept of the batch any more."""
    mine = (kept.c.batch == batch, among(kept.c.hand_id))
    verified = (*mine, kept.c.verified_by.is_not(None))
    before = sa.select(kept.c.hand_id, kept.c.verified_by, kept.c.verified_at).where(*verified)
    connection.execute(verification.insert().from_select(("hand_id", "who", "at"), before), as_ids(ids))
    again = hand.update().where(hand.c.id.in_(sa.select(kept.c.hand_id).where(*verified)))
    connection.execute(again.values(verified=True), as_ids(ids))
    connection.execute(kept.delete().where(*mine), as_ids(ids))


def _keep(connection: sa.Connection, ids: Ids, batch: int, wanted: Any) -> None:
    """What was decided before, and verified; of an undecided hand there is nothing to keep."""
    columns = ("batch", *(column.name for column in kept.c if column.name != "batch"))
    before = (
        sa.select(
            *(sa.literal(batch), hand.c.id, hand.c.state, hand.c.decided_by, hand.c.decided_at),
            *(label.c.pose, label.c.visibility, label.c.origin, label.c.proposal_id),
            *(label.c.decided_by.label("label_by"), label.c.decided_at.label("label_at")),
            *(verification.c.who.label("verified_by"), verification.c.at.label("verified_at")),
        )
        .select_from(
            hand.outerjoin(label, label.c.hand_id == hand.c.id).outerjoin(
                verification, verification.c.hand_id == hand.c.id
            )
        )
        .where(among(hand.c.id), wanted)
    )
    connection.execute(kept.insert().from_select(columns, before), as_ids(ids))


def _decide(connection: sa.Connection, command: DecideMany, ids: Ids) -> None:
    if command.action == "reset":
        connection.execute(label.delete().where(among(label.c.hand_id)), as_ids(ids))
        change_hands(connection, ids, _UNDECIDED | _NOT_VERIFIED)
        return
    by = {"decided_by": command.decided_by, "decided_at": command.decided_at}
    if command.action == "accept":
        connection.execute(label.update().where(among(label.c.hand_id)).values(by), as_ids(ids))
    else:
        connection.execute(label.delete().where(among(label.c.hand_id)), as_ids(ids))
    labelled = command.action in ("accept", "take-correction")
    if command.action == "accept":
        _accept_again(connection, command, ids)
    if labelled:
        corrected = command.action == "take-correction"
        fresh = (
            sa.select(
                hand.c.id,
                proposal.c.corrected if corrected else proposal.c.pose,
                proposal.c.visibility,
                sa.literal("correction" if corrected else "proposal"),
                proposal.c.id,
                sa.literal(command.decided_by),
                sa.literal(command.decided_at),
            )
            .join(proposal, proposal.c.id == hand.c.proposal_id)
            .where(among(hand.c.id), hand.c.id.not_in(sa.select(label.c.hand_id)))
        )
        connection.execute(label.insert().from_select(_LABEL, fresh), as_ids(ids))
    state = {"state": str(_STATES[command.action]), "has_label": labelled}
    change_hands(connection, ids, state | by | _NOT_VERIFIED)


def _accept_again(connection: sa.Connection, command: DecideMany, ids: Ids) -> None:
    """Of what was sent back, the label that there was is shown, and accepted."""
    again = (
        sa.select(
            *(sent_back.c.hand_id, sent_back.c.pose, sent_back.c.visibility, sent_back.c.origin),
            *(sent_back.c.proposal_id, sa.literal(command.decided_by), sa.literal(command.decided_at)),
        )
        .join(hand, hand.c.id == sent_back.c.hand_id)
        .where(among(hand.c.id), _SENT_BACK, sent_back.c.pose.is_not(None))
    )
    connection.execute(label.insert().from_select(_LABEL, again), as_ids(ids))

"""What the commands of a second reviewer do to the tables."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.project.prepared import Prepared
from handstudio.project.records import VERIFIABLE, State
from handstudio.project.schema import hand, sent_back, setting, verification
from handstudio.project.second_commands import PutSentBack, SendBack, SetSetting, Verify

OWN: Final = "verify_own"
"""The setting that lets people verify what they decided themselves."""
_BLOBS: Final = ("pose", "visibility")
_ADD = Prepared(verification.insert(), "hand_id", "who", "at")
_DROP = Prepared(verification.delete().where(verification.c.hand_id == sa.bindparam("hand_id")))
_FLAG = Prepared(
    hand.update().where(hand.c.id == sa.bindparam("hand_id")).values(verified=sa.bindparam("verified"))
)


def verifiable(connection: sa.Connection, row: Any, command: Verify, who: str, now: float) -> Verify:
    """The command with everything filled in.

    Args:
        connection: inside a transaction.
        row: the hand's, with ``verified_by``.
        command: what is wished. who, now: by whom and when.

    Raises:
        HandStudioError: when there is nothing to verify, or it is not this person's to verify.
    """
    who = command.verified_by or who
    allows_own = bool(setting_of(connection, OWN))
    why = refusal(row.id, State(row.state), row.decided_by, row.verified_by, who, allows_own)
    if why is not None:
        raise why
    at = now if command.verified_at is None else command.verified_at
    return replace(command, verified_by=who, verified_at=at)


def refusal(
    hand_id: int, state: State, decided_by: str | None, verified_by: str | None, who: str, allows_own: bool
) -> HandStudioError | None:
    """Why a person cannot verify a hand; ``None`` where this is possible."""
    if state not in VERIFIABLE:
        return HandStudioError(
            f"Hand {hand_id} is {str(state).replace('_', ' ')}: there is no decision to verify",
            remedy="Decide it first",
        )
    if verified_by is not None:
        return HandStudioError(f"Hand {hand_id} is verified already, by {verified_by}")
    if is_own(decided_by, state, who) and not allows_own:
        return HandStudioError(
            f"{who} decided hand {hand_id}, so somebody else has to verify it",
            remedy="Say who reviews now, or allow one's own decisions to be verified in this project",
        )
    return None


def is_own(decided_by: str | None, state: State, who: str) -> bool:
    """Whether a decision is this person's own; a machine's is nobody's."""
    return (
        decided_by is not None
        and state is not State.AUTO_ACCEPTED
        and decided_by.casefold() == who.casefold()
    )


def put_verification(connection: sa.Connection, hand_id: int, by: str | None, at: float | None) -> None:
    """Let a hand be verified by somebody, or by nobody."""
    _DROP.run(connection, hand_id=hand_id)
    if by is not None:
        _ADD.run(connection, hand_id=hand_id, who=by, at=at)
    _FLAG.run(connection, hand_id=hand_id, verified=by is not None)


def send_back(
    connection: sa.Connection, row: Any, command: SendBack, who: str, now: float
) -> tuple[SendBack, PutSentBack]:
    """Keep the reason with the label that was there; the command filled in, and what was kept before.

    Raises:
        HandStudioError: when the hand is not decided, or no reason is given.
    """
    state = State(row.state)
    if not state.decided:
        raise HandStudioError(f"Hand {row.id} is not decided, so it cannot be sent back")
    if not command.reason.strip():
        raise HandStudioError("Say what is wrong with it", remedy="Whoever decided it reads the reason")
    command = replace(
        command,
        reason=command.reason.strip(),
        sent_by=command.sent_by or who,
        sent_at=now if command.sent_at is None else command.sent_at,
    )
    before = PutSentBack(row.id, _kept(connection, row.id))
    _put(
        connection,
        row.id,
        {
            "reason": command.reason,
            "who": command.sent_by,
            "at": command.sent_at,
            "state": str(state),
            "decided_by": row.decided_by,
            "decided_at": row.decided_at,
            "pose": row.pose if row.has_label else None,
            "visibility": row.visibility if row.has_label else None,
            "origin": row.origin if row.has_label else None,
            "proposal_id": row.label_proposal_id if row.has_label else None,
        },
    )
    return command, before


def put_sent_back(connection: sa.Connection, command: PutSentBack) -> PutSentBack:
    """Let it be as before; returns what was there."""
    before = PutSentBack(command.hand_id, _kept(connection, command.hand_id))
    values = command.row
    if values is not None:
        values = {
            name: base64.b64decode(value) if name in _BLOBS and value is not None else value
            for name, value in values.items()
        }
    _put(connection, command.hand_id, values)
    return before


def setting_of(connection: sa.Connection, name: str) -> Any:
    """A setting of the project; ``None`` where it was never set."""
    text = connection.execute(sa.select(setting.c.value).where(setting.c.name == name)).scalar()
    return None if text is None else json.loads(text)


def put_setting(connection: sa.Connection, command: SetSetting) -> SetSetting:
    """Set it; returns what was there."""
    before = setting_of(connection, command.name)
    connection.execute(setting.delete().where(setting.c.name == command.name))
    if command.value is not None:
        connection.execute(setting.insert(), {"name": command.name, "value": json.dumps(command.value)})
    return SetSetting(command.name, before)


def _kept(connection: sa.Connection, hand_id: int) -> dict[str, Any] | None:
    row = connection.execute(sa.select(sent_back).where(sent_back.c.hand_id == hand_id)).first()
    if row is None:
        return None
    values: dict[str, Any] = dict(row._mapping)
    del values["hand_id"]
    for name in _BLOBS:
        if values[name] is not None:
            values[name] = base64.b64encode(values[name]).decode("ascii")
    return values


def _put(connection: sa.Connection, hand_id: int, values: Mapping[str, Any] | None) -> None:
    connection.execute(sent_back.delete().where(sent_back.c.hand_id == hand_id))
    if values is not None:
        connection.execute(sent_back.insert(), {"hand_id": hand_id, **values})

"""Carrying out what people say about which hands there are, where and whose, inside a transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.project import second_look
from handstudio.project.applying_looks import ApplyingLooks
from handstudio.project.commands import AddHand, Bulk, Command, RemoveHand, SetBox, SetNote, SetSide
from handstudio.project.prepared import Prepared
from handstudio.project.records import State
from handstudio.project.schema import frame, hand
from handstudio.project.second_commands import PutVerification


def update_hand(*columns: str) -> Prepared:
    """What sets columns of one hand, which is bound as ``hand_id``."""
    changes: dict[str, Any] = {column: sa.bindparam(column) for column in columns}
    return Prepared(hand.update().where(hand.c.id == sa.bindparam("hand_id")).values(changes))


_SET_SIDE = update_hand("side")
_SET_BOX = update_hand("box_x", "box_y", "box_width", "box_height", "box_source")
_SET_NOTE = update_hand("note")
_SET_REMOVED = update_hand("removed")


class ApplyingHands(ApplyingLooks):
    """The part of :class:`handstudio.project.applying.Applying` that is about hands without their labels."""

    def _set_side(self, command: SetSide) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        _SET_SIDE.run(self._connection, hand_id=row.id, side=command.side)
        before = SetSide(row.id, row.side)
        if row.verified_by is None:
            return command, before
        second_look.put_verification(self._connection, row.id, None, None)
        again = PutVerification(row.id, row.verified_by, row.verified_at)
        return command, Bulk((before, again), before.title)

    def _set_box(self, command: SetBox) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        box = command.box
        _SET_BOX.run(
            self._connection,
            hand_id=row.id,
            box_x=box.x,
            box_y=box.y,
            box_width=box.width,
            box_height=box.height,
            box_source=command.source,
        )
        before = Box(row.box_x, row.box_y, row.box_width, row.box_height)
        return command, SetBox(row.id, before, row.box_source)

    def _set_note(self, command: SetNote) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        _SET_NOTE.run(self._connection, hand_id=row.id, note=command.note)
        return command, SetNote(row.id, row.note)

    def _remove_hand(self, command: RemoveHand) -> tuple[Command, Command]:
        row = self._hand(command.hand_id)
        _SET_REMOVED.run(self._connection, hand_id=row.id, removed=True)
        box = Box(row.box_x, row.box_y, row.box_width, row.box_height)
        return command, AddHand(row.frame_id, row.side, box, row.track, row.box_source, row.id)

    def _add_hand(self, command: AddHand) -> tuple[Command, Command]:
        if command.hand_id is not None:
            known = sa.select(hand.c.id).where(hand.c.id == command.hand_id)
            if self._connection.execute(known).first() is not None:
                row = self._hand(command.hand_id, removed=True)
                _SET_REMOVED.run(self._connection, hand_id=row.id, removed=False)
                return command, RemoveHand(row.id)
        place = self._connection.execute(
            sa.select(frame.c.sequence_id, frame.c.frame_index).where(frame.c.id == command.frame_id)
        ).first()
        if place is None:
            raise HandStudioError(f"The project has no frame {command.frame_id}")
        command = replace(command, hand_id=self._new_id(command), track=self._free_track(command))
        self._connection.execute(
            hand.insert(),
            {
                "id": command.hand_id,
                "frame_id": command.frame_id,
                "sequence_id": place.sequence_id,
                "frame_index": place.frame_index,
                "track": command.track,
                "side": command.side,
                "box_x": command.box.x,
                "box_y": command.box.y,
                "box_width": command.box.width,
                "box_height": command.box.height,
                "box_source": command.box_source,
                "state": str(State.NONE),
                "has_label": False,
                "has_truth": False,
                "note": "",
                "removed": False,
            },
        )
        assert command.hand_id is not None
        self._hand(command.hand_id)
        return command, RemoveHand(command.hand_id)

    def _new_id(self, command: AddHand) -> int:
        if command.hand_id is not None:
            return command.hand_id
        return int(self._connection.execute(sa.select(sa.func.max(hand.c.id))).scalar() or 0) + 1

    def _free_track(self, command: AddHand) -> int:
        if command.track is not None:
            return command.track
        taken = set(
            self._connection.execute(
                sa.select(hand.c.track).where(hand.c.frame_id == command.frame_id, hand.c.removed.is_(False))
            ).scalars()
        )
        return next(track for track in range(len(taken) + 1) if track not in taken)

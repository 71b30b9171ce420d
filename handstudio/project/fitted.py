"""What was fitted to the hands of a project, and stands in the place of the program's own from then on.

Setting and dropping it is a command (:class:`handstudio.project.commands.SetFitted`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.hand.shape import HandShape, PersonalTemplate, limits_from_json
from handstudio.project.prepared import Prepared
from handstudio.project.records import Floats, SequenceRecord
from handstudio.project.schema import fitted
from handstudio.project.store import Store

NOBODY = ""
"""The person of what holds for all hands."""

_ONE = Prepared(
    sa.select(fitted.c.value).where(
        fitted.c.what == sa.bindparam("what"), fitted.c.person == sa.bindparam("person")
    )
)


class FittedHands:
    """Reading of templates and limits."""

    _store: Store
    path: Path

    def templates(self) -> dict[str, PersonalTemplate]:
        """By person, those that were fitted."""
        statement = sa.select(fitted).where(fitted.c.what == "template").order_by(fitted.c.person)
        with self._store.reading() as connection:
            rows = connection.execute(statement).all()
        return {row.person: self._template(row.value) for row in rows}

    def joint_limits(self) -> Floats | None:
        """(15, 2, 2) rad; ``None`` where the program's own hold."""
        text = self._fitted("limits", NOBODY)
        if text is None:
            return None
        try:
            return limits_from_json(json.loads(text))
        except (ValueError, TypeError):
            raise self._damaged("joint limits") from None

    def hand_shape(self, sequence: SequenceRecord) -> HandShape:
        """What is known of the hands of a sequence.

        Raises:
            HandStudioError: when it is damaged.
        """
        text = self._fitted("template", sequence.person)
        return HandShape.of(None if text is None else self._template(text), self.joint_limits())

    def _fitted(self, what: str, person: str) -> Any:
        with self._store.reading() as connection:
            return _ONE.scalar(connection, what=what, person=person)

    def _template(self, text: str) -> PersonalTemplate:
        try:
            return PersonalTemplate.from_json(json.loads(text))
        except (ValueError, KeyError, TypeError):
            raise self._damaged("bone lengths") from None

    def _damaged(self, what: str) -> HandStudioError:
        return HandStudioError(
            f"The project's fitted {what} are damaged",
            self.path,
            "Fit them again, or drop them with --remove",
        )

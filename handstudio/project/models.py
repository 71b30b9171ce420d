"""The models of a project: its own in ``models/<id>/``, shipped ones where they were installed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from handstudio.errors import HandStudioError
from handstudio.project import changes
from handstudio.project.records import Change, ModelRecord
from handstudio.project.schema import ADOPTED, model
from handstudio.project.store import Store


class Models:
    """Reading and adding of models; adopting one is a command (:class:`AdoptModel`)."""

    _store: Store
    writer_token: str
    path: Path

    def models(self, method: str | None = None) -> list[ModelRecord]:
        """All models, oldest first."""
        statement = sa.select(model).order_by(model.c.created_at, model.c.id)
        if method is not None:
            statement = statement.where(model.c.method == method)
        with self._store.reading() as connection:
            return [self._model_of(row) for row in connection.execute(statement)]

    def model(self, model_id: str) -> ModelRecord:
        """One model.

        Raises:
            HandStudioError: when there is none of this id.
        """
        with self._store.reading() as connection:
            row = connection.execute(sa.select(model).where(model.c.id == model_id)).first()
        if row is None:
            known = ", ".join(found.id for found in self.models()) or "none"
            raise HandStudioError(f"The project has no model {model_id!r}; it has: {known}", self.path)
        return self._model_of(row)

    def adopted_model(self, method: str | None = None) -> ModelRecord | None:
        """The model that makes proposals; with a method only if it is one of that."""
        with self._store.reading() as connection:
            row = connection.execute(ADOPTED).first()
        return None if row is None or method not in (None, row.method) else self._model_of(row)

    def new_model_id(self, method: str) -> str:
        """An id that no model has and no folder under ``models/`` (which this makes)."""
        (self.path / "models").mkdir(exist_ok=True)
        taken = {found.id for found in self.models()}
        number = 1
        while True:
            name = f"{method}-{number}"
            if name not in taken:
                try:
                    self.model_folder(name).mkdir()
                except FileExistsError:
                    pass
                else:
                    return name
            number += 1

    def model_folder(self, model_id: str) -> Path:
        """Where the project keeps a model of its own."""
        if Path(model_id).name != model_id or model_id in ("", ".", ".."):
            raise HandStudioError(f"{model_id!r} cannot be the name of a model", self.path)
        return self.path / "models" / model_id

    def add_model(
        self,
        model_id: str,
        name: str,
        method: str,
        profile: str,
        *,
        source: Literal["shipped", "finetune", "pretrain"],
        path: Path | str | None = None,
        parent: str | None = None,
        lineage: Mapping[str, Any] | None = None,
        adopted: bool = False,
    ) -> ModelRecord:
        """Register a model whose files are already there.

        Args:
            model_id: unique in the project (see :meth:`new_model_id`).
            name: for people.
            method: of which method. profile: of which of its profiles.
            source: shipped models are referred to where they are, never copied.
            path: its folder (or file); ``None`` for ``models/<id>``.
            parent: the model it started from.
            lineage: parents, data, settings, figures.
            adopted: adopt it if no model is adopted yet; otherwise only a person adopts.
        """
        place = self.model_folder(model_id) if path is None else Path(path)
        if place.is_relative_to(self.path):
            place = place.relative_to(self.path)
        values = {
            "id": model_id,
            "name": name,
            "method": method,
            "profile": profile,
            "parent": parent,
            "created_at": time.time(),
            "path": place.as_posix(),
            "lineage": json.dumps(dict(lineage or {}), default=str),
            "source": source,
        }
        with self._store.writing() as connection:
            if connection.execute(sa.select(model.c.id).where(model.c.id == model_id)).first():
                raise HandStudioError(f"The project has a model {model_id!r} already", self.path)
            free = connection.execute(ADOPTED).first() is None
            connection.execute(model.insert(), {**values, "adopted": adopted and free})
            changes.note(connection, self.writer_token, Change(models=True, title=f"New model {name}"))
        return self.model(model_id)

    def change_lineage(self, model_id: str, lineage: Mapping[str, Any]) -> None:
        """Replace what the project keeps of a model's lineage; the model's own files stay as they are."""
        with self._store.writing() as connection:
            connection.execute(
                model.update()
                .where(model.c.id == model_id)
                .values(lineage=json.dumps(dict(lineage), default=str))
            )
            changes.note(connection, self.writer_token, Change(models=True, title="Model judged"))

    def _model_of(self, row: Any) -> ModelRecord:
        return ModelRecord(
            row.id,
            row.name,
            row.method,
            row.profile,
            row.parent,
            row.created_at,
            str(self.path / row.path),
            json.loads(row.lineage),
            row.adopted,
            row.source,
        )

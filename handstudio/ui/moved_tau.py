"""A threshold on C that was moved by hand: remembered for one project and one model."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

    from handstudio.project import Project


class MovedTau:
    """What ``settings`` remember of a project; where nothing is, the model's own threshold counts."""

    def __init__(self, settings: QSettings, project: Project) -> None:
        self._settings = settings
        place = str(Path(project.path).resolve()).encode()
        self._group = f"tau/{hashlib.sha256(place).hexdigest()[:16]}"

    def of(self, model_id: str | None) -> float | None:
        """The threshold that was moved for a model."""
        stored = self._settings.value(self._key(model_id))
        try:
            return None if stored is None else float(str(stored))
        except ValueError:
            return None

    def move(self, model_id: str | None, tau: float) -> None:
        """Remember a threshold."""
        self._settings.setValue(self._key(model_id), tau)

    def forget(self, model_id: str | None) -> None:
        """Let the model's own count again."""
        self._settings.remove(self._key(model_id))

    def _key(self, model_id: str | None) -> str:
        return f"{self._group}/{model_id or 'no model'}"

"""Footage that an experiment renders for itself, with settings unlike those of the training."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from handstudio.errors import HandStudioError
from handstudio.experiments.config import Made
from handstudio.progress import Progress

T = TypeVar("T")
_DESCRIPTION: Final = "made.json"


def make_footage(made: Made, folder: Path, place: Path, progress: Progress) -> Path:
    """Renders the footage into a folder, or finds it there from before; returns the folder.

    Args:
        made: what it is to be.
        folder: of this footage alone.
        place: of the configuration, for errors.
        progress: told of frames.

    Raises:
        HandStudioError: for a setting that does not exist.
    """
    from handstudio.synthesis.recording import write_recordings
    from handstudio.synthesis.scene import SceneSettings

    described = made.model_dump_json()
    known = folder / _DESCRIPTION
    if known.exists() and known.read_text("utf-8") == described:
        return folder
    settings = changed(SceneSettings(), made.scene, place)
    shutil.rmtree(folder, ignore_errors=True)
    write_recordings(
        folder,
        made.frames,
        made.size,
        made.seed,
        made.views,
        progress,
        settings,
        made.frames_per_sequence,
    )
    if not progress.cancelled():
        known.write_text(described, "utf-8")
    return folder


def changed(settings: T, changes: Mapping[str, Any], place: Path) -> T:
    """A frozen dataclass of settings with some of them changed, nested as they are.

    Raises:
        HandStudioError: for a name that it does not have.
    """
    names = {field.name for field in fields(cast(Any, settings))}
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in names:
            raise HandStudioError(f"Rendered hands have no setting {name!r}", place, ", ".join(sorted(names)))
        now = getattr(settings, name)
        values[name] = changed(now, value, place) if is_dataclass(now) else value
    return cast(T, replace(cast(Any, settings), **values))

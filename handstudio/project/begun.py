"""Hands whose joints somebody has begun to place: a small file beside the database, so that no click is lost.

It is no decision and no part of the history: what was begun counts once it is finished, as one command.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Final

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import JOINT_COUNT

FILE_NAME: Final = "begun.json"

Steps = list[tuple[float, float] | None]
"""Joint by joint in their order: px, or ``None`` where it could not be seen."""


def read_begun(folder: Path, hand_id: int) -> Steps:
    """What was placed of a hand so far; empty when nothing was, or the file says nothing that can be used."""
    return _all(folder).get(str(hand_id), [])


def keep_begun(folder: Path, hand_id: int, steps: Steps) -> None:
    """Keep what was placed of a hand so far; nothing of it when ``steps`` is empty.

    Raises:
        HandStudioError: when the file cannot be written.
    """
    known = _all(folder)
    if steps:
        known[str(hand_id)] = steps
    elif known.pop(str(hand_id), None) is None:
        return
    path = folder / FILE_NAME
    part = path.with_suffix(".part")
    try:
        part.write_text(json.dumps(known), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise HandStudioError(
            f"The joints placed so far cannot be kept ({error.strerror or error})", path
        ) from error


def _all(folder: Path) -> dict[str, Steps]:
    try:
        told = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return {str(hand_id): _steps(values) for hand_id, values in told.items()}
    except (OSError, ValueError, TypeError, AttributeError, IndexError):
        return {}


def _steps(values: list[list[float] | None]) -> Steps:
    steps: Steps = [None if value is None else (float(value[0]), float(value[1])) for value in values]
    if len(steps) >= JOINT_COUNT or not all(
        math.isfinite(number) for step in steps if step is not None for number in step
    ):
        raise ValueError("no joints of a hand")
    return steps

"""``KEY=VALUE`` words as settings of a method."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from handstudio.errors import HandStudioError


def settings_from(assignments: Sequence[str] | None) -> dict[str, Any]:
    """The values by name; a value is JSON where it can be read so, and text otherwise.

    Raises:
        HandStudioError: for a word without ``=``.
    """
    values: dict[str, Any] = {}
    for word in assignments or ():
        name, sign, text = word.partition("=")
        if not sign or not name.strip():
            raise HandStudioError(f"{word!r} sets nothing", None, "Write --set name=value")
        try:
            values[name.strip()] = json.loads(text)
        except ValueError:
            values[name.strip()] = text
    return values

"""What a job says to the window that started it: one JSON object per line on its standard output.

The environment variable ``HANDSTUDIO_EVENTS=1`` makes any command speak like this; the window sets it, a
person at a shell never needs to. The other direction is the job's standard input: the line ``cancel`` asks
it to stop at the next safe point, and the end of that stream means that the window is gone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

EVENTS_VARIABLE = "HANDSTUDIO_EVENTS"
LOG_VARIABLE = "HANDSTUDIO_LOG"


@dataclass(frozen=True)
class Started:
    """The job has its row in the project (or has none: ``run`` is ``None``)."""

    kind: ClassVar[str] = "started"
    run: int | None = None


@dataclass(frozen=True)
class Progressed:
    """``done`` of ``total`` units are finished, at ``rate`` units per second, ``eta_s`` seconds to go."""

    kind: ClassVar[str] = "progress"
    done: float
    total: float | None
    unit: str
    rate: float | None = None
    eta_s: float | None = None
    message: str = ""


@dataclass(frozen=True)
class Measured:
    """Figures of the work itself (losses, errors) at a step."""

    kind: ClassVar[str] = "values"
    step: int
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Logged:
    """A line that is meant to be read."""

    kind: ClassVar[str] = "log"
    message: str


@dataclass(frozen=True)
class Finished:
    """The job is through; ``result`` is the object that ``--json`` would have printed."""

    kind: ClassVar[str] = "result"
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Failed:
    """The job gave up: what happened, where, what to do."""

    kind: ClassVar[str] = "error"
    message: str


Event = Started | Progressed | Measured | Logged | Finished | Failed
_KINDS: dict[str, type[Any]] = {
    event.kind: event for event in (Started, Progressed, Measured, Logged, Finished, Failed)
}


def encode(event: Event) -> str:
    """The line for an event, without its line feed."""
    return to_json({"event": event.kind, **asdict(event)})


def decode(line: str) -> Event:
    """The event of a line; a line that is none is passed on as :class:`Logged`."""
    try:
        fields = json.loads(line)
        event = _KINDS[fields.pop("event")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Logged(line.rstrip("\r\n"))
    return event  # type: ignore[no-any-return]


def to_json(value: Any) -> str:
    """One line of strict JSON: numbers that are not finite become ``null``, paths and arrays plain values.

    The bytes of a file's name that are no UTF-8 are escaped, and come back as Python knows them.
    """
    text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy arrays and numbers
        return _plain(value.tolist())
    return str(value)

"""How commands are written down: their fields as plain values, by the types that are declared for them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final, get_args, get_origin

import numpy as np

from handstudio.hand.box import Box
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project.records import Pose, State

Read = Callable[[Any], Any]


def pose_to_json(pose: Pose) -> dict[str, str]:
    """Exact to the last bit: little-endian bytes in base 64."""
    return {
        "uv": _encode(pose.uv.astype("<f4", copy=False)),
        "depth": _encode(pose.depth.astype("<f4", copy=False)),
        "visibility": _encode(pose.visibility),
    }


def pose_from_json(values: Mapping[str, str]) -> Pose:
    """The pose that :func:`pose_to_json` wrote."""
    return Pose(
        np.frombuffer(base64.b64decode(values["uv"]), dtype="<f4").reshape(JOINT_COUNT, 2),
        np.frombuffer(base64.b64decode(values["depth"]), dtype="<f4"),
        np.frombuffer(base64.b64decode(values["visibility"]), dtype=np.uint8),
    )


def plain(value: Any) -> Any:
    """A field's value as JSON knows it; ``to_json`` of a command in it is asked."""
    if isinstance(value, Pose):
        return pose_to_json(value)
    if isinstance(value, Box):
        return value.to_dict()
    if isinstance(value, State):
        return str(value)
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value.to_json() if hasattr(value, "to_json") else value


_READ: Final[dict[type, Read]] = {Pose: pose_from_json, Box: Box.from_dict, State: State}


def reader(hint: Any, command: type, read_command: Read) -> Read:
    """What makes a field's value of what :func:`plain` wrote.

    Args:
        hint: the type that is declared for the field.
        command: the class of all commands.
        read_command: makes a command of its JSON form.
    """
    if get_origin(hint) is tuple:
        each = reader(get_args(hint)[0], command, read_command)
        return lambda values: tuple(each(value) for value in values)
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and (kind in _READ or issubclass(kind, command)):
            read = _READ.get(kind, read_command)
            return lambda value: None if value is None else read(value)
    return lambda value: value


def _encode(array: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")

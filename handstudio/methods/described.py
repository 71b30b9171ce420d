"""A method's settings by their names, as they are typed behind ``--set``: what each means, and its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True)
class Setting:
    """One number of a method.

    Attributes:
        name: dotted.
        meaning: a sentence or two; empty where its author wrote none.
        values: by profile.
    """

    name: str
    meaning: str
    values: dict[str, Any]


def settings_of(profiles: Mapping[str, type[BaseModel]]) -> list[Setting]:
    """All settings of a method's profiles, in the order of its authors."""
    found: dict[str, Setting] = {}
    for profile, kind in profiles.items():
        for name, meaning, value in _walk(kind(), ""):
            found.setdefault(name, Setting(name, meaning, {})).values[profile] = value
    return list(found.values())


def nearest(name: str, profiles: Mapping[str, type[BaseModel]]) -> list[str]:
    """Names of settings that somebody who typed this may have meant."""
    names = [setting.name for setting in settings_of(profiles)]
    last = name.rsplit(".", 1)[-1]
    ends = [each for each in names if each.rsplit(".", 1)[-1] == last]
    return ends or get_close_matches(name, names, n=3, cutoff=0.5)


def _walk(settings: BaseModel, before: str) -> Iterator[tuple[str, str, Any]]:
    for name, about in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _walk(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", " ".join((about.description or "").replace("``", "").split()), value

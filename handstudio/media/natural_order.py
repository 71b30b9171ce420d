"""The order people expect of numbered names: 2 before 10."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"([0-9]+)")

NaturalKey = tuple[tuple[tuple[int, int, str], ...], str]


def natural_key(name: str) -> NaturalKey:
    """A key for sorting names by their text, and by value where they hold numbers."""
    parts = (part for part in _NUMBER.split(name.casefold()) if part)
    # isdecimal alone would admit digits of other scripts, which the pattern leaves in the text
    key = tuple((0, int(part), "") if _NUMBER.fullmatch(part) else (1, 0, part) for part in parts)
    return key, name

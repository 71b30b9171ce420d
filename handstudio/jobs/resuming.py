"""A run that is resumed goes on as it began: what else is asked for is refused instead of passed over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import Any, Final

from handstudio.errors import HandStudioError

_AS_TYPED: Final = {"assignments": "set"}


def refuse_with_resume(wishes: Any, plain: Any, but: Collection[str]) -> None:
    """Refuses wishes that are not the plain ones.

    Args:
        wishes, plain: what was asked for and what stands where nothing is, of one dataclass.
        but: names of those that may be given.

    Raises:
        HandStudioError: when another one was given.
    """
    given = [
        f"--{_AS_TYPED.get(each.name, each.name).replace('_', '-')}"
        for each in fields(wishes)
        if each.name not in but and _value(wishes, each.name) != _value(plain, each.name)
    ]
    if given:
        raise HandStudioError(
            f"A resumed run goes on as it began; {', '.join(given)} cannot be given with --resume",
            None,
            "Leave it out, or start another run",
        )


def _value(wishes: Any, name: str) -> Any:
    """A wish; an empty list is none."""
    return getattr(wishes, name) or None

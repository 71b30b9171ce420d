"""Acceptance by a machine and its withdrawal, as commands: each the other's inverse.

They name hands by their ids and take poses from the proposals themselves, so that a million hands are one
step of undo. A proposal that a newer one took the place of meanwhile cannot come back as a
label: its hand stays proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from handstudio.project.commands import Command

WITHDRAW: Final = "Withdraw the promise"


@dataclass(frozen=True)
class AutoAccept(Command):
    """Let the proposals of hands stand on account of a promise.

    Hands that anybody decided, or that have a newer proposal than those that were sampled, stay as they are.

    Attributes:
        sample_id: the reviews behind the promise. ``facts``: its terms, threshold, figures and model.
        hands: as :func:`handstudio.project.packing.ids_to_text` writes them.
        promise_id: of a promise that stands again; the history fills it in.
    """

    kind: ClassVar[str] = "auto_accept"
    sample_id: int
    facts: Mapping[str, Any]
    hands: str
    promise_id: int | None = None
    decided_by: str | None = None
    decided_at: float | None = None

    @property
    def title(self) -> str:
        return "Accept automatically"


@dataclass(frozen=True)
class WithdrawPromise(Command):
    """Let the hands of a promise be proposed again, but for those that people decided meanwhile."""

    kind: ClassVar[str] = "withdraw_promise"
    promise_id: int
    reason: str
    state: Literal["withdrawn", "undone"] = "withdrawn"

    @property
    def title(self) -> str:
        return WITHDRAW

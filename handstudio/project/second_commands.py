"""What a second reviewer does to decided hands, and settings of the project, as commands.

A decision that is changed loses its verification; undo brings both back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from handstudio.project.commands import Command


@dataclass(frozen=True)
class Verify(Command):
    """Say that somebody else's decision is right; label and state stay."""

    kind: ClassVar[str] = "verify"
    hand_id: int
    verified_by: str | None = None
    verified_at: float | None = None

    @property
    def title(self) -> str:
        return "Verify"


@dataclass(frozen=True)
class PutVerification(Command):
    """Let a hand be verified as it was before, or (by nobody) no more."""

    kind: ClassVar[str] = "put_verification"
    hand_id: int
    verified_by: str | None = None
    verified_at: float | None = None

    @property
    def title(self) -> str:
        return "Withdraw the verification"


@dataclass(frozen=True)
class SendBack(Command):
    """Give a decided hand back to be decided anew, with the reason; its label is kept beside it."""

    kind: ClassVar[str] = "send_back"
    hand_id: int
    reason: str
    sent_by: str | None = None
    sent_at: float | None = None

    @property
    def title(self) -> str:
        return "Send back"


@dataclass(frozen=True)
class PutSentBack(Command):
    """Let what is known of a hand's being sent back be as before.

    Attributes:
        row: columns of ``sent_back``, bytes in base 64; ``None`` where there was nothing.
    """

    kind: ClassVar[str] = "put_sent_back"
    hand_id: int
    row: Mapping[str, Any] | None

    @property
    def title(self) -> str:
        return "Put the reason back"


@dataclass(frozen=True)
class SetSetting(Command):
    """Allow something in the whole project; ``None`` forbids it, as it is without."""

    kind: ClassVar[str] = "set_setting"
    name: str
    value: Any

    @property
    def title(self) -> str:
        verb = "Forbid" if self.value is None else "Allow"
        return f"{verb}: {self.name.replace('_', ' ')}"

"""Marks on frames, as a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from handstudio.project.commands import Command, register


@register
@dataclass(frozen=True)
class SetMark(Command):
    """Mark a frame by a word, in the place of any other; ``None`` takes its mark away."""

    kind: ClassVar[str] = "set_mark"
    frame_id: int
    mark: str | None

    def __post_init__(self) -> None:
        if self.mark is not None and (not self.mark.strip() or '"' in self.mark or "," in self.mark):
            raise ValueError("a mark is a word or a few, without quotes and commas")

    @property
    def title(self) -> str:
        return "Clear the mark" if self.mark is None else f"Mark the frame: {self.mark}"

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "frame_id": self.frame_id, "mark": self.mark}

    @classmethod
    def _from_json(cls, values: Mapping[str, Any]) -> SetMark:
        return cls(values["frame_id"], values["mark"])

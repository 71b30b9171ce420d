"""Marks on frames, as a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from handstudio.project.commands import Command


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

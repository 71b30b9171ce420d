"""A tour through the loop: each step is timed, printed and added to the report, with pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from handstudio.errors import HandStudioError

from .report import Report, Step
from .screen import photograph
from .stopping import cancel_point

if TYPE_CHECKING:
    from .command import Work


@dataclass
class Tour:
    """One demonstration under way."""

    work: Work
    out: Path
    report: Report
    screen: Mapping[str, str] | None
    began: float = field(default_factory=time.monotonic)
    pictures: int = 0

    @property
    def project_path(self) -> Path:
        """The demonstration's project."""
        return self.out / "project"

    def step(self, title: str, do: Callable[[], Step]) -> Step:
        """Does one step, prints its figures and adds it to the report.

        Raises:
            CancelledError: when a stop was asked for meanwhile.
        """
        self.work.say(f"\n{title}")
        began = time.monotonic()
        step = do()
        step.title = title
        step.seconds = time.monotonic() - began
        if step.text:
            self.work.say(f"  {step.text}")
        for name, value in step.figures.items():
            self.work.say(f"  {name}: {value}")
        widths = [max(map(len, column)) + 2 for column in zip(*step.table, strict=True)]
        for row in step.table:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.work.say(f"  {''.join(cells)}".rstrip())
        self.work.say(f"  {step.seconds:.1f} s ({time.monotonic() - self.began:.0f} s in all)")
        self.report.steps.append(step)
        self.report.write(self.out)
        cancel_point(self.work.stop)
        return step

    def photographs(self, stage: str) -> list[Path]:
        """Photographs of the window as it shows the project now; none, with a reason, when that fails."""
        if self.screen is None:
            return []
        try:
            pictures = photograph(self.project_path, self.out / "screenshots" / stage, dict(self.screen))
        except HandStudioError as error:
            self.work.say(f"  No screenshots: {error}")
            return []
        self.pictures += len(pictures)
        self.work.say(f"  {len(pictures)} screenshots in {self.out / 'screenshots' / stage}")
        return pictures

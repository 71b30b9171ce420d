"""What is said of jobs: their names, how far they are, how long still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from handstudio.jobs.events import Progressed

DOING: Final = {
    "import": "Importing",
    "propose": "Proposing",
    "finetune": "Finetuning",
    "pretrain": "Pretraining",
    "evaluate": "Evaluating",
    "export": "Exporting",
    "synth": "Rendering hands",
    "compare": "Comparing proposals",
    "judge": "Judging models",
}
"""While it runs."""
NAMES: Final = {
    "import": "Import",
    "propose": "Propose",
    "finetune": "Finetune",
    "pretrain": "Pretrain",
    "evaluate": "Evaluate",
    "export": "Export",
    "synth": "Rendered hands",
    "compare": "Compare",
    "judge": "Judge models",
}
"""In a list of runs."""

_SLOW: Final = 0.2
"""Under so many a second it is said how long each takes."""


def doing(kind: str) -> str:
    """What a job of a kind does."""
    return DOING.get(kind, kind)


def count_words(done: float, total: float | None, unit: str) -> str:
    """``12 of 400 frames``; empty while nothing was done."""
    text = f"{done:,.0f} of {total:,.0f} {unit}" if total else f"{done:,.0f} {unit}" if done else ""
    return text.replace(",", "\u202f").rstrip()


def rate_words(rate: float, unit: str = "") -> str:
    """``12.3/s``, ``12.3 frames/s``, or how long each takes."""
    if rate < _SLOW:
        return f"{duration(1 / rate)} each"
    return f"{rate:.1f} {unit}/s" if unit else f"{rate:.1f}/s"


def progress_words(told: Progressed) -> str:
    """How far a job is, how fast, how long still: one short line."""
    parts = [count_words(told.done, told.total, told.unit) if told.total else told.message]
    if told.rate:
        parts.append(rate_words(told.rate))
    if told.eta_s is not None:
        parts.append(f"{duration(told.eta_s)} left")
    return " · ".join(part for part in parts if part)


def duration(seconds: float) -> str:
    """Seconds as people say them: ``40 s``, ``3 min``, ``1 h 05 min``."""
    seconds = max(seconds, 0.0)
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"

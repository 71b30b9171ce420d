"""Which pseudo-labels the next finetune would trust, in words that say why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from handstudio.project.records import ModelRecord
    from handstudio.ui.timeline.series import Series


@dataclass(frozen=True)
class Trust:
    """How a model's finetune chooses what it trusts (``SelfTrainingSettings``).

    Attributes:
        plausibility_share: of the second term of C that counts.
        least: share of the hands, the least doubtful, that is trusted in any case, in the first and in the
            last epoch.
    """

    plausibility_share: float = 1.0
    least: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, model: ModelRecord | None) -> Trust:
        """That of a model; as published where nothing else is known."""
        settings: Any = {} if model is None else model.lineage.get("settings", {}).get("finetuning", {})
        try:
            first, last = settings.get("least_trusted", (0.0, 0.0))
            return cls(float(settings.get("plausibility_share", 1.0)), (float(first), float(last)))
        except (AttributeError, TypeError, ValueError):
            return cls()

    def within(self, series: Series, tau: float) -> float | None:
        """Share of a series' hands that tau alone trusts; ``None`` where nothing is proposed."""
        weighed = series.stability + self.plausibility_share * series.plausibility
        known = weighed[~np.isnan(weighed)]
        return float((known <= tau).mean()) if len(known) else None

    def words(self, within: float) -> str:
        """What is trusted: by tau where that is more than what is trusted in any case."""
        first, last = (max(share, within) for share in self.least)
        trusted = f"{100 * first:.0f} %" if round(100 * first) == round(100 * last) else _range(first, last)
        alone = f" (τ alone: {100 * within:.0f} %)" if first > within or last > within else ""
        return f"{trusted} trusted{alone}"


def _range(first: float, last: float) -> str:
    return f"{100 * first:.0f} to {100 * last:.0f} %"

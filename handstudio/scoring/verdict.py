"""Whether a new model is better than the one before, by all figures together and not by one of them.

Mean errors follow a few hands that went astray, shares within a threshold do not see how far astray, and px
do not see depth: a model that wins by one figure and loses by another has not been shown to be better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from handstudio.scoring.comparison import Comparison

NOTICED: Final[dict[str, float]] = {"epe_px": 0.02, "epe_mm": 0.02, "pck_005": 0.01}
"""The change that counts: of errors a share of the error before, of PCK a share of all joints."""
TITLES: Final[dict[str, str]] = {"epe_px": "EPE px", "epe_mm": "EPE mm", "pck_005": "PCK@0.05"}
RULE: Final = (
    "Adopted when at least one of EPE px, EPE mm and PCK@0.05 got better and none got worse; "
    "what counts is 2 % of an error and one joint in a hundred."
)


@dataclass(frozen=True)
class Verdict:
    """Which figures moved by as much as counts.

    Attributes:
        better, worse: their names on screen.
    """

    better: tuple[str, ...]
    worse: tuple[str, ...]

    @classmethod
    def of(cls, comparison: Comparison) -> Verdict:
        """Judges a comparison by those of the three figures that it knows."""
        gains = {}
        for name, noticed in NOTICED.items():
            pair = comparison.figures.get(name)
            if pair is not None:
                rises = name == "pck_005"
                scale = noticed if rises else noticed * max(pair.before, 1e-9)
                gains[TITLES[name]] = (pair.change if rises else -pair.change) / scale
        return cls(
            tuple(title for title, gain in gains.items() if gain >= 1.0),
            tuple(title for title, gain in gains.items() if gain <= -1.0),
        )

    @property
    def adopt(self) -> bool:
        """Whether the new model is to be adopted: see :data:`RULE`."""
        return bool(self.better) and not self.worse

    def sentence(self) -> str:
        """What moved, for people."""
        parts = []
        if self.better:
            parts.append(f"better in {', '.join(self.better)}")
        if self.worse:
            parts.append(f"worse in {', '.join(self.worse)}")
        end = "adopted" if self.adopt else "not adopted"
        return f"The new model is {' and '.join(parts) or 'neither better nor worse'}: {end}."

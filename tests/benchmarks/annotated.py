"""What a simulated annotator made of a data set: its errors, and what they cost, round by round."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

JOINTS: Final = 21
RIGHT_SHARE: Final = 0.95
"""Of joints within the tolerance, in a data set that is right."""
AIM: Final = 1.5
"""Drags per hand after the first finetune at most; after the second, half of what they were then."""


@dataclass(frozen=True)
class Round:
    """The hands that were decided between two finetunes.

    Attributes:
        number: finetunes before it.
        drags: (N,) of each of its hands.
        accepted, given_up: hands that were accepted at once; that were left after the most drags.
    """

    number: int
    drags: npt.NDArray[np.int64]
    accepted: int
    given_up: int

    @property
    def drags_per_hand(self) -> float:
        """Mean over its hands."""
        return float(self.drags.mean())

    @property
    def decisions_per_hand(self) -> float:
        """Drags and acceptances, mean over its hands."""
        return float(self.drags.sum() + self.accepted) / len(self.drags)


@dataclass
class Played:
    """One way through one domain.

    Attributes:
        errors: (N, 21) of all hands, in sides of their boxes, as the data set stands. px: the same in px.
        curve: after each decided hand, the drags so far, the share of joints within the tolerance, mean px.
        drags: per decided hand. accepted, given_up: whether each was accepted at once, or left as it was.
        begins: at how many decided hands each round began.
    """

    errors: npt.NDArray[np.float64]
    px: npt.NDArray[np.float64]
    tolerance: float
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    drags: list[int] = field(default_factory=list)
    accepted: list[bool] = field(default_factory=list)
    given_up: list[bool] = field(default_factory=list)
    begins: list[int] = field(default_factory=lambda: [0])
    drag_seconds: list[float] = field(default_factory=list)

    @property
    def pck(self) -> float:
        """Share of joints within the tolerance."""
        return float((self.errors <= self.tolerance).mean())

    def decided(self, drags: int, *, accepted: bool = False, given_up: bool = False) -> None:
        """One more hand, and a point of the curve."""
        self.drags.append(drags)
        self.accepted.append(accepted)
        self.given_up.append(given_up)
        self.note()

    def note(self) -> None:
        """One point of the curve."""
        self.curve.append((sum(self.drags), self.pck, float(self.px.mean())))

    def begin_round(self) -> None:
        """What comes is proposed by another model."""
        self.begins.append(len(self.drags))
        self.note()

    def rounds(self) -> Iterator[Round]:
        """Those of which some hand was decided."""
        for number, (begin, end) in enumerate(
            zip(self.begins, [*self.begins[1:], len(self.drags)], strict=True)
        ):
            if end > begin:
                drags = np.array(self.drags[begin:end], np.int64)
                yield Round(number, drags, sum(self.accepted[begin:end]), sum(self.given_up[begin:end]))

    def drags_until_right(self) -> float | None:
        """Drags per hand of the domain at which the data set was right; ``None`` where it never was."""
        for drags, pck, _ in self.curve:
            if pck >= RIGHT_SHARE:
                return drags / len(self.errors)
        return None


def tell(name: str, value: float | None, unit: str, **context: Any) -> None:
    """One line of the benchmark."""
    rounded = None if value is None else round(value, 4)
    print(json.dumps({"name": name, "value": rounded, "unit": unit, "context": context}), flush=True)


def report(played: Played, domain: str, way: str, arguments: argparse.Namespace) -> None:
    """What came out."""
    drags = np.array(played.drags)
    context = {"domain": domain, "way": way, "hands": len(drags), "but": arguments.but}
    context |= {"most_drags": arguments.most_drags, "finetune_every": arguments.finetune_every}
    context |= {"order": arguments.order}
    accepted = sum(played.accepted)
    tell("drags per hand", drags.mean(), "drags", **context, pointing=JOINTS)
    tell("decisions per hand", (drags.sum() + accepted) / len(drags), "decisions", **context)
    tell("accepted at once", accepted / len(drags), "share", **context)
    tell("given up", sum(played.given_up) / len(drags), "share", **context)
    tell("drags per hand until 95 % of joints are right", played.drags_until_right(), "drags", **context)
    tell("data set before, PCK", played.curve[0][1], "share", **context, tolerance=played.tolerance)
    tell("data set before, EPE", played.curve[0][2], "px", **context)
    tell("data set, PCK", played.pck, "share", **context, tolerance=played.tolerance)
    tell("data set, EPE", float(played.px.mean()), "px", **context)
    if played.drag_seconds:
        tell(
            "drag with all that follows, median", float(np.median(played.drag_seconds)) * 1e3, "ms", **context
        )
    for share in arguments.curve:
        at = next((point for point in played.curve if point[0] >= share * len(drags)), None)
        if at is not None:
            epe = round(at[2], 3)
            tell("curve, PCK", at[1], "share", **context, drags_per_hand=share, epe_px=epe)
    _report_rounds(played, context)


def _report_rounds(played: Played, context: dict[str, Any]) -> None:
    """Drags and decisions of the hands between two finetunes, beside what they should be."""
    rounds = list(played.rounds())
    if len(rounds) < 2:
        return
    first = next((one for one in rounds if one.number == 1), None)
    for one in rounds:
        aim = AIM if one.number == 1 else first.drags_per_hand / 2 if one.number == 2 and first else None
        here = {**context, "finetunes": one.number, "hands": len(one.drags)}
        tell("round, drags per hand", one.drags_per_hand, "drags", **here, aim=aim)
        tell("round, decisions per hand", one.decisions_per_hand, "decisions", **here)
        tell("round, accepted at once", one.accepted / len(one.drags), "share", **here)
        tell("round, given up", one.given_up / len(one.drags), "share", **here)

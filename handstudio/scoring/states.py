"""How far two people agree on what a hand is, beyond what chance alone would give (Cohen 1960)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class StateAgreement:
    """Agreement on categories.

    Attributes:
        categories: their names.
        table: (C, C) counts: rows as the first says, columns as the second.
        observed: share on which both say the same; NaN where nothing was compared.
        expected: the share that would be alike by chance.
        kappa: 1 where both always agree, 0 where they do as often as by chance; NaN where both only ever say
            one thing, of which chance says as much.
    """

    categories: tuple[str, ...]
    table: npt.NDArray[np.int64]
    observed: float
    expected: float
    kappa: float

    @property
    def count(self) -> int:
        """How many were compared."""
        return int(self.table.sum())

    def to_json(self) -> dict[str, Any]:
        """Plain numbers; what is not known is ``None``."""
        return {
            "categories": list(self.categories),
            "table": self.table.tolist(),
            "observed": _known(self.observed),
            "expected": _known(self.expected),
            "kappa": _known(self.kappa),
        }


def state_agreement(first: Sequence[str], second: Sequence[str], categories: Sequence[str]) -> StateAgreement:
    """Compare what two people say of the same things.

    Args:
        first, second: (N,) one of ``categories`` each.
        categories: all there are.

    Raises:
        ValueError: for lists of different lengths, or another category.
    """
    if len(first) != len(second):
        raise ValueError("both have to speak of the same things")
    place = {name: number for number, name in enumerate(categories)}
    table = np.zeros((len(place), len(place)), dtype=np.int64)
    for one, other in zip(first, second, strict=True):
        if one not in place or other not in place:
            raise ValueError(f"{one!r} or {other!r} is no category")
        table[place[one], place[other]] += 1
    total = int(table.sum())
    if not total:
        return StateAgreement(tuple(categories), table, float("nan"), float("nan"), float("nan"))
    observed = float(np.trace(table) / total)
    expected = float((table.sum(axis=1) * table.sum(axis=0)).sum() / total**2)
    kappa = float("nan") if expected >= 1.0 else (observed - expected) / (1.0 - expected)
    return StateAgreement(tuple(categories), table, observed, expected, kappa)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value

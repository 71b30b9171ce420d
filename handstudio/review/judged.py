"""What is known of a model's error on the hold-out, and two models side by side (numpy only)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.scoring.comparison import NOTICED

if TYPE_CHECKING:
    from handstudio.project.records import ModelRecord

Floats = npt.NDArray[np.float64]
FILE_NAME: Final = "hold_out.json"
KEY: Final = "hold_out"


@dataclass(frozen=True, eq=False)
class Judged:
    """A model's figures on the hold-out, as ``Evaluation.to_json(with_hands=True)`` wrote them.

    Attributes:
        hands: how many. epe_px, pck_005, auc_px: as in scoring.
        per_finger: mean error in px by finger.
        thresholds, curve: (T,) PCK over sides of the box.
        hand_ids, hand_px, hand_share: (N,) per hand; empty where they were not kept.
        hand_doubt, hand_c: (N,) px: how unsure it was of each hand, by its joints' doubt and by the square
            root of C; NaN where that was not kept.
    """

    hands: int
    epe_px: float
    pck_005: float
    auc_px: float
    per_finger: dict[str, float]
    thresholds: Floats
    curve: Floats
    hand_ids: npt.NDArray[np.int64]
    hand_px: Floats
    hand_share: Floats
    hand_doubt: Floats
    hand_c: Floats

    @property
    def error_px(self) -> dict[int, float]:
        """Mean error of each hand, px, by its id."""
        return dict(zip(self.hand_ids.tolist(), self.hand_px.tolist(), strict=True))


def judged_of(record: ModelRecord) -> Judged | None:
    """The figures kept with a model: in its lineage, or in ``hold_out.json`` in its folder."""
    figures = record.lineage.get("figures")
    for kept in (record.lineage.get(KEY), figures.get(KEY) if isinstance(figures, Mapping) else None):
        if isinstance(kept, Mapping):
            return _read(kept)
    path = Path(record.path) / FILE_NAME
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _read(kept) if isinstance(kept, Mapping) else None


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Two models on the hands that both were judged on; a negative change is better.

    Only the error is known hand by hand: what else ``before`` and ``after`` say is over each one's own
    hold-out, which is told where :attr:`of_the_same` is not so.
    """

    before: Judged
    after: Judged
    hand_ids: npt.NDArray[np.int64]
    change_px: Floats
    change_share: Floats
    error_px: tuple[float, float]
    """Of both, mean over ``hand_ids``; over each one's own hold-out where no hand is in both."""

    @property
    def of_the_same(self) -> bool:
        """Whether both were judged on the same hands, as far as it is known."""
        both = self.before, self.after
        if not all(len(one.hand_ids) for one in both):
            return self.before.hands == self.after.hands
        return len(self.hand_ids) == len(self.before.hand_ids) == len(self.after.hand_ids)

    @property
    def worse(self) -> list[tuple[int, float]]:
        """Hands (id, px) that got noticeably worse, most first."""
        return self._beyond(1.0)

    @property
    def better(self) -> list[tuple[int, float]]:
        """Hands (id, px) that got noticeably better, most first."""
        return self._beyond(-1.0)

    def _beyond(self, sign: float) -> list[tuple[int, float]]:
        chosen = np.flatnonzero(sign * self.change_share > NOTICED)
        chosen = chosen[np.argsort(-sign * self.change_share[chosen], kind="stable")]
        return list(zip(self.hand_ids[chosen].tolist(), self.change_px[chosen].tolist(), strict=True))


def side_by_side(before: Judged, after: Judged) -> SideBySide:
    """Compare two models."""
    ids, first, second = np.intersect1d(before.hand_ids, after.hand_ids, return_indices=True)
    known = np.isfinite(before.hand_px[first]) & np.isfinite(after.hand_px[second])
    common = len(ids) < max(len(before.hand_ids), len(after.hand_ids)) and bool(known.any())
    return SideBySide(
        before,
        after,
        ids,
        after.hand_px[second] - before.hand_px[first],
        after.hand_share[second] - before.hand_share[first],
        (float(before.hand_px[first][known].mean()), float(after.hand_px[second][known].mean()))
        if common
        else (before.epe_px, after.epe_px),
    )


def _read(kept: Mapping[str, Any]) -> Judged | None:
    try:
        curve = kept.get("curve") or {}
        ids = np.array(kept.get("hand_ids") or [], np.int64)
        per_hand = [
            _per_hand(kept.get(name), len(ids)) for name in ("hand_px", "hand_share", "hand_doubt", "hand_c")
        ]
        return Judged(
            int(kept["hands"]),
            float(kept["epe_px"]),
            float(kept["pck_005"]),
            float(kept.get("auc_px", np.nan)),
            {
                name: float(part["epe_px"])
                for name, part in (kept.get("per_finger") or {}).items()
                if "epe_px" in part
            },
            np.array(curve.get("thresholds") or [], np.float64),
            np.array(curve.get("pck") or [], np.float64),
            ids,
            *per_hand,
        )
    except (KeyError, TypeError, ValueError):
        return None


def _per_hand(values: Any, count: int) -> Floats:
    found = np.array([np.nan if value is None else value for value in values or []], np.float64)
    return found if len(found) == count else np.full(count, np.nan)

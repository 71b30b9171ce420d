"""A model is better when some figure got better and none got worse."""

from __future__ import annotations

import numpy as np
import pytest

from handstudio.scoring.comparison import Comparison, Pair
from handstudio.scoring.verdict import Verdict

NOTHING = np.zeros(0, dtype=np.float32)


def compared(px: float, mm: float | None, pck: float) -> Comparison:
    """A new model's figures against 10 px, 30 mm and 0.5."""
    figures = {"epe_px": Pair(10.0, px), "pck_005": Pair(0.5, pck), "auc_px": Pair(0.5, 0.1)}
    if mm is not None:
        figures["epe_mm"] = Pair(30.0, mm)
    ids = np.zeros(0, dtype=np.int64)
    return Comparison(0, figures, {}, {}, NOTHING, NOTHING, NOTHING, ids, NOTHING, NOTHING)


@pytest.mark.parametrize(
    ("px", "mm", "pck", "adopt"),
    [
        (9.0, 28.0, 0.55, True),
        (9.0, 30.0, 0.5, True),
        (10.1, 28.0, 0.495, True),
        (10.6, 27.0, 0.53, False),
        (9.0, 31.0, 0.55, False),
        (9.0, 28.0, 0.48, False),
        (10.0, 30.0, 0.5, False),
        (9.9, 29.9, 0.505, False),
    ],
)
def test_one_figure_that_got_worse_outweighs_the_others(
    px: float, mm: float, pck: float, adopt: bool
) -> None:
    assert Verdict.of(compared(px, mm, pck)).adopt is adopt


def test_where_3d_is_not_known_the_others_decide() -> None:
    assert Verdict.of(compared(9.0, None, 0.5)) == Verdict(("EPE px",), ())


def test_the_sentence_names_what_moved() -> None:
    said = Verdict.of(compared(10.6, 27.0, 0.53)).sentence()
    assert said == "The new model is better in EPE mm, PCK@0.05 and worse in EPE px: not adopted."
    assert "neither better nor worse" in Verdict.of(compared(10.0, 30.0, 0.5)).sentence()

"""How far a model's joints are off per cell of their doubt, measured on rendered hands that it has not seen.

It is what the expected error stands on until hands of the footage have been reviewed. Rendered hands are no
photographs: the figure makes the doubts of different methods comparable, no more. A finetuned model keeps
that of the model it started from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from handstudio.hand.box import GRID
from handstudio.hand.placement import AS_POINTED_AT

if TYPE_CHECKING:
    from handstudio.methods.contract import Proposer
    from handstudio.methods.rendered import LabelledHands

ERROR_OF_DOUBT: Final = "error_of_doubt"
"""Where a model's figures keep it."""
HANDS: Final = 64
_SEED: Final = 20_260_001
"""No training draws from this series."""


@lru_cache(maxsize=2)
def unseen_hands(size: int = GRID) -> LabelledHands:
    """:data:`HANDS` rendered hands that no model was trained on, ``size`` px, labelled as those were."""
    from handstudio.methods.rendered import render_chunk
    from handstudio.synthesis.scene import SceneSettings

    return render_chunk(0, HANDS, _SEED, SceneSettings(placement=AS_POINTED_AT), size)


def measured(proposer: Proposer, size: int = GRID) -> float | None:
    """Mean error of joints per cell of their doubt on :func:`unseen_hands`; ``None`` where doubt is nowhere.

    Args:
        proposer: of the model, whose ``error_of_doubt`` does not matter.
        size: side of its crops, px.
    """
    hands = unseen_hands(size)
    found = proposer.propose(np.ascontiguousarray(hands.images.permute(0, 2, 3, 1).numpy()))
    error = float(np.linalg.norm(found.uv - hands.uv.numpy(), axis=-1).sum())
    doubt = float(found.joint_doubt.sum())
    return usable(error / doubt) if doubt > 0.0 else None


def of_figures(figures: Mapping[str, Any]) -> float:
    """What a model's figures say; 1 where they say nothing."""
    kept = figures.get(ERROR_OF_DOUBT)
    return (usable(float(kept)) or 1.0) if isinstance(kept, (int, float)) else 1.0


def usable(value: float) -> float | None:
    """The value where errors can be scaled by it."""
    return value if math.isfinite(value) and value > 0.0 else None

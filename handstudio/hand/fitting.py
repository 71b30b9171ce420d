"""Fits the ratios of the circle model's radii to masks of hands whose pose is known (torch)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from handstudio.hand.circles import CIRCLE_COUNT, circle_centres, hand_scale
from handstudio.hand.raster import circle_field
from handstudio.hand.skeleton import JOINT_COUNT

Floats = npt.NDArray[np.float32]

RADII_FILE: Final = Path(__file__).with_name("circle_radii.json")
"""Where the fitted ratios are kept."""

_FIRST_GUESS: Final = 0.15
"""Reference bones, for every circle alike."""
_SOFTEST: Final = 1.0
_SHARPEST: Final = 0.25
"""Softness of the rendered edge, px, from the first step to the last."""


@dataclass(frozen=True)
class RadiiFit:
    """What a fit found.

    Attributes:
        ratios: (55,) in reference bones.
        iou: mean intersection over union of circles and masks, over all hands.
        mismatch: mean share of the masks' pixels that are wrong (false and missing), over all hands.
        hands: how many hands it was fitted to.
    """

    ratios: Floats
    iou: float
    mismatch: float
    hands: int

    def to_json(self) -> dict[str, Any]:
        """Plain numbers."""
        return {
            "ratios": [round(float(ratio), 5) for ratio in self.ratios],
            "iou": round(self.iou, 4),
            "mismatch": round(self.mismatch, 4),
            "hands": self.hands,
        }


def fit_radii(
    masks: npt.NDArray[Any],
    uv: npt.NDArray[Any],
    depth: npt.NDArray[Any],
    steps: int = 300,
    batch: int = 64,
    learning_rate: float = 0.03,
    seed: int = 0,
) -> RadiiFit:
    """Find the ratios whose circles differ least from the masks (L1, Adam on their logarithms).

    Args:
        masks: (N, S, S) of hands without their forearms, truthy inside.
        uv: (N, 21, 2) px of those masks.
        depth: (N, 21) in reference bones.
        steps: of the optimiser.
        batch: hands per step.
        learning_rate: of the logarithms, falling to a tenth by a cosine.
        seed: of the order in which hands are seen.

    Raises:
        ValueError: when shapes do not fit or no mask holds a hand.
    """
    masks = np.asarray(masks)
    count = len(masks)
    if masks.ndim != 3 or masks.shape[1] != masks.shape[2]:
        raise ValueError(f"masks are (N, S, S), not {masks.shape}")
    if np.shape(uv) != (count, JOINT_COUNT, 2) or np.shape(depth) != (count, JOINT_COUNT):
        raise ValueError("uv is (N, 21, 2) and depth (N, 21), for as many hands as masks")
    target = torch.from_numpy(masks.astype(np.float32))
    usable = target.flatten(1).any(1).nonzero()[:, 0]
    if len(usable) == 0:
        raise ValueError("no mask holds a hand")
    joints = torch.from_numpy(np.array(uv, dtype=np.float32))
    centres = circle_centres(joints)
    scale = hand_scale(joints, torch.from_numpy(np.array(depth, dtype=np.float32)))

    generator = torch.Generator().manual_seed(seed)
    logarithms = torch.full((CIRCLE_COUNT,), float(np.log(_FIRST_GUESS)), requires_grad=True)
    optimiser = torch.optim.Adam([logarithms], lr=learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, learning_rate / 10.0)
    for step in range(steps):
        chosen = usable[torch.randint(len(usable), (batch,), generator=generator)]
        softness = _SOFTEST + (_SHARPEST - _SOFTEST) * step / max(steps - 1, 1)
        radii = scale[chosen, None] * logarithms.exp()
        field = circle_field(centres[chosen], radii, masks.shape[1])
        loss = (torch.sigmoid(field / softness) - target[chosen]).abs().sum((1, 2))
        (loss / target[chosen].sum((1, 2))).mean().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
    ratios = logarithms.detach().exp()
    iou, mismatch = mask_agreement(target[usable], centres[usable], scale[usable, None] * ratios)
    return RadiiFit(ratios.numpy(), iou, mismatch, len(usable))


def mask_agreement(masks: Tensor, centres: Tensor, radii: Tensor) -> tuple[float, float]:
    """Mean IoU and mean share of wrong pixels of circles against masks.

    Args:
        masks: (N, S, S), positive inside; none of them empty.
        centres: (N, 55, 2) px.
        radii: (N, 55) px.
    """
    ious, wrongs = [], []
    for start in range(0, len(masks), 128):
        part = slice(start, start + 128)
        drawn = circle_field(centres[part], radii[part], masks.shape[-1]) > 0
        inside = masks[part] > 0.5
        common = (drawn & inside).sum((1, 2)).float()
        either = (drawn | inside).sum((1, 2)).float()
        ious.append(common / either)
        wrongs.append((either - common) / inside.sum((1, 2)))
    return float(torch.cat(ious).mean()), float(torch.cat(wrongs).mean())


def save_radii(fit: RadiiFit, made_by: Mapping[str, Any], path: Path = RADII_FILE) -> None:
    """Write a fit beside the code that reads it, replacing the file in one step.

    Args:
        fit: what was found.
        made_by: how (the masks' source, seed, settings), kept with the ratios.
        path: a JSON file.
    """
    unfinished = path.with_suffix(".json.part")
    unfinished.write_text(
        json.dumps({**fit.to_json(), "made_by": dict(made_by)}, indent=1) + "\n", encoding="utf-8"
    )
    unfinished.replace(path)

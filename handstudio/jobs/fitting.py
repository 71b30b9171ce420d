"""Fit the radii of the circle model to masks of rendered hands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .command import Result, Work

BATCH = 64


def run(work: Work, out: Path | None = None, count: int = 2000, seed: int = 0) -> Result:
    """Does ``handstudio fit-radii``; keys ``out circles masks iou mismatch``."""
    from handstudio.hand.fitting import RADII_FILE, fit_radii, save_radii
    from handstudio.hand.placement import AS_POINTED_AT
    from handstudio.synthesis.scene import SceneSettings
    from handstudio.synthesis.stream import RenderedStream, to_arrays

    path = RADII_FILE if out is None else out
    parts = []
    with RenderedStream(SceneSettings(placement=AS_POINTED_AT), seed, BATCH) as stream:
        for done in range(0, count, BATCH):
            if work.stop():
                return {"out": None, "circles": 0, "masks": done}
            work.shown.report(done, count, "hands", "Rendering")
            parts.append(to_arrays(next(stream)))
    work.shown.report(count, count, "hands", "Fitting")
    joined = {
        name: np.concatenate([part[name] for part in parts])[:count] for name in ("hand_mask", "uv", "depth")
    }
    masks = joined["hand_mask"].reshape(count, *joined["hand_mask"].shape[-2:])
    fit = fit_radii(masks, joined["uv"], joined["depth"], seed=seed)
    made_by = {"command": "handstudio fit-radii", "masks": "rendered hands", "count": count, "seed": seed}
    save_radii(fit, made_by, path)
    return {
        "out": str(path),
        "circles": len(fit.ratios),
        "masks": fit.hands,
        "iou": fit.iou,
        "mismatch": fit.mismatch,
    }

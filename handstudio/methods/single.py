"""A proposal for one hand now, with a model that stays loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from handstudio.hand.box import Box
from handstudio.hand.skeleton import Side
from handstudio.methods import registry
from handstudio.methods.closer import crop_of, look_closer
from handstudio.methods.computing import Computing
from handstudio.methods.device import Engine, available_cores
from handstudio.methods.proposing import propose_crops
from handstudio.methods.visibility import outside_frame
from handstudio.methods.weights import load_model, shipped_weights

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

DEFAULT_METHOD = "semihand"


@dataclass(frozen=True, eq=False)
class SingleProposal:
    """A proposal in the frame's pixels.

    Attributes:
        uv, depth, visibility: (21, 2) px, (21,) reference bones, (21,) uint8.
        perturbed_uv, perturbed_depth, corrected_uv, corrected_depth: likewise.
        c_stability, c_plausibility: the terms of C.
        mask: (64, 64) in [0, 1] over the square about the box.
    """

    uv: Floats
    depth: Floats
    visibility: Pixels
    perturbed_uv: Floats
    perturbed_depth: Floats
    corrected_uv: Floats
    corrected_depth: Floats
    c_stability: float
    c_plausibility: float
    mask: Floats


class SingleProposer:
    """Proposes hands one by one.

    Args:
        model_path: folder or weights of the model; ``None`` for the shipped one.
        engine: where it computes.
    """

    def __init__(self, model_path: Path | str | None = None, engine: Engine | None = None) -> None:
        torch.set_num_threads(max(1, min(available_cores(), 4)))
        path = shipped_weights(registry.load(DEFAULT_METHOD)) if model_path is None else Path(model_path)
        model = load_model(path)
        self._size = model.method.crop_size(model.settings)
        self._proposer = model.method.proposer(model.network, model.settings, engine or Engine())
        self._proposer.propose(np.zeros((1, self._size, self._size, 3), dtype=np.uint8))

    @property
    def computing(self) -> Computing | None:
        """What computes, for people."""
        return self._proposer.computing

    def __call__(self, rgb: Pixels, box: Box, side: Side) -> SingleProposal:
        """The proposal for the hand in a box of a frame (H, W, 3)."""
        (seen,), found = propose_crops(self._proposer, [crop_of(0, rgb, box, side, self._size)])
        uv = seen.in_px(found.uv[0])
        height, width = rgb.shape[:2]
        return SingleProposal(
            uv,
            found.depth[0],
            outside_frame(uv, width, height),
            seen.in_px(found.perturbed_uv[0]),
            found.perturbed_depth[0],
            seen.in_px(found.corrected_uv[0]),
            found.corrected_depth[0],
            float(found.c_stability[0]),
            float(found.c_plausibility[0]),
            seen.over_box(found.mask[0]),
        )

    def heatmaps(self, rgb: Pixels, box: Box, side: Side) -> Floats | None:
        """Heatmaps (21, h, w) over the square about the box, each with a sum of about 1; ``None`` for methods
        without."""
        (seen,) = look_closer(self._proposer, [crop_of(0, rgb, box, side, self._size)])
        found = self._proposer.heatmaps(seen.pixels[None])
        closer = box.side / seen.look.side
        return None if found is None else seen.over_box(found[0]) * np.float32(closer * closer)

"""A proposal for one hand now, with a model that stays loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from handstudio.hand.box import Box
from handstudio.hand.peaks import Peaks, unpacked
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import Side
from handstudio.methods import DEFAULT_METHOD, registry
from handstudio.methods.closer import crop_of, look_closer
from handstudio.methods.computing import Computing
from handstudio.methods.contract import ShownMap
from handstudio.methods.crops import mask_of_box
from handstudio.methods.device import Engine, available_cores
from handstudio.methods.hand_crops import propose_crops
from handstudio.methods.peaks import peaks_in_px
from handstudio.methods.visibility import outside_frame
from handstudio.methods.weights import load_model, shipped_weights

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class SingleProposal:
    """A proposal in the frame's pixels.

    Attributes:
        uv, depth, visibility: (21, 2) px, (21,) reference bones, (21,) uint8.
        perturbed_uv, perturbed_depth, corrected_uv, corrected_depth: likewise.
        c_stability, c_plausibility: the terms of C.
        joint_doubt: (21,) px, how far each joint may be off.
        mask: (64, 64) in [0, 1] over the square about the box.
        look: the square that was looked at, px.
        peaks: (21, K) of the heatmaps, px.
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
    joint_doubt: Floats
    mask: Floats
    look: Box
    peaks: Peaks


@dataclass(frozen=True, eq=False)
class SingleMaps:
    """What a model shows of one hand, as it lies in the frame.

    Attributes:
        method: the title of the model's method.
        look: the square of the frame that the model looked at, px; not the hand's box where a closer look is
            taken.
        crop: (S, S, 3) uint8 RGB over that square, as the model saw it.
        maps: by name; values (h, w) over that square.
    """

    method: str
    look: Box
    crop: Pixels
    maps: dict[str, ShownMap]


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
        self._method = model.method.title
        self._size = model.method.crop_size(model.settings)
        self._proposer = model.proposer(engine or Engine())
        self._proposer.propose(np.zeros((1, self._size, self._size, 3), dtype=np.uint8))

    @property
    def computing(self) -> Computing | None:
        """What computes, for people."""
        return self._proposer.computing

    def __call__(self, rgb: Pixels, box: Box, side: Side, shape: HandShape = ANYBODY) -> SingleProposal:
        """The proposal for the hand of a shape in a box of a frame (H, W, 3)."""
        proposer = self._proposer.of_person(shape)
        (seen,), found = propose_crops(proposer, [crop_of(0, rgb, box, side, self._size)])
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
            seen.px_of_cells(found.joint_doubt[0]),
            seen.over_box(found.mask[0]),
            seen.look,
            peaks_in_px(unpacked(found.peaks[0]), seen.look, side),
        )

    def heatmaps(self, rgb: Pixels, box: Box, side: Side) -> Floats | None:
        """Heatmaps (21, h, w) over the square about the box, each with a sum of about 1; ``None`` for methods
        without."""
        (seen,) = look_closer(self._proposer, [crop_of(0, rgb, box, side, self._size)])
        found = self._proposer.heatmaps(seen.pixels[None])
        closer = box.side / seen.look.side
        return None if found is None else seen.over_box(found[0]) * np.float32(closer * closer)

    def maps(self, rgb: Pixels, box: Box, side: Side) -> SingleMaps:
        """What the model shows of the hand in a box of a frame."""
        (seen,) = look_closer(self._proposer, [crop_of(0, rgb, box, side, self._size)])
        shown = self._proposer.maps(seen.pixels[None])
        return SingleMaps(
            self._method,
            seen.look,
            seen.pixels if side == "right" else np.ascontiguousarray(seen.pixels[:, ::-1]),
            {name: replace(one, values=mask_of_box(one.values[0], side)) for name, one in shown.items()},
        )

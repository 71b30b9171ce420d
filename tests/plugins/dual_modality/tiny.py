"""A Dual-Modality Network small enough for tests, and hands that cost nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from handstudio.hand.template import TEMPLATE_MM
from handstudio.methods.contract import FinetuneData
from handstudio.methods.rendered import LabelledHands
from plugins.dual_modality.network import DualModalityNetwork
from plugins.dual_modality.settings import LiteSettings

CHANGES: dict[str, dict[str, Any]] = {
    "network": {
        "first_channels": 8,
        "first_stride": 4,
        "channels": (8, 8, 8, 16),
        "blocks": (1, 1, 1, 1),
        "decoder_channels": (8, 8, 8),
        "features": 8,
    },
    "pretraining": {
        "batch": 4,
        "epochs": 1,
        "epoch_hands": 32,
        "pool_hands": 16,
        "average": 0.9,
        "fresh_share": 0.5,
    },
    "finetuning": {
        "epochs": 2,
        "batch": 8,
        "rendered_hands": 16,
        "first_views": 2,
        "views": 1,
        "least_steps": 2,
        "matched_share": 0.5,
        "tau": 1e9,
    },
}


def tiny_settings(**changes: dict[str, Any]) -> LiteSettings:
    """Lite, but tiny; ``changes`` by part."""
    values = LiteSettings().model_dump()
    for part in (CHANGES, changes):
        for name, more in part.items():
            values[name].update(more)
    return LiteSettings.model_validate(values)


def tiny_network(settings: LiteSettings | None = None, seed: int = 0) -> DualModalityNetwork:
    """A network with weights of a seed."""
    torch.manual_seed(seed)
    return DualModalityNetwork((settings or tiny_settings()).network)


def flat_hand() -> tuple[torch.Tensor, torch.Tensor]:
    """uv (1, 21, 2) cells and depth (1, 21) of the template hand in the middle of the crop."""
    xyz = TEMPLATE_MM - TEMPLATE_MM[9]
    uv = xyz[:, :2] * 0.2 + np.array((32.0, 36.0), np.float32)
    return torch.from_numpy(uv.astype(np.float32))[None], torch.from_numpy(xyz[:, 2] / np.float32(44.0))[None]


def blobs(count: int, seed: int = 0, side: int = 64) -> LabelledHands:
    """Pictures of the flat hand's joints as white dots, somewhere in the crop, with mask and surface."""
    generator = torch.Generator().manual_seed(seed)
    uv, depth = flat_hand()
    places = uv + torch.randint(-6, 7, (count, 1, 2), generator=generator)
    images = torch.full((count, 3, 64, 64), 40, dtype=torch.uint8)
    mask = torch.zeros((count, 1, 64, 64), dtype=torch.uint8)
    surface = torch.zeros((count, 1, 64, 64), dtype=torch.float16)
    cells = places.round().long().clamp(0, 63)
    rows = torch.arange(count)[:, None].expand(count, 21)
    for plane in range(3):
        images[rows, plane, cells[..., 1], cells[..., 0]] = 255
    mask[rows, 0, cells[..., 1], cells[..., 0]] = 255
    surface[rows, 0, cells[..., 1], cells[..., 0]] = depth.half().expand(count, 21) - 0.25
    if side != 64:
        images = images.repeat_interleave(side // 64, 2).repeat_interleave(side // 64, 3)
    return LabelledHands(images, places.float(), depth.expand(count, 21).clone(), mask, surface)


def footage(count: int = 10, labelled: int = 0, seed: int = 1, **more: Any) -> FinetuneData:
    """Footage of such pictures of which the first ``labelled`` have labels."""
    hands = blobs(count, seed)
    uv = np.full((count, 21, 2), np.nan, np.float32)
    depth = np.full((count, 21), np.nan, np.float32)
    uv[:labelled], depth[:labelled] = hands.uv[:labelled].numpy(), hands.depth[:labelled].numpy()
    crops = hands.images.permute(0, 2, 3, 1).contiguous().numpy()
    return FinetuneData(crops, uv, depth, np.arange(count) < labelled, **more)

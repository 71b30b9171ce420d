"""A SemiHand small enough for tests, and hands that cost nothing."""

from __future__ import annotations

import numpy as np
import torch

from handstudio.hand.template import TEMPLATE_MM
from handstudio.methods.contract import FinetuneData
from handstudio.methods.rendered import LabelledHands
from plugins.semihand.network import StackedHourglass
from plugins.semihand.settings import LiteSettings

CHANGES = {
    "network": {
        "channels": (8, 8, 8),
        "stem_channels": 8,
        "deep_blocks": (),
        "crop": 64,
        "detail_channels": 0,
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


def tiny_settings(**finetuning: object) -> LiteSettings:
    """Lite, but tiny."""
    values = LiteSettings().model_dump()
    for name, changes in CHANGES.items():
        values[name].update(changes)
    values["finetuning"].update(finetuning)
    return LiteSettings.model_validate(values)


def tiny_network(settings: LiteSettings | None = None, seed: int = 0) -> StackedHourglass:
    """A network with weights of a seed."""
    torch.manual_seed(seed)
    return StackedHourglass((settings or tiny_settings()).network)


def flat_hand() -> tuple[np.ndarray, np.ndarray]:
    """uv (21, 2) cells and depth (21,) of the template hand in the middle of the crop."""
    xyz = TEMPLATE_MM - TEMPLATE_MM[9]
    uv = xyz[:, :2] * 0.2 + np.array((32.0, 36.0), np.float32)
    return uv.astype(np.float32), (xyz[:, 2] / 44.0).astype(np.float32)


def blobs(count: int, seed: int = 0) -> LabelledHands:
    """Pictures of the flat hand's joints as white dots, somewhere in the crop."""
    generator = torch.Generator().manual_seed(seed)
    uv, depth = (torch.from_numpy(part) for part in flat_hand())
    places = uv + torch.randint(-6, 7, (count, 1, 2), generator=generator)
    images = torch.full((count, 3, 64, 64), 40, dtype=torch.uint8)
    mask = torch.zeros((count, 1, 64, 64), dtype=torch.uint8)
    cells = places.round().long().clamp(0, 63)
    rows = torch.arange(count)[:, None].expand(count, 21)
    for plane in range(3):
        images[rows, plane, cells[..., 1], cells[..., 0]] = 255
    mask[rows, 0, cells[..., 1], cells[..., 0]] = 255
    return LabelledHands(images, places.float(), depth.expand(count, 21).clone(), mask)


def footage(count: int = 10, labelled: int = 0, seed: int = 1, **more: object) -> FinetuneData:
    """Footage of such pictures of which the first ``labelled`` have labels."""
    hands = blobs(count, seed)
    uv = np.full((count, 21, 2), np.nan, np.float32)
    depth = np.full((count, 21), np.nan, np.float32)
    uv[:labelled], depth[:labelled] = hands.uv[:labelled].numpy(), hands.depth[:labelled].numpy()
    crops = hands.images.permute(0, 2, 3, 1).contiguous().numpy()
    return FinetuneData(crops, uv, depth, np.arange(count) < labelled, **more)  # type: ignore[arg-type]

"""Hands to export, made by the tests."""

from __future__ import annotations

import numpy as np

from handstudio.exchange.exported_hand import ExportedFrame, ExportedHand, Provenance
from handstudio.hand.box import Box

CAMERA = {"K": [[500.1, 0.0, 320.0], [0.0, 501.2, 240.0], [0.0, 0.0, 1.0]]}


def frame(index: int = 0, sequence: str = "take", **facts: object) -> ExportedFrame:
    """A frame of 640 x 480 px."""
    return ExportedFrame(sequence, index, f"{index:04d}.jpg", 640, 480, **facts)  # type: ignore[arg-type]


def hand(seed: int = 0, where: ExportedFrame | None = None, **facts: object) -> ExportedHand:
    """A hand with every field filled, one joint outside the frame and one occluded."""
    rng = np.random.default_rng(seed)
    uv = rng.uniform(0.0, 480.0, (21, 2)).astype(np.float32)
    uv[4] = (-17.3, 500.25)
    visibility = np.zeros(21, dtype=np.uint8)
    visibility[4], visibility[8] = 2, 1
    values: dict[str, object] = {
        "frame": where or frame(seed, mark="cut off" if seed % 2 else None),
        "side": "left" if seed % 2 else "right",
        "box": Box(0.1 + seed, -3.7, 300.123456789, 280.5),
        "uv": uv,
        "visibility": visibility,
        "depth": rng.normal(size=21).astype(np.float32),
        "xyz_mm": rng.normal(scale=200.0, size=(21, 3)).astype(np.float32),
        "track": seed % 3,
        "box_source": "drawn",
        "provenance": Provenance(
            *("fixed", "dragged", "Åsa", 1763900000.123456, "m-7", 0.8125, "thumb hidden"),
            *(("Ben", 17.5) if seed % 2 else ()),
        ),
    }
    return ExportedHand(**(values | facts))  # type: ignore[arg-type]


def assert_same(a: ExportedHand, b: ExportedHand) -> None:
    """To the last bit."""
    assert (a.frame, a.frame.camera) == (b.frame, b.frame.camera)
    assert (a.side, a.box, a.track, a.box_source) == (b.side, b.box, b.track, b.box_source)
    assert a.provenance == b.provenance
    for mine, theirs in (
        (a.uv, b.uv),
        (a.depth, b.depth),
        (a.xyz_mm, b.xyz_mm),
        (a.visibility, b.visibility),
    ):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)

"""Hands to test with: any number of feasible ones, and those of the rendered data set where it is present."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handstudio.hand.registration import register
from handstudio.hand.template import TEMPLATE_MM, relative_bone_lengths

MESHHANDS = Path(__file__).parents[2].parent / "shared" / "data" / "meshhands"

REFERENCE_MM = 44.0

Posed = Callable[..., np.ndarray]


def _posed(seed: int, count: int = 1, noise_mm: float = 14.0, distance_mm: float = 0.0) -> np.ndarray:
    """(count, 21, 3) mm: the template's bones between labels, bent and turned, ``distance_mm`` away."""
    rng = np.random.default_rng(seed)
    bent = TEMPLATE_MM + rng.normal(0.0, noise_mm, (count, 21, 3))
    hands = register(bent, relative_bone_lengths() * REFERENCE_MM)
    turns, _ = np.linalg.qr(rng.normal(size=(count, 3, 3)))
    turns *= np.sign(np.linalg.det(turns))[:, None, None]
    hands = (hands - hands[:, 9:10]) @ turns + np.array((0.0, 0.0, distance_mm))
    return hands.astype(np.float32)


@pytest.fixture(scope="session")
def posed() -> Posed:
    return _posed


@dataclass(frozen=True)
class TrueHand:
    """One hand of one frame as one camera of a rendered recording sees it."""

    xyz: np.ndarray
    uv: np.ndarray
    K: np.ndarray
    side: str
    xyz_world: np.ndarray
    R: np.ndarray
    t: np.ndarray
    folder: Path
    frame: int
    camera: str


def _recorded(folder: Path) -> list[TrueHand]:
    truth: dict[str, Any] = json.loads((folder / "joints.json").read_text())
    calibration = json.loads((folder / "calibration.json").read_text())
    cameras = {entry["id"]: entry for entry in calibration["cameras"]}
    hands = []
    for frame in truth["frames"][::8]:
        for name, seen in frame["cams"].items():
            hands.append(
                TrueHand(
                    xyz=np.array(seen["xyz_cam_mm"], dtype=np.float32),
                    uv=np.array(seen["uv"], dtype=np.float32),
                    K=np.array(cameras[name]["K"], dtype=np.float32),
                    side=frame["side"],
                    xyz_world=np.array(frame["xyz_world_mm"], dtype=np.float32),
                    R=np.array(cameras[name]["R"]),
                    t=np.array(cameras[name]["t"]),
                    folder=folder,
                    frame=frame["frame"],
                    camera=name,
                )
            )
    return hands


@pytest.fixture(scope="session")
def true_hands() -> list[TrueHand]:
    """240 hands of known pose from ``meshhands``."""
    folders = sorted((MESHHANDS / "sequences").glob("*")) if MESHHANDS.exists() else []
    if not folders:
        pytest.skip("the rendered hands of ../shared/data/meshhands are not here")
    return [hand for folder in folders for hand in _recorded(folder)]

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from handstudio.hand.circles import circle_centres, fitted_ratios, hand_scale
from handstudio.hand.fitting import fit_radii, save_radii
from handstudio.hand.lift import project_scale_free
from handstudio.hand.raster import circle_field

Posed = Callable[..., np.ndarray]


def _masks(posed: Posed, ratios: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    uv, depth = project_scale_free(
        posed(0, count, noise_mm=10.0) / 44.0, 7.0, np.full((count, 2), 32.0, np.float32)
    )
    centres = torch.from_numpy(circle_centres(uv))
    radii = torch.from_numpy(hand_scale(uv, depth)[:, None] * ratios)
    return (circle_field(centres, radii, 64) > 0).numpy(), uv, depth


def test_radii_that_made_masks_are_found_from_them(posed: Posed) -> None:
    true = np.concatenate((np.tile(np.linspace(0.3, 0.16, 9), 5), np.full(10, 0.4))).astype(np.float32)
    fit = fit_radii(*_masks(posed, true, 48), steps=120, batch=24, learning_rate=0.05)
    assert fit.iou > 0.9
    assert fit.hands == 48
    at_joints = fit.ratios[:45].reshape(5, 9)[:, 2:7]
    np.testing.assert_allclose(at_joints, true[:45].reshape(5, 9)[:, 2:7], rtol=0.2)


def test_a_fit_is_the_same_for_the_same_seed(posed: Posed) -> None:
    masks = _masks(posed, fitted_ratios(), 8)
    first, second = (fit_radii(*masks, steps=5, batch=8, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.ratios, second.ratios)


def test_a_fit_is_saved_in_the_form_that_is_shipped(posed: Posed, tmp_path: Path) -> None:
    fit = fit_radii(*_masks(posed, fitted_ratios(), 4), steps=2, batch=4)
    save_radii(fit, {"masks": "a test"}, tmp_path / "radii.json")
    stored = json.loads((tmp_path / "radii.json").read_text())
    np.testing.assert_allclose(stored["ratios"], fit.ratios, atol=1e-5)
    assert stored["made_by"] == {"masks": "a test"}
    assert [path.name for path in tmp_path.iterdir()] == ["radii.json"]


def test_masks_without_a_hand_are_refused(posed: Posed) -> None:
    masks, uv, depth = _masks(posed, fitted_ratios(), 2)
    with pytest.raises(ValueError, match="holds a hand"):
        fit_radii(np.zeros_like(masks), uv, depth)
    with pytest.raises(ValueError, match="uv"):
        fit_radii(masks, uv[:1], depth)

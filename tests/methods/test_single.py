"""One hand at a time: what is shown of it lies where the model looked, also for left hands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.hand.skeleton import Side
from handstudio.methods.contract import ShownMap
from handstudio.methods.single import SingleProposer

from .toy import ToyProposer

BOX = Box(20.0, 10.0, 80.0, 60.0)


def spotted(u: int, v: int) -> np.ndarray:
    """A dark frame with a bright spot of 6 px about a place."""
    rgb = np.full((90, 130, 3), 20, np.uint8)
    rgb[v - 3 : v + 3, u - 3 : u + 3] = 255
    return rgb


def brightness(self: ToyProposer, crops: np.ndarray) -> dict[str, ShownMap]:
    """Each crop itself as a map, on a coarser grid; nothing is said of what is dark."""
    grey = crops.astype(np.float32).mean(-1).reshape(len(crops), 32, 2, 32, 2).mean((2, 4)) / 255.0
    return {"brightness": ShownMap(np.where(grey > 0.5, grey, np.nan), "dark", "bright", "The crop itself")}


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("filled", [None, 0.5])
def test_a_map_lies_over_what_the_model_looked_at_in_the_frame(
    side: Side, filled: float | None, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ToyProposer, "maps", brightness)
    monkeypatch.setattr(ToyProposer, "filled", filled)
    shown = SingleProposer(model_folder).maps(spotted(41, 33), BOX, side)
    assert shown.method == "Toy"
    assert (shown.look == BOX.square()) == (filled is None)
    one = shown.maps["brightness"]
    assert (one.low, one.high, one.about) == ("dark", "bright", "The crop itself")
    rows, columns = np.nonzero(np.isfinite(one.values))
    cell = shown.look.side / one.values.shape[1]
    middle = (columns.mean() + 0.5) * cell + shown.look.x, (rows.mean() + 0.5) * cell + shown.look.y
    np.testing.assert_allclose(middle, (41.0, 33.0), atol=cell)
    bright = np.argwhere(shown.crop.mean(-1) > 128).mean(0) + 0.5
    pixel = shown.look.side / len(shown.crop)
    place = bright[::-1] * pixel + (shown.look.x, shown.look.y)
    np.testing.assert_allclose(place, (41.0, 33.0), atol=1.5 * pixel)


def test_a_method_without_maps_shows_the_crop_alone(model_folder: Path) -> None:
    shown = SingleProposer(model_folder).maps(spotted(41, 33), BOX, "right")
    assert shown.maps == {}
    assert shown.crop.shape == (64, 64, 3)

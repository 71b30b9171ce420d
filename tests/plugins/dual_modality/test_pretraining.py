"""Pretraining on rendered hands with their depth maps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from handstudio.methods.device import Engine, Precision
from handstudio.methods.rendered import HandPool, RenderedBatch
from handstudio.methods.rendered_training import Supply
from handstudio.methods.settings import DiversitySettings
from handstudio.methods.training import train
from plugins.dual_modality.pretraining import Pretraining, moved

from .tiny import blobs, tiny_network, tiny_settings


def _training(
    threads: int = 1, precision: Precision = "32-true", budget: float | None = None, **changes: dict[str, Any]
) -> Pretraining:
    settings = tiny_settings(**changes)
    supply = Supply(HandPool(lambda number: blobs(8, number, settings.network.crop), 2), 8, 1)
    engine = Engine("cpu", precision, threads)
    return Pretraining(tiny_network(settings), settings, supply, engine=engine, budget_seconds=budget)


def _all(training: Pretraining) -> list[dict[str, float]]:
    values = []
    while not training.finished:
        values.append(dict(training.advance()))
    training.close()
    return values


def test_the_loss_falls() -> None:
    losses = [values["loss"] for values in _all(_training(pretraining={"epoch_hands": 64}))]
    assert len(losses) == 16
    assert sum(losses[-4:]) < sum(losses[:4])


@pytest.mark.parametrize("threads", [1, 2])
def test_a_resumed_pretraining_ends_as_one_that_was_not_interrupted(tmp_path: Path, threads: int) -> None:
    def go(name: str, stop: int | None) -> dict[str, torch.Tensor]:
        training = _training(threads)
        train(training, tmp_path / name, should_stop=lambda: training.step == stop)
        training.close()
        return training.model().state_dict()

    whole = go("whole", None)
    go("parts", 3)
    parts = go("parts", None)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_two_pretrainings_of_one_seed_are_one(tmp_path: Path) -> None:
    assert _all(_training()) == _all(_training())


def test_a_budget_of_time_ends_the_training() -> None:
    assert len(_all(_training(budget=1e-6))) == 1


def test_the_contrastive_loss_can_be_left_out() -> None:
    with_it, without = _training(), _training(losses={"lambda_c": 0.0})
    assert with_it.advance()["contrastive"] > 0.0
    assert without.advance()["contrastive"] == 0.0
    grown = with_it.network.projection[0].weight.grad, without.network.projection[0].weight.grad
    assert grown[0] is not None
    assert bool(grown[0].any())
    assert grown[1] is None
    with_it.close()
    without.close()


@pytest.mark.parametrize(("share", "same"), [(0.0, False), (1.0, True)])
def test_depth_maps_are_true_or_predicted_as_is_set(
    share: float, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = _training(pretraining={"predicted_share": share})
    seen: list[torch.Tensor] = []
    forward = training.network.forward

    def watched(images: torch.Tensor, depth_maps: torch.Tensor) -> Any:
        seen.append(depth_maps)
        return forward(images, depth_maps)

    monkeypatch.setattr(training.network, "forward", watched)
    training.advance()
    training.close()
    assert bool(seen[0].isnan().all()) == same
    assert bool(seen[0].isnan().any()) == same


def test_both_looks_at_a_hand_are_moved_alike() -> None:
    training = _training(pretraining={"predicted_share": 0.0})
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    forward = training.network.forward

    def watched(images: torch.Tensor, depth_maps: torch.Tensor) -> Any:
        seen.append((images, depth_maps))
        return forward(images, depth_maps)

    training.network.forward = watched  # type: ignore[method-assign]
    training.advance()
    training.close()
    ((images, depth_maps),) = seen
    assert images.shape[0] == depth_maps.shape[0] == 8
    plain, textured = images.mean(1).chunk(2)
    for one, other in zip(plain.flatten(1), textured.flatten(1), strict=True):
        assert float(torch.corrcoef(torch.stack((one, other)))[0, 1]) > 0.3


def test_labels_move_with_the_pixels_and_joints_that_leave_stay_on_the_border() -> None:
    hands = RenderedBatch.of(blobs(16))
    far = DiversitySettings(translation_cells=60.0)
    _, truth = moved(hands, far, 4.0, torch.Generator().manual_seed(0))
    assert float(truth.uv.min()) == 0.0
    assert float(truth.uv.max()) == 64.0
    still = DiversitySettings(rotation_degrees=0.0, scale=(1.0, 1.0), translation_cells=0.0)
    images, truth = moved(hands, still, 4.0, torch.Generator().manual_seed(0))
    assert torch.allclose(images, hands.images, atol=1e-4)
    assert torch.allclose(truth.uv, hands.uv, atol=1e-3)
    bright = truth.depth_map > 0.1
    assert torch.equal(bright, hands.mask > 0.5)
    assert 0.55 < float(truth.depth_map[bright].min()) < float(truth.depth_map[bright].max()) < 0.75


def test_half_precision_and_large_crops_train_as_well() -> None:
    network = {"crop": 128, "pool": True}
    (values,) = _all(_training(1, "bf16-mixed", network=network, pretraining={"epoch_hands": 4}))
    assert all(torch.isfinite(torch.tensor(value)) for value in values.values())

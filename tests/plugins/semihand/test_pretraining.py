"""Pretraining on rendered hands."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from handstudio.methods.device import Engine
from handstudio.methods.rendered import HandPool
from handstudio.methods.rendered_training import Supply, learning_rate
from handstudio.methods.settings import DiversitySettings
from handstudio.methods.training import train
from plugins.semihand.pretraining import Pretraining, augmented
from plugins.semihand.settings import LiteSettings, PaperSettings, SemiHandSettings

from .tiny import blobs, tiny_network, tiny_settings


def _training(folder: Path | None = None, threads: int = 1, **more: object) -> Pretraining:
    settings = tiny_settings()
    pool = HandPool(lambda number: blobs(8, number), 2, folder)
    engine = Engine("cpu", "32-true", threads)
    return Pretraining(tiny_network(settings), settings, Supply(pool, 8, 1), engine=engine, **more)


def test_the_loss_falls() -> None:
    training = _training()
    losses = []
    while not training.finished:
        losses.append(training.advance()["loss"])
    training.close()
    assert len(losses) == 8
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_resumed_pretraining_ends_as_one_that_was_not_interrupted(tmp_path: Path, threads: int) -> None:
    def go(name: str, stop: int | None) -> dict[str, torch.Tensor]:
        training = _training(threads=threads)
        train(training, tmp_path / name, should_stop=lambda: training.step == stop)
        training.close()
        return training.model().state_dict()

    whole = go("whole", None)
    go("parts", 3)
    parts = go("parts", None)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_joints_that_leave_the_crop_stay_on_its_border() -> None:
    far = DiversitySettings(translation_cells=60.0)
    _, uv, _, _ = augmented(blobs(16), far, torch.Generator().manual_seed(0))
    assert float(uv.min()) >= 0.0
    assert float(uv.max()) <= 64.0


def test_the_published_rate_falls_tenfold_at_60_and_90_percent() -> None:
    settings = PaperSettings().pretraining
    rates = [learning_rate(settings, fraction) for fraction in (0.0, 0.59, 0.61, 0.89, 0.91)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-5])


def test_the_lite_rate_ends_near_nothing() -> None:
    settings = LiteSettings().pretraining
    assert learning_rate(settings, 0.0) < 0.05 * settings.learning_rate
    assert learning_rate(settings, settings.warm_up) == pytest.approx(settings.learning_rate)
    assert learning_rate(settings, 1.0) < 0.01 * settings.learning_rate


def test_a_budget_of_time_ends_the_training() -> None:
    training = _training(budget_seconds=1e-6)
    training.advance()
    training.close()
    assert training.finished


def test_the_watch_sees_the_averaged_model() -> None:
    seen: list[int] = []
    training = _training(watch=lambda network, step: seen.append(step) or {"apart": 1.0}, watch_every=4)
    values = [training.advance() for _ in range(4)]
    training.close()
    assert seen == [4]
    assert values[-1]["apart"] == 1.0


def test_the_published_numbers_are_those_of_the_paper() -> None:
    paper = SemiHandSettings()
    assert (paper.losses.lambda_d, paper.losses.lambda_w, paper.losses.lambda_c) == (50.0, 100.0, 0.1)
    assert (paper.finetuning.tau, paper.finetuning.epochs, paper.finetuning.batch) == (1.5, 10, 128)
    assert (paper.finetuning.learning_rate, paper.finetuning.drop_epoch) == (1e-4, 5)
    assert (paper.pretraining.learning_rate, paper.pretraining.batch, paper.pretraining.epochs) == (
        1e-3,
        32,
        100,
    )
    assert paper.finetuning.teacher is None
    assert paper.losses.linear_beyond_cells is None

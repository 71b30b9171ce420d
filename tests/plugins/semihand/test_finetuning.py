"""Algorithm 1: pseudo-labels, their trust and updates, labels, cancelling and resuming."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from handstudio.errors import HandStudioError
from handstudio.hand.registration import register_pose
from handstudio.methods import self_training
from handstudio.methods.anchors import Stage
from handstudio.methods.augmentation import perturbation_move
from handstudio.methods.contract import EpochLabels
from handstudio.methods.rendered import LabelledHands
from handstudio.methods.settings import PerturbationSettings
from handstudio.methods.training import read_log, train
from handstudio.methods.views import middle
from plugins.semihand.confidence import closed_form, judge, judge_views
from plugins.semihand.finetuning import Finetuning
from plugins.semihand.labelling import seen
from plugins.semihand.network import Estimate
from plugins.semihand.settings import PaperSettings

from .conftest import Make
from .tiny import blobs, flat_hand, footage, tiny_network, tiny_settings


def _weights(training: Finetuning) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in training.model().state_dict().items()}


def _same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_eq_7_is_the_mean_of_prediction_and_correction() -> None:
    predicted = torch.zeros(1, 21, 2), torch.ones(1, 21)
    corrected = torch.full((1, 21, 2), 4.0), torch.zeros(1, 21)
    uv, depth = closed_form(predicted, corrected)
    assert torch.equal(uv, torch.full((1, 21, 2), 2.0))
    assert torch.equal(depth, torch.full((1, 21), 0.5))


def test_a_stable_and_feasible_hand_has_confidence_zero() -> None:
    uv, depth = (torch.from_numpy(part)[None] for part in flat_hand())
    uv, depth = register_pose(uv, depth)
    move = perturbation_move(1, PerturbationSettings(), torch.Generator().manual_seed(0))
    judged = judge(uv, depth, Estimate(move.points(uv), depth, torch.zeros(1)), move, 50.0)
    assert float(judged.stability) == pytest.approx(0.0, abs=1e-6)
    assert float(judged.plausibility) == pytest.approx(0.0, abs=1e-4)


def test_the_two_terms_of_c_say_which_one_failed() -> None:
    uv, depth = (torch.from_numpy(part)[None] for part in flat_hand())
    uv, depth = register_pose(uv, depth)
    move = perturbation_move(1, PerturbationSettings(), torch.Generator().manual_seed(0))
    astray = Estimate(move.points(uv) + 2.0, depth, torch.zeros(1))
    unstable = judge(uv, depth, astray, move, 50.0)
    assert float(unstable.stability) == pytest.approx(8.0, rel=1e-4)
    assert float(unstable.plausibility) < 1e-4
    long = uv.clone()
    long[:, 8] += torch.tensor((0.0, -9.0))
    infeasible = judge(long, depth, Estimate(move.points(long), depth, torch.zeros(1)), move, 50.0)
    assert float(infeasible.stability) < 1e-6
    assert float(infeasible.plausibility) > 0.5


def test_the_median_of_views_forgets_one_that_is_far_off() -> None:
    class Wild(torch.nn.Module):
        calls = 0

        def forward(self, crops: torch.Tensor) -> list[Estimate]:
            Wild.calls += 1
            uv = torch.full((len(crops), 21, 2), 500.0 if Wild.calls == 2 else 32.0)
            return [Estimate(uv, torch.zeros(len(crops), 21), torch.zeros(len(crops), 1, 64, 64))]

    settings = tiny_settings()
    still = settings.model_copy(
        update={
            "perturbation": PerturbationSettings(
                translation_cells=0, rotation_degrees=0, quarter_turn_share=0
            )
        }
    )
    uvs, _ = seen(Wild(), torch.rand(2, 3, 64, 64), 3, still, torch.Generator().manual_seed(0))
    uv = middle(uvs)
    assert torch.allclose(uv, torch.full_like(uv, 32.0), atol=1e-3)
    assert float(uvs.max()) == pytest.approx(500.0)


def test_views_that_differ_make_a_hand_unstable() -> None:
    uv, depth = (torch.from_numpy(part)[None] for part in flat_hand())
    views, depths = torch.stack((uv, uv + 3.0)), torch.stack((depth, depth))
    judged = judge_views(uv, depth, views, depths, 50.0)
    assert float(judged.stability) == pytest.approx(9.0, rel=1e-4)
    assert torch.allclose(judged.spread, torch.full((1, 21), 18.0**0.5 / 2.0))


def test_pseudo_labels_move_to_the_mean_of_prediction_and_correction(make: Make) -> None:
    training = make(epochs=1, correction_share=0.5)
    schedule = training.schedule
    while training.step < schedule.passes + schedule.chunks + schedule.steps:
        training.advance()
    before = copy.deepcopy(training.labels)
    crops = training._footage.images(torch.arange(4))
    with torch.no_grad():
        predicted = training.model().eval()(crops)[-1]
    training.advance()
    expected = (predicted.uv + before.corrected_uv[:4]) / 2.0
    assert torch.allclose(training.labels.uv[:4], expected, atol=1e-3)
    corrected, _ = register_pose(training.labels.uv[:4], training.labels.depth[:4])
    assert torch.allclose(training.labels.corrected_uv[:4], corrected, atol=1e-3)


def test_each_epochs_pseudo_labels_are_handed_out(make: Make) -> None:
    kept: list[EpochLabels] = []
    training = make(footage(keep_labels=kept.append))
    while not training.finished:
        training.advance()
    assert [labels.epoch for labels in kept] == [0, 1, 2]
    assert kept[0].uv.shape == (10, 21, 2)
    assert np.isfinite(kept[-1].c_stability).all()
    assert kept[-1].trusted.all()


def test_the_learning_rate_falls_in_the_fifth_epoch_as_published(make: Make) -> None:
    drop = PaperSettings().finetuning.drop_epoch
    training = make(
        footage(4, labelled=1), epochs=6, drop_epoch=drop, learning_rate=1e-4, least_steps=1, batch=4
    )
    rates = {}
    while not training.finished:
        kind, epoch, _ = training.schedule.piece(training.step)
        training.advance()
        if kind == "train":
            (rates[epoch],) = {group["lr"] for group in training.state_dict()["optimiser"]["param_groups"]}
    assert rates == pytest.approx({1: 1e-4, 2: 1e-4, 3: 1e-4, 4: 1e-4, 5: 1e-5, 6: 1e-5})


@pytest.mark.parametrize("published", [False, True])
def test_half_precision_trains_as_well_and_keeps_geometry_in_32_bits(make: Make, published: bool) -> None:
    changes: dict[str, object] = {"teacher": None, "fitting_grid": 64} if published else {}
    training = make(
        footage(2, labelled=1), 2, precision="bf16-mixed", epochs=1, batch=4, least_steps=1, **changes
    )
    while not training.finished:
        values = training.advance()
        assert np.isfinite(list(values.values())).all()
    assert training.labels.uv.dtype == torch.float32
    fine = training.labels.uv * 64.0
    assert not torch.equal(fine, training.labels.uv.bfloat16() * 64.0)


def test_a_run_goes_on_with_another_number_of_cores(make: Make) -> None:
    first = make(threads=2)
    for _ in range(first.total // 2):
        first.advance()
    second = make(threads=1)
    second.load_state_dict(first.state_dict())
    assert (second.total, second.step, second.epochs_done) == (first.total, first.step, first.epochs_done)
    while not second.finished:
        second.advance()


def test_a_checkpoint_of_other_footage_is_refused_with_the_reason(make: Make) -> None:
    state = make(footage(5)).state_dict()
    with pytest.raises(HandStudioError, match="began with 5 hands of which 4 can be read now"):
        make(footage(4)).load_state_dict(state)


@pytest.mark.parametrize("stop", [0, 2, 4, 6, 9, 13])
def test_a_resumed_training_ends_as_one_that_was_not_interrupted(
    make: Make, tmp_path: Path, stop: int
) -> None:
    whole = make()
    train(whole, tmp_path / "whole")
    begun = make()
    result = train(begun, tmp_path / "parts", should_stop=lambda: begun.step >= stop)
    assert not result.finished
    assert result.steps == stop
    resumed = make(seed=0)
    assert train(resumed, tmp_path / "parts").finished
    assert _same(_weights(whole), _weights(resumed))
    assert (
        read_log(tmp_path / "whole" / "losses.csv")["step"]
        == read_log(tmp_path / "parts" / "losses.csv")["step"]
    )


def test_a_finetune_never_changes_the_network_it_started_from() -> None:
    from handstudio.methods.contract import TrainingPlan
    from handstudio.methods.device import Engine

    settings = tiny_settings()
    parent = tiny_network(settings)
    before = copy.deepcopy(parent.state_dict())
    training = Finetuning(parent, settings, footage(), TrainingPlan(Engine("cpu", "32-true", 1)))
    training._train(1, 0) if False else training.advance()
    training.close()
    assert _same(before, dict(parent.state_dict()))


def test_labels_are_learned(make: Make) -> None:
    training = make(
        footage(8, labelled=8),
        epochs=1,
        least_steps=40,
        most_passes=None,
        learning_rate=3e-3,
        teacher=None,
        rendered_share=0.2,
    )
    labelled: list[float] = []
    while not training.finished:
        values = training.advance()
        if "labelled" in values:
            labelled.append(values["labelled"])
    assert np.mean(labelled[-8:]) < 0.6 * np.mean(labelled[:4])


def test_few_hands_are_not_gone_through_again_and_again(make: Make) -> None:
    few = make(footage(8), least_steps=100, most_passes=2)
    often = make(footage(8), least_steps=100, most_passes=None)
    assert often.schedule.steps == 100
    assert few.schedule.steps < 10


def test_joints_without_a_label_pull_at_nothing(make: Make) -> None:
    data = footage(6, labelled=6)
    data.uv[:, 3] = np.nan
    data.depth[:] = np.nan
    training = make(data, epochs=1)
    values: dict[str, Any] = {}
    while not training.finished:
        values = {**values, **training.advance()}
    assert np.isfinite(values["loss"])


def test_the_published_objective_trains_as_well(make: Make) -> None:
    training = make(epochs=1, teacher=None, least_steps=1, fitting_grid=64)
    losses = [training.advance() for _ in range(training.total)]
    assert all(np.isfinite(list(values.values())).all() for values in losses)


def test_two_replicas_share_a_step(make: Make) -> None:
    training = make(threads=2, epochs=1)
    while not training.finished:
        values = training.advance()
    assert np.isfinite(list(values.values())).all()


@pytest.mark.parametrize(("labelled", "rate"), [(0, 1e-4), (2, 3e-3)])
def test_footage_without_any_label_is_learnt_from_at_a_rate_of_its_own(
    make: Make, labelled: int, rate: float
) -> None:
    training = make(footage(8, labelled), learning_rate=3e-3, unlabelled_rate=1e-4)
    while training.schedule.piece(training.step)[0] != "train":
        training.advance()
    training.advance()
    assert {group["lr"] for group in training.state_dict()["optimiser"]["param_groups"]} == {rate}


def test_hands_that_follow_the_footage_stand_before_it_and_its_masks_survive_a_restart(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = torch.tensor((7, 0, 3))
    masks: list[torch.Tensor] = []

    def chunk(number: int, count: int, *_: object, stage: Stage, **__: object) -> LabelledHands:
        return stage(blobs(3, number), rows, torch.Generator().manual_seed(number))

    def staged(hands: LabelledHands, crops: torch.Tensor, seen: torch.Tensor, *_: object) -> LabelledHands:
        assert torch.equal(crops, torch.from_numpy(footage().crops)[rows])
        masks.append(seen)
        return hands

    monkeypatch.setattr(self_training, "anchor_chunk", chunk)
    monkeypatch.setattr(self_training, "before_footage", staged)
    left = (torch.arange(64) < 32).float().expand(1, 64, 64)
    monkeypatch.setattr(Finetuning, "silhouettes", lambda _, crops: left.expand(len(crops), 1, 64, 64))
    training = make(backdrop_share=1.0)
    for _ in range(training.schedule.passes):
        training.advance()
    again = make(backdrop_share=1.0)
    again.load_state_dict(training.state_dict())
    for each in (training, again):
        each.advance()
    assert len(masks) >= 2
    for mask in masks:
        assert torch.equal(mask, left[:, ::2, ::2].expand(3, 32, 32))

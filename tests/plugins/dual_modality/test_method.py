"""The plugin as HandStudio finds and uses it."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.methods import registry
from handstudio.methods.contract import Method, TrainingPlan
from handstudio.methods.described import settings_of
from handstudio.methods.device import Engine
from handstudio.methods.weights import load_model, save_fresh_model, save_model
from plugins.dual_modality import DualModality
from plugins.semihand import SemiHand

from .tiny import CHANGES, footage

PROJECT = Path(__file__).parents[3] / "pyproject.toml"


@pytest.fixture
def method(monkeypatch: pytest.MonkeyPatch) -> Method:
    """The method as its entry point in ``pyproject.toml`` gives it."""
    points = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["entry-points"][registry.GROUP]
    found = [EntryPoint(name, value, registry.GROUP) for name, value in points.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: found)
    return registry.load("dual_modality")


def test_it_is_found_by_its_entry_point(method: Method) -> None:
    assert isinstance(method, DualModality)
    assert method.title == "Dual-Modality Network"
    assert set(method.profiles) == {"lite", "paper"}
    assert method.default_profile(Engine("cpu")) == "lite"
    assert method.default_profile(Engine("cuda")) == "paper"


def test_crops_are_as_large_as_the_profile_says(method: Method) -> None:
    assert {name: method.crop_size(method.settings(name)) for name in method.profiles} == {
        "lite": 64,
        "paper": 256,
    }


def test_every_setting_says_what_it_means(method: Method) -> None:
    assert [each.name for each in settings_of(method.profiles) if not each.meaning] == []


@pytest.mark.parametrize("wrong", ["finetuning.nonsense", "network.layers", "qqq"])
def test_settings_that_there_are_not_are_refused(method: Method, wrong: str) -> None:
    with pytest.raises(HandStudioError, match="has no setting"):
        method.settings("lite", {wrong: 1})


def test_settings_and_networks_of_others_are_refused(method: Method) -> None:
    other = SemiHand()
    settings = other.settings("lite")
    with pytest.raises(HandStudioError, match="not settings of"):
        method.build_network(settings)
    with pytest.raises(HandStudioError, match="not a Dual-Modality Network"):
        method.proposer(other.build_network(settings), method.settings("lite"), Engine("cpu"))


def test_a_model_is_pretrained_saved_finetuned_and_proposes(method: Method, tmp_path: Path) -> None:
    changes = {
        **CHANGES,
        "pretraining": {**CHANGES["pretraining"], "epoch_hands": 8, "pool_hands": 8},
        "finetuning": {**CHANGES["finetuning"], "rendered_hands": 4, "epochs": 1, "rendered_share": 0.0},
    }
    lineage = save_fresh_model(tmp_path, method, "lite", changes, 0)
    model = load_model(tmp_path)
    engine = Engine("cpu", "32-true", 1)
    pretraining = method.pretraining(model.network, model.settings, TrainingPlan(engine))
    while not pretraining.finished:
        pretraining.advance()
    pretraining.close()
    save_model(tmp_path, pretraining.model(), lineage)
    model = load_model(tmp_path)
    data = footage(4)
    finetuning = method.finetuning(model.network, model.settings, data, TrainingPlan(engine))
    while not finetuning.finished:
        finetuning.advance()
    finetuning.close()
    proposals = method.proposer(finetuning.model(), model.settings, engine).propose(data.crops)
    assert len(proposals) == 4
    assert np.isfinite(proposals.uv).all()

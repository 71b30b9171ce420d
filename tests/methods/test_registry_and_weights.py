"""Finding methods, and models as files."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch
from pydantic import BaseModel

from handstudio.errors import HandStudioError
from handstudio.methods import registry
from handstudio.methods.contract import Method
from handstudio.methods.described import settings_of
from handstudio.methods.weights import (
    Lineage,
    digest,
    load_model,
    read_lineage,
    save_model,
    shipped_weights,
    take_over,
    weights_file,
)

from .toy import Toy, ToyNetwork, ToySettings


def test_a_strangers_plugin_is_found_beside_ours() -> None:
    assert {"semihand", "toy"} <= set(registry.available())
    assert isinstance(registry.load("toy"), Toy)


def test_our_method_fulfils_the_contract_by_its_entry_point() -> None:
    method = registry.load("semihand")
    assert set(method.profiles) == {"lite", "paper"}
    assert method.settings("paper").model_dump()["finetuning"]["tau"] == 1.5


def test_a_method_that_is_not_installed_is_a_message_that_names_the_others() -> None:
    with pytest.raises(HandStudioError, match="semihand"):
        registry.load("nothing")


@pytest.mark.parametrize("target", ["math:pi", "nowhere.at.all:Method"])
def test_a_plugin_that_is_none_is_a_message(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    broken = EntryPoint("broken", target, registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [broken])
    with pytest.raises(HandStudioError, match="broken"):
        registry.load("broken")


def test_every_setting_says_what_it_means_and_what_it_is_by_profile() -> None:
    found = {each.name: each for each in settings_of(registry.load("semihand").profiles)}
    tau = found["finetuning.tau"]
    assert tau.meaning == "Threshold on C in squared cells."
    assert all(each.meaning for each in found.values())
    assert tau.values == {"lite": 1.5, "paper": 1.5}
    assert found["proposing.views"].values == {"lite": 3, "paper": 1}
    assert found["pretraining.diversity.flat_share"].meaning.startswith("Ours: share of rendered hands")


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("finetuning.epoch", "Is it finetuning.epochs"),
        ("epochs", "Is it pretraining.epochs or finetuning.epochs"),
        ("finetuning.tau.more", "plugins --settings"),
        ("qqq", "plugins --settings"),
    ],
)
def test_a_setting_that_there_is_not_is_answered_with_the_nearest(wrong: str, meant: str) -> None:
    with pytest.raises(HandStudioError, match=meant) as caught:
        registry.load("semihand").settings("lite", {wrong: 1})
    assert f"has no setting '{wrong}'" in caught.value.what


@pytest.mark.parametrize(
    "wrong",
    [
        {"pretraining.batch": -1},
        {"pretraining.learning_rate": 0},
        {"finetuning.rendered_hands": 0},
        {"finetuning.teacher": 1.0},
        {"network.stem_stride": 0},
        {"network.channels": [8, 0]},
        {"diversity.erase_side": [0.1, 2.0]},
        {"perturbation.scale": [0.0, 1.0]},
    ],
)
def test_numbers_that_no_training_can_mean_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(
        HandStudioError, match=rf"setting {next(iter(wrong))}[.\d]* of SemiHand is not usable"
    ):
        registry.load("semihand").settings("lite", wrong)


def test_settings_are_changed_by_dotted_names_and_refused_when_unknown() -> None:
    method = registry.load("semihand")
    changed = method.settings("lite", {"finetuning.epochs": 3, "losses": {"lambda_c": 0.2}})
    values = changed.model_dump()
    assert values["finetuning"]["epochs"] == 3
    assert values["losses"]["lambda_c"] == 0.2
    assert values["losses"]["lambda_d"] == 50.0
    for wrong in ({"finetuning.nonsense": 1}, {"finetuning.epochs": 0}, {"nothing.at.all": 1}):
        with pytest.raises(HandStudioError):
            method.settings("lite", wrong)


def test_shipped_weights_are_found_where_handstudio_is_now(tmp_path: Path) -> None:
    shipped = shipped_weights(registry.load("semihand"), "lite")
    gone = tmp_path / "an older place" / shipped.name
    assert weights_file(gone) == shipped
    assert read_lineage(gone) == read_lineage(shipped)
    stranger = tmp_path / "strangers.safetensors"
    assert weights_file(stranger) == stranger
    (tmp_path / shipped.name).touch()
    assert weights_file(tmp_path / shipped.name) == tmp_path / shipped.name


def test_a_model_comes_back_with_its_lineage(tmp_path: Path) -> None:
    network = ToyNetwork()
    with torch.no_grad():
        network.weight += torch.tensor((1.0, 2.0, 3.0))
    lineage = Lineage(
        "toy", "only", {"steps": 4}, parents=["b", "a"], data={"hands": 3}, figures={"epe": 1.5}
    )
    path = save_model(tmp_path / "m", network, lineage)
    loaded = load_model(tmp_path / "m")
    assert loaded.path == path
    assert loaded.lineage == lineage
    assert torch.equal(loaded.network.weight, network.weight)
    assert loaded.settings.model_dump()["steps"] == 4


def test_what_a_stored_model_does_not_name_was_not_there_when_it_was_made() -> None:
    method = registry.load("semihand")
    kept = method.settings("lite").model_dump()
    del kept["network"]["deep_blocks"]
    settings = method.settings_of_model("lite", kept, {"finetuning.epochs": 3}).model_dump()
    assert settings["network"]["deep_blocks"] == ()
    assert settings["network"]["channels"] == kept["network"]["channels"]
    assert settings["finetuning"]["epochs"] == 3


def test_weights_in_half_precision_are_a_model_too(tmp_path: Path) -> None:
    network = ToyNetwork()
    network.weight.data[:] = torch.tensor((0.25, 1.0, 3.0))
    save_model(tmp_path, network.half(), Lineage("toy", "only", ToySettings().model_dump()))
    loaded = load_model(tmp_path).network
    assert isinstance(loaded, ToyNetwork)
    assert loaded.weight.dtype == torch.float32
    assert loaded.weight.tolist() == [0.25, 1.0, 3.0]


def test_the_same_numbers_have_the_same_digest_however_their_file_was_written(tmp_path: Path) -> None:
    lineage = Lineage("toy", "only", ToySettings().model_dump())
    digests = {digest(save_model(tmp_path / str(n), ToyNetwork(), lineage)) for n in range(8)}
    other = ToyNetwork()
    other.weight.data += 1e-3
    assert len(digests) == 1
    assert digest(save_model(tmp_path / "other", other, lineage)) not in digests


def semihand_model(folder: Path, **network: object) -> tuple[Method, BaseModel, Path]:
    """A small model of SemiHand with some of the network's settings changed."""
    method = registry.load("semihand")
    small = {"channels": (8, 8, 8), "stem_channels": 8, "deep_blocks": (), "crop": 64, "detail_channels": 0}
    settings = method.settings("lite", {"network": {**small, **network}})
    save_model(folder, method.build_network(settings), Lineage("semihand", "lite", settings.model_dump()))
    return method, settings, folder


def test_a_network_takes_over_the_weights_of_a_smaller_one(tmp_path: Path) -> None:
    _, _, folder = semihand_model(tmp_path / "before")
    method, settings, _ = semihand_model(
        tmp_path / "after", deep_blocks=(0, 1, 2), crop=128, detail_channels=4
    )
    network, before = method.build_network(settings), load_model(folder)
    take_over(network, before)
    weights = network.state_dict()
    assert len(weights) > len(before.network.state_dict())
    assert all(torch.equal(weights[name], value) for name, value in before.network.state_dict().items())


@pytest.mark.parametrize("other", [{"channels": (8, 8, 16)}, {"deep_blocks": (0, 1)}])
def test_weights_of_another_network_are_refused_with_the_reason(
    tmp_path: Path, other: dict[str, object]
) -> None:
    _, _, folder = semihand_model(tmp_path / "before", **other)
    method, settings, _ = semihand_model(tmp_path / "after")
    with pytest.raises(HandStudioError, match="cannot become the one that is asked for"):
        take_over(method.build_network(settings), load_model(folder))


def test_lineage_is_plain_json_beside_the_weights(model_folder: Path) -> None:
    values = json.loads((model_folder / "model.json").read_text())
    assert values["method"] == "toy"
    assert read_lineage(model_folder).parents == []
    values["of a later version"] = 1
    (model_folder / "model.json").write_text(json.dumps(values))
    assert read_lineage(model_folder).method == "toy"


@pytest.mark.parametrize("damage", ["weights", "no weights", "lineage", "no lineage"])
def test_damaged_or_missing_files_are_messages(model_folder: Path, damage: str) -> None:
    weights, lineage = model_folder / "model.safetensors", model_folder / "model.json"
    if damage == "weights":
        weights.write_bytes(weights.read_bytes()[:20])
    elif damage == "lineage":
        lineage.write_text("{")
    else:
        (weights if damage == "no weights" else lineage).unlink()
    with pytest.raises(HandStudioError, match=r"missing|damaged"):
        load_model(model_folder)


def test_saving_leaves_no_parts(model_folder: Path) -> None:
    assert sorted(path.name for path in model_folder.iterdir()) == ["model.json", "model.safetensors"]

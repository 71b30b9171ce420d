"""A network answers alike in whichever way it runs, and the way is chosen once, by measuring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from platformdirs import user_cache_path
from torch import Tensor, nn

from handstudio.errors import HandStudioError
from handstudio.methods import running
from handstudio.methods.computing import Computing
from handstudio.methods.device import Engine
from handstudio.methods.part import Part
from handstudio.methods.running import Runner
from handstudio.methods.ways import WAYS, ChannelsLast, Half, OnnxRuntime, Run, Way, farthest, way_named

EXACT = Engine("cpu", "32-true", 1)
SHAPES = [(3, 8, 8)]


class Small(nn.Module):
    """Two answers of a few convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 4, 1)

    def maps(self, images: Tensor) -> list[Tensor]:
        features = self.first(images).relu()
        return [features, self.second(features)]


class Broken(Way):
    """Cannot be made ready."""

    name, title = "broken", "broken"

    def ready(self, part: Part, example: tuple[Tensor, ...], engine: Engine) -> Run:
        raise RuntimeError("no luck")


class Wrong(Way):
    """Answers something else, and quickly."""

    name, title = "wrong", "wrong"

    def ready(self, part: Part, example: tuple[Tensor, ...], engine: Engine) -> Run:
        return lambda images: tuple(answer + 1.0 for answer in part(images))


@pytest.fixture
def part() -> Part:
    torch.manual_seed(0)
    return Part(EXACT.place(Small().eval()), "maps")


@pytest.fixture
def choosing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv(running.VARIABLE, "auto")
    return monkeypatch


def kept() -> list[Path]:
    return sorted((user_cache_path("handstudio") / "ways").glob("*.json"))


def with_ways(patch: pytest.MonkeyPatch, *ways: Way) -> None:
    patch.setattr(running, "WAYS", ways)
    patch.setattr(running, "way_named", {way.name: way for way in ways}.__getitem__)


@pytest.mark.parametrize("way", [way for way in WAYS if way.name != "compile"], ids=lambda way: way.name)
def test_every_way_answers_like_plain_32_bits(part: Part, way: Way) -> None:
    engine = Engine("cpu", "bf16-mixed", 1) if isinstance(way, Half) else EXACT
    if (why := way.missing(engine)) is not None:
        pytest.skip(why)
    images = torch.rand(2, 3, 8, 8)
    with torch.inference_mode():
        run = way.ready(part, (images,), engine)
        for count in (2, 1, 5):
            images = torch.rand(count, 3, 8, 8)
            assert farthest(run(images), part(images)) <= way.tolerance


def test_half_precision_is_left_out_where_32_bits_are_asked_for() -> None:
    assert Half().missing(EXACT) is not None
    assert OnnxRuntime().missing(Engine("cuda", "32-true")) == "runs on CPUs only"


def test_a_long_batch_is_answered_slice_by_slice(part: Part) -> None:
    images = torch.rand(running.CPU_SLICE * 2 + 3, 3, 8, 8)
    answers = Runner(part, SHAPES, EXACT)(images)
    with torch.inference_mode():
        assert farthest(answers, part(images)) < 1e-5


def test_the_quickest_way_is_found_once_and_remembered(part: Part, choosing: pytest.MonkeyPatch) -> None:
    measured = []

    class Slow(ChannelsLast):
        name, title = "slow", "slow"

    def rate(self: Runner, run: Run) -> float:
        measured.append(run)
        return 100.0 if len(measured) == 1 else 10.0

    with_ways(choosing, ChannelsLast(), Slow())
    choosing.setattr(Runner, "_rate", rate)
    first, again = (Runner(part, SHAPES, EXACT) for _ in range(2))
    assert first.way.name == again.way.name == "channels-last"
    assert again.rates == {"channels-last": 100.0, "slow": 10.0}
    assert len(measured) == 2
    other = Part(EXACT.place(nn.ModuleDict({"a": nn.Conv2d(3, 3, 1)}).eval()), "forward")
    other.network.forward = other.network["a"].forward
    Runner(other, SHAPES, EXACT)
    assert len(measured) == 4, "another network is measured by itself"


@pytest.mark.parametrize("content", ["", "[]", '{"rates": {"magic": 3}}', '{"rates": {"slow": "fast"}}'])
def test_a_damaged_memory_is_measured_anew(part: Part, choosing: pytest.MonkeyPatch, content: str) -> None:
    class Slow(ChannelsLast):
        name, title = "slow", "slow"

    with_ways(choosing, ChannelsLast(), Slow())
    Runner(part, SHAPES, EXACT)
    (file,) = kept()
    file.write_text(content)
    assert set(Runner(part, SHAPES, EXACT).rates) == {"channels-last", "slow"}
    assert set(json.loads(file.read_text())["rates"]) == {"channels-last", "slow"}


@pytest.mark.parametrize(("way", "why"), [(Broken(), "no luck"), (Wrong(), "off")])
def test_what_fails_or_answers_otherwise_is_not_taken_and_it_is_said(
    part: Part, choosing: pytest.MonkeyPatch, way: Way, why: str
) -> None:
    with_ways(choosing, ChannelsLast(), way)
    runner = Runner(part, SHAPES, EXACT)
    assert runner.way.name == "channels-last"
    assert why in runner.note
    assert why in runner.computing.details
    choosing.setenv(running.VARIABLE, way.name)
    assert Runner(part, SHAPES, EXACT).way.name == "channels-last"


def test_a_way_can_be_asked_for_by_name(part: Part, choosing: pytest.MonkeyPatch) -> None:
    choosing.setenv(running.VARIABLE, "eager")
    assert Runner(part, SHAPES, EXACT).way is way_named("eager")
    choosing.setenv(running.VARIABLE, "magic")
    with pytest.raises(HandStudioError, match="channels-last"):
        Runner(part, SHAPES, EXACT)


def test_an_engine_that_names_a_way_measures_none_and_heeds_nothing_else(
    part: Part, choosing: pytest.MonkeyPatch
) -> None:
    choosing.setenv(running.VARIABLE, "magic")
    runner = Runner(part, SHAPES, EXACT.in_way("eager"))
    assert runner.way is way_named("eager")
    assert runner.rates == {}
    assert EXACT.in_way("eager").precision == EXACT.precision


def test_a_graph_is_kept_for_the_same_weights_and_made_anew_for_others(
    part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from handstudio.methods import onnx_graph

    example = (torch.rand(2, 3, 8, 8),)
    made = onnx_graph.graph(part, example)
    with monkeypatch.context() as patch:
        patch.setattr(onnx_graph, "exported", lambda *_: b"another")
        assert onnx_graph.graph(part, example) == made
        with torch.no_grad():
            part.network.first.weight.mul_(2.0)  # type: ignore[union-attr, operator]
        assert onnx_graph.graph(part, example) == b"another"


def test_what_computes_is_said_in_few_words_and_travels_as_a_message() -> None:
    computing = Computing("cpu", "A processor", 1, "fp32, channels last", {"fp32": 20.0, "bf16": 41.0}, "x")
    assert computing.label == "CPU · 1 core · fp32, channels last"
    assert Computing("cuda", "A GPU", None, "bf16, channels last").label == "GPU · bf16, channels last"
    assert computing.details.index("41") < computing.details.index("20")
    assert Computing.from_dict(json.loads(json.dumps(computing.to_dict()))) == computing

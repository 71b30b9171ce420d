"""The ways to run a method's bare network, inference and training, all compared in one run with plain eager
fp32 NCHW; on a GPU also images a second of pretraining and finetuning, the share of the device's peak, and
the time of a full-scale pretraining.

Rounds of all ways take turns, so that whatever else the machine does hits each of them; the best round
counts. ``--clock cpu`` counts the processor's time instead of the clock's: on a machine that is not quiet it
says what the work costs. Prints one JSON object a line.

    python tests/benchmarks/network.py
    python tests/benchmarks/network.py --device cpu --only full --steps 2     (what a GPU is asked, on a CPU)
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from handstudio.methods import self_training
from handstudio.methods.contract import FinetuneData, Method, TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.folding import folded
from handstudio.methods.parallel import Replicas
from handstudio.methods.part import Part
from handstudio.methods.registry import load
from handstudio.methods.rendered import HandPool, LabelledHands, render_chunk
from handstudio.methods.rendered_training import Supply
from handstudio.methods.ways import WAYS, Run, farthest
from handstudio.synthesis.scene import SceneSettings
from plugins.semihand.pretraining import Pretraining

PAPER_HANDS = 41_258
PAPER_EPOCHS = 100
CHUNK = 256


def tell(name: str, value: float | None, unit: str, **context: Any) -> None:
    """One line of the benchmark."""
    rounded = None if value is None else round(value, 4)
    print(json.dumps({"name": name, "value": rounded, "unit": unit, "context": context}), flush=True)


class Clock:
    """Seconds, of the clock or of the processor, once the device has done what it was asked."""

    def __init__(self, kind: str, device: torch.device) -> None:
        self._read = time.process_time if kind == "cpu" else time.perf_counter
        self._cuda = device.type == "cuda"

    def __call__(self) -> float:
        if self._cuda:
            torch.cuda.synchronize()
        return self._read()

    def best(self, works: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
        """The least seconds of each work; the works take turns, and the first round does not count."""
        least = dict.fromkeys(works, float("inf"))
        for number in range(rounds + 1):
            for name, work in works.items():
                begin = self()
                work()
                if number:
                    least[name] = min(least[name], self() - begin)
        return least


def inference(method: Method, wishes: argparse.Namespace, engine: Engine, clock: Clock) -> None:
    """Every way against plain eager, for each size of batch."""
    settings = method.settings(wishes.profile)
    side = method.crop_size(settings)
    network = method.build_network(settings).eval().requires_grad_(False)
    plain = Part(copy.deepcopy(network).to(engine.device), wishes.answer)
    quick = Part(engine.place(folded(network)), wishes.answer)
    example = (torch.rand(2, 3, side, side, device=engine.device),)
    runs: dict[str, Run] = {}
    with torch.inference_mode():
        wanted = plain(*example)
        for way in WAYS:
            why = "left out" if way.name in wishes.without else way.missing(engine)
            if why is None:
                begin = time.perf_counter()
                run = way.ready(plain if way.name == "eager" else quick, example, engine)
                apart = farthest(run(*example), wanted)
                seconds = time.perf_counter() - begin
                tell(f"{way.name}, made ready", seconds, "s", apart=apart, tolerance=way.tolerance)
                runs[way.name] = run
            else:
                tell(f"bare network, {way.name} / eager", None, "ratio", missing=why)
        for count in wishes.batches:
            images = torch.rand(count, 3, side, side, device=engine.device)
            works = {name: partial(run, images) for name, run in runs.items()}
            tell_rates("bare network", clock.best(works, wishes.rounds), count, wishes)


def tell_rates(what: str, seconds: dict[str, float], count: int, wishes: argparse.Namespace) -> None:
    """Rates as ratios to plain eager, and the best of them."""
    about = {"batch": count, "threads": torch.get_num_threads(), "clock": wishes.clock}
    for name, value in seconds.items():
        tell(
            f"{what}, {name} / eager",
            seconds["eager"] / value,
            "ratio",
            per_s=round(count / value, 1),
            **about,
        )
    best = min(seconds, key=seconds.__getitem__)
    tell(f"{what}, best / eager", seconds["eager"] / seconds[best], "ratio", best=best, **about)


def training(method: Method, wishes: argparse.Namespace, engine: Engine, clock: Clock) -> None:
    """Forward and backward of a training's batch in each way that a network can be trained in."""
    settings = method.settings(wishes.profile)
    count = wishes.train_batch
    side = method.crop_size(settings)
    images = torch.rand(count, 3, side, side, device=engine.device)
    last = images.contiguous(memory_format=torch.channels_last)

    def loss(estimates: Any) -> torch.Tensor:
        return sum(part.uv.mean() + part.depth.mean() + part.mask.mean() for part in estimates)

    def step(network: torch.nn.Module, seen: torch.Tensor) -> None:
        network.zero_grad(set_to_none=True)
        loss(network(seen)).backward()

    plain = method.build_network(settings).to(engine.device)
    placed = engine.place(method.build_network(settings))
    works = {"eager": lambda: step(plain, images), "channels-last": lambda: step(placed, last)}
    if engine.precision != "32-true":
        half = engine.mixed(placed)
        works["half"] = lambda: step(half, last)
    else:
        tell("forward and backward, half / eager", None, "ratio", missing="no hardware for it")
    if "compile" not in wishes.without:
        compiled = torch.compile(engine.place(method.build_network(settings)), dynamic=False)
        works["compile"] = lambda: step(compiled, last)
        if engine.precision != "32-true":
            network = engine.place(method.build_network(settings))
            both = torch.compile(engine.mixed(network), dynamic=False)
            works["compile, half"] = lambda: step(both, last)
    seconds = clock.best(works, wishes.rounds)
    if engine.threads > 1:
        exact = Engine(engine.accelerator, "32-true", engine.threads)
        with Replicas(exact.place(method.build_network(settings)), exact.threads) as replicas:
            share = last[: count // len(replicas)]
            work = {"replicas": lambda: replicas.backward(lambda network, _: loss(network(share)).backward())}
            seconds |= clock.best(work, wishes.rounds)
    tell_rates("forward and backward", seconds, count, wishes)


def some_hands(side: int, number: int, count: int = CHUNK, *_: object, **__: object) -> LabelledHands:
    """Hands of noise, ``side`` px: what a step costs does not depend on what they show."""
    generator = torch.Generator().manual_seed(number)
    pictures = torch.randint(0, 255, (count, 3, side, side), dtype=torch.uint8, generator=generator)
    mask = torch.randint(0, 255, (count, 1, 64, 64), dtype=torch.uint8, generator=generator)
    return LabelledHands(
        pictures, 64 * torch.rand(count, 21, 2, generator=generator), torch.zeros(count, 21), mask
    )


def peak(engine: Engine, clock: Clock, side: int) -> float:
    """FLOP/s of a product of two square matrices in the engine's precision: what the device can be got to."""
    halves = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}
    kind = halves.get(engine.precision, torch.float32)
    one, other = (torch.rand(side, side, device=engine.device).to(kind) for _ in range(2))
    return 2.0 * side**3 / clock.best({"product": lambda: one @ other}, 5)["product"]


def flops(method: Method, settings: Any, engine: Engine) -> float:
    """FLOP of forward and backward, a hand."""
    network = engine.place(method.build_network(settings))
    side = method.crop_size(settings)
    images = torch.rand(4, 3, side, side, device=engine.device)
    with FlopCounterMode(display=False) as counter:
        sum(part.uv.mean() + part.mask.mean() for part in network(images)).backward()
    return counter.get_total_flops() / len(images)


def full_scale(method: Method, wishes: argparse.Namespace, engine: Engine, clock: Clock) -> None:
    """Whole training steps on the device, and what a pretraining as published would take."""
    settings: Any = method.settings(
        wishes.profile, {"finetuning.rendered_hands": 1024, "finetuning.first_views": 1}
    )
    top, cost = peak(engine, clock, wishes.product), flops(method, settings, engine)
    about = {"profile": wishes.profile, "device": str(engine.device), "precision": engine.precision}
    measured = f"product of {wishes.product} x {wishes.product} matrices"
    tell("peak", top / 1e12, "TFLOP/s", measured=measured, **about)
    tell("forward and backward", cost / 1e9, "GFLOP/hand", **about)

    side = method.crop_size(settings)
    noise = partial(some_hands, side)
    supply = Supply(HandPool(noise, 8), CHUNK, 8)
    still = settings.pretraining.model_copy(update={"fresh_share": 0.0})
    pretraining = Pretraining(
        method.build_network(settings),  # type: ignore[arg-type]
        settings.model_copy(update={"pretraining": still}),
        supply,
        engine=engine,
    )
    rate = steps_rate(pretraining.advance, settings.pretraining.batch, wishes.steps, clock)
    pretraining.close()
    tell("pretraining", rate, "hands/s", share_of_peak=round(rate * cost / top, 4), **about)

    self_training.anchor_chunk = noise  # type: ignore[assignment]
    crops = np.random.default_rng(0).integers(0, 255, (256, side, side, 3)).astype(np.uint8)
    unknown = np.full((256, 21, 2), np.nan, np.float32)
    data = FinetuneData(crops, unknown, unknown[..., 0], np.zeros(256, bool))
    finetuning: Any = method.finetuning(method.build_network(settings), settings, data, TrainingPlan(engine))
    while finetuning.schedule.piece(finetuning.step)[0] != "train":
        finetuning.advance()
    tuned = steps_rate(lambda: finetuning._train(1, 0), settings.finetuning.batch, wishes.steps, clock)
    finetuning.close()
    tell("finetuning", tuned, "hands/s", share_of_peak=round(tuned * cost / top, 4), **about)

    seen = PAPER_EPOCHS * PAPER_HANDS
    made = settings.pretraining.pool_hands + settings.pretraining.fresh_share * seen
    begin = time.perf_counter()
    render_chunk(0, wishes.rendered, 0, SceneSettings())
    rendering = wishes.rendered / (time.perf_counter() - begin)
    hours = (seen / rate + made / rendering) / 3600
    tell(
        "pretraining in full, extrapolated",
        hours,
        "h",
        epochs=PAPER_EPOCHS,
        hands=PAPER_HANDS,
        training_h=round(seen / rate / 3600, 2),
        rendering_h=round(made / rendering / 3600, 2),
        rendered_per_s=round(rendering),
        **about,
    )


def steps_rate(step: Callable[[], Any], batch: int, steps: int, clock: Clock) -> float:
    """Hands a second of whole steps, once the first two are over."""
    for _ in range(2):
        step()
    begin = clock()
    for _ in range(steps):
        step()
    return batch * steps / (clock() - begin)


def main() -> None:
    """All of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda", "mps"])
    parser.add_argument("--profile", help="of SemiHand; lite, and paper for what is asked of a GPU")
    parser.add_argument("--only", nargs="*", choices=["inference", "training", "full"])
    parser.add_argument("--without", nargs="*", default=[], help="ways, such as compile, which takes minutes")
    parser.add_argument("--batches", nargs="*", type=int, default=[1, 16, 32, 128])
    parser.add_argument("--train-batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, help="of each operation; those of the machine by default")
    parser.add_argument("--clock", default="wall", choices=["wall", "cpu"])
    parser.add_argument("--product", type=int, help="side of the matrices whose product measures the peak")
    parser.add_argument("--rendered", type=int, default=256, help="hands rendered to measure their rate")
    wishes = parser.parse_args()
    wishes.answer = "maps"
    engine = Engine(wishes.device)
    on_cpu = engine.kind == "cpu"
    parts = wishes.only or ["inference", "training", "full"]
    if wishes.threads:
        torch.set_num_threads(wishes.threads)
    torch.manual_seed(0)
    method, clock = load("semihand"), Clock(wishes.clock, engine.device)
    wished, wishes.profile = wishes.profile, wishes.profile or "lite"
    if "inference" in parts:
        inference(method, wishes, engine, clock)
    if "training" in parts:
        training(method, wishes, engine, clock)
    if "full" in parts:
        if on_cpu and not wishes.only:
            tell("pretraining in full, extrapolated", None, "h", missing="no GPU; --only full asks a CPU")
            return
        wishes.profile = wished or ("lite" if on_cpu else "paper")
        wishes.product = wishes.product or (512 if on_cpu else 8192)
        full_scale(method, wishes, engine, clock)


if __name__ == "__main__":
    main()

"""Speed of SemiHand's lite profile: the bare network, proposals, a single hand, a finetune step.

Each figure is a ratio inside one run where it can be. Prints one JSON object a line.

    python tests/benchmarks/methods.py
"""

from __future__ import annotations

import argparse
import json
import queue
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.jobs.worker import FrameAddress, ProposalWorker, ProposedPose
from handstudio.methods import self_training
from handstudio.methods.contract import FinetuneData, TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.folding import folded
from handstudio.methods.hand_crops import BATCH
from handstudio.methods.part import Part
from handstudio.methods.proposing import propose
from handstudio.methods.registry import load
from handstudio.methods.rendered import LabelledHands
from handstudio.methods.running import Runner
from handstudio.methods.single import SingleProposer
from handstudio.methods.weights import Lineage, save_model
from handstudio.project.project import Project
from handstudio.project.records import FrameImport, HandImport, SequenceImport
from plugins.semihand.confidence import look
from plugins.semihand.finetuning import Finetuning
from plugins.semihand.network import StackedHourglass

HANDS = 512
ROUNDS = 9
"""In which finetune steps and bare passes take turns; the best of each counts, the first does not."""
SINGLE = {"rounds": 20, "size": "640x480, decoded"}


def tell(name: str, value: float, unit: str, **context: Any) -> None:
    """One line of the benchmark."""
    print(json.dumps({"name": name, "value": round(value, 4), "unit": unit, "context": context}), flush=True)


def best_rate(work: Callable[[], Any], count: int, rounds: int = 4) -> float:
    """The best of several rounds, per second; the first one does not count."""
    work()
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return count / min(seconds)


def crop_side() -> int:
    """Side of the crops that the lite profile sees, px."""
    method = load("semihand")
    return method.crop_size(method.settings("lite"))


def network_rates(network: StackedHourglass) -> float:
    """Inference in memory: plain against the way that proposals take; returns the latter's rate."""
    side = crop_side()
    crops = torch.rand(BATCH, 3, side, side)
    engine = Engine("cpu")
    quick = Runner(Part(engine.place(folded(network)), "maps"), [(3, side, side)], engine)
    plain = StackedHourglass(load("semihand").settings("lite").network).eval()  # type: ignore[attr-defined]
    with torch.inference_mode():
        slow = best_rate(lambda: plain(crops), BATCH)
        fast = best_rate(lambda: quick(crops), BATCH)
    rates = {"best_per_s": round(fast), "plain_per_s": round(slow)}
    tell("bare network, best / plain", fast / slow, "ratio", best=quick.way.name, **rates)
    return fast


def proposal_rates(network: StackedHourglass, place: Path, bare: float, count: int) -> None:
    """The whole pipeline from files to the project against the network alone."""
    method = load("semihand")
    settings = method.settings("lite")
    folder = place / "frames"
    folder.mkdir()
    random = np.random.default_rng(0)
    names = [f"{number:04}.jpg" for number in range(count)]
    for name in names:
        picture = cv2.resize(random.integers(0, 255, (12, 16, 3)).astype(np.uint8), (320, 240))
        cv2.imwrite(str(folder / name), picture)
    save_model(place / "model", network, Lineage("semihand", "lite", settings.model_dump()))
    with Project.create(place / "project", "job") as project:
        frames = [FrameImport(name, 320, 240) for name in names]
        hands = [HandImport(number, "right", Box(60, 20, 200, 200)) for number in range(count)]
        project.add_sequence(SequenceImport("frames", "folder", str(folder), frames, hands))
        model = project.add_model("m", "m", "semihand", "lite", source="shipped", path=place / "model")
        propose(project, model)
        done = propose(project, model)
    rate = done.hands / done.seconds
    tell("propose, hands", rate, "1/s", hands=done.hands, size="320x240 JPEG")
    passes = float(method.proposer(network, settings, Engine("cpu")).passes)
    tell(
        "propose, passes of the network / bare network", passes * rate / bare, "ratio", passes_per_hand=passes
    )

    single = SingleProposer(place / "model")
    frame = random.integers(0, 255, (480, 640, 3)).astype(np.uint8)
    seconds = []
    for _ in range(20):
        begin = time.perf_counter()
        single(frame, Box(200, 100, 240, 240), "right")
        seconds.append(time.perf_counter() - begin)
    tell("one hand, in process", 1000 * float(np.percentile(seconds, 95)), "ms", percentile=95, **SINGLE)
    resident_rates(place, names[0])


def resident_rates(place: Path, name: str, rounds: int = 20) -> None:
    """One hand as the window has it: asked of the resident child, which decodes the frame; then stored."""
    address = FrameAddress("folder", str(place / "frames"), None, 0, name)
    answers: queue.SimpleQueue[ProposedPose | HandStudioError] = queue.SimpleQueue()
    stored, inside = [], []
    with Project.open(place / "project", "job") as project, ProposalWorker(place / "model") as worker:
        hand = project.hands()[0]
        for _ in range(rounds + 1):
            begin = time.perf_counter()
            worker.submit(address, hand.box, hand.side, answers.put)
            found = answers.get(timeout=300.0)
            if isinstance(found, HandStudioError):
                raise found
            project.store_proposals(None, "m", found.batch(hand.id))
            stored.append(time.perf_counter() - begin)
            inside.append(found.seconds)
    tell(
        "one hand, resident, asked to stored",
        1000 * float(np.percentile(stored[1:], 95)),
        "ms",
        percentile=95,
        child_ms=round(1000 * float(np.percentile(inside[1:], 95)), 2),
        first_s=round(stored[0], 2),
        rounds=rounds,
        size="320x240 JPEG",
    )


def finetune_rates() -> None:
    """One step with all losses and bookkeeping against forward and backward of the network alone; and
    against all that the network itself does in a step, which includes the mean teacher's look at the footage.
    """
    method = load("semihand")
    settings: Any = method.settings("lite", {"finetuning.rendered_hands": 256, "finetuning.first_views": 1})
    generator, side = torch.Generator().manual_seed(0), crop_side()

    def chunk(number: int, count: int, *_: object, **__: object) -> LabelledHands:
        uv = 64 * torch.rand(count, 21, 2, generator=generator)
        pictures = torch.randint(0, 255, (count, 3, side, side), dtype=torch.uint8, generator=generator)
        mask = torch.zeros(count, 1, 64, 64, dtype=torch.uint8)
        return LabelledHands(pictures, uv, torch.zeros(count, 21), mask)

    self_training.anchor_chunk = chunk
    crops = np.random.default_rng(0).integers(0, 255, (64, side, side, 3)).astype(np.uint8)
    unknown = np.full((64, 21, 2), np.nan, np.float32)
    data = FinetuneData(crops, unknown, unknown[..., 0], np.zeros(64, bool))
    training = Finetuning(method.build_network(settings), settings, data, TrainingPlan(Engine("cpu")))
    while training.schedule.piece(training.step)[0] != "train":
        training.advance()
    batch = settings.finetuning.batch
    count = len(training._replicas)
    share = torch.rand(batch // count, 3, side, side).contiguous(memory_format=torch.channels_last)

    def bare(network: torch.nn.Module, number: int) -> None:
        estimates = network(share)
        sum(part.uv.mean() + part.depth.mean() + part.mask.mean() for part in estimates).backward()

    def own() -> None:
        training._train(1, 0)

    plain = torch.rand(training._footage_part, 3, side, side)

    def passes(network: torch.nn.Module, number: int) -> None:
        with torch.no_grad():
            look(training.teacher, plain)
        bare(network, number)

    works = {
        "own": own,
        "bare": lambda: training._replicas.backward(bare),
        "passes": lambda: training._replicas.backward(passes),
    }
    seconds = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - begin)
    training.close()
    least = {name: min(values[1:]) for name, values in seconds.items()}
    rate = round(batch / least["own"], 1)
    tell("finetune step / forward and backward", least["own"] / least["bare"], "ratio", images_per_s=rate)
    tell("finetune step / all passes of the network in it", least["own"] / least["passes"], "ratio")


def main() -> None:
    """All of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hands", type=int, default=HANDS, help="of the whole pipeline")
    parser.add_argument("--only", nargs="*", default=["proposals", "finetune"])
    wishes = parser.parse_args()
    torch.manual_seed(0)
    network = load("semihand").build_network(load("semihand").settings("lite")).eval()
    bare = network_rates(network)  # type: ignore[arg-type]
    if "proposals" in wishes.only:
        with tempfile.TemporaryDirectory() as place:
            proposal_rates(network, Path(place), bare, wishes.hands)  # type: ignore[arg-type]
    if "finetune" in wishes.only:
        finetune_rates()


if __name__ == "__main__":
    main()

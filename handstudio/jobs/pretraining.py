"""Train a method on rendered hands, from nothing or from other weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from handstudio.errors import HandStudioError
from handstudio.methods import DEFAULT_METHOD

from .assignments import settings_from
from .resuming import refuse_with_resume

if TYPE_CHECKING:
    from .command import Result, Work


BEGUN: Final = "begun.json"
"""In a training's folder: what it was asked for when it began."""


@dataclass(frozen=True)
class Wishes:
    """What ``handstudio pretrain`` was asked for; see its help.

    A resumed training goes on as it was asked for when it began.
    """

    method: str = DEFAULT_METHOD
    profile: str | None = None
    epochs: int | None = None
    minutes: float | None = None
    start: Path | None = None
    resume: bool = False
    seed: int = 0
    assignments: Sequence[str] | None = None

    def write(self, out: Path) -> None:
        """Keep them beside the training."""
        start = None if self.start is None else str(self.start.absolute())
        try:
            out.mkdir(parents=True, exist_ok=True)
            part = out / f"{BEGUN}.part"
            part.write_text(json.dumps({**asdict(self), "start": start}, indent=2), encoding="utf-8")
            part.replace(out / BEGUN)
        except OSError as error:
            raise HandStudioError(
                f"The training's folder cannot be written ({error.strerror})", out, "Choose another place"
            ) from None

    @classmethod
    def read(cls, out: Path) -> Wishes:
        """What the training of a folder was asked for."""
        try:
            values = json.loads((out / BEGUN).read_text(encoding="utf-8"))
            values["start"] = None if values["start"] is None else Path(values["start"])
            return cls(**values)
        except (OSError, ValueError, KeyError, TypeError):
            raise HandStudioError(
                "What this training was asked for cannot be read", out / BEGUN, "Start another training"
            ) from None


def run(work: Work, out: Path, wishes: Wishes) -> Result:
    """Does ``handstudio pretrain``; keys ``out model steps seconds losses finished``.

    Weights, lineage, checkpoint and the log of losses lie in ``out``.

    Raises:
        HandStudioError: when ``out`` holds a training and this is none that resumes it, or the other way,
            the model to start from is of another kind, or a resumed training is asked for something else.
    """
    settings_from(wishes.assignments)
    work.shown.report(0, None, "steps", "Starting")
    from handstudio.methods import calibrating, registry
    from handstudio.methods.contract import TrainingPlan
    from handstudio.methods.device import Engine
    from handstudio.methods.training import CHECKPOINT, train
    from handstudio.methods.weights import Lineage, load_model, save_model, take_over

    begun = (out / CHECKPOINT).exists()
    _check(out, begun, wishes.resume)
    if wishes.resume:
        refuse_with_resume(wishes, Wishes(), but=("resume",))
        wishes = Wishes.read(out)
    engine = Engine()
    method = registry.load(wishes.method)
    profile = wishes.profile or method.default_profile(engine)
    settings = method.settings(profile, settings_from(wishes.assignments))
    plan = TrainingPlan(
        engine,
        out / "rendered",
        wishes.seed,
        wishes.epochs,
        None if wishes.minutes is None else 60.0 * wishes.minutes,
    )
    network, parents = method.build_network(settings), list[str]()
    if wishes.start is not None:
        first = load_model(wishes.start)
        if (first.lineage.method, first.lineage.profile) != (method.name, profile):
            raise HandStudioError(
                f"This model is one of {first.lineage.method} {first.lineage.profile}, not of {method.name} "
                f"{profile}",
                wishes.start,
                "Choose its --method and --profile, or start from another model",
            )
        take_over(network, first)
        parents = [wishes.start.stem, *first.lineage.parents]
    if not begun:
        wishes.write(out)
    training = method.pretraining(network, settings, plan)
    try:
        done = train(training, out, work.shown)
        proposer = method.proposer(training.model(), settings, engine)
        doubt = calibrating.measured(proposer, method.crop_size(settings))
        lineage = Lineage(
            method.name,
            profile,
            settings.model_dump(),
            parents=parents,
            data={"rendered_hands": True, "seed": wishes.seed},
            figures={
                "steps": done.steps,
                "seconds": done.seconds,
                "finished": done.finished,
                calibrating.ERROR_OF_DOUBT: doubt,
                **done.losses,
            },
        )
        path = save_model(out, training.model(), lineage)
    finally:
        training.close()
    return {
        "out": str(out),
        "model": str(path),
        "method": method.name,
        "profile": profile,
        "steps": done.steps,
        "seconds": round(done.seconds, 1),
        "losses": done.losses,
        "finished": done.finished,
    }


def _check(out: Path, begun: bool, resume: bool) -> None:
    if resume and not begun:
        raise HandStudioError("There is no training to go on with", out, "Start one without --resume")
    if begun and not resume:
        raise HandStudioError(
            "There is a training here already", out, "Go on with --resume, or choose another --out"
        )

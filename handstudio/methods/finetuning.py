"""Finetuning a model on a project: the curated set, the rest of the footage, and a new model that nobody
has to adopt."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.methods.calibrating import ERROR_OF_DOUBT, of_figures
from handstudio.methods.closer import CropOfHand, look_closer, looking_at
from handstudio.methods.contract import EpochLabels, FinetuneData, Proposer, TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.footage import Labels, LearntFrom, learnt_by, names_of_sequences
from handstudio.methods.hand_crops import read_crops
from handstudio.methods.judging import HoldOut, JudgedTraining, keep_figures
from handstudio.methods.moments import Moments, moments_of
from handstudio.methods.shapes import shape_of_hands
from handstudio.methods.training import train
from handstudio.methods.ways import FALLBACK
from handstudio.methods.weights import Lineage, load_model, save_model
from handstudio.progress import Progress, Silent
from handstudio.project.project import Project
from handstudio.project.records import Ids, ModelRecord, PoseTable


@dataclass(frozen=True)
class FinetuneResult:
    """How a finetune ended.

    Attributes:
        model: the new model's id; ``None`` when it was stopped before the end.
        parent: the model it started from.
        epochs: of Algorithm 1, those done.
        seconds: of this stretch.
        losses: the last ones, by name.
        finished: ``False`` when it was stopped; the same run can be resumed.
        hands, labelled: how much footage, and how much of it with labels.
        problems: of frames that could not be read.
    """

    model: str | None
    parent: str
    epochs: int
    seconds: float
    losses: dict[str, float]
    finished: bool
    hands: int
    labelled: int
    problems: list[str] = field(default_factory=list)


def finetune(
    project: Project,
    parent: ModelRecord,
    *,
    run_id: int,
    epochs: int | None = None,
    labels: Labels = "curated",
    sequences: list[int] | None = None,
    hands: Ids | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    name: str | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> FinetuneResult:
    """Finetune a copy of a model on the project's footage, and register the result (not adopted).

    Hold-out sequences and rejected hands are left out. With the same ``run_id`` a stopped run goes on from
    its last checkpoint, with the footage, the labels and the settings it began with.

    Args:
        project: footage and labels; pseudo-labels are kept with the run.
        parent: the model it starts from; its files are only read.
        run_id: the run whose folder holds checkpoint, log and rendered hands.
        epochs: instead of the settings'.
        labels: ``none`` treats labelled hands as unlabelled.
        sequences: ids of sequences to learn from; all that are not held out by default.
        hands: ids of hands to learn from, of those sequences; all by default.
        settings: changes to the parent's settings.
        seed: of everything random.
        name: of the new model.
        progress: told losses and steps; asked whether to stop between steps.
        engine: where it computes.

    Raises:
        HandStudioError: when there is no footage, or the parent cannot be loaded.
    """
    progress = progress or Silent()
    engine = engine or Engine()
    begin = time.monotonic()
    loaded = load_model(Path(parent.path))
    profile = loaded.lineage.profile
    chosen = loaded.method.settings_of_model(profile, loaded.lineage.settings, settings)
    folder = project.run_folder(run_id)
    learnt = LearntFrom.read(project, labels, sequences, hands, seed).as_begun(folder)
    if len(learnt.ids) == 0:
        raise HandStudioError(
            "There are no hands to learn from",
            project.path,
            "Import footage, or take sequences out of the hold-out",
        )

    def ready(network: Any) -> Proposer:
        # a network that is trained is judged once as it is: a graph of it would be made for nothing
        lasting = network is loaded.network
        proposer = loaded.method.proposer(network, chosen, engine if lasting else engine.in_way(FALLBACK))
        proposer.error_of_doubt = of_figures(loaded.lineage.figures)
        return proposer

    progress.report(0, None, "steps", "reading the footage")
    closer = _Closer(ready(loaded.network), learnt.labels)
    size = loaded.method.crop_size(chosen)
    crops, problems = read_crops(project, learnt.ids, size, progress.cancelled, closer)
    if not crops:
        if progress.cancelled():
            return FinetuneResult(None, parent.id, 0, time.monotonic() - begin, {}, False, 0, 0)
        raise HandStudioError(
            "No frame of the footage can be read", project.path, problems[0] if problems else None
        )
    data = _data(project, run_id, crops, learnt)
    names = names_of_sequences(project, learnt.ids)
    seen = learnt_by(project, parent).union(names)
    hold_out = HoldOut.read(project, size, progress.cancelled, but=seen)
    before = None if hold_out is None else hold_out.judge(ready(loaded.network))
    plan = TrainingPlan(engine, folder / "rendered", seed, epochs)
    training = loaded.method.finetuning(loaded.network, chosen, data, plan)
    if hold_out is not None and before is not None:
        training = JudgedTraining(training, hold_out, ready, before.evaluation)
    try:
        done = train(training, folder, progress)
        model = None
        if done.finished:
            data_used = {
                "hands": len(data),
                "labelled": int(data.labelled.sum()),
                "labels": labels,
                "sequences": names,
                "seed": seed,
                "run": run_id,
            }
            lineage = Lineage(
                loaded.method.name,
                profile,
                chosen.model_dump(),
                parents=[parent.id, *loaded.lineage.parents],
                data=data_used,
                figures={
                    "steps": done.steps,
                    "seconds": round(done.seconds, 1),
                    ERROR_OF_DOUBT: loaded.lineage.figures.get(ERROR_OF_DOUBT),
                    **done.losses,
                },
                source="finetune",
            )
            record = _registered(project, parent, training.model(), lineage, name)
            model = record.id
            if hold_out is not None and before is not None:
                keep_figures(project, parent, before)
                keep_figures(project, record, hold_out.judge(ready(training.model())))
    finally:
        training.close()
    return FinetuneResult(
        model,
        parent.id,
        training.epochs_done,
        time.monotonic() - begin,
        done.losses,
        done.finished,
        len(data),
        int(data.labelled.sum()),
        problems,
    )


def _registered(
    project: Project, parent: ModelRecord, network: Any, lineage: Lineage, name: str | None
) -> ModelRecord:
    """The model of a run that went through: one, however often the run was killed on its last metres."""
    run_id = lineage.data["run"]
    for known in project.models(lineage.method):
        if known.source == "finetune" and known.lineage.get("data", {}).get("run") == run_id:
            return known
    model = project.new_model_id(lineage.method)
    save_model(project.model_folder(model), network, lineage)
    return project.add_model(
        model,
        name or f"{parent.name}, finetuned",
        lineage.method,
        lineage.profile,
        source="finetune",
        parent=parent.id,
        lineage=lineage.to_dict(),
    )


class _Closer:
    """Crops about the hands: where a person put them, else where the model that is finetuned sees them."""

    def __init__(self, proposer: Proposer, labels: PoseTable) -> None:
        self._proposer = proposer
        self._known = dict(zip(labels.hand_ids.tolist(), labels.uv, strict=True))

    def __call__(self, crops: list[CropOfHand]) -> list[CropOfHand]:
        filled = self._proposer.filled
        if filled is None:
            return [replace(one, wide=one.wide[:0, :0]) for one in crops]
        return [
            looking_at(first, self._known[first.hand_id], filled) if first.hand_id in self._known else closer
            for first, closer in zip(crops, look_closer(self._proposer, crops), strict=True)
        ]


def _data(project: Project, run_id: int, crops: list[CropOfHand], learnt: LearntFrom) -> FinetuneData:
    count = len(crops)
    ids = np.array([one.hand_id for one in crops], dtype=np.int64)
    uv = np.full((count, 21, 2), np.nan, dtype=np.float32)
    depth = np.full((count, 21), np.nan, dtype=np.float32)
    given = np.zeros(count, dtype=bool)
    place = {int(number): row for row, number in enumerate(ids)}
    labels = learnt.labels
    for number, px, z in zip(labels.hand_ids, labels.uv, labels.depth, strict=True):
        row = place.get(int(number))
        if row is not None:
            uv[row], depth[row], given[row] = crops[row].in_cells(px), z, True

    def keep(labels: EpochLabels) -> None:
        def in_px(cells: Any) -> Any:
            return np.stack([one.in_px(pose) for pose, one in zip(cells, crops, strict=True)])

        project.store_pseudo_labels(
            run_id,
            labels.epoch,
            ids,
            in_px(labels.uv),
            labels.depth,
            in_px(labels.corrected_uv),
            labels.corrected_depth,
            labels.c_stability,
            labels.c_plausibility,
            labels.trusted,
        )

    pixels = np.stack([one.pixels for one in crops])

    def moments() -> Moments | None:
        return moments_of(project, ids, [one.look for one in crops])

    shape = shape_of_hands(project, ids)
    return FinetuneData(pixels, uv, depth, given, keep, shape, moments, ~np.isin(ids, learnt.looked_at))

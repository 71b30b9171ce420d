"""Finetuning a model on a project: the curated set, the rest of the footage, and a new model that nobody
has to adopt."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import OUTSIDE
from handstudio.methods.closer import CropOfHand, look_closer, looking_at
from handstudio.methods.contract import EpochLabels, FinetuneData, Proposer, TrainingPlan
from handstudio.methods.device import Engine
from handstudio.methods.judging import HoldOut, JudgedTraining, keep_figures
from handstudio.methods.proposing import read_crops
from handstudio.methods.training import train
from handstudio.methods.weights import Lineage, load_model, save_model
from handstudio.progress import Progress, Silent
from handstudio.project.project import Project
from handstudio.project.records import LABELLED, HandQuery, Ids, ModelRecord, State

Labels = Literal["curated", "none"]

FOOTAGE: Final = "footage.npy"
"""Beside the checkpoint: the ids of the hands with which the run began."""
MOST_HANDS: Final = 20_000
"""Hands of footage that a finetune keeps in memory; of more, as many are drawn, labelled ones first."""
_UNDECIDED: Final = (State.NONE, State.PROPOSED, State.SKIPPED)


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
    its last
    checkpoint, with the footage and settings it began with as far as they still are there.

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
    chosen = loaded.method.settings(profile, {**loaded.lineage.settings, **(settings or {})})
    folder = project.run_folder(run_id)
    ids, labelled = footage_of(project, labels, sequences, hands, seed)
    ids = _as_begun(folder / FOOTAGE, ids)
    if len(ids) == 0:
        raise HandStudioError(
            "There are no hands to learn from",
            project.path,
            "Import footage, or take sequences out of the hold-out",
        )

    def ready(network: Any) -> Proposer:
        return loaded.method.proposer(network, chosen, engine)

    progress.report(0, None, "steps", "reading the footage")
    closer = _Closer(project, ready(loaded.network), labelled)
    crops, problems = read_crops(project, ids, loaded.method.input_size, progress.cancelled, closer)
    if not crops:
        if progress.cancelled():
            return FinetuneResult(None, parent.id, 0, time.monotonic() - begin, {}, False, 0, 0)
        raise HandStudioError(
            "No frame of the footage can be read", project.path, problems[0] if problems else None
        )
    data = _data(project, run_id, crops, labelled)
    plan = TrainingPlan(engine, folder / "rendered", seed, epochs)
    training = loaded.method.finetuning(loaded.network, chosen, data, plan)
    hold_out = HoldOut.read(project, loaded.method.input_size, progress.cancelled)
    if hold_out is not None:
        before = hold_out.evaluate(ready(loaded.network))
        training = JudgedTraining(training, hold_out, ready, before)
    try:
        done = train(training, folder, progress)
        model = None
        if done.finished:
            data_used = {
                "hands": len(data),
                "labelled": int(data.labelled.sum()),
                "labels": labels,
                "sequences": [
                    record.name
                    for record in project.sequences()
                    if not record.hold_out and (sequences is None or record.id in sequences)
                ],
                "seed": seed,
                "run": run_id,
            }
            lineage = Lineage(
                loaded.method.name,
                profile,
                chosen.model_dump(),
                parents=[parent.id, *loaded.lineage.parents],
                data=data_used,
                figures={"steps": done.steps, "seconds": round(done.seconds, 1), **done.losses},
                source="finetune",
            )
            record = _registered(project, parent, training.model(), lineage, name)
            model = record.id
            if hold_out is not None:
                keep_figures(project, parent, before)
                keep_figures(project, record, hold_out.evaluate(ready(training.model())))
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


def footage_of(
    project: Project, labels: Labels, sequences: list[int] | None, hands: Ids | None, seed: int
) -> tuple[Ids, set[int]]:
    """Ids of the hands to learn from, in the order of the footage, and which of them have labels."""
    learnt = [
        record.id
        for record in project.sequences()
        if not record.hold_out and (sequences is None or record.id in sequences)
    ]
    if not learnt:
        return np.zeros(0, dtype=np.int64), set()
    states = (*_UNDECIDED, *LABELLED)
    ids = project.hand_ids(HandQuery(tuple(learnt), states))
    if hands is not None:
        ids = ids[np.isin(ids, hands)]
    labelled = (
        set(project.hand_ids(HandQuery(tuple(learnt), LABELLED)).tolist()) if labels == "curated" else set()
    )
    if len(ids) > MOST_HANDS:
        rank = np.random.default_rng(seed).random(len(ids)) - np.isin(ids, list(labelled))
        ids = ids[np.sort(np.argsort(rank)[:MOST_HANDS])]
    return ids, labelled & set(ids.tolist())


def _as_begun(path: Path, ids: Ids) -> Ids:
    """The ids with which this run began; those given where it begins now."""
    if path.exists():
        try:
            begun: Ids = np.load(path, allow_pickle=False)
        except (OSError, ValueError):
            raise HandStudioError(
                "The list of the run's footage is damaged", path, "Start a new finetune"
            ) from None
        return begun
    part = path.with_suffix(".part")
    with part.open("wb") as stream:
        np.save(stream, ids)
    part.replace(path)
    return ids


class _Closer:
    """Crops about the hands: where a person put them, else where the model that is finetuned sees them."""

    def __init__(self, project: Project, proposer: Proposer, labelled: set[int]) -> None:
        self._project, self._proposer, self._labelled = project, proposer, labelled

    def __call__(self, crops: list[CropOfHand]) -> list[CropOfHand]:
        filled = self._proposer.filled
        if filled is None:
            return list(crops)
        table = self._project.poses("label", [one.hand_id for one in crops if one.hand_id in self._labelled])
        known = dict(zip(table.hand_ids.tolist(), table.uv, strict=True))
        return [
            looking_at(first, known[first.hand_id], filled) if first.hand_id in known else closer
            for first, closer in zip(crops, look_closer(self._proposer, crops), strict=True)
        ]


def _data(project: Project, run_id: int, crops: list[CropOfHand], labelled: set[int]) -> FinetuneData:
    count = len(crops)
    ids = np.array([one.hand_id for one in crops], dtype=np.int64)
    uv = np.full((count, 21, 2), np.nan, dtype=np.float32)
    depth = np.full((count, 21), np.nan, dtype=np.float32)
    given = np.zeros(count, dtype=bool)
    place = {int(number): row for row, number in enumerate(ids)}
    table = project.poses("label", [int(number) for number in ids if int(number) in labelled])
    for number, px, z, visibility in zip(
        table.hand_ids, table.uv, table.depth, table.visibility, strict=True
    ):
        row = place[int(number)]
        one = crops[row]
        cells = one.in_cells(px)
        cells[(visibility == OUTSIDE) & ~np.isfinite(cells).all(axis=-1)] = np.nan
        uv[row], depth[row], given[row] = cells, z, True

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

    return FinetuneData(np.stack([one.pixels for one in crops]), uv, depth, given, keep)

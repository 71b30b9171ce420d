"""One cell of a table: a row with a seed, from an empty project to its figures. It can be interrupted at any
moment and goes on from its finetune's last checkpoint."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.experiments.config import Experiment, Row
from handstudio.experiments.doubt import compared
from handstudio.experiments.further import train_further
from handstudio.experiments.parts import Parts, cut
from handstudio.jobs.evaluating import evaluate_layer
from handstudio.jobs.importing import prepare
from handstudio.jobs.models import bring_model, model_for
from handstudio.jobs.references import Reference, reference_for
from handstudio.media.opening import open_sequences
from handstudio.progress import CancelledError, Progress
from handstudio.project import Project
from handstudio.project.commands import SetLabel
from handstudio.project.records import ModelRecord, Pose, State
from handstudio.scoring.evaluation import Evaluation

FIGURES: Final = ("epe_px", "pck_005", "auc_px", "epe_mm", "auc_mm", "auc_mm_0_50")


@dataclass(frozen=True)
class Cell:
    """The figures of a row with a seed.

    Attributes:
        row, seed: which cell.
        hands_learnt, hands_labelled, hands_measured: how many.
        measured, learnt: figures by name (:data:`FIGURES`) on both parts, proposals against the reference.
        curve: thresholds and PCK of the measured part, in mm where 3D is known, else in sides of the box.
        seconds: of the finetune, all its stretches together.
        when: at which it ended, seconds since 1970.
        profile, weights: what was adapted.
        at_joints: the figures of the measured part where the truth is that of the joints: proposals are moved
            there from where methods put their labels; empty without such truth.
        ran_on: processor or GPU, cores, precision, torch and HandStudio; empty for cells of before it was
            written down.
        doubt: by measure, see :func:`handstudio.experiments.doubt.compared`; empty where not asked for.
    """

    row: str
    seed: int
    hands_learnt: int
    hands_labelled: int
    hands_measured: int
    measured: dict[str, float]
    learnt: dict[str, float]
    curve: dict[str, list[float]]
    seconds: float
    when: float
    profile: str
    weights: str
    at_joints: dict[str, float] = field(default_factory=dict)
    ran_on: dict[str, str] = field(default_factory=dict)
    doubt: dict[str, dict[str, Any]] = field(default_factory=dict)


class CellRun:
    """The work of one cell.

    Args:
        experiment: what it is a part of.
        row, seed: which cell.
        footage: files and folders to import.
        reference: the right answer, a file or a layer.
        folder: where its project stands while it is at work.
        place: the configuration, for errors.
        given: the model that it measures, where that is another row's.
        keep: takes the model that it comes to; ``None`` keeps none.
    """

    def __init__(
        self,
        experiment: Experiment,
        row: Row,
        seed: int,
        footage: tuple[Path, ...],
        reference: str,
        folder: Path,
        place: Path,
        given: Path | None = None,
        keep: Path | None = None,
    ) -> None:
        self._given, self._keep = given, keep
        self._experiment, self._row, self._seed = experiment, row, seed
        self._footage, self._reference = footage, reference
        self._folder, self._place = folder, place

    def run(self, progress: Progress) -> Cell:
        """From footage to figures; the project is removed at the end.

        Raises:
            HandStudioError: when the footage, the reference or the model cannot be used.
            CancelledError: when it was stopped; called again, it goes on.
        """
        with self._project() as project:
            reference = reference_for(project, self._reference)
            parts = cut(project, self._experiment.domain, self._seed, self._place)
            hands = parts.chosen(self._row.learn_from, self._row.share, self._seed)
            model = self._first_model(project)
            if self._row.rendered is not None:
                model = train_further(
                    project,
                    model,
                    self._row.rendered,
                    self._settings(),
                    self._seed,
                    self._place,
                    progress,
                )
            labelled, seconds = 0, 0.0
            if self._row.finetune:
                labelled = self._label(project, model, hands, reference, progress)
                model, seconds = self._finetuned(project, model, hands, progress)
            if self._keep is not None:
                _copied(Path(model.path), self._keep)
            learnt = len(hands) if self._row.finetune else 0
            cell = self._measured(project, model, parts, reference, progress, (learnt, labelled), seconds)
        shutil.rmtree(self._folder)
        return cell

    def _project(self) -> Project:
        """The project as it was left, if all of the footage had been imported; else a new one."""
        path, imported = self._folder / "project", self._folder / "imported"
        if imported.exists():
            return Project.open(path, writer="job")
        if path.exists():
            shutil.rmtree(path)
        project = Project.create(path, "job")
        for source_path in self._footage:
            for source in open_sequences(source_path).sequences:
                project.add_sequence(prepare(source))
        imported.touch()
        return project

    def _first_model(self, project: Project) -> ModelRecord:
        if self._given is not None:
            return self._given_model(project, self._given)
        if self._row.start == "shipped":
            return model_for(project, self._experiment.method, None, self._experiment.profile)
        if isinstance(self._row.start, Path):
            return self._given_model(project, self._place.parent / self._row.start)
        from handstudio.methods import registry
        from handstudio.methods.weights import save_fresh_model

        name = "nothing"
        known = {record.id: record for record in project.models()}
        if name in known:
            return known[name]
        method = registry.load(self._experiment.method)
        folder, profile = project.model_folder(name), self._experiment.profile
        lineage = save_fresh_model(folder, method, profile, self._settings(), self._seed)
        return project.add_model(
            name, name, method.name, lineage.profile, source="pretrain", lineage=lineage.to_dict()
        )

    def _given_model(self, project: Project, path: Path) -> ModelRecord:
        """The model that the row begins with, from its folder or weights.

        Raises:
            HandStudioError: when it is not there, or of another method or profile.
        """
        model, wanted = bring_model(project, path), (self._experiment.method, self._experiment.profile)
        if (model.method, model.profile) != wanted:
            raise HandStudioError(
                f"The row {self._row.name!r} begins with a model of {model.method} {model.profile}, "
                f"not of {' '.join(wanted)}",
                path,
                "Change the configuration",
            )
        return model

    def _settings(self) -> Mapping[str, Any]:
        return {**self._experiment.settings, **self._row.settings}

    def _label(
        self, project: Project, model: ModelRecord, hands: Any, reference: Reference, progress: Progress
    ) -> int:
        """Fixes hands from the reference, as a person would; returns how many."""
        if self._row.labels == "none":
            return 0
        known = np.array([number for number in hands.tolist() if reference.knows(number)], dtype=np.int64)
        count = len(known) if self._row.labels == "all" else min(self._row.labels, len(known))
        done = set(project.poses("label").hand_ids.tolist())
        if len(done) >= count:
            return count
        for number in self._in_order(project, model, known, progress)[:count].tolist():
            if number not in done:
                command = SetLabel(number, _pose(reference, number), State.FIXED, "dragged", None)
                project.history.apply(command, "experiment")
        return count

    def _in_order(
        self, project: Project, model: ModelRecord, known: npt.NDArray[np.int64], progress: Progress
    ) -> npt.NDArray[np.int64]:
        """Hands in the order in which they are labelled."""
        if self._row.labels_first == "chance":
            return known[np.random.default_rng((self._seed, 2)).permutation(len(known))]
        self._propose(project, model, progress)
        doubts = project.joint_doubts(known.tolist()).mean(axis=1)
        return known[np.argsort(-np.nan_to_num(doubts), kind="stable")]

    def _propose(self, project: Project, model: ModelRecord, progress: Progress) -> None:
        """Proposals of a model for every hand.

        Raises:
            CancelledError: when it was stopped.
            HandStudioError: when footage cannot be read.
        """
        from handstudio.methods.proposing import propose

        proposed = propose(
            project, model, include_decided=True, follow=False, settings=self._settings(), progress=progress
        )
        if progress.cancelled():
            raise CancelledError
        if proposed.problems:
            raise HandStudioError("Footage cannot be read", self._place, proposed.problems[0])

    def _finetuned(
        self, project: Project, parent: ModelRecord, hands: Any, progress: Progress
    ) -> tuple[ModelRecord, float]:
        from handstudio.methods.finetuning import finetune

        runs = project.runs("finetune")
        run_id = runs[0].id if runs else project.start_run("finetune", [], {"row": self._row.name})
        before = float((runs[0].result or {}).get("seconds", 0.0)) if runs else 0.0
        began = time.monotonic()
        done = finetune(
            project,
            parent,
            run_id=run_id,
            epochs=self._row.epochs,
            labels="none" if self._row.labels == "none" else "curated",
            hands=hands,
            settings=self._settings(),
            seed=self._seed,
            progress=progress,
        )
        seconds = before + time.monotonic() - began
        project.finish_run(run_id, "finished" if done.model else "cancelled", {"seconds": seconds})
        if done.model is None:
            raise CancelledError
        return project.model(done.model), seconds

    def _measured(
        self,
        project: Project,
        model: ModelRecord,
        parts: Parts,
        reference: Reference,
        progress: Progress,
        hands: tuple[int, int],
        seconds: float,
    ) -> Cell:
        from handstudio.methods.device import ran_on

        self._propose(project, model, progress)
        evaluation = evaluate_layer(project, "proposal", reference, parts.measured)
        learnt = evaluate_layer(project, "proposal", reference, parts.learn)
        doubt = self._doubt(project, model, evaluation, progress)
        in_mm = evaluation.hands_mm > 0
        thresholds = evaluation.thresholds_mm if in_mm else evaluation.thresholds
        return Cell(
            row=self._row.name,
            seed=self._seed,
            hands_learnt=hands[0],
            hands_labelled=hands[1],
            hands_measured=evaluation.hands,
            measured=_figures(evaluation.to_json()),
            learnt=_figures(learnt.to_json()),
            curve={
                "thresholds": [round(value, 4) for value in thresholds.tolist()],
                "pck": [
                    round(value, 4) for value in (evaluation.curve_mm if in_mm else evaluation.curve).tolist()
                ],
            },
            seconds=round(seconds, 1),
            when=time.time(),
            profile=self._experiment.profile,
            weights=self._weights(model),
            at_joints=self._at_joints(project, parts),
            ran_on=ran_on(),
            doubt=doubt,
        )

    def _at_joints(self, project: Project, parts: Parts) -> dict[str, float]:
        if self._reference != "truth":
            return {}
        exact = reference_for(project, "truth", exact=True)
        return _figures(evaluate_layer(project, "proposal", exact, parts.measured, at_joints=True).to_json())

    def _weights(self, model: ModelRecord) -> str:
        """The weights that the row, or the row whose model it begins with, began with."""
        if self._given is not None:
            return str(model.lineage["parents"][1 if self._row.finetune else 0])
        return str(model.parent) if self._row.finetune else model.id

    def _doubt(
        self, project: Project, model: ModelRecord, evaluation: Evaluation, progress: Progress
    ) -> dict[str, dict[str, Any]]:
        wish = self._experiment.doubt
        if wish is None or self._row.name not in wish.rows:
            return {}
        from handstudio.methods.doubting import doubts_of

        ids, doubts = doubts_of(project, model, evaluation.hand_ids, self._settings(), progress)
        if progress.cancelled():
            raise CancelledError
        error = dict(zip(evaluation.hand_ids.tolist(), evaluation.hand_px.tolist(), strict=True))
        return compared(doubts, [error[number] for number in ids.tolist()], wish.calibrated_on, self._seed)


def _copied(model: Path, place: Path) -> None:
    """A model's folder, whole or not at all."""
    part = place.with_name(f"{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(model, part)
    shutil.rmtree(place, ignore_errors=True)
    part.replace(place)


def _pose(reference: Reference, number: int) -> Pose:
    row = reference.row_of(number)
    depth = reference.depth
    unknown = np.full(21, np.nan, dtype=np.float32)
    return Pose(
        reference.uv[row].astype(np.float32),
        unknown if depth is None else depth[row].astype(np.float32),
    )


def _figures(values: Mapping[str, Any]) -> dict[str, float]:
    return {name: round(float(values[name]), 5) for name in FIGURES if name in values}

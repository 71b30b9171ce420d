"""Judging models that are there already on the hold-out, beside those that a finetune judges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from handstudio.errors import HandStudioError
from handstudio.methods.calibrating import of_figures
from handstudio.methods.device import Engine
from handstudio.methods.footage import learnt_by
from handstudio.methods.judging import HoldOut, keep_figures
from handstudio.methods.weights import load_model
from handstudio.progress import CancelledError, Progress, Silent
from handstudio.project.project import Project
from handstudio.project.records import ModelRecord
from handstudio.scoring.evaluation import Evaluation


def judge_models(
    project: Project,
    models: Sequence[ModelRecord],
    *,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> dict[str, Evaluation]:
    """Judge models on the same hands: reviewed ones of the hold-out that none of them has learnt from.

    Their figures and poses are kept in the project, in the place of earlier ones.

    Args:
        project: footage, labels and hold-out.
        models: which.
        progress: told how many models are judged; asked whether to stop between them.
        engine: where it computes.

    Returns:
        each model's evaluation by its id.

    Raises:
        HandStudioError: where no such hand is reviewed, or a model cannot be loaded.
        CancelledError: when it was stopped; what was judged until then is kept.
    """
    progress = progress or Silent()
    engine = engine or Engine()
    seen = frozenset[str]().union(*(learnt_by(project, record) for record in models))
    found: dict[str, Evaluation] = {}
    for done, record in enumerate(models):
        progress.report(done, len(models), "models", record.name)
        loaded = load_model(Path(record.path))
        settings = loaded.method.settings_of_model(loaded.lineage.profile, loaded.lineage.settings, None)
        hold_out = HoldOut.read(project, loaded.method.crop_size(settings), progress.cancelled, but=seen)
        if progress.cancelled():
            raise CancelledError
        if hold_out is None:
            raise HandStudioError(
                "No reviewed hand is held out that these models have not learnt from",
                project.path,
                "Hold sequences out (handstudio hold-out P --draw) and review hands of them",
            )
        proposer = loaded.method.proposer(loaded.network, settings, engine)
        proposer.error_of_doubt = of_figures(loaded.lineage.figures)
        judgement = hold_out.judge(proposer)
        keep_figures(project, project.model(record.id), judgement)
        found[record.id] = judgement.evaluation
    progress.report(len(models), len(models), "models", "")
    return found

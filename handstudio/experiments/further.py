"""A row's further training on rendered hands: what is lost or gained when they look otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from handstudio.experiments.config import Rendered
from handstudio.experiments.made import changed
from handstudio.progress import CancelledError, Progress
from handstudio.project import Project
from handstudio.project.records import ModelRecord

NAME: Final = "further"


def train_further(
    project: Project,
    parent: ModelRecord,
    wish: Rendered,
    settings: Mapping[str, Any],
    seed: int,
    place: Path,
    progress: Progress,
) -> ModelRecord:
    """The parent, trained on rendered hands; taken from the project if that was done before.

    Args:
        project: takes the model.
        parent: what it begins with.
        wish: how many hands, and how they look.
        settings: changes to the method's settings.
        seed: of everything random.
        place: of the configuration, for errors.
        progress: told of steps; asked whether to stop.

    Raises:
        HandStudioError: for a setting that does not exist.
        CancelledError: when it was stopped; called again, it goes on from its last checkpoint.
    """
    from handstudio.methods.anchors import scene
    from handstudio.methods.contract import TrainingPlan
    from handstudio.methods.training import train
    from handstudio.methods.weights import Lineage, load_model, save_model

    known = {record.id: record for record in project.models()}
    if NAME in known:
        return known[NAME]
    loaded = load_model(Path(parent.path))
    length = {"pretraining.epochs": 1, "pretraining.epoch_hands": wish.hands}
    profile = loaded.lineage.profile
    chosen = loaded.method.settings_of_model(profile, loaded.lineage.settings, {**settings, **length})
    folder = project.model_folder(NAME)
    work = folder / "training"
    plan = TrainingPlan(folder=work / "rendered", seed=seed, scene=changed(scene(), wish.scene, place))
    training = loaded.method.pretraining(loaded.network, chosen, plan)
    try:
        if not train(training, work, progress).finished:
            raise CancelledError
        lineage = Lineage(
            loaded.method.name, profile, chosen.model_dump(), parents=[parent.id, *loaded.lineage.parents]
        )
        save_model(folder, training.model(), lineage)
    finally:
        training.close()
    shutil.rmtree(work)
    return project.add_model(
        NAME, NAME, loaded.method.name, profile, source="pretrain", lineage=lineage.to_dict()
    )

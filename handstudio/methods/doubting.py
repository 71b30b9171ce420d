"""How unsure a model is of stored hands, by every measure that its method knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from handstudio.hand.box import GRID
from handstudio.methods.closer import CropOfHand, look_closer
from handstudio.methods.contract import Floats
from handstudio.methods.device import Engine
from handstudio.methods.hand_crops import read_crops
from handstudio.methods.proposing import ready_model
from handstudio.progress import Progress, Silent
from handstudio.project.project import Project
from handstudio.project.records import Ids, ModelRecord


def doubts_of(
    project: Project,
    model: ModelRecord,
    ids: Ids,
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> tuple[Ids, dict[str, Floats]]:
    """Every measure of doubt about hands, scaled from cells of their crops to px of their frames.

    Args:
        project: where the hands are.
        model: whose doubt it is.
        ids: (N,) hands.
        settings: changes to the model's settings.
        progress: told of hands; asked whether to stop.
        engine: where it computes.

    Returns:
        (M,) the hands that can be read, and by name (M,) doubts; none when it was stopped.
    """
    watch = progress or Silent()
    proposer, size = ready_model(model, settings, engine or Engine())
    seen: list[CropOfHand] = []
    parts: list[Mapping[str, Floats]] = []

    def doubt(crops: list[CropOfHand]) -> list[CropOfHand]:
        closer = look_closer(proposer, crops)
        scale = np.array([one.look.side / GRID for one in closer], dtype=np.float32)
        found = proposer.doubts(np.stack([one.pixels for one in closer]))
        parts.append({name: values * scale for name, values in found.items()})
        seen.extend(closer)
        watch.report(len(seen), len(ids), "hands", "Measuring doubt")
        return closer

    read_crops(project, ids, size, watch.cancelled, doubt)
    if watch.cancelled() or not parts:
        return np.zeros(0, np.int64), {}
    return (
        np.array([one.hand_id for one in seen], dtype=np.int64),
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
    )

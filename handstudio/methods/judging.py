"""Models before the hold-out: the error of a network on reviewed hands that no training has seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from torch import nn

from handstudio.hand.skeleton import OUTSIDE
from handstudio.methods.closer import CropOfHand
from handstudio.methods.contract import Proposer
from handstudio.methods.hand_crops import BATCH, propose_crops, read_crops
from handstudio.methods.training import Training
from handstudio.project.project import Project
from handstudio.project.records import BY_PEOPLE, Floats, HandQuery, ModelRecord, PoseTable
from handstudio.scoring.evaluation import Evaluation
from handstudio.scoring.evaluation import evaluate as score

MOST_HANDS: Final = 512
"""Hands of the hold-out that a model is judged on; of more, as many are drawn."""
HOLD_OUT: Final = "hold_out"
"""Where a model's lineage keeps its figures."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a model made of the hold-out.

    Attributes:
        evaluation: against the labels, with every hand's error.
        uv: (N, 21, 2) px, in the order of the evaluation's hands. depth: (N, 21), in reference bones.
    """

    evaluation: Evaluation
    uv: Floats
    depth: Floats


@dataclass(frozen=True, eq=False)
class HoldOut:
    """Reviewed hands of the held-out sequences, ready for any model.

    An accepted label is the proposal of the model that made it, so that model looks a little better than it
    is; fixed labels have no such favourite.
    """

    crops: list[CropOfHand]
    labels: PoseTable

    @classmethod
    def read(
        cls,
        project: Project,
        size: int,
        should_stop: Callable[[], bool] | None = None,
        seed: int = 0,
        but: Collection[str] = (),
    ) -> HoldOut | None:
        """The project's hold-out, or ``None`` where no hand of a held-out sequence was reviewed.

        Args:
            size: side of the methods' crops, px.
            should_stop: asked while frames are read.
            seed: of the draw among very many hands.
            but: names of sequences that a training has seen, although they are held out now.
        """
        held = tuple(
            record.id for record in project.sequences() if record.hold_out and record.name not in but
        )
        ids = project.hand_ids(HandQuery(held, BY_PEOPLE)) if held else np.zeros(0, np.int64)
        if len(ids) > MOST_HANDS:
            ids = np.sort(np.random.default_rng(seed).choice(ids, MOST_HANDS, replace=False))
        if not len(ids):
            return None
        crops, _ = read_crops(project, ids, size, should_stop)
        if not crops:
            return None
        labels = project.poses("label", [one.hand_id for one in crops])
        by_id = {one.hand_id: one for one in crops}
        return cls([by_id[int(number)] for number in labels.hand_ids], labels)

    def judge(self, proposer: Proposer) -> Judgement:
        """The model's proposals against the labels."""
        uv, depth, doubt, root_c = [], [], [], []
        for start in range(0, len(self.crops), BATCH):
            part, found = propose_crops(proposer, self.crops[start : start + BATCH])
            uv += [one.in_px(cells) for cells, one in zip(found.uv, part, strict=True)]
            depth.append(found.depth)
            doubt += [
                one.px_of_cells(cells).mean() for cells, one in zip(found.joint_doubt, part, strict=True)
            ]
            c = np.sqrt(found.c_stability + found.c_plausibility)
            root_c += [one.px_of_cells(cells) for cells, one in zip(c, part, strict=True)]
        poses = np.stack(uv), np.concatenate(depth)
        evaluation = score(
            poses[0],
            self.labels.uv,
            np.array([one.box.side for one in self.crops], dtype=np.float32),
            depth=poses[1],
            depth_reference=self.labels.depth,
            counted=self.labels.visibility != OUTSIDE,
            hand_ids=self.labels.hand_ids,
            hand_doubt=doubt,
            hand_c=root_c,
        )
        return Judgement(evaluation, *poses)


class JudgedTraining(Training):
    """A training that is judged on the hold-out at the end of each epoch.

    Args:
        inner: the training itself.
        hold_out: what its model is judged on.
        ready: makes a proposer of its model.
        before: how the model did before the first step; told with that step.
    """

    def __init__(
        self, inner: Training, hold_out: HoldOut, ready: Callable[[nn.Module], Proposer], before: Evaluation
    ) -> None:
        self._inner = inner
        self._hold_out = hold_out
        self._ready = ready
        self._before = before
        self.unit = inner.unit

    @property
    def step(self) -> int:  # type: ignore[override]
        """Steps done."""
        return self._inner.step

    @property
    def total(self) -> int | None:
        """Steps in all."""
        return self._inner.total

    @property
    def finished(self) -> bool:
        """Whether no step is left."""
        return self._inner.finished

    @property
    def epochs_done(self) -> int:
        """Epochs that are done."""
        return self._inner.epochs_done

    def advance(self) -> Mapping[str, float]:
        """One step; the first and the last one of an epoch also tell ``hold_out_px`` and ``hold_out_pck``."""
        step, epochs = self._inner.step, self._inner.epochs_done
        values = self._inner.advance()
        if step == 0:
            return {**values, **_told(self._before)}
        if self._inner.epochs_done == epochs and not self._inner.finished:
            return values
        return {**values, **_told(self._hold_out.judge(self._ready(self._inner.model())).evaluation)}

    def model(self) -> nn.Module:
        """The network as it would be handed out now."""
        return self._inner.model()

    def state_dict(self) -> dict[str, Any]:
        """The inner training's state."""
        return self._inner.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._inner.load_state_dict(state)

    def message(self) -> str:
        """What is going on."""
        return self._inner.message()

    def close(self) -> None:
        """Let go of threads and pools."""
        self._inner.close()


def _told(evaluation: Evaluation) -> dict[str, float]:
    return {"hold_out_px": evaluation.epe_px, "hold_out_pck": evaluation.pck_005}


def keep_figures(project: Project, model: ModelRecord, judgement: Judgement) -> None:
    """Keep a model's figures on the hold-out in its lineage in the project, hand by hand, and its poses."""
    evaluation = judgement.evaluation
    project.store_judged(model.id, evaluation.hand_ids, judgement.uv, judgement.depth)
    project.change_lineage(model.id, {**model.lineage, HOLD_OUT: evaluation.to_json(with_hands=True)})

"""The footage of a finetune: which hands it learns from, and the labels that stood when it began."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.project.project import Project
from handstudio.project.records import (
    BY_PEOPLE,
    LABELLED,
    UNDECIDED,
    HandQuery,
    Ids,
    ModelRecord,
    PoseTable,
    State,
)

Labels = Literal["curated", "none"]

FOOTAGE: Final = "footage.npz"
"""Beside the checkpoint: the hands and labels with which the run began."""
MOST_HANDS: Final = 20_000
"""Hands of footage that a finetune keeps in memory; of more, as many are drawn, labelled ones first."""
_UNDECIDED: Final = (*UNDECIDED, State.SKIPPED)


@dataclass(frozen=True, eq=False)
class LearntFrom:
    """What a run learns from; it stays the same however often the run is stopped and goes on.

    Attributes:
        ids: (N,) the hands, in the order of the footage.
        labels: of those among them that are learnt with a label; px of the frame, reference bones.
        looked_at: of these, the ids of those at which a person has looked.
    """

    ids: Ids
    labels: PoseTable
    looked_at: Ids

    @classmethod
    def read(
        cls, project: Project, labels: Labels, sequences: list[int] | None, hands: Ids | None, seed: int
    ) -> LearntFrom:
        """What the project offers now: no held-out sequences, no rejected hands.

        Args:
            labels: ``none`` treats labelled hands as unlabelled.
            sequences: ids of sequences to learn from; all that are not held out by default.
            hands: ids of hands to learn from, of those sequences; all by default.
            seed: of the draw among very many hands.
        """
        learnt = tuple(
            record.id
            for record in project.sequences()
            if not record.hold_out and (sequences is None or record.id in sequences)
        )
        none = np.zeros(0, dtype=np.int64)
        ids = project.hand_ids(HandQuery(learnt, (*_UNDECIDED, *LABELLED))) if learnt else none
        if hands is not None:
            ids = ids[np.isin(ids, hands)]
        curated = project.hand_ids(HandQuery(learnt, LABELLED)) if learnt and labels == "curated" else none
        if len(ids) > MOST_HANDS:
            rank = np.random.default_rng(seed).random(len(ids)) - np.isin(ids, curated)
            ids = ids[np.sort(np.argsort(rank)[:MOST_HANDS])]
        looked_at = project.hand_ids(HandQuery(learnt, BY_PEOPLE)) if len(curated) else none
        mine = ids[np.isin(ids, curated)]
        return cls(ids, project.poses("label", mine), mine[np.isin(mine, looked_at)])

    def as_begun(self, folder: Path) -> LearntFrom:
        """What the run of this folder began with; this, where it begins now.

        Raises:
            HandStudioError: when the list in the folder is damaged.
        """
        path = folder / FOOTAGE
        if path.exists():
            return _load(path)
        part = path.with_suffix(".part")
        with part.open("wb") as stream:
            np.savez(
                stream,
                ids=self.ids,
                labelled=self.labels.hand_ids,
                uv=self.labels.uv,
                depth=self.labels.depth,
                visibility=self.labels.visibility,
                looked_at=self.looked_at,
            )
        part.replace(path)
        return self


def _load(path: Path) -> LearntFrom:
    try:
        with np.load(path, allow_pickle=False) as kept:
            labels = PoseTable(kept["labelled"], kept["uv"], kept["depth"], kept["visibility"])
            looked_at = kept.get("looked_at", labels.hand_ids)
            return LearntFrom(kept["ids"], labels, looked_at)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise HandStudioError(
            "The list of the run's footage is damaged", path, "Start a new finetune"
        ) from None


def names_of_sequences(project: Project, ids: Ids) -> list[str]:
    """Of the sequences in which the hands are."""
    sequences = {hand.sequence_id for hand in project.hands(ids)}
    return [record.name for record in project.sequences() if record.id in sequences]


def learnt_by(project: Project, model: ModelRecord) -> set[str]:
    """Names of the sequences that a model, or one of those it comes from, has learnt from in this project."""
    known = {record.id: record for record in project.models()}
    found: set[str] = set()
    now: ModelRecord | None = model
    while now is not None:
        found |= set(now.lineage.get("data", {}).get("sequences", ()))
        now = known.get(now.parent) if now.parent is not None else None
    return found

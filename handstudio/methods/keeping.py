"""Proposals on their way into the project: stored as they come, those of a filmed hand smoothed over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from handstudio.hand.peaks import Peaks, unpacked
from handstudio.methods.closer import CropOfHand
from handstudio.methods.contract import HandProposals, Proposer
from handstudio.methods.masks import store_masks
from handstudio.methods.peaks import peaks_in_px, store_peaks
from handstudio.methods.smoothing import TimedPose, continuous, reach, smoothed
from handstudio.methods.visibility import outside_frame
from handstudio.project.project import Project
from handstudio.project.records import Ids, ProposalBatch, SequenceRecord

FILMED: Final = ("video", "recording")
"""Kinds of sequences whose frames follow each other in time; folders may hold any photographs."""


class Kept(NamedTuple):
    """How many hands took a proposal, and how many were passed over since they are decided."""

    hands: int = 0
    skipped: int = 0


@dataclass
class _Track:
    """A stretch of one hand's movement: proposals from the first that still counts, and how many of them are
    stored already."""

    seen: list[_Seen] = field(default_factory=list)
    stored: int = 0


class _Seen(NamedTuple):
    crop: CropOfHand
    found: HandProposals
    pose: TimedPose


class Keeping:
    """Takes the proposals of one sequence in the order of its frames.

    Where they are smoothed, a proposal is stored once the frames are there that count for it, so it is
    written but once; C and the second opinion stay as the method gave them.

    Args:
        project: where they go.
        record: the sequence.
        proposer: whose they are; says how strongly they are smoothed, and corrects what was smoothed.
        model_id, run_id: whose they are, in the project.
        include_decided: store newer proposals beside labels as well.
    """

    def __init__(
        self,
        project: Project,
        record: SequenceRecord,
        proposer: Proposer,
        model_id: str,
        run_id: int | None,
        include_decided: bool = False,
    ) -> None:
        self._project, self._proposer = project, proposer
        self._model_id, self._run_id, self._include_decided = model_id, run_id, include_decided
        self._spread = proposer.smoothing if record.kind in FILMED else 0.0
        self._tracks: dict[int, _Track] = {}

    def put(self, crops: Sequence[CropOfHand], found: HandProposals) -> Kept:
        """Takes a batch in; says what was stored meanwhile."""
        if self._spread == 0.0:
            return self._store(crops, found)
        records = {hand.id: hand for hand in self._project.hands(one.hand_id for one in crops)}
        ready: list[_Seen] = []
        for row, one in enumerate(crops):
            hand = records[one.hand_id]
            mine = found.rows(slice(row, row + 1))
            c = float(mine.c_stability[0] + mine.c_plausibility[0])
            pose = TimedPose(hand.frame_index, one.in_px(mine.uv[0]), mine.depth[0], c, one.look.side)
            track = self._tracks.setdefault(hand.track, _Track())
            if track.seen and not continuous(track.seen[-1].pose, pose, self._spread):
                ready += self._rest_of(track)
                track = self._tracks[hand.track] = _Track()
            track.seen.append(_Seen(one, mine, pose))
            ready += self._ripe(track, pose.frame - reach(self._spread))
        return self._store_all(ready)

    def flush(self) -> Kept:
        """Stores what is still waiting; the sequence has ended, or the work is stopped."""
        ready = [one for track in self._tracks.values() for one in self._rest_of(track)]
        self._tracks.clear()
        return self._store_all(ready)

    def _rest_of(self, track: _Track) -> list[_Seen]:
        return self._ripe(track, track.seen[-1].pose.frame) if track.seen else []

    def _ripe(self, track: _Track, last: int) -> list[_Seen]:
        """The proposals up to a frame, smoothed; those that count for no later one are forgotten."""
        poses = [one.pose for one in track.seen]
        ready = []
        while track.stored < len(poses) and poses[track.stored].frame <= last:
            one = track.seen[track.stored]
            uv, depth = smoothed(poses, track.stored, self._spread)
            cells = one.crop.in_cells(uv).astype(np.float32)
            ready.append(one._replace(found=replace(one.found, uv=cells[None], depth=depth[None])))
            track.stored += 1
        if track.stored < len(poses):
            first = poses[track.stored].frame - reach(self._spread)
            old = sum(pose.frame < first for pose in poses[: track.stored])
            del track.seen[:old]
            track.stored -= old
        return ready

    def _store_all(self, ready: Sequence[_Seen]) -> Kept:
        if not ready:
            return Kept()
        found = HandProposals.joined([one.found for one in ready])
        uv, depth = self._proposer.corrected(found.uv, found.depth)
        return self._store(
            [one.crop for one in ready], replace(found, corrected_uv=uv, corrected_depth=depth)
        )

    def _store(self, crops: Sequence[CropOfHand], found: HandProposals) -> Kept:
        hands = store(self._project, crops, found, self._model_id, self._run_id, self._include_decided)
        return Kept(hands, len(crops) - hands)


def store(
    project: Project,
    crops: Sequence[CropOfHand],
    found: HandProposals,
    model_id: str,
    run_id: int | None,
    include_decided: bool = False,
) -> int:
    """Store a batch's proposals in px, and its masks; returns how many hands took one."""
    ids = np.array([one.hand_id for one in crops], dtype=np.int64)
    kept = store_poses(project, crops, found, model_id, run_id, include_decided)
    masks = np.stack([one.over_box(mask) for mask, one in zip(found.mask, crops, strict=True)])
    stored = np.isin(ids, kept)
    boxes = [one.box for one, kept_one in zip(crops, stored.tolist(), strict=True) if kept_one]
    store_masks(project, ids[stored], boxes, masks[stored])
    return int(stored.sum())


def store_poses(
    project: Project,
    crops: Sequence[CropOfHand],
    found: HandProposals,
    model_id: str,
    run_id: int | None,
    include_decided: bool = False,
    views: Ids | None = None,
) -> Ids:
    """Store a batch's proposals in px, without their masks; returns the ids of the hands that took one.

    Args:
        project: where they go.
        crops, found: hands and what was found in their crops.
        model_id, run_id: whose they are, in the project.
        include_decided: store newer proposals beside labels as well.
        views: (N,) from how many cameras each was found; one by default.
    """

    def in_px(uv: Any) -> Any:
        return np.stack([one.in_px(cells) for cells, one in zip(uv, crops, strict=True)])

    uv = in_px(found.uv)
    visibility = np.stack([outside_frame(px, *one.size) for px, one in zip(uv, crops, strict=True)])
    ids = np.array([one.hand_id for one in crops], dtype=np.int64)
    stored = project.store_proposals(
        run_id,
        model_id,
        ProposalBatch(
            ids,
            uv,
            found.depth,
            in_px(found.corrected_uv),
            found.corrected_depth,
            found.c_stability,
            found.c_plausibility,
            in_px(found.perturbed_uv),
            found.perturbed_depth,
            visibility,
            np.stack([one.px_of_cells(doubt) for doubt, one in zip(found.joint_doubt, crops, strict=True)]),
            views,
        ),
        include_decided=include_decided,
    )
    _keep_peaks(project, crops, uv, found, np.isin(ids, stored))
    return stored


def _keep_peaks(
    project: Project,
    crops: Sequence[CropOfHand],
    uv: Any,
    found: HandProposals,
    stored: npt.NDArray[np.bool_],
) -> None:
    rows = np.flatnonzero(stored)
    if not len(rows):
        return
    kept = [crops[row] for row in rows.tolist()]
    peaks = [
        peaks_in_px(unpacked(found.peaks[row]), one.look, one.side)
        for row, one in zip(rows.tolist(), kept, strict=True)
    ]
    together = Peaks(*(np.stack(part) for part in zip(*peaks, strict=True)))
    store_peaks(project, [one.hand_id for one in kept], uv[rows], [one.look for one in kept], together)

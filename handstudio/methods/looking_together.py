"""Proposals of hands that several calibrated cameras see at once, put together after each view had its own.

What a view said alone stays as the second opinion; the confidence is how far it is from what all say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from handstudio.hand.distance import pose_distance
from handstudio.hand.peaks import highest, packed
from handstudio.methods.closer import CropOfHand, looking_at
from handstudio.methods.contract import HandProposals, Proposer
from handstudio.methods.hand_crops import read_crops
from handstudio.methods.keeping import store_poses
from handstudio.methods.moments import moments_of
from handstudio.progress import Progress
from handstudio.project.project import Project
from handstudio.project.records import UNDECIDED, HandQuery, Ids, SequenceRecord

_MOMENTS_AT_ONCE: Final = 32


def put_together(
    project: Project,
    records: Sequence[SequenceRecord],
    proposer: Proposer,
    size: int,
    model_id: str,
    run_id: int | None,
    progress: Progress,
    include_decided: bool = False,
) -> tuple[int, list[str]]:
    """Make the latest proposals of a model that are of one hand at one moment one; those that were are left.

    Args:
        project: where they are.
        records: the sequences whose hands are meant.
        proposer: the model, ready to look again.
        size: side of its crops, px.
        model_id, run_id: whose proposals, and which run the new ones belong to.
        progress: told of hands done; asked whether to stop.
        include_decided: labelled hands as well.

    Returns:
        How many hands took a proposal from several views, and problems of frames that cannot be read.
    """
    alone = project.ids_proposed_by(model_id, alone=True)
    states = None if include_decided else UNDECIDED
    done, problems = 0, []
    for recording in _recordings(records):
        ids = project.hand_ids(HandQuery(tuple(record.id for record in recording), states))
        ids = ids[np.isin(ids, alone)]
        shaped = proposer.of_person(project.hand_shape(recording[0]))
        for part in _parts(project, ids):
            taken, wrong = _together(project, part, shaped, size, model_id, run_id, progress, include_decided)
            done += taken
            problems += wrong
            if progress.cancelled():
                return done, problems
            progress.report(done, None, "hands", f"{recording[0].recording}: all views together")
    return done, problems


def _recordings(records: Sequence[SequenceRecord]) -> Iterator[list[SequenceRecord]]:
    """The views of each recording that has several calibrated ones."""

    def place(record: SequenceRecord) -> tuple[str, str]:
        return record.path, record.recording or ""

    for _, views in groupby(sorted(records, key=place), key=place):
        calibrated = [record for record in views if record.recording and (record.camera or {}).get("R")]
        if len(calibrated) > 1:
            yield calibrated


def _parts(project: Project, ids: Ids) -> Iterator[Ids]:
    """The ids of some moments at once, so that a long recording is not in memory as a whole."""
    hands = sorted(project.hands(ids), key=lambda hand: (hand.frame_index, hand.id))
    frames = [list(group) for _, group in groupby(hands, key=lambda hand: hand.frame_index)]
    for start in range(0, len(frames), _MOMENTS_AT_ONCE):
        some = frames[start : start + _MOMENTS_AT_ONCE]
        yield np.array([hand.id for frame in some for hand in frame], dtype=np.int64)


def _together(
    project: Project,
    ids: Ids,
    proposer: Proposer,
    size: int,
    model_id: str,
    run_id: int | None,
    progress: Progress,
    include_decided: bool,
) -> tuple[int, list[str]]:
    table = project.poses("proposal", ids)
    known = dict(zip(table.hand_ids.tolist(), table.uv, strict=True))

    def closer(crops: list[CropOfHand]) -> list[CropOfHand]:
        filled = proposer.filled
        return crops if filled is None else [looking_at(one, known[one.hand_id], filled) for one in crops]

    crops, problems = read_crops(project, table.hand_ids, size, progress.cancelled, closer)
    here = np.array([one.hand_id for one in crops], dtype=np.int64)
    moments = moments_of(project, here, [one.look for one in crops]) if crops else None
    if moments is None:
        return 0, problems
    rows = np.array(sorted(row for group in moments.groups for row in group))
    some = [crops[row] for row in rows]
    table = project.poses("proposal", here[rows])
    uv = np.stack([one.in_cells(px) for px, one in zip(table.uv, some, strict=True)])
    doubt = project.joint_doubts(here[rows]) * np.array([[64.0 / one.look.side] for one in some], np.float32)
    heat = proposer.heatmaps(np.stack([one.pixels for one in some]))
    found = moments.of(rows.tolist()).together(heat, uv, np.nan_to_num(doubt, nan=2.0), proposer.shape)
    if not len(found.rows):
        return 0, problems
    before, depth_before = uv[found.rows], table.depth[found.rows]
    corrected_uv, corrected_depth = proposer.corrected(found.uv, found.depth)
    stored = store_poses(
        project,
        [some[row] for row in found.rows.tolist()],
        HandProposals(
            found.uv,
            found.depth,
            np.zeros((len(found.rows), 0, 0), np.float32),
            before,
            depth_before,
            corrected_uv,
            corrected_depth,
            pose_distance(found.uv, found.depth, before, depth_before),
            pose_distance(found.uv, found.depth, corrected_uv, corrected_depth),
            found.doubt,
            *([] if heat is None else [packed(highest(heat[found.rows]))]),
        ),
        model_id,
        run_id,
        include_decided,
        found.views,
    )
    return len(stored), problems

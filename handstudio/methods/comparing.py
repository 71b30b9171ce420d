"""Comparing what was proposed: with its own mask, with what a depth camera saw, and with the poses before and
after it."""

from __future__ import annotations

from typing import Final

import numpy as np

from handstudio.hand.disagreement import SIDE, Floats, jumps, mask_mismatch
from handstudio.methods.masks import read_mask
from handstudio.methods.surfaces import cells_apart
from handstudio.progress import Progress, Silent
from handstudio.project.project import Project
from handstudio.project.records import HandQuery, Ids

_AT_ONCE: Final = 512


def compare(project: Project, progress: Progress | None = None) -> int:
    """Compare all proposals that have not been yet; how many hands there were. May be stopped and gone on."""
    progress = progress or Silent()
    done = _mismatches(project, progress)
    if not progress.cancelled():
        _jumps(project, progress)
    return done


def _mismatches(project: Project, progress: Progress) -> int:
    proposals, hands = project.not_compared("mismatch")
    for start in range(0, len(hands), _AT_ONCE):
        progress.report(start, len(hands), "hands", "Masks and depth against the poses")
        if progress.cancelled():
            return start
        part = slice(start, start + _AT_ONCE)
        project.store_compared(
            "mismatch", hands[part], mismatches(project, hands[part]), int(proposals[part][-1])
        )
    return len(hands)


def mismatches(project: Project, hand_ids: Ids) -> Floats:
    """(N,) how far circles and spheres of each latest proposal are from its mask and from what a depth camera
    saw; NaN where it has no mask."""
    found = np.full(len(hand_ids), np.nan, dtype=np.float32)
    table = project.poses("proposal", hand_ids.tolist())
    records = {record.id: record for record in project.hands(table.hand_ids)}
    rows, shares, masks = [], [], []
    for row, number in enumerate(table.hand_ids.tolist()):
        box = records[number].box
        mask = read_mask(project, number, box)
        if mask is not None and mask.shape[-1] % SIDE == 0:
            rows.append(row)
            shares.append(box.square().to_cells(table.uv[row], 1))
            masks.append(mask.astype(np.float32) / 255.0)
    if rows:
        apart = cells_apart(project, table, [records[number] for number in table.hand_ids.tolist()])[rows]
        values = mask_mismatch(np.stack(shares).astype(np.float32), table.depth[rows], np.stack(masks), apart)
        places = {int(number): place for place, number in enumerate(hand_ids.tolist())}
        for row, value in zip(rows, values.tolist(), strict=True):
            found[places[int(table.hand_ids[row])]] = value
    return found


def _jumps(project: Project, progress: Progress) -> None:
    """Of whole sequences: a new proposal also changes what its neighbours are compared with."""
    proposals, hands = project.not_compared("jump")
    if not len(hands):
        return
    touched = project.sequences_of(hands)
    for number, sequence_id in enumerate(touched):
        progress.report(number, len(touched), "sequences", "Jumps between frames")
        if progress.cancelled():
            return
        ids, values = jumps_of(project, sequence_id)
        project.store_compared("jump", ids, values)
    project.store_compared("jump", hands[:0], np.zeros(0, np.float32), int(proposals[-1]))


def jumps_of(project: Project, sequence_id: int) -> tuple[Ids, Floats]:
    """(N,) ids of the proposed hands of a sequence, and how far each is from its neighbours in time, px."""
    table = project.poses("proposal", project.hand_ids(HandQuery((sequence_id,))).tolist())
    records = project.hands(table.hand_ids)
    found = np.full(len(table), np.nan, dtype=np.float32)
    frames = np.array([record.frame_index for record in records], dtype=np.int64)
    tracks = np.array([2 * record.track + (record.side == "left") for record in records], dtype=np.int64)
    for track in np.unique(tracks):
        rows = np.flatnonzero(tracks == track)
        found[rows] = jumps(frames[rows], table.uv[rows])
    return table.hand_ids, found

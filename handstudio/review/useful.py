"""Which hands would teach a model most: unsure of, and in poses unlike those that were reviewed."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.circles import hand_scale
from handstudio.hand.skeleton import ROOT
from handstudio.progress import Progress, Silent
from handstudio.project import Project
from handstudio.project.records import BY_PEOPLE, Floats, HandQuery, HandRecord, Ids, PoseTable, State
from handstudio.review.expected_error import ExpectedError, fit_project

CHOSEN: Final = 1000
"""Hands that are put in order; of the others it is not known."""
_POOL: Final = 10_000
"""Hands that are looked at: so many of the largest expected errors, and as many by lot."""
_REVIEWED: Final = 2000


def find_useful(project: Project, progress: Progress | None = None) -> int:
    """Put the most useful undecided hands in an order; how many. May be stopped: then nothing is changed."""
    progress = progress or Silent()
    expected = fit_project(project)
    pool = [HandQuery(states=(State.PROPOSED,), order=order) for order in ("worst", "random")]  # type: ignore[arg-type]
    ids = np.unique(np.concatenate([project.in_order(query).first(_POOL) for query in pool]))
    table = project.poses("proposal", ids.tolist())
    if not len(table):
        project.clear_compared("useful")
        return 0
    records = project.hands(table.hand_ids)
    known = project.in_order(HandQuery(states=BY_PEOPLE, order="recent")).first(_REVIEWED)
    labels = project.poses("label", known.tolist())
    seen = normalised(labels, project.hands(labels.hand_ids))
    last = project.newest_proposal()
    rows, scores = chosen(
        normalised(table, records), errors_in_cells(records, expected), seen, CHOSEN, progress
    )
    if progress.cancelled():
        return 0
    project.clear_compared("useful")
    project.store_compared("useful", table.hand_ids[rows], scores, last)
    return len(rows)


def normalised(table: PoseTable, records: list[HandRecord]) -> Floats:
    """(N, 63) poses about their root in reference bones, left hands mirrored, the view as it is."""
    if not len(table):
        return np.zeros((0, 63), np.float32)
    scale = np.maximum(np.asarray(hand_scale(table.uv, table.depth)), 1e-6)[:, None, None]
    uv = (table.uv - table.uv[:, ROOT : ROOT + 1]) / scale
    uv[[record.side == "left" for record in records], :, 0] *= -1.0
    return np.concatenate([uv.reshape(len(table), -1), table.depth], axis=1).astype(np.float32)


def errors_in_cells(records: list[HandRecord], expected: ExpectedError) -> Floats:
    """(N,) expected errors in shares of the box, so that near hands are not preferred to far ones."""
    found = [(expected.of_hand(record) or 0.0) / max(record.box.side, 1e-6) for record in records]
    return np.array(found, dtype=np.float32)


def chosen(
    poses: Floats, errors: Floats, seen: Floats, number: int, progress: Progress | None = None
) -> tuple[Ids, Floats]:
    """Choose one after the other the hand of which error times distance to the nearest pose is largest.

    A hand that was chosen counts as reviewed for those that follow, so that no pose is chosen twice.

    Args:
        poses: (N, D) of the hands.
        errors: (N,) expected ones.
        seen: (M, D) poses that were reviewed; where there are none, distances are to the mean pose at first.
        number: how many to choose at most.
        progress: told of; asked whether to stop.

    Returns:
        rows (K,), and their scores at the time, descending.
    """
    progress = progress or Silent()
    near = _distances(poses, poses.mean(axis=0)) if not len(seen) else np.full(len(poses), np.inf)
    for pose in seen:
        near = np.minimum(near, _distances(poses, pose))
    rows: list[int] = []
    scores: list[float] = []
    for place in range(min(number, len(poses))):
        if place % 50 == 0:
            progress.report(place, number, "hands", "Choosing")
            if progress.cancelled():
                break
        score = errors * near
        best = int(score.argmax())
        if score[best] <= 0.0:
            break
        rows.append(best)
        scores.append(float(score[best]))
        near = np.minimum(near, _distances(poses, poses[best]))
    return np.array(rows, dtype=np.int64), np.array(scores, dtype=np.float32)


def _distances(poses: Floats, pose: Floats) -> npt.NDArray[np.float64]:
    """(N,) root mean square over joints, reference bones."""
    joints = poses.shape[1] // 3
    return np.asarray(np.sqrt(((poses - pose) ** 2).sum(axis=1) / joints), dtype=np.float64)

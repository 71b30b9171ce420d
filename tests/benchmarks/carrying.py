"""How good hands are that were placed by pointing, and labels that were carried forward.

Both on hands rendered from a mesh, whose poses are known. ``placed``: depths of hands found through their
joints in the image (``hand/from_points.py``), with and without the camera, all joints and with some hidden.
``carried``: a label 1.5 px off is carried through the next frames of its sequence, one camera's proposals
(``review/carrying.py``); per step, how far carried hands and the proposals in their place are off, of frames
where carrying would stop by itself and of the others. Prints one JSON object a line.

    python tests/benchmarks/carrying.py
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import annotated
import annotator
import numpy as np

from handstudio.hand.from_points import Pointed
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.jobs.references import reference_for
from handstudio.media.opening import open_sequences
from handstudio.project.project import Project
from handstudio.project.records import HandQuery, Pose
from handstudio.review.carrying import carried
from handstudio.review.session import ReviewSession

STEPS = ((1, 1), (2, 2), (3, 3), (4, 7))
LABEL_PX = 1.5
APART = 8
"""Frames between the labels that are carried."""


def placed(subjects: list[str], hidden: int, with_camera: bool) -> None:
    """Depths of hands that were pointed at, and guesses of the joints that were not."""
    rng = np.random.default_rng(0)
    depths, flat, guesses = [], [], []
    for subject in subjects:
        path = annotator.DATA / "meshhands" / "sequences" / f"{subject}_seq1"
        for source in open_sequences(path).sequences:
            known = [hand for hands in source.hands.values() for hand in hands if hand.xyz_mm is not None]
            for hand in known[::12]:
                bone = np.linalg.norm(hand.xyz_mm[10] - hand.xyz_mm[9])
                xyz = AS_POINTED_AT.moved(hand.xyz_mm.astype(np.float64))
                K = source.camera.K
                uv = xyz[:, :2] / xyz[:, 2:] * (K[0, 0], K[1, 1]) + K[:2, 2]
                depth = (xyz[:, 2] - xyz[9, 2]) / bone
                size = float(np.ptp(uv, axis=0).max())
                points, missing = uv.copy(), rng.choice(np.arange(1, 21), hidden, replace=False)
                points[missing] = np.nan
                found, deep = Pointed(hand.side, size, K=K if with_camera else None).hand(points)
                depths.append(np.abs(deep - depth).mean())
                flat.append(np.abs(depth).mean())
                if hidden:
                    guesses.append(np.linalg.norm(found[missing] - uv[missing], axis=1).mean() / size)
    context = {"hands": len(depths), "hidden": hidden, "camera": with_camera, "flat": round(np.mean(flat), 3)}
    annotated.tell("placed, depth", float(np.mean(depths)), "reference bones", **context)
    if hidden:
        annotated.tell("placed, guessed joints", float(np.mean(guesses)), "of the hand", **context)


def tries(project: Project, session: ReviewSession) -> Iterator[tuple[int, bool, float, float]]:
    """Step, whether carrying goes so far, and px that the carried hand and the proposal are off."""
    reference, rng = reference_for(project, "truth"), np.random.default_rng(0)
    for sequence in project.sequences():
        hands = project.hands(HandQuery(sequences=(sequence.id,)))
        for first in range(0, len(hands) - 1, APART):
            bundles = [project.bundle(hand.id) for hand in hands[first : first + APART]]
            row = reference.row_of(bundles[0].record.id)
            label = Pose(reference.uv[row] + rng.normal(0.0, LABEL_PX, (21, 2)), reference.depth[row])
            error, goes = np.ones(21, np.float32), True
            for step, (here, there) in enumerate(pairwise(bundles), 1):
                record, peaks = there.record, session.peaks(there.record.id)
                if here.proposal is None or there.proposal is None or peaks is None:
                    break
                shape, expected = session.shape(sequence.id), session.expected.of_hand(record)
                one = carried(label, error, here.proposal, there.proposal, peaks, shape, expected)
                if one is None:
                    break
                right = reference.uv[reference.row_of(record.id)]
                off = [
                    np.linalg.norm(uv - right, axis=1).mean() for uv in (one.pose.uv, there.proposal.pose.uv)
                ]
                goes = goes and one.trusted
                yield step, goes, float(off[0]), float(off[1])
                label, error = one.pose, one.error


def carry(arguments: argparse.Namespace) -> None:
    """Labels carried forward, against the proposals in their place."""
    with tempfile.TemporaryDirectory() as folder:
        place = annotator.prepared("meshhands", Path(folder), arguments)
        with Project.open(place, "window") as project:
            session = ReviewSession(project, annotator.WHO)
            session.open()
            rows = np.array(list(tries(project, session)))
    for low, high in STEPS:
        for goes in (True, False):
            part = rows[(rows[:, 0] >= low) & (rows[:, 0] <= high) & (rows[:, 1] == goes)]
            if len(part):
                context: dict[str, Any] = {"frames": [low, high], "taken": goes, "hands": len(part)}
                annotated.tell(
                    "carried",
                    float(part[:, 2].mean()),
                    "px",
                    **context,
                    proposals=round(part[:, 3].mean(), 3),
                )


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--subjects", nargs="+", default=["s01", "s02"])
    parser.add_argument("--placed", nargs="+", default=["s03", "s05", "s06", "s08"])
    arguments = parser.parse_args()
    for hidden, with_camera in ((0, False), (0, True), (4, False)):
        placed(arguments.placed, hidden, with_camera)
    arguments.across_views, arguments.weights = False, None
    carry(arguments)


if __name__ == "__main__":
    main()

"""Say how far one layer of poses is from another, or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.project import Project
from handstudio.project.records import HandRecord, Measure, PoseTable
from handstudio.review.expected_error import doubt_of_hand, fit_project
from handstudio.scoring.bars import joints_svg
from handstudio.scoring.confidence import told
from handstudio.scoring.curves import fingers_svg, pck_mm_svg, pck_svg
from handstudio.scoring.evaluation import Evaluation
from handstudio.scoring.evaluation import evaluate as score

from .references import LAYERS, Reference, of_recordings, reference_for
from .stopping import cancel_point
from .workplace import chosen_hands, one_of, open_project

if TYPE_CHECKING:
    from handstudio.progress import Progress

    from .command import Result, Work


def run(
    work: Work,
    project_path: Path,
    reference: str,
    layer: str = "proposal",
    sequences: Sequence[str] | None = None,
    frames: str | None = None,
    names_file: Path | None = None,
    curves: Path | None = None,
    exact: bool = False,
    at_joints: bool = False,
) -> Result:
    """Does ``handstudio evaluate``; keys ``hands epe_px pck_005 auc_px problems``, with 3D
    ``epe_mm auc_mm``.

    Of proposals, ``confidence`` says of the joints' ``doubt`` and of ``C`` how well they tell good hands from
    bad ones (``aurc_px``, ``captured``) and how far the expected errors are met (``reliability_gap_px``).
    ``per_joint`` and ``per_finger`` hold the same by name, with a ``curve`` at ``curve``'s thresholds each.

    Raises:
        HandStudioError: when no hand has a pose in both.
        CancelledError: when it was stopped.
    """
    one_of(layer, LAYERS, "layer")
    with open_project(project_path, to_read=True) as project:

        def do(progress: Progress, run_id: int | None) -> Result:
            progress.report(0, 3, "steps", "Reading the reference")
            right = reference_for(project, reference, exact or at_joints)
            cancel_point(work.stop)
            progress.report(1, 3, "steps", "Comparing")
            ids = chosen_hands(project, sequences, frames, names_file)
            evaluation = evaluate_layer(project, layer, right, ids, at_joints)
            confidence = confidence_of(project, evaluation) if layer == "proposal" else {}
            cancel_point(work.stop)
            progress.report(2, 3, "steps", "Drawing" if curves is not None else "Comparing")
            drawn = draw_curves(curves, layer, evaluation) if curves is not None else []
            progress.report(3, 3, "steps")
            return {
                "run": run_id,
                "layer": layer,
                "reference": right.name,
                **evaluation.to_json(with_curves_of_parts=True),
                **({"confidence": confidence} if confidence else {}),
                "curves": [str(path) for path in drawn],
                "problems": list(right.problems),
            }

        params = {
            "layer": layer,
            "reference": reference,
            "sequences": list(sequences or ()),
            "frames": frames,
            "exact": exact,
            "at_joints": at_joints,
        }
        return work.noted(project, "evaluate", params, do)


def evaluate_layer(
    project: Project,
    layer: str,
    reference: Reference,
    hand_ids: npt.ArrayLike | None = None,
    at_joints: bool = False,
) -> Evaluation:
    """Compares the poses of a layer with a reference, on the hands that have both.

    Args:
        project: where the poses are.
        layer: ``proposal``, ``correction``, ``label``...
        reference: the right answer.
        hand_ids: (N,) only these hands; all by default.
        at_joints: the reference is that of the joints themselves, where hands are of recordings; poses are
            moved there from where people and methods put their labels.

    Raises:
        HandStudioError: when no hand has a pose in both.
    """
    wanted = None if hand_ids is None else np.asarray(hand_ids, dtype=np.int64)
    table = project.poses(layer, wanted)  # type: ignore[arg-type]
    rows = [row for row, hand_id in enumerate(table.hand_ids.tolist()) if reference.knows(hand_id)]
    if not rows:
        raise HandStudioError(
            f"No hand has a {layer} and a pose in {reference.name}",
            project.path,
            "Run propose first"
            if layer in ("proposal", "perturbed", "correction")
            else "Decide some hands first",
        )
    chosen = np.array(rows)
    table = _at_joints(project, table) if at_joints else table
    return _score(project, table, reference, chosen, layer == "proposal")


def _at_joints(project: Project, table: PoseTable) -> PoseTable:
    """The same poses with the joints of hands of recordings where they turn, not where they are labelled."""
    rows = of_recordings(project, table.hand_ids)[:, None]
    depth = AS_POINTED_AT.undone(table.depth[..., None])[..., 0]
    return replace(
        table,
        uv=np.where(rows[..., None], AS_POINTED_AT.undone(table.uv), table.uv),
        depth=np.where(rows, depth, table.depth),
    )


def confidence_of(project: Project, evaluation: Evaluation) -> dict[str, Any]:
    """What the measures of confidence are worth on evaluated proposals, with the errors that the project
    expects of them now (see :func:`handstudio.scoring.confidence.told`)."""
    sides = [hand.box.side for hand in project.hands(evaluation.hand_ids.tolist())]
    worth: dict[str, Any] = {}
    doubts: dict[Measure, Any] = {"doubt": evaluation.hand_doubt, "C": evaluation.hand_c}
    for measure, doubt in doubts.items():
        expected = fit_project(project, measure)
        worth[measure] = {
            "basis": expected.basis,
            **told(doubt, expected.of_doubts(doubt, sides), evaluation.hand_px),
        }
    return worth


def draw_curves(folder: Path, name: str, evaluation: Evaluation) -> list[Path]:
    """Draws the PCK curves, of all joints and of each finger, and a bar per joint into a folder (SVG)."""
    drawings = {
        "pck": pck_svg({name: evaluation}),
        "pck_fingers": fingers_svg(evaluation),
        "joints": joints_svg(evaluation),
    }
    if evaluation.hands_mm:
        drawings["pck_mm"] = pck_mm_svg({name: evaluation})
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [folder / f"{name}_{what}.svg" for what in drawings]
    for path, drawing in zip(drawn, drawings.values(), strict=True):
        path.write_text(drawing, "utf-8")
    return drawn


def _score(
    project: Project, table: PoseTable, reference: Reference, rows: npt.NDArray[np.int64], proposed: bool
) -> Evaluation:
    ids = table.hand_ids[rows]
    right = np.array([reference.row_of(hand_id) for hand_id in ids.tolist()])
    hands = project.hands(ids.tolist())
    unsure: list[npt.NDArray[np.float64] | None] = [None, None]
    if proposed:
        measures: tuple[Measure, ...] = ("doubt", "C")
        unsure = [
            np.array([doubt_of_hand(hand, measure) for hand in hands], np.float64) for measure in measures
        ]
    return score(
        table.uv[rows],
        reference.uv[right],
        np.array([hand.box.side for hand in hands]),
        depth=table.depth[rows],
        depth_reference=None if reference.depth is None else reference.depth[right],
        xyz_reference_mm=None if reference.xyz_mm is None else reference.xyz_mm[right],
        K=None if reference.xyz_mm is None else _cameras(project, hands),
        bone_mm=None if reference.bone_mm is None else reference.bone_mm[right],
        hand_ids=ids,
        hand_doubt=unsure[0],
        hand_c=unsure[1],
    )


def _cameras(project: Project, hands: Sequence[HandRecord]) -> npt.NDArray[np.float64]:
    """(N, 3, 3) px; NaN for hands whose sequence has no camera."""
    unknown = np.full((3, 3), np.nan)
    by_sequence = {
        sequence.id: np.asarray(sequence.camera["K"], dtype=np.float64) if sequence.camera else unknown
        for sequence in project.sequences()
    }
    return np.array([by_sequence[hand.sequence_id] for hand in hands])

"""Fit the limits of joint angles to labelled hands in 3D, and compare them with those from anatomy."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.hand.angles import FLEXION_JOINTS, LIMITS, fit_limits, joint_angles
from handstudio.hand.camera import Camera
from handstudio.hand.mirror import mirror_xyz
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.shape import limits_from_json, limits_to_json
from handstudio.hand.skeleton import JOINT_NAMES
from handstudio.project import Project
from handstudio.project.commands import SetFitted
from handstudio.project.fitted import NOBODY
from handstudio.project.opening import DATABASE_NAME
from handstudio.project.records import BY_PEOPLE, Floats, HandQuery, Pose

from .references import reference_for
from .stopping import cancel_point
from .workplace import one_of, open_project, outside_projects

if TYPE_CHECKING:
    from .command import Result, Work

LAYERS: Final = ("label", "truth")
BEYOND: Final = 1.0
"""Hands that must lie beyond each quantile: of none, a quantile is the worst label."""


def run(
    work: Work,
    source: Path,
    project_path: Path | None = None,
    out: Path | None = None,
    layer: str = "label",
    share: float = 0.99,
    margin: float = 2.0,
    exact: bool = False,
    keep: bool = True,
    remove: bool = False,
    who: str = "person",
) -> Result:
    """Does ``handstudio fit limits``; keys ``source hands limits anatomy outside kept out``.

    Args:
        work: where to show progress.
        source: a project, footage with 3D truth, or a file that this command wrote.
        project_path: the project that uses the limits; the source where that is one.
        out: a JSON file to write.
        layer: of a project, ``label`` or ``truth``.
        share: of the hands that lie between an angle's two limits.
        margin: degrees that the limits are widened by.
        exact: truth at the joints, not where people point (as of ``evaluate``).
        keep: whether the project uses them.
        remove: let the project use those from anatomy again.
        who: for the audit trail.

    Raises:
        HandStudioError: when there are too few hands, or none in 3D.
        CancelledError: when it was stopped.
    """
    one_of(layer, LAYERS, "layer to fit to")
    is_project = (source / DATABASE_NAME).exists()
    target = project_path or (source if is_project else None)
    if remove:
        if target is None:
            raise HandStudioError("This is no project", source, "Name the project whose limits go")
        _set(target, None, who)
        return {
            "source": str(source),
            "hands": 0,
            "limits": None,
            "kept": False,
            "removed": True,
            "out": None,
        }
    if out is not None:
        outside_projects(out)
    work.shown.report(0, None, "hands", "Reading")
    if source.suffix == ".json" and source.is_file():
        limits, hands, angles = _read(source), 0, None
    else:
        xyz = _of_project(source, layer, exact) if is_project else _of_footage(source, exact)
        cancel_point(work.stop)
        _check_count(len(xyz), share, source)
        angles = np.asarray(joint_angles(xyz), dtype=np.float32)
        limits, hands = fit_limits(angles, share, math.radians(margin)), len(xyz)
    if target is not None and keep:
        _set(target, limits, who)
    result: Result = {
        "source": str(source),
        "hands": hands,
        "limits": _named(limits),
        "anatomy": _named(LIMITS),
        "outside": None if angles is None else _outside(angles),
        "kept": target is not None and keep,
        "removed": False,
        "out": None if out is None else str(out),
    }
    if out is not None:
        made_by = {"source": source.name, "hands": hands, "share": share, "margin_degrees": margin}
        _write(out, limits, made_by)
    return result


def _set(project_path: Path, limits: Floats | None, who: str) -> None:
    value = None if limits is None else limits_to_json(limits)
    with open_project(project_path) as project:
        project.history.apply(SetFitted("limits", NOBODY, value), who)


def _check_count(count: int, share: float, source: Path) -> None:
    tail = (1.0 - share) / 2.0
    needed = math.ceil(BEYOND / tail - 1e-6)
    if count < needed:
        raise HandStudioError(
            f"{count} hands in 3D, and {needed} are needed for limits that hold {share:.1%} of them",
            source,
            "Review more hands, or choose a smaller --share",
        )


def _of_project(path: Path, layer: str, exact: bool) -> Floats:
    """(N, 21, 3) right hands: lifted where their truth in 3D is not asked for, or not known."""
    with open_project(path, to_read=True) as project:
        if layer == "truth":
            found = reference_for(project, "truth", exact)
            if found.xyz_mm is not None:
                whole = np.isfinite(found.xyz_mm).all((1, 2))
                return _as_right(project, found.hand_ids[whole], found.xyz_mm[whole])
            ids, uv, depth = found.hand_ids, found.uv, found.depth
        else:
            table = project.poses("label", project.hand_ids(HandQuery(None, BY_PEOPLE)))
            ids, uv, depth = table.hand_ids, table.uv, table.depth
        if depth is None or not len(ids):
            return np.zeros((0, len(JOINT_NAMES), 3), np.float32)
        whole = np.isfinite(uv).all((1, 2)) & np.isfinite(depth).all(1)
        return _lifted(project, ids[whole], uv[whole], depth[whole])


def _lifted(project: Project, ids: Any, uv: Floats, depth: Floats) -> Floats:
    from handstudio.review.hand_view import in_space

    records = {record.id: record for record in project.sequences()}
    shapes = {number: project.hand_shape(record) for number, record in records.items()}
    cameras = {
        number: None if record.camera is None else Camera.from_dict(record.camera)
        for number, record in records.items()
    }
    xyz = [
        in_space(Pose(px, z), cameras[hand.sequence_id], None, shapes[hand.sequence_id]).xyz
        for hand, px, z in zip(project.hands(ids), uv, depth, strict=True)
    ]
    return _as_right(project, ids, np.array(xyz, np.float32).reshape(-1, len(JOINT_NAMES), 3))


def _as_right(project: Project, ids: Any, xyz: Floats) -> Floats:
    left = np.array([hand.side == "left" for hand in project.hands(ids)], dtype=bool)
    return np.where(left[:, None, None], mirror_xyz(xyz), xyz)


def _of_footage(path: Path, exact: bool) -> Floats:
    """(N, 21, 3) right hands of the truth of recordings, each hand of each moment once."""
    from handstudio.media.opening import open_sequences

    if not path.exists():
        raise HandStudioError("There is nothing", path, "Give a project, or footage with 3D truth")
    found: list[Floats] = []
    seen: set[tuple[Any, ...]] = set()
    for sequence in open_sequences(path).sequences:
        for index, hands in sequence.hands.items():
            for place, hand in enumerate(hands):
                moment = (sequence.recording or sequence.name, index, place)
                if hand.xyz_mm is not None and moment not in seen:
                    seen.add(moment)
                    found.append(hand.xyz_mm if hand.side == "right" else mirror_xyz(hand.xyz_mm))
    if not found:
        raise HandStudioError(
            "This footage says nothing of its hands in 3D", path, "Give a recording with joints.json"
        )
    xyz: Floats = np.stack(found).astype(np.float32)
    return xyz if exact else AS_POINTED_AT.moved(xyz)


def _named(limits: Any) -> list[dict[str, Any]]:
    """One row per joint, degrees."""
    return [
        {"joint": JOINT_NAMES[joint], "flexion": flexion, "abduction": abduction}
        for joint, (flexion, abduction) in zip(FLEXION_JOINTS, limits_to_json(limits), strict=True)
    ]


def _outside(angles: Floats) -> float:
    """Share of the hands with an angle outside of the limits from anatomy."""
    out = (angles < LIMITS[..., 0]) | (angles > LIMITS[..., 1])
    return float(out.any((1, 2)).mean())


def _write(path: Path, limits: Floats, made_by: dict[str, Any]) -> None:
    unfinished = path.with_suffix(f"{path.suffix}.part")
    content = {
        "joints": _named(limits),
        "unit": "degrees",
        "made_by": {"command": "handstudio fit limits", **made_by},
    }
    unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def _read(path: Path) -> Floats:
    try:
        rows: Sequence[Any] = json.loads(path.read_text("utf-8"))["joints"]
        names = [row["joint"] for row in rows]
        if names != [JOINT_NAMES[joint] for joint in FLEXION_JOINTS]:
            raise ValueError("other joints")
        return limits_from_json([(row["flexion"], row["abduction"]) for row in rows])
    except (OSError, ValueError, KeyError, TypeError):
        raise HandStudioError(
            "This file holds no joint limits", path, "Write one with: handstudio fit limits SOURCE --out FILE"
        ) from None

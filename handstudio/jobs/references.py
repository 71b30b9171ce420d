"""The right answer for the hands of a project: one of its own layers, or a file of landmarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, get_args

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.exchange.from_project import uniquely_named
from handstudio.exchange.reference import ReferencePose, ReferencePoses, read_reference
from handstudio.hand.box import Box
from handstudio.hand.lift import reference_length
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.project import Project
from handstudio.project.records import Bytes, Floats, HandQuery, HandRecord, Ids, Layer

Flags = npt.NDArray[np.bool_]
LAYERS: tuple[str, ...] = get_args(Layer)
_MOST_LISTED: Final = 3


@dataclass(frozen=True, eq=False)
class Reference:
    """Poses to compare with, for some hands of a project.

    Attributes:
        name: what they are called in a report.
        hand_ids: (N,) int64.
        uv: (N, 21, 2) px; NaN where a joint is not known.
        depth: (N, 21) reference bones, or ``None``.
        xyz_mm: (N, 21, 3) camera axes, NaN where not known, or ``None``.
        visibility: (N, 21), or ``None``.
        bone_mm: (N,) length of the reference bones, where labels lie apart from the joints; else ``None``.
        problems: what of a file could not be used.
    """

    name: str
    hand_ids: Ids
    uv: Floats
    depth: Floats | None = None
    xyz_mm: Floats | None = None
    visibility: Bytes | None = None
    bone_mm: Floats | None = None
    problems: tuple[str, ...] = ()
    _rows: dict[int, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._rows.update((hand_id, row) for row, hand_id in enumerate(self.hand_ids.tolist()))

    def __len__(self) -> int:
        return len(self.hand_ids)

    def knows(self, hand_id: int) -> bool:
        """Whether there is an answer for a hand."""
        return hand_id in self._rows

    def as_pointed_at(self) -> Reference:
        """The same hands with their labels where a person would put them, for exact truth of the joints."""
        xyz, depth = self.xyz_mm, self.depth
        return replace(
            self,
            uv=AS_POINTED_AT.moved(self.uv),
            depth=None if depth is None else AS_POINTED_AT.moved(depth[..., None])[..., 0],
            xyz_mm=None if xyz is None else AS_POINTED_AT.moved(xyz),
            bone_mm=None if xyz is None else reference_length(xyz),
            _rows={},
        )

    def as_labelled(self, rows: Flags) -> Reference:
        """The same hands, those of some rows (N,) with their labels where a person would put them."""
        if not rows.any():
            return self
        moved = self.as_pointed_at()
        parts = {
            name: np.where(rows[:, None, None] if now.ndim == 3 else rows[:, None], now, before)
            for name in ("uv", "depth", "xyz_mm")
            if (now := getattr(moved, name)) is not None and (before := getattr(self, name)) is not None
        }
        return replace(self, **parts, bone_mm=moved.bone_mm, _rows={})

    def row_of(self, hand_id: int) -> int:
        """Where a hand stands in the arrays."""
        return self._rows[hand_id]


def reference_for(project: Project, file_or_layer: str, exact: bool = False) -> Reference:
    """The reference that a person named.

    Args:
        project: whose hands they are.
        file_or_layer: a file of landmarks, or a layer.
        exact: keep the truth of recordings at the centres of the joints and on the skin; by default it lies
            where people and methods put their labels.

    Raises:
        HandStudioError: for a name that is neither a layer nor a readable file, or one without a pose for
            any hand of the project.
    """
    if file_or_layer in LAYERS:
        return reference_from_layer(project, file_or_layer, exact)
    path = Path(file_or_layer)
    if not path.exists():
        raise HandStudioError(
            "There is no such reference", path, f"Give a file, or one of the layers {', '.join(LAYERS)}"
        )
    return reference_from_file(project, path)


def reference_from_layer(project: Project, layer: str, exact: bool = False) -> Reference:
    """The poses of one layer of the project itself; ``exact`` as for :func:`reference_for`.

    Raises:
        HandStudioError: when it is empty.
    """
    table = project.poses(layer)  # type: ignore[arg-type]
    if not len(table):
        raise HandStudioError(f"No hand of the project has a {layer}", project.path)
    xyz = _truth_xyz(project, table.hand_ids) if layer == "truth" else None
    found = Reference(layer, table.hand_ids, table.uv, table.depth, xyz, table.visibility)
    return found if exact or layer != "truth" else found.as_labelled(of_recordings(project, table.hand_ids))


def reference_from_file(project: Project, path: Path) -> Reference:
    """The poses of a file, for the hands in frames of the same name.

    Raises:
        HandStudioError: when the file is no reference, or knows none of the project's frames.
    """
    poses = _PosesOfFrames(project, read_reference(path))
    found: list[tuple[int, ReferencePose]] = []
    for sequence in poses.sequences:
        known = {
            frame.index: poses_of
            for frame in project.frames(sequence.id)
            if (poses_of := poses.of(sequence.name, frame.name))
        }
        if not known:
            continue
        hands: dict[int, list[HandRecord]] = {}
        for hand in project.hands(HandQuery(sequences=(sequence.id,))):
            if hand.frame_index in known:
                hands.setdefault(hand.frame_index, []).append(hand)
        for index, group in hands.items():
            found.extend(matched(group, known[index]))
    problems = poses.problems()
    if not found:
        raise HandStudioError(
            "The reference knows none of the project's frames",
            path,
            "; ".join(("Frames are matched by their names", *problems[:1])),
        )
    return Reference(
        path.name,
        np.array([hand_id for hand_id, _ in found], dtype=np.int64),
        np.stack([pose.uv for _, pose in found]).astype(np.float32),
        _stacked([pose.depth for _, pose in found], (JOINT_COUNT,)),
        _stacked([pose.xyz_mm for _, pose in found], (JOINT_COUNT, 3)),
        problems=problems,
    )


class _PosesOfFrames:
    """Finds the poses of a project's frames by sequence and name, or by a name that only one frame has."""

    def __init__(self, project: Project, poses: ReferencePoses) -> None:
        self.sequences = list(uniquely_named(project.sequences()).values())
        self._poses = poses
        self._ends = Counter(_end(sequence.name) for sequence in self.sequences)
        self._names: Counter[str] = Counter()
        if poses.by_name:
            for sequence in self.sequences:
                self._names.update(frame.name for frame in project.frames(sequence.id))
        self._placed: set[str] = set()
        self._unclear: set[str] = set()

    def of(self, sequence: str, name: str) -> list[ReferencePose]:
        found = self._poses.of_place(sequence, name)
        if not found and self._ends[_end(sequence)] == 1:
            found = self._poses.of_place(_end(sequence), name)
        if found:
            self._placed.add(name)
            return found
        found = self._poses.of_name(name)
        if self._names[name] <= 1:
            return found
        if found:
            self._unclear.add(name)
        return []

    def problems(self) -> tuple[str, ...]:
        """What the file holds that could not be used, so far."""
        unclear = sorted(self._unclear - self._placed)
        if not unclear:
            return tuple(self._poses.problems)
        listed = ", ".join(unclear[:_MOST_LISTED])
        more = f" and {len(unclear) - _MOST_LISTED} more" if len(unclear) > _MOST_LISTED else ""
        return f"Several frames of the project are called {listed}{more}: left out", *self._poses.problems


def _end(name: str) -> str:
    return name.rpartition("/")[2]


def matched(hands: Sequence[HandRecord], poses: Sequence[ReferencePose]) -> list[tuple[int, ReferencePose]]:
    """Which pose is whose, in one frame: hands whose boxes overlap most, those of the same side first."""
    if len(hands) == len(poses) == 1:
        return [(hands[0].id, poses[0])]
    pairs = sorted(
        (
            (_is_other_side(hand, pose), -hand.box.iou(pose.box or Box.around(pose.uv)), first, second)
            for first, hand in enumerate(hands)
            for second, pose in enumerate(poses)
        ),
    )
    left_hands, left_poses = set(range(len(hands))), set(range(len(poses)))
    found = []
    for _, overlap, first, second in pairs:
        if overlap < 0.0 and first in left_hands and second in left_poses:
            left_hands.remove(first)
            left_poses.remove(second)
            found.append((hands[first].id, poses[second]))
    return found


def _is_other_side(hand: HandRecord, pose: ReferencePose) -> bool:
    return pose.side is not None and pose.side != hand.side


def _stacked(arrays: Sequence[Floats | None], shape: tuple[int, ...]) -> Floats | None:
    """(N, ...) with NaN where nothing is known; ``None`` when nothing is known at all."""
    if all(array is None for array in arrays):
        return None
    unknown = np.full(shape, np.nan, dtype=np.float32)
    return np.stack([unknown if array is None else array for array in arrays]).astype(np.float32)


def of_recordings(project: Project, hand_ids: Ids) -> Flags:
    """(N,) whether each hand's truth is that of a recording: of the joints themselves."""
    recordings = tuple(each.id for each in project.sequences() if each.kind == "recording")
    return np.isin(hand_ids, project.hand_ids(HandQuery(sequences=recordings)))


def _truth_xyz(project: Project, hand_ids: Ids) -> Floats | None:
    xyz = np.full((len(hand_ids), JOINT_COUNT, 3), np.nan, dtype=np.float32)
    for row, hand_id in enumerate(hand_ids.tolist()):
        truth = project.truth_of(hand_id)
        if truth is not None and truth.xyz_mm is not None:
            xyz[row] = truth.xyz_mm
    return xyz if np.isfinite(xyz).any() else None

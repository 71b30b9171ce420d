"""Hands that several calibrated views show at one moment, and what these views say of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from handstudio.hand.box import GRID, Box
from handstudio.hand.camera import Camera
from handstudio.hand.shape import HandShape
from handstudio.hand.skeleton import BONES, ROOT, Side
from handstudio.hand.template import relative_bone_lengths
from handstudio.hand.triangulation import Doubles, projected
from handstudio.methods.across_views import Seen, agreed
from handstudio.methods.crops import px_to_cells
from handstudio.project.project import Project
from handstudio.project.records import Ids, SequenceRecord

Floats = npt.NDArray[np.float32]

HEAT_SIDE: Final = 32
"""Cells on a side of the heatmaps that are made where a method has none."""
LEAST_ANGLE: Final = 15.0
"""Degrees between the rays of two views of a hand at least."""
_AT_ONCE: Final = 16
_PARENTS, _CHILDREN = np.array(BONES).T


@dataclass(frozen=True, eq=False)
class Together:
    """What views say together of the hands of some rows; cells of each hand's crop, reference bones.

    Attributes:
        rows: (n,) which hands.
        uv, depth: (n, 21, 2), (n, 21) one hand in space, as each view sees it.
        doubt: (n, 21) how far off each joint may be.
        views: (n,) how many say so.
    """

    rows: npt.NDArray[np.intp]
    uv: Floats
    depth: Floats
    doubt: Floats
    views: Ids

    @classmethod
    def joined(cls, parts: Sequence[Together]) -> Together:
        """All hands of several parts."""
        if not parts:
            none, flat = np.zeros(0, np.int64), np.zeros((0, 21), np.float32)
            return cls(none.astype(np.intp), np.zeros((0, 21, 2), np.float32), flat, flat, none)
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))


@dataclass(frozen=True, eq=False)
class Moments:
    """Which hands of a batch are one hand seen by several cameras at once.

    Attributes:
        groups: rows of the batch that are one hand, two at least.
        projections: (N, 3, 4) from the world, mm, to cells of each hand's crop (NaN where it has no camera).
        axes: (N, 4) from the world to z in each hand's camera, mm.
    """

    groups: tuple[tuple[int, ...], ...]
    projections: Doubles
    axes: Doubles

    def of(self, rows: Sequence[int]) -> Moments:
        """The moments of some hands, numbered anew; only those of which all are among them."""
        place = {row: number for number, row in enumerate(rows)}
        groups = tuple(
            tuple(place[row] for row in group) for group in self.groups if all(row in place for row in group)
        )
        which = np.asarray(rows, dtype=np.intp)
        return Moments(groups, self.projections[which], self.axes[which])

    def together(self, heat: Floats | None, uv: Floats, doubt: Floats, shape: HandShape) -> Together:
        """What the views say together, of moments at which they show one hand at all.

        Args:
            heat: (N, 21, h, w) heatmaps over the crops, or ``None`` where a method has none.
            uv: (N, 21, 2) cells, what each view says alone.
            doubt: (N, 21) cells.
            shape: whose bones give depth its unit.
        """
        return Together.joined(
            [self._of_groups(groups, heat, uv, doubt, shape) for groups in _alike(self.groups)]
        )

    def _of_groups(
        self,
        groups: npt.NDArray[np.intp],
        heat: Floats | None,
        uv: Floats,
        doubt: Floats,
        shape: HandShape,
    ) -> Together:
        maps = drawn(uv[groups], doubt[groups]) if heat is None else heat[groups]
        found = agreed(Seen(maps, uv[groups], doubt[groups], self.projections[groups]))
        kept = found.believable
        rows, xyz = groups[kept], found.xyz[kept]
        scale = _reference_mm(xyz, shape.rows(rows[:, 0]))
        axes = self.axes[rows]
        z = np.einsum("mvc,mjc->mvj", axes[..., :3], xyz) + axes[..., 3:]
        depth = (z - z[..., ROOT : ROOT + 1]) / scale[:, None, None]
        doubts = np.broadcast_to(found.doubt[kept][:, None], depth.shape)
        cells = projected(xyz, self.projections[rows])
        return Together(
            rows.reshape(-1),
            cells.reshape(-1, 21, 2).astype(np.float32),
            depth.reshape(-1, 21).astype(np.float32),
            doubts.reshape(-1, 21).astype(np.float32),
            np.full(rows.size, rows.shape[1], dtype=np.int64),
        )


def moments_of(project: Project, ids: Ids, looks: Sequence[Box]) -> Moments | None:
    """The moments among hands of a project; ``None`` where no hand is seen by two calibrated cameras.

    Views of a recording show one moment in frames of the same name, and one hand where each of them has one
    of that side. What is not as clear is left alone, as are views from nearly the same side, which say
    little of depth.

    Args:
        project: where they are.
        ids: (N,) of the hands.
        looks: what the crop of each shows, px of its frame.
    """
    records = {record.id: record for record in project.sequences() if _is_view(record)}
    hands = {hand.id: hand for hand in project.hands(ids)}
    names = _names(project, {hand.sequence_id for hand in hands.values()} & records.keys())
    cameras = {number: Camera.from_dict(record.camera or {}) for number, record in records.items()}
    rows: dict[tuple[Any, ...], dict[int, list[int]]] = {}
    for row, number in enumerate(ids.tolist()):
        hand = hands[number]
        if hand.sequence_id in records:
            record = records[hand.sequence_id]
            moment = record.path, record.recording, names[hand.sequence_id][hand.frame_index], hand.side
            rows.setdefault(moment, {}).setdefault(hand.sequence_id, []).append(row)
    groups = []
    for views in rows.values():
        clear = [found[0] for found in views.values() if len(found) == 1]
        rays = [_ray(cameras[hands[int(ids[row])].sequence_id], looks[row]) for row in clear]
        if len(clear) >= 2 and _least_cosine(rays) <= np.cos(np.radians(LEAST_ANGLE)):
            groups.append(tuple(clear))
    if not groups:
        return None
    projections, axes = np.full((len(ids), 3, 4), np.nan), np.full((len(ids), 4), np.nan)
    for group in groups:
        for row in group:
            hand = hands[int(ids[row])]
            camera = cameras[hand.sequence_id]
            projections[row] = to_cells(camera, looks[row], hand.side)
            axes[row] = pose_of(camera)[2]
    return Moments(tuple(groups), projections, axes)


def to_cells(camera: Camera, look: Box, side: Side) -> Doubles:
    """(3, 4): from the world, mm, to cells of a crop, a left hand's being mirrored.

    A lens's distortion is taken as even over the crop: the plane of rays is laid onto it by the homography
    that fits best.
    """
    edge = np.linspace(0.05, 0.95, 5)
    x, y = np.meshgrid(look.x + edge * look.side, look.y + edge * look.side)
    px = np.stack([x.ravel(), y.ravel()], axis=-1)
    rays = camera.back_project(px, np.ones(len(px)))[:, :2]
    cells = px_to_cells(px.astype(np.float32), look, side).astype(np.float64)
    plane, _ = cv2.findHomography(rays, cells)
    return np.asarray(plane, dtype=np.float64) @ pose_of(camera)


def pose_of(camera: Camera) -> Doubles:
    """(3, 4): from the world to the camera's coordinates, mm."""
    rotation = np.eye(3) if camera.R is None else camera.R
    moved = np.zeros(3) if camera.t is None else camera.t
    return np.concatenate([rotation, np.reshape(moved, (3, 1))], axis=1)


def drawn(uv: Floats, doubt: Floats) -> Floats:
    """Heatmaps (..., 21, h, w) of a method that has none: Gaussians about its poses, as wide as its doubt."""
    centres = (np.arange(HEAT_SIDE) + 0.5) * (GRID / HEAT_SIDE)
    spread = np.maximum(doubt, GRID / HEAT_SIDE)[..., None]
    along = np.exp(-0.5 * ((centres - uv[..., 0:1]) / spread) ** 2)
    down = np.exp(-0.5 * ((centres - uv[..., 1:2]) / spread) ** 2)
    maps = down[..., :, None] * along[..., None, :]
    total = maps.sum(axis=(-2, -1), keepdims=True)
    return np.asarray(maps / np.maximum(total, 1e-12), dtype=np.float32)


def _is_view(record: SequenceRecord) -> bool:
    known = record.camera or {}
    return record.recording is not None and known.get("R") is not None and known.get("t") is not None


def _ray(camera: Camera, look: Box) -> Doubles:
    """(3,) towards what a crop shows, of length 1 and in the world's axes."""
    ray = camera.back_project(np.array([look.centre]), np.ones(1))[0] @ pose_of(camera)[:, :3]
    return np.asarray(ray / np.linalg.norm(ray))


def _least_cosine(rays: Sequence[Doubles]) -> float:
    together = np.stack(rays)
    return float((together @ together.T).min())


def _names(project: Project, sequences: set[int]) -> dict[int, dict[int, str]]:
    """Of the frames of each sequence, without the ending."""
    return {
        number: {frame.index: PurePath(frame.name).stem for frame in project.frames(number)}
        for number in sequences
    }


def _alike(groups: Sequence[tuple[int, ...]]) -> Iterator[npt.NDArray[np.intp]]:
    """(M, V) arrays of groups of as many views each."""
    for views in sorted({len(group) for group in groups}):
        mine = np.array([group for group in groups if len(group) == views], dtype=np.intp)
        for start in range(0, len(mine), _AT_ONCE):
            yield mine[start : start + _AT_ONCE]


def _reference_mm(xyz: Doubles, shape: HandShape) -> Doubles:
    """(M,) length of the reference bone, as all bones of a hand say that are of the shape's proportions."""
    lengths = relative_bone_lengths() if shape.bone_lengths is None else np.asarray(shape.bone_lengths)
    if shape.reference_mm is not None:
        return np.full(len(xyz), shape.reference_mm)
    bones = np.linalg.norm(xyz[:, _CHILDREN] - xyz[:, _PARENTS], axis=-1)
    return np.asarray(np.median(bones / lengths, axis=-1))

"""What a hand's layers draw, computed once when the hand changes: paths in frame pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainterPath, QPolygonF

from handstudio.hand.skeleton import BONES

if TYPE_CHECKING:
    from handstudio.hand.box import Box
    from handstudio.review.hand_view import HandView
    from handstudio.ui.canvas.trail_layer import ShownTrail


@dataclass
class PreparedHand:
    """Paths and arrays of one hand, all in frame pixels."""

    hand_id: int
    box: QRectF
    state: str
    side: str
    note: str = ""
    """What is written on it: why it was sent back, or its note."""
    verified: bool = False
    square: QRectF = field(default_factory=QRectF)
    """The square that the network's grid covers."""
    uv: np.ndarray | None = None
    """(21, 2) px of the pose that is shown and grabbed."""
    visibility: np.ndarray | None = None
    decided: bool = False
    """Whether the pose shown is a label or an edit, not a proposal."""
    skeletons: dict[str, QPainterPath] = field(default_factory=dict)
    circles: QPainterPath | None = None
    maps: dict[str, tuple[QImage, QRectF]] = field(default_factory=dict)
    trail: ShownTrail | None = None
    """Where it was and will be, as far as that is to be drawn."""
    made_from: dict[str, object] = field(default_factory=dict)
    """What each path was made from, so that it is taken over while that is the same."""
    read_mask: Callable[[], np.ndarray | None] = lambda: None
    _mask: tuple[np.ndarray | None, QPainterPath | None] | None = None

    @property
    def mask(self) -> QPainterPath | None:
        """The mask's contour; read and traced when its layer is first painted."""
        if self._mask is None:
            found = self.read_mask()
            self._mask = found, None if found is None else mask_path(found, self.square)
        return self._mask[1]

    def take_over(self, before: PreparedHand) -> None:
        """Keep the mask's contour of ``before``, if it was traced and is of the same mask."""
        if before._mask is not None and before.square == self.square and before._mask[0] is self.read_mask():
            self._mask = before._mask

    def focus(self) -> QRectF:
        """What an enlarged view should show: the pose with a margin, else the box."""
        if self.uv is None or not np.isfinite(self.uv).all():
            return self.box
        (left, top), (right, bottom) = self.uv.min(axis=0).tolist(), self.uv.max(axis=0).tolist()
        margin = 0.14 * max(right - left, bottom - top)
        return QRectF(left, top, right - left, bottom - top).adjusted(-margin, -margin, margin, margin)

    def pose_extent(self) -> QRectF:
        """A rectangle about all poses and their circles."""
        rect = QRectF()
        for path in self.skeletons.values():
            rect = rect.united(path.boundingRect())
        return rect if self.circles is None else rect.united(self.circles.boundingRect())

    def has_mask_of(self, other: PreparedHand) -> bool:
        """Whether the mask is drawn as that of another one is, so that nothing of it is painted anew."""
        return self._mask is not None and self._mask is other._mask and self.square == other.square

    def filled_extent(self) -> QRectF:
        """A rectangle about what does not move with the pose: the mask, which keeps to its square, maps."""
        rect = self.box.united(self.square)
        for _, area in self.maps.values():
            rect = rect.united(area)
        return rect


def prepare(view: HandView, before: PreparedHand | None = None) -> PreparedHand:
    """Paths of every layer that the hand has; those that are as ``before`` are taken over."""
    record = view.record
    known = before.made_from if before is not None else {}
    box = record.box
    prepared = PreparedHand(
        record.id,
        QRectF(box.x, box.y, box.width, box.height),
        str(record.state.value),
        str(record.side),
        record.note if view.sent_back is None else view.sent_back.reason,
        record.verified,
        square_rect(box),
    )
    label = view.edit if view.edit is not None else view.label
    shown = view.pose
    if shown is not None:
        prepared.uv = np.asarray(shown.uv, np.float32)
        prepared.visibility = np.asarray(shown.visibility)
        prepared.decided = label is not None
    poses = {
        "proposal": view.proposal,
        "perturbed": view.perturbed,
        "correction": view.corrected,
        "label": label,
        "truth": view.truth,
    }
    for name, pose in poses.items():
        if pose is not None:
            prepared.made_from[name] = pose
            if before is not None and known.get(name) is pose:
                prepared.skeletons[name] = before.skeletons[name]
            else:
                prepared.skeletons[name] = skeleton_path(pose.uv)
    if view.circles is not None:
        prepared.circles = circles_path(*view.circles)
    prepared.read_mask = lambda: view.mask
    if before is not None:
        prepared.take_over(before)
        prepared.trail = before.trail
    return prepared


def square_rect(box: Box) -> QRectF:
    """The square about a box that the network's grid covers."""
    square = box.square()
    return QRectF(square.x, square.y, square.width, square.height)


def skeleton_path(uv: np.ndarray) -> QPainterPath:
    """The 20 bones of (21, 2) px as one path; bones with a joint that is not finite are left out."""
    path = QPainterPath()
    points = np.asarray(uv, np.float64).tolist()
    finite = np.isfinite(uv).all(axis=1).tolist()
    for parent, child in BONES:
        if finite[parent] and finite[child]:
            path.moveTo(*points[parent])
            path.lineTo(*points[child])
    return path


def circles_path(centres: np.ndarray, radii: np.ndarray) -> QPainterPath:
    """Outlines of the circles with ``centres`` (55, 2) px and ``radii`` (55,) px."""
    path = QPainterPath()
    for (u, v), radius in zip(
        np.asarray(centres, np.float64).tolist(), np.asarray(radii, np.float64).tolist(), strict=True
    ):
        if radius > 0:
            path.addEllipse(QPointF(u, v), radius, radius)
    return path


def mask_path(mask: np.ndarray, area: QRectF) -> QPainterPath:
    """Contour of a mask (G, G) in 0..255 or 0..1, that covers ``area``; smoothed at four times its grid."""
    grid = mask.shape[0]
    values = np.asarray(mask, np.float32) / (255.0 if mask.dtype == np.uint8 else 1.0)
    fine = cv2.resize(values, (4 * grid, 4 * grid), interpolation=cv2.INTER_LINEAR)
    contours, _ = cv2.findContours((fine > 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1)
    step = area.width() / (4 * grid)
    path = QPainterPath()
    for contour in contours:
        if len(contour) < 3:
            continue
        points = (contour[:, 0, :] + 0.5) * step + (area.x(), area.y())
        path.addPolygon(QPolygonF([QPointF(u, v) for u, v in points.tolist()]))
        path.closeSubpath()
    return path


def map_image(
    values: np.ndarray, table: int, alpha: np.ndarray | float, ends: tuple[float, float] | None = None
) -> QImage:
    """An image of ``values`` (H, W) through an OpenCV colour table.

    Args:
        values: what is not finite is clear.
        table: of OpenCV.
        alpha: of what is finite, for all or (H, W).
        ends: values of the table's first and last colour; those of ``values`` themselves by default.
    """
    finite = np.isfinite(values)
    if ends is None:
        known = values[finite]
        ends = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    low, high = ends
    grey = np.zeros(values.shape, np.uint8)
    shares = (values[finite] - low) / max(high - low, 1e-6)
    grey[finite] = (np.clip(shares, 0.0, 1.0) * 255.0).astype(np.uint8)
    pixels = cv2.cvtColor(cv2.applyColorMap(grey, table), cv2.COLOR_BGR2BGRA)
    pixels[..., 3] = np.clip(
        np.where(finite, np.broadcast_to(alpha, values.shape), 0.0) * 255, 0, 255
    ).astype(np.uint8)
    image = QImage(
        pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], QImage.Format.Format_ARGB32
    )
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)

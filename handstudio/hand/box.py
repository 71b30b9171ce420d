"""The box of a hand in a frame, and the network's grid of cells laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handstudio.hand.arrays import Array, like, namespace

GRID = 64
"""Cells on each side of a network's output."""


@dataclass(frozen=True)
class Box:
    """A rectangle in px: ``x``, ``y`` of its top left corner, ``width`` and ``height``."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, uv: Array, margin: float = 0.25) -> Box:
        """The square box about the joints of one hand.

        Args:
            uv: (J, 2) px; joints that are not finite are ignored.
            margin: added on every side, as a share of the longer side of the joints' own box.

        Raises:
            ValueError: when no joint is finite.
        """
        xp = namespace(uv)
        known = xp.all(xp.isfinite(uv), axis=-1)
        if not bool(xp.any(known)):
            raise ValueError("a box needs at least one finite joint")
        joints = uv[known]
        left, top = (float(value) for value in xp.min(joints, axis=0))
        right, bottom = (float(value) for value in xp.max(joints, axis=0))
        tight = cls(left, top, max(right - left, 1.0), max(bottom - top, 1.0))
        return tight.square().scaled(1.0 + 2.0 * margin)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Box:
        """The box that :meth:`to_dict` wrote."""
        return cls(*(float(values[key]) for key in ("x", "y", "width", "height")))

    def to_dict(self) -> dict[str, float]:
        """Plain numbers for JSON."""
        return {"x": self.x, "y": self.y, "width": self.width, "height": self.height}

    @property
    def side(self) -> float:
        """The longer of the two sides, px."""
        return max(self.width, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, px."""
        return self.x + self.width / 2.0, self.y + self.height / 2.0

    @property
    def area(self) -> float:
        """px²."""
        return self.width * self.height

    def square(self) -> Box:
        """The square about the same centre, as long as the longer side."""
        side = self.side
        u, v = self.centre
        return Box(u - side / 2.0, v - side / 2.0, side, side)

    def scaled(self, factor: float) -> Box:
        """The box about the same centre, ``factor`` times as wide and high."""
        u, v = self.centre
        width, height = self.width * factor, self.height * factor
        return Box(u - width / 2.0, v - height / 2.0, width, height)

    def clipped(self, width: float, height: float) -> Box:
        """The part inside a frame of ``width`` x ``height`` px; of no size when there is none."""
        left, right = (min(max(value, 0.0), width) for value in (self.x, self.x + self.width))
        top, bottom = (min(max(value, 0.0), height) for value in (self.y, self.y + self.height))
        return Box(left, top, right - left, bottom - top)

    def mirrored(self, width: float) -> Box:
        """The box in the mirror image of a frame ``width`` px wide."""
        return Box(width - self.x - self.width, self.y, self.width, self.height)

    def contains(self, u: float, v: float) -> bool:
        """Whether a point, px, lies inside."""
        return self.x <= u < self.x + self.width and self.y <= v < self.y + self.height

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        height = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if width <= 0.0 or height <= 0.0:
            return 0.0
        common = width * height
        return common / (self.area + other.area - common)

    def to_cells(self, uv: Array, grid: int = GRID) -> Array:
        """(..., 2) px to cells of the ``grid`` x ``grid`` laid over :meth:`square`."""
        square = self.square()
        return (uv - like((square.x, square.y), uv)) * (grid / square.side)

    def from_cells(self, cells: Array, grid: int = GRID) -> Array:
        """(..., 2) cells of the ``grid`` x ``grid`` laid over :meth:`square` to px."""
        square = self.square()
        return cells * (square.side / grid) + like((square.x, square.y), cells)

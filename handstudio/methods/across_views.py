"""One hand in space from what a method sees of it in several views of one moment.

A view alone cannot tell how far away a joint is, and where fingers overlap it takes one for another. Its
heatmap often still holds the right place as its second or third choice. So places in space are proposed from
all those choices, and that is kept on which the heatmaps of all views agree best. (The search is ours.
Labels from several views that agree: Simon et al., 2017.)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from handstudio.hand.box import GRID
from handstudio.hand.triangulation import Doubles, projected, triangulated

Floats = npt.NDArray[np.float32]

CHOICES: Final = 3
"""Places of each heatmap from which places in space are proposed."""
MOST_PAIRED: Final = 6
"""Views whose choices are paired at most: the least doubtful ones. All views have their say."""
FLOOR: Final = 3.0
"""What any place is worth in a heatmap at least, in shares of an even one: no view can rule a place out."""
BLUR: Final = 0.7
"""Spread by which heatmaps are smoothed, in their cells."""
STEPS: Final = (0.8, 0.3)
"""Lengths of the steps by which a place is moved to a better one, in cells of the 64 x 64 grid."""
AGREEING: Final = 1.2
"""Expected error in cells where the views agree."""
DISAGREEING: Final = 3.5
"""How much more it is per unit of what agreeing costs.

Measured on hands rendered from a mesh, over 20,000 joints: mean errors were 1.4 cells for a cost below 0.1,
2.7 between 0.2 and 0.4, 3.8 between 0.7 and 1."""
MOST_COST: Final = 0.85
"""Median of the joints' costs above which the views do not show one hand: 0.35 for hands that are one (99 %
below 0.8), 0.9 to 1.3 where a view is of another time or two calibrations are exchanged."""
_NEAR: Final = 3
"""Cells about a choice within which there is no other; the inner ones are its centre of mass."""
_TOLERATED: Final = 4.0
_ROBUST_ROUNDS: Final = 5
_DIRECTIONS: Final = np.array([step for step in product((-1.0, 0.0, 1.0), repeat=3) if any(step)])


@dataclass(frozen=True, eq=False)
class Seen:
    """What views see of hands, each in the cells of its own crop's 64 x 64 grid.

    Attributes:
        heat: (M, V, 21, h, w) heatmaps that sum to 1.
        uv: (M, V, 21, 2) the method's poses.
        doubt: (M, V, 21) how far it says they may be off.
        projections: (M, V, 3, 4) from the world, mm, to cells.
    """

    heat: Floats
    uv: Floats
    doubt: Floats
    projections: Doubles


@dataclass(frozen=True, eq=False)
class Agreed:
    """On what the views agree.

    Attributes:
        xyz: (M, 21, 3) mm, in the world.
        cost: (M, 21) by how much all views together like the place less than each its own best one, as a
            mean over the views of the logarithm of the ratio; 0 where they agree.
    """

    xyz: Doubles
    cost: Doubles

    @property
    def doubt(self) -> Doubles:
        """(M, 21) cells: how far off a place may be, as views see it."""
        return np.asarray(AGREEING + DISAGREEING * np.maximum(self.cost, 0.0))

    @property
    def believable(self) -> npt.NDArray[np.bool_]:
        """(M,): whether the views show one hand at all."""
        return np.asarray(np.median(self.cost, axis=1) <= MOST_COST)


def agreed(seen: Seen) -> Agreed:
    """The places in space that the views agree on best; each moment wants two views at least."""
    maps = _Maps(seen)
    xyz, score = _best(maps, _by_least_squares(seen)[None])
    for first, second in _pairs(seen):
        xyz, score = _best(maps, _met(maps, seen, first, second), xyz, score)
    for cells in STEPS:
        steps = _DIRECTIONS[:, None, None] * (cells * _mm_per_cell(seen, xyz))[..., None]
        for _ in range(2):
            xyz, score = _best(maps, xyz + steps, xyz, score)
    return Agreed(xyz, maps.most - score)


def _best(
    maps: _Maps, offers: Doubles, xyz: Doubles | None = None, score: Doubles | None = None
) -> tuple[Doubles, Doubles]:
    """The best of places (K, M, 21, 3), and of those before, with their scores."""
    scores = maps.score(offers)
    which = scores.argmax(axis=0)[None]
    best = np.take_along_axis(scores, which, axis=0)[0]
    place = np.take_along_axis(offers, which[..., None], axis=0)[0]
    if xyz is None or score is None:
        return place, best
    better = best > score
    return np.where(better[..., None], place, xyz), np.where(better, best, score)


def _met(maps: _Maps, seen: Seen, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]) -> Doubles:
    """(K, M, 21, 3): where the choices of one view meet those of another."""
    rows = np.arange(len(first))
    matrices = np.stack([seen.projections[rows, first], seen.projections[rows, second]], axis=1)
    uv = [
        np.stack([maps.choices[rows, first, :, a], maps.choices[rows, second, :, b]], axis=1)
        for a, b in product(range(CHOICES), repeat=2)
    ]
    places = np.stack(uv)
    return triangulated(places, matrices, np.ones(places.shape[:-1]))


class _Maps:
    """The heatmaps, made ready to be asked.

    Attributes:
        choices: (M, V, 21, C, 2) cells, where each heatmap is highest, best first.
        most: (M, 21) the score if every view had its own first choice.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._shape = seen.heat.shape[-2:]
        smooth = ndimage.gaussian_filter(seen.heat, (0, 0, 0, BLUR, BLUR), mode="constant")
        self._floor = FLOOR / (self._shape[0] * self._shape[1])
        self._logs = np.log(smooth + np.float32(self._floor)).reshape(-1, *self._shape)
        self._first = np.arange(len(self._logs)).reshape(seen.heat.shape[:3])
        self.choices = self._highest(smooth)
        best = self._logs.reshape(*seen.heat.shape[:3], -1).max(axis=-1)
        self.most: Doubles = best.astype(np.float64).mean(axis=1)

    def score(self, xyz: Doubles) -> Doubles:
        """(..., M, 21): mean logarithm of what the views' heatmaps say of places (..., M, 21, 3)."""
        height, width = self._shape
        cells = projected(xyz, self._seen.projections)
        x, y = cells[..., 0] * (width / GRID) - 0.5, cells[..., 1] * (height / GRID) - 0.5
        outside = (x < -0.5) | (y < -0.5) | (x > width - 0.5) | (y > height - 0.5) | ~np.isfinite(x + y)
        x, y = (np.where(outside, 0.0, each) for each in (x, y))
        left, top = (
            np.clip(np.floor(each), 0, size - 2).astype(np.intp) for each, size in ((x, width), (y, height))
        )
        along, down = np.clip(x - left, 0.0, 1.0), np.clip(y - top, 0.0, 1.0)
        upper, lower = (
            self._logs[self._first, row, left] * (1.0 - along)
            + self._logs[self._first, row, left + 1] * along
            for row in (top, top + 1)
        )
        said = upper * (1.0 - down) + lower * down
        found: Doubles = np.where(outside, np.log(self._floor), said).mean(axis=-2)
        return found

    def _highest(self, smooth: Floats) -> Doubles:
        """Centres of mass about the highest cell, again without what is near it, and so on."""
        height, width = self._shape
        left = np.pad(smooth.reshape(-1, height, width), ((0, 0), (_NEAR, _NEAR), (_NEAR, _NEAR)))
        rows = np.arange(len(left))[:, None, None]
        about = np.arange(-_NEAR, _NEAR + 1)
        found = []
        for _ in range(CHOICES):
            inner = left[:, _NEAR:-_NEAR, _NEAR:-_NEAR].reshape(len(left), -1)
            row, column = np.divmod(inner.argmax(axis=1), width)
            y, x = row[:, None] + about, column[:, None] + about
            place = rows, y[:, :, None] + _NEAR, x[:, None, :] + _NEAR
            near = left[place]
            core = near[:, 1:-1, 1:-1]
            mass = core.sum(axis=(1, 2)) + 1e-12
            middle_x = (core.sum(axis=1) * x[:, 1:-1]).sum(axis=1) / mass
            middle_y = (core.sum(axis=2) * y[:, 1:-1]).sum(axis=1) / mass
            found.append(
                np.stack([(middle_x + 0.5) * GRID / width, (middle_y + 0.5) * GRID / height], axis=-1)
            )
            left[place] = 0.0
        choices = np.stack(found, axis=-2).astype(np.float64)
        return choices.reshape(*smooth.shape[:3], CHOICES, 2)


def _mm_per_cell(seen: Seen, xyz: Doubles) -> Doubles:
    """(M, 21): how long a cell is at places, as the views' mean says."""
    here = projected(xyz, seen.projections)
    moved = [projected(xyz + step, seen.projections) - here for step in np.eye(3)]
    cells = np.sqrt(sum((one * one).sum(axis=-1) for one in moved) / 2.0)
    return np.asarray(1.0 / np.maximum(cells.mean(axis=1), 1e-6))


def _by_least_squares(seen: Seen) -> Doubles:
    """Where the poses themselves meet, the doubtful and the odd counting for less."""
    sure = 1.0 / np.maximum(seen.doubt, 1e-3)
    xyz = triangulated(seen.uv, seen.projections, sure)
    for _ in range(_ROBUST_ROUNDS):
        off = np.linalg.norm(projected(xyz, seen.projections) - seen.uv, axis=-1) * sure
        xyz = triangulated(seen.uv, seen.projections, sure / (1.0 + off * off / _TOLERATED))
    return xyz


def _pairs(seen: Seen) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Pairs of views, (M,) each: all, or of many the least doubtful."""
    order = np.argsort(seen.doubt.mean(axis=-1), axis=1, kind="stable")
    most = min(order.shape[1], MOST_PAIRED)
    return [(order[:, a], order[:, b]) for a, b in combinations(range(most), 2)]

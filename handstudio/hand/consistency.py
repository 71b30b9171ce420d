"""Cross-modal consistency of a 2D pose with a mask (SemiHand, Eq. 11-14; torch)."""

from __future__ import annotations

import torch
from torch import Tensor

from handstudio.hand.box import GRID
from handstudio.hand.circles import circle_centres, circle_radii, hand_scale
from handstudio.hand.raster import SOFTNESS, circle_field


def hand_field(uv: Tensor, size: int, depth: Tensor | None = None, cells: int = GRID) -> Tensor:
    """The signed distance field of a hand's circles G(uv), positive inside.

    Args:
        uv: (B, 21, 2) in cells of a grid with ``cells`` on each side.
        size: pixels on each side of the field.
        depth: (B, 21) in reference bones, where it is known, for the circles' scale.
        cells: the grid of ``uv``.

    Returns:
        (B, size, size) in cells.
    """
    return circle_field(circle_centres(uv), circle_radii(hand_scale(uv, depth)), size, float(cells))


def m2d_of_field(field: Tensor, mask: Tensor, softness: float = SOFTNESS, cells: int = GRID) -> Tensor:
    """Eq. 12 for a field already computed: ``|R(G(uv)) - w|_1`` per hand, (B,), in cells²."""
    difference = (torch.sigmoid(field / softness) - _plane(mask)).abs()
    return difference.sum((1, 2)) * _cell_area(field, cells)


def d2m_of_field(field: Tensor, mask: Tensor, cells: int = GRID) -> Tensor:
    """Eq. 13-14 for a field already computed: sum of wrong pixels' distances to the circles, (B,), cells³."""
    inside = _plane(mask) > 0.5
    distance = torch.where(inside, -field, field).clamp(min=0.0)
    return distance.sum((1, 2)) * _cell_area(field, cells)


def m2d(
    uv: Tensor, mask: Tensor, depth: Tensor | None = None, softness: float = SOFTNESS, cells: int = GRID
) -> Tensor:
    """The model-to-data term (Eq. 12): L1 distance of the circles' mask from ``mask``.

    Args:
        uv: (B, 21, 2) in cells.
        mask: (B, 1, H, W) in [0, 1], of the hand without forearm; no gradient flows into it.
        depth: (B, 21) in reference bones, where it is known, for the circles' scale.
        softness: of the rendered edge, in cells.
        cells: the grid of ``uv``; the mask may be finer or coarser.

    Returns:
        (B,) summed over the grid, in cells².
    """
    return m2d_of_field(hand_field(uv, mask.shape[-1], depth, cells), mask, softness, cells)


def d2m(uv: Tensor, mask: Tensor, depth: Tensor | None = None, cells: int = GRID) -> Tensor:
    """The data-to-model term (Eq. 13-14): distances of wrong pixels to the circles.

    A pixel of the mask outside every circle counts its distance to the nearest rim, one off the mask inside a
    circle how deep it lies; a pixel on which both agree counts nothing. The mask is read as 1 above 1/2.

    Args:
        uv: (B, 21, 2) in cells.
        mask: (B, 1, H, W) in [0, 1]; no gradient flows into it.
        depth: (B, 21) in reference bones, where it is known, for the circles' scale.
        cells: the grid of ``uv``.

    Returns:
        (B,) summed over the grid, in cells³.
    """
    return d2m_of_field(hand_field(uv, mask.shape[-1], depth, cells), mask, cells)


def cross_modal_consistency(
    uv: Tensor, mask: Tensor, depth: Tensor | None = None, softness: float = SOFTNESS, cells: int = GRID
) -> tuple[Tensor, Tensor]:
    """Both terms of Eq. 11 from one field: (:func:`m2d`, :func:`d2m`), (B,) each."""
    field = hand_field(uv, mask.shape[-1], depth, cells)
    return m2d_of_field(field, mask, softness, cells), d2m_of_field(field, mask, cells)


def _plane(mask: Tensor) -> Tensor:
    return mask.detach()[:, 0]


def _cell_area(field: Tensor, cells: int) -> float:
    return float(cells / field.shape[-1]) ** 2

"""Several views of one crop, and the pose in their middle."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import torch
from torch import Tensor

from handstudio.methods.augmentation import Move, perturbation_move, similarity
from handstudio.methods.contract import Pixels
from handstudio.methods.settings import PerturbationSettings, ProposingSettings

_SEED: Final = 20211


def middle(values: Tensor) -> Tensor:
    """The median along the first axis; the mean of the two middle ones for an even number."""
    ordered = values.sort(dim=0).values
    count = len(ordered)
    return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2.0


def doubt_of_views(uv: Tensor, uvs: Tensor, widths: Tensor) -> Tensor:
    """How far each joint may be off, (B, 21) cells: how wide the heatmaps of all views are, and how far their
    poses lie from the one that is proposed; means over the views.

    Args:
        uv: (B, 21, 2) cells, what is proposed.
        uvs: (V, B, 21, 2) what each view says, mapped back.
        widths: (V, B, 21) cells of the plain crop.
    """
    doubt: Tensor = (widths + (uvs - uv).norm(dim=-1)).mean(dim=0)
    return doubt


def plain_widths(widths: Tensor, moves: list[Move]) -> Tensor:
    """Widths of heatmaps ((1 + V) * B, 21) of the plain crops and then of each move's, in cells of the plain
    ones: (1 + V, B, 21)."""
    plain, *moved = torch.chunk(widths, 1 + len(moves))
    back = (width / move.scale.to(width.device)[:, None] for move, width in zip(moves, moved, strict=True))
    return torch.stack([plain, *back])


def turned_moves(count: int, views: int, degrees: float, device: torch.device) -> list[Move]:
    """``views`` moves of ``count`` crops: turned to either side in turn, evenly up to ``degrees``."""
    most = math.ceil(views / 2)
    turns = [degrees * (-1) ** view * (view // 2 + 1) / most for view in range(views)]
    ones, nothing = torch.ones(count), torch.zeros(count, 2)
    return [similarity(torch.full((count,), math.radians(turn)), ones, nothing).to(device) for turn in turns]


def moves_to_propose(
    crops: Pixels, proposing: ProposingSettings, settings: PerturbationSettings, device: torch.device
) -> list[Move]:
    """The moves of the views of crops (B, S, S, 3) whose median a proposal is, but for the plain one."""
    views = proposing.views - 1
    if proposing.view_turn > 0.0:
        return turned_moves(len(crops), views, proposing.view_turn, device)
    return moves_of_crops(crops, views, settings, device)


def moves_of_crops(
    crops: Pixels, views: int, settings: PerturbationSettings, device: torch.device
) -> list[Move]:
    """``views`` weak moves of each crop (B, S, S, 3), every one drawn from the crop itself, so that a crop
    has the same views alone and in a batch."""
    sums = crops.reshape(len(crops), -1).sum(axis=1, dtype=np.int64)
    drawn = [
        perturbation_move(views, settings, torch.Generator().manual_seed(_SEED + int(number)))
        for number in sums
    ]
    turns = torch.stack([move.turn for move in drawn], dim=1).to(device)
    shifts = torch.stack([move.shift for move in drawn], dim=1).to(device)
    return [Move(turn, shift) for turn, shift in zip(turns, shifts, strict=True)]

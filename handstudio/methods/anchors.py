"""The rendered hands of a finetune: some random, some that take pose, size and place from the footage
(ours)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from handstudio.hand.box import GRID
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.methods.matching import render_matched
from handstudio.methods.rendered import LabelledHands, labelled, render_chunk
from handstudio.synthesis.articulation import GestureMix
from handstudio.synthesis.scene import SceneSettings
from handstudio.synthesis.viewpoint import Framing, ViewMix

Stage = Callable[[LabelledHands, Tensor, torch.Generator], LabelledHands]
"""Given rendered hands, rows of the footage and where chances come from: the hands with other pictures."""


def scene() -> SceneSettings:
    """How the rendered hands of trainings look.

    Boxes lie about the hand, drawn by people or following its joints, so crops show it large; hands held out
    for a camera are mostly upright, and four in ten are seen from anywhere (all chosen here).
    """
    return SceneSettings(
        poses=GestureMix(digits=0.35, named=0.25, random=0.4),
        views=ViewMix(any=0.5),
        framing=Framing(low=0.5, high=0.95, truncated=0.05),
        plain_share=0.55,
        placement=AS_POINTED_AT,
    )


def anchor_chunk(
    number: int,
    count: int,
    seed: int,
    matched_share: float,
    uv: Tensor,
    depth: Tensor,
    *,
    size: int = GRID,
    surface: bool = False,
    stage: Stage | None = None,
) -> LabelledHands:
    """Chunk ``number`` of ``count`` rendered hands.

    Args:
        number: of the chunk; with ``seed`` it decides everything random.
        count: hands.
        seed: of the training.
        matched_share: how many of the hands follow the footage.
        uv, depth: (N, 21, 2) cells and (N, 21): the footage's labels and first pseudo-labels.
        size: side of their pictures, px.
        surface: whether they come with the depth of their surface.
        stage: changes the pictures of hands that follow the footage, given which of its hands they follow.
    """
    matched = round(count * matched_share) if len(uv) else 0
    parts: list[LabelledHands] = []
    if matched:
        generator = torch.Generator().manual_seed(hash((seed, number)) & 0x7FFF_FFFF_FFFF)
        rows = torch.randint(0, len(uv), (matched,), generator=generator)
        px = uv[rows] * (size / GRID)
        hands = labelled(render_matched(px, depth[rows], generator, size, scene()), surface)
        parts.append(hands if stage is None else stage(hands, rows, generator))
    if matched < count:
        parts.append(render_chunk(number, count - matched, seed, scene(), size, surface))
    return LabelledHands.joined(parts)

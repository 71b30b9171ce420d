"""Rendered hands that stand as hands of footage do: nearest of many random poses, laid over the given one."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from handstudio.hand.lift import reference_length, scale_free_px_per_bone, to_25d
from handstudio.hand.placement import AS_POINTED_AT
from handstudio.synthesis.scene import (
    HandsInView,
    RenderedHands,
    SceneSettings,
    chunk_for,
    draw,
    parts_in_view,
    random_hands,
)
from handstudio.synthesis.surface import BASE_SHAPES
from handstudio.synthesis.viewpoint import axis_rotation

CANDIDATES = 2048
"""Random poses among which the nearest is looked for."""
DEPTH_WEIGHT = 0.5
"""Weight of a difference in depth against one in the image, both in squared reference bones."""


def render_matched(
    uv: Tensor, depth: Tensor, generator: torch.Generator, size: int, settings: SceneSettings
) -> RenderedHands:
    """Render one right hand like each of the given poses.

    Args:
        uv: (B, 21, 2) px of a picture of side ``size``.
        depth: (B, 21) in reference bones.
        generator: decides the candidates and how they look.
        size: side of the pictures, px.
        settings: of the scene.
    """
    candidates, _ = random_hands(CANDIDATES, generator, size, replace(settings, settling=0))
    ready = parts_in_view(laid_over(candidates, uv, depth))
    parts = []
    together = chunk_for(size, settings)
    for start in range(0, len(uv), together):
        base = int(torch.randint(BASE_SHAPES, (), generator=generator))
        rows = ready.rows(slice(start, start + together))
        parts.append(draw(rows, size, settings, generator, base))
    return RenderedHands.joined(parts)


def laid_over(candidates: HandsInView, uv: Tensor, depth: Tensor) -> HandsInView:
    """For each pose the nearest candidate, turned about the optical axis, scaled and shifted to lie over it.

    Args:
        candidates: random hands.
        uv: (B, 21, 2) px.
        depth: (B, 21) in reference bones.
    """
    theirs, their_depth = _labelled(candidates)
    target, target_middle = _centred(uv)
    shape, _ = _centred(theirs)
    product = target @ shape.conj().T
    power = shape.abs().square().sum(1)[None]
    scale = scale_free_px_per_bone(uv, depth)[:, None]
    flat = (target.abs().square().sum(1)[:, None] - product.abs().square() / power) / scale.square()
    deep = (depth[:, None] - their_depth[None]).square().sum(-1)
    nearest = (flat + DEPTH_WEIGHT * deep).argmin(dim=1)
    factor = product[torch.arange(len(uv)), nearest] / power[0, nearest]
    chosen = candidates.rows(nearest)
    roll = axis_rotation(2, factor.angle())
    K = chosen.K.clone()
    K[:, :2, :2] = K[:, :2, :2] * factor.abs()[:, None, None]
    K[:, :2, 2] = 0.0
    moved = replace(
        chosen,
        rotation=roll @ chosen.rotation,
        translation=(roll @ chosen.translation[..., None])[..., 0],
        K=K,
    )
    _, middle = _centred(_labelled(moved)[0])
    K[:, :2, 2] = target_middle - middle
    return moved


def _labelled(hands: HandsInView) -> tuple[Tensor, Tensor]:
    """uv (B, 21, 2) px and depth (B, 21), labelled as the given poses are."""
    joints = parts_in_view(hands).joints
    return to_25d(AS_POINTED_AT.moved(joints), hands.K, reference_length(joints))


def _centred(uv: Tensor) -> tuple[Tensor, Tensor]:
    """Joints as complex numbers about their middle (B, 21), and the middle (B, 2)."""
    middle = uv.mean(dim=1)
    away = uv - middle[:, None]
    return torch.complex(away[..., 0], away[..., 1]), middle

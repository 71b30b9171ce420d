"""Rendered hands in the pose, size and place of hands in footage.

A rendered hand has its own bone lengths, so it is the directions of the bones that are matched: joint angles
within their limits by descent, the hand's turn in closed form (Kabsch). Then the camera is set so that the
joints lie over the given ones.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from handstudio.hand.lift import scale_free_px_per_bone
from handstudio.hand.skeleton import PARENTS, ROOT
from handstudio.synthesis.anatomy import Anatomy, random_anatomy
from handstudio.synthesis.articulation import LIMITS, GestureMix, articulate, choose_gestures
from handstudio.synthesis.contact import settle
from handstudio.synthesis.kinematics import Articulation, pose_hand, rest_frames
from handstudio.synthesis.scene import (
    HandsInView,
    RenderedHands,
    SceneSettings,
    chunk_for,
    draw,
    parts_in_view,
    to_scale_free,
)
from handstudio.synthesis.skin import random_appearance
from handstudio.synthesis.surface import BASE_SHAPES
from handstudio.synthesis.viewpoint import axis_rotation, random_place

STARTS = 512
"""Random poses among which the nearest is where the descent begins."""

_PARENTS = torch.tensor(PARENTS[1:])


def bone_directions(joints: Tensor) -> Tensor:
    """Unit vectors (B, 20, 3) of joints (B, 21, 3)."""
    bones = joints[:, 1:] - joints[:, _PARENTS.to(joints.device)]
    length: Tensor = torch.linalg.vector_norm(bones, dim=-1, keepdim=True)
    return bones / length.clamp_min(1e-6)


def best_turn(source: Tensor, target: Tensor) -> Tensor:
    """Rotations (B, 3, 3) that turn directions (B, N, 3) onto others as nearly as can be (Kabsch 1976)."""
    u, _, vt = torch.linalg.svd(source.transpose(1, 2) @ target)
    flip = torch.ones_like(u[:, 0])
    flip[:, 2] = torch.det(u @ vt).sign()
    back: Tensor = u * flip[:, None] @ vt
    return back.transpose(1, 2)


def fit_articulation(
    anatomy: Anatomy, target: Tensor, generator: torch.Generator, steps: int = 40
) -> tuple[Articulation, Tensor]:
    """Joint angles and turn of hands whose bones point where the target's do.

    Args:
        anatomy: B hands.
        target: (B, 20, 3) unit bone directions in camera coordinates.
        generator: decides the starting poses.

    Returns:
        The angles, within :data:`LIMITS`, and the turn (B, 3, 3) from the hand's frame into the camera's.
    """
    starts = articulate(choose_gestures(STARTS, generator, GestureMix(0.3, 0.3, 0.4)), generator)
    one = anatomy.rows(torch.zeros(STARTS, dtype=torch.long))
    shapes = bone_directions(pose_hand(one, starts, halves=False).joints)
    likeness = torch.einsum("sni,bnj->bsij", shapes, target)
    values = torch.linalg.svdvals(likeness)
    mirrored = torch.det(likeness) < 0
    nearest = (values.sum(-1) - 2.0 * mirrored * values[..., 2]).argmax(dim=1)
    first = starts.rows(nearest)
    frames = rest_frames(anatomy)
    low, high = LIMITS.unbind(-1)
    angles, cup = first.fingers.clone().requires_grad_(True), first.cup.clone().requires_grad_(True)
    middle = 0.5 * (low + high)
    optimizer = torch.optim.Adam((angles, cup), lr=0.08)
    turn = torch.eye(3).expand(len(target), 3, 3)
    with torch.enable_grad():
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = 0.08 * (1.0 - 0.8 * step / steps)
            posed = pose_hand(anatomy, Articulation(angles, cup, first.wrist), frames, halves=False)
            directions = bone_directions(posed.joints)
            turn = best_turn(directions.detach(), target)
            away = (directions @ turn.transpose(1, 2) - target).square().sum()
            loss = away + 0.02 * ((angles - middle) / (high - low)).square().sum()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            with torch.no_grad():
                angles.copy_(angles.clamp(low, high))
                cup.copy_(cup.clamp(-0.05, 0.45))
    return Articulation(angles.detach(), cup.detach(), first.wrist), turn


def lay_over(hands: HandsInView, uv: Tensor) -> HandsInView:
    """The same hands with cameras whose scale and middle put the joints over ``uv`` (B, 21, 2) px, as nearly
    as a scale and a shift can."""
    K = torch.eye(3).repeat(len(uv), 1, 1)
    rays, _ = to_scale_free(parts_in_view(hands).joints, K)
    ours, theirs = rays.mean(dim=1), uv.mean(dim=1)
    a, b = rays - ours[:, None], uv - theirs[:, None]
    focal = (a * b).sum(dim=(1, 2)) / a.square().sum(dim=(1, 2)).clamp_min(1e-9)
    spread = (b.square().sum(dim=(1, 2)) / a.square().sum(dim=(1, 2)).clamp_min(1e-9)).sqrt()
    focal = torch.maximum(focal, 0.7 * spread)
    K[:, 0, 0] = K[:, 1, 1] = focal
    K[:, :2, 2] = theirs - focal[:, None] * ours
    return replace(hands, K=K)


def hands_like(
    uv: Tensor, depth: Tensor, generator: torch.Generator, settings: SceneSettings, jitter: float = 1.0
) -> HandsInView:
    """Right hands in given 2.5D poses, of random people in random light.

    Args:
        uv: (B, 21, 2) px. ``depth``: (B, 21) in reference bones.
        jitter: how far they stray from the poses: 1 is about 6 degrees per joint, 5 degrees of turn, 5 % of
            size and 3 % of the hand's extent of shift.
    """
    count = len(uv)
    uv, depth = uv.float().cpu(), depth.float().cpu()
    px = scale_free_px_per_bone(uv, depth)
    flat = (uv - uv[:, ROOT, None]) / px[:, None, None]
    target = bone_directions(torch.cat((flat, depth[..., None]), dim=-1))
    anatomy = random_anatomy(count, generator, settings.anatomy)
    fitted, turn = fit_articulation(anatomy, target, generator)
    low, high = LIMITS.unbind(-1)
    stray = jitter * math.radians(6.0) * torch.randn(count, 5, 4, generator=generator)
    moved = replace(fitted, fingers=(fitted.fingers + stray).clamp(low, high))
    articulation = settle(anatomy, moved, torch.zeros(count, dtype=torch.long), settings.settling)
    for axis in range(3):
        angle = jitter * math.radians(5.0) * torch.randn(count, generator=generator)
        turn = axis_rotation(axis, angle) @ turn
    place = random_place(count, generator, settings.framing)
    hands = HandsInView(
        anatomy=anatomy,
        articulation=articulation,
        look=random_appearance(count, generator, settings.sleeve_share, settings.flash_share),
        rotation=turn,
        translation=place,
        K=torch.eye(3).repeat(count, 1, 1),
        left=torch.zeros(count, dtype=torch.bool),
    )
    extent = (uv.amax(dim=1) - uv.amin(dim=1)).amax(dim=1)
    middle = uv.mean(dim=1, keepdim=True)
    size = 1.0 + 0.05 * jitter * torch.randn(count, 1, 1, generator=generator).clamp(-2, 2)
    shift = 0.03 * jitter * extent[:, None, None] * torch.randn(count, 1, 2, generator=generator)
    return lay_over(hands, middle + size * (uv - middle) + shift)


def render_like(
    uv: Tensor,
    depth: Tensor,
    seed: int,
    size: int = 64,
    settings: SceneSettings | None = None,
    jitter: float = 1.0,
) -> RenderedHands:
    """Render one right hand like each of the given poses.

    Args:
        uv: (B, 21, 2) px of a picture of side ``size``. ``depth``: (B, 21) in reference bones.
        seed: decides people, light, backgrounds and jitter.
        size: side of the pictures, px.
        jitter: see :func:`hands_like`; 0 keeps to the poses as nearly as limits and bone lengths allow.
    """
    chosen = settings or SceneSettings()
    generator = torch.Generator().manual_seed(seed)
    ready = parts_in_view(hands_like(uv, depth, generator, chosen, jitter))
    chunk = chunk_for(size, chosen)
    parts = []
    for start in range(0, len(uv), chunk):
        base = int(torch.randint(BASE_SHAPES, (), generator=generator))
        rows = ready.rows(start, min(start + chunk, len(uv)), "cpu")
        parts.append(draw(rows, size, chosen, generator, base))
    return RenderedHands.join(parts)

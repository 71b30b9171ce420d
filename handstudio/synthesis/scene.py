"""Batches of rendered hands: everything that a method learns from, from one seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import torch
from torch import Tensor

from handstudio.hand.lift import reference_length, to_25d
from handstudio.hand.placement import AT_THE_JOINTS, Placement
from handstudio.hand.skeleton import OCCLUDED, OUTSIDE, VISIBLE
from handstudio.synthesis.anatomy import Anatomy, random_anatomy
from handstudio.synthesis.articulation import (
    GestureMix,
    articulate,
    choose_gestures,
    is_edgewise,
    touched_finger,
)
from handstudio.synthesis.background import backgrounds, cast_shadow
from handstudio.synthesis.camera_noise import CameraFaults, degrade
from handstudio.synthesis.contact import settle
from handstudio.synthesis.kinematics import Articulation, pose_hand
from handstudio.synthesis.render import Layers, render_layers
from handstudio.synthesis.rows import Rows
from handstudio.synthesis.skin import Appearance, random_appearance
from handstudio.synthesis.surface import BASE_SHAPES, part_transforms, rest_surface, skin
from handstudio.synthesis.viewpoint import (
    Framing,
    ViewMix,
    axis_rotation,
    frame_joints,
    random_place,
    random_view,
)

JOINT_RADIUS_MM: Final = (
    17.0, 12.5, 11.4, 9.6, 7.2, 11.0, 8.9, 7.9, 5.9, 11.0, 9.1, 8.1, 6.1,
    10.5, 8.5, 7.6, 5.8, 9.8, 7.5, 6.7, 5.1,
)  # fmt: skip
"""About the half thickness of the flesh at each joint of the mean hand."""

CHUNK: Final = 16
"""Hands drawn together: they share one base shape, and their arrays stay in the processor's cache."""


@dataclass(frozen=True)
class SceneSettings:
    """What rendered hands look like; every share lies in [0, 1].

    Attributes:
        poses, views, framing, faults: the mixes of poses, viewpoints, crops and camera faults.
        anatomy: spread of hands, 1 = adults and children.
        looseness: spread about the key poses.
        plain_share: share of plain walls against clutter.
        shadow_share: share of plain walls with the hand's shadow.
        flash_share: share lit from beside the camera.
        sleeve_share: share of arms with a sleeve.
        glove_share: share of hands in gloves.
        light_tint: spread of the colours of light, 0 = from cold to warm white.
        left_share: share of left hands (0 for training: left hands are mirrored by the caller).
        placement: where the labels are put; nothing that is seen depends on it.
        settling: steps that free a pose of self-penetration and make touching fingers touch.
        oversample: samples per pixel and axis.
        discs: discs per hand for a sample grid of 128 px; grows with the square of the grid.
    """

    poses: GestureMix = field(default_factory=GestureMix)
    views: ViewMix = field(default_factory=ViewMix)
    framing: Framing = field(default_factory=Framing)
    faults: CameraFaults = field(default_factory=CameraFaults)
    anatomy: float = 1.0
    looseness: float = 1.0
    plain_share: float = 0.6
    shadow_share: float = 0.7
    flash_share: float = 0.5
    sleeve_share: float = 0.25
    glove_share: float = 0.0
    light_tint: float = 0.0
    left_share: float = 0.0
    placement: Placement = AT_THE_JOINTS
    settling: int = 14
    oversample: int = 2
    discs: int = 20_000

    def appearance(self, count: int, generator: torch.Generator) -> Appearance:
        """Random skin and light of hands."""
        return random_appearance(
            count, generator, self.sleeve_share, self.flash_share, self.glove_share, self.light_tint
        )


@dataclass(frozen=True)
class RenderedHands(Rows):
    """One row per picture (with several views: the views of a hand follow each other).

    Attributes:
        rgb: (B, 3, S, S) in [0, 1].
        uv: (B, 21, 2) px. ``depth``: (B, 21) z relative to the root in reference bones.
        xyz_mm: (B, 21, 3) camera coordinates.
        reference_mm: (B,) length of the reference bone, between its joints wherever labels lie.
        mask: (B, 1, S, S) 1 on hand and forearm, where ``depth_mm`` > 0.
        hand_mask: (B, 1, S, S) the same without the forearm.
        depth_mm: (B, 1, S, S) camera z, 0 = no surface.
        K: (B, 3, 3). ``rotation``, ``translation``: hand's frame into the camera's, (B, 3, 3) and (B, 3) mm.
        visibility: (B, 21) uint8, 0 visible, 1 occluded, 2 outside.
        left: (B,) bool.
        gesture: (B,) index of the key pose, -1 = random.
    """

    rgb: Tensor
    uv: Tensor
    depth: Tensor
    xyz_mm: Tensor
    reference_mm: Tensor
    mask: Tensor
    hand_mask: Tensor
    depth_mm: Tensor
    K: Tensor
    rotation: Tensor
    translation: Tensor
    visibility: Tensor
    left: Tensor
    gesture: Tensor

    def __len__(self) -> int:
        return self.rgb.shape[0]

    @property
    def side(self) -> list[str]:
        """``left`` or ``right`` for each row."""
        return ["left" if left else "right" for left in self.left.tolist()]


@dataclass(frozen=True)
class HandsInView(Rows):
    """Hands that stand before their cameras, ready to be drawn; one row per picture.

    Attributes:
        rotation, translation: hand's frame into the camera's, (B, 3, 3), (B, 3) mm.
        K: (B, 3, 3) for the picture's size.
        left: (B,) bool; a left hand is the mirrored right one, not a mirrored picture.
    """

    anatomy: Anatomy
    articulation: Articulation
    look: Appearance
    rotation: Tensor
    translation: Tensor
    K: Tensor
    left: Tensor


@dataclass(frozen=True)
class PartsInView(Rows):
    """Hands in camera coordinates, as :func:`draw` needs them; one row per picture.

    Attributes:
        linear, shift: (B, PART_COUNT, 3, 3), (B, PART_COUNT, 3) motion of each part from the mean rest hand.
        joints: (B, 21, 3) mm. ``thickness``: (B,) ratio to the mean hand.
        rotation, translation, look, K, left: as in :class:`HandsInView`.
    """

    linear: Tensor
    shift: Tensor
    joints: Tensor
    thickness: Tensor
    rotation: Tensor
    translation: Tensor
    look: Appearance
    K: Tensor
    left: Tensor


def parts_in_view(hands: HandsInView) -> PartsInView:
    """Forward kinematics into camera coordinates."""
    posed = pose_hand(hands.anatomy, hands.articulation)
    linear, shift = part_transforms(hands.anatomy, posed)
    mirror = torch.ones(len(hands.left), 3)
    mirror[:, 0] = torch.where(hands.left, -1.0, 1.0)
    turn = hands.rotation * mirror[:, None]
    return PartsInView(
        linear=turn[:, None] @ linear,
        shift=(turn[:, None] @ shift[..., None])[..., 0] + hands.translation[:, None],
        joints=place_joints(posed.joints, hands.rotation, hands.translation, hands.left),
        thickness=hands.anatomy.thickness.mean(dim=1),
        rotation=hands.rotation,
        translation=hands.translation,
        look=hands.look,
        K=hands.K,
        left=hands.left,
    )


def place_joints(local: Tensor, rotation: Tensor, translation: Tensor, left: Tensor) -> Tensor:
    """Joints (B, 21, 3) of the hand's frame in camera coordinates, mirrored first for left hands."""
    sign = torch.ones_like(local[:, :1])
    sign[..., 0] = torch.where(left, -1.0, 1.0)[:, None]
    return (local * sign) @ rotation.transpose(1, 2) + translation[:, None]


def joint_visibility(xyz: Tensor, uv: Tensor, depth_mm: Tensor, thickness: Tensor) -> Tensor:
    """(B, 21) uint8: 0 visible, 1 occluded, 2 outside.

    A joint is visible when the first surface on its ray is at most 1.6 r + 3 mm in front of it (tips
    1.2 r + 3), r the half thickness of the flesh there; tips look at the farthest surface in the 3 x 3
    pixels around them.
    """
    count, size = xyz.shape[0], depth_mm.shape[-1]
    radius = xyz.new_tensor(JOINT_RADIUS_MM) * thickness[:, None]
    factor = torch.full((21,), 1.6, device=xyz.device)
    factor[4::4] = 1.2
    allowed = factor * radius + 3.0
    column, line = uv[..., 0].floor().long(), uv[..., 1].floor().long()
    outside = (column < 0) | (line < 0) | (column >= size) | (line >= size)
    flat = depth_mm.reshape(count, -1)
    slack = torch.full_like(xyz[..., 2], -1e6)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            cell = (line + dy).clamp(0, size - 1) * size + (column + dx).clamp(0, size - 1)
            surface = flat.gather(1, cell)
            surface = torch.where(surface > 0, surface, torch.full_like(surface, 1e6))
            centre = dx == 0 and dy == 0
            tip = torch.zeros(21, dtype=torch.bool, device=xyz.device)
            tip[4::4] = True
            usable = tip if not centre else torch.ones_like(tip)
            slack = torch.where(usable, torch.maximum(slack, surface - xyz[..., 2]), slack)
    visible = slack >= -allowed
    state = torch.where(visible, VISIBLE, OCCLUDED)
    return torch.where(outside, OUTSIDE, state).to(torch.uint8)


@dataclass(frozen=True)
class Scenery:
    """One camera that watches a whole sequence: what stays the same in all its pictures.

    Attributes:
        backdrop: (1, 3, S, S) display values.
        plain: whether it is a plain wall, which takes the hand's shadow.
        seed: of the shadow and the camera's faults.
    """

    backdrop: Tensor
    plain: bool
    seed: int


def draw_layers(hands: PartsInView, size: int, settings: SceneSettings, base: int) -> Layers:
    """Draw hands that share one base shape, without a background."""
    grid = size * settings.oversample
    discs = round(settings.discs * (grid / 128.0) ** 2 / 4000) * 4000
    surface = rest_surface(base, min(max(discs, 4_000), 360_000), hands.K.device)
    places, normals = skin(surface, hands.linear, hands.shift)
    return render_layers(surface, places, normals, hands.K, size, hands.look, settings.oversample)


def finish(
    hands: PartsInView,
    layers: Layers,
    settings: SceneSettings,
    generator: torch.Generator,
    scenery: Scenery | None = None,
) -> RenderedHands:
    """Put drawn hands before a background, through a camera, with their labels.

    Args:
        generator: decides backgrounds and camera faults; with ``scenery`` only the noise.
    """
    device, count, size = hands.K.device, len(hands.left), layers.coverage.shape[-1]
    fixed, grain = generator, None
    if scenery is None:
        back, plain = backgrounds(count, size, generator, settings.plain_share)
    else:
        back, plain = scenery.backdrop.expand(count, -1, -1, -1), torch.full((count,), scenery.plain)
        fixed, grain = torch.Generator().manual_seed(scenery.seed), generator
        plain = plain[:1]
    back = back.to(device)
    back = cast_shadow(back, layers.coverage, plain, fixed, settings.shadow_share, scenery is not None)
    rgb = degrade(layers.colour + back * (1.0 - layers.coverage), fixed, settings.faults, grain)

    xyz = settings.placement.moved(hands.joints)
    reference = reference_length(hands.joints)
    uv, depth = to_25d(xyz, hands.K, reference)
    covered = layers.coverage >= 0.5
    return RenderedHands(
        rgb=rgb,
        uv=uv,
        depth=depth,
        xyz_mm=xyz,
        reference_mm=reference,
        mask=covered.float(),
        hand_mask=(covered & (layers.hand_coverage >= 0.5)).float(),
        depth_mm=layers.depth_mm,
        K=hands.K,
        rotation=hands.rotation,
        translation=hands.translation,
        visibility=joint_visibility(xyz, uv, layers.depth_mm, hands.thickness),
        left=hands.left,
        gesture=torch.full((count,), -1, dtype=torch.long, device=device),
    )


def draw(
    hands: PartsInView, size: int, settings: SceneSettings, generator: torch.Generator, base: int
) -> RenderedHands:
    """Draw hands that share one base shape (no chunking; see :func:`render_batch`)."""
    return finish(hands, draw_layers(hands, size, settings, base), settings, generator)


def random_hands(
    count: int,
    generator: torch.Generator,
    size: int,
    settings: SceneSettings,
    views: int = 1,
    poses: Articulation | None = None,
) -> tuple[HandsInView, Tensor]:
    """Random hands before random cameras, ``count`` x ``views`` rows, and the gesture of each row."""
    anatomy = random_anatomy(count, generator, settings.anatomy)
    gestures = choose_gestures(count, generator, settings.poses)
    articulation = articulate(gestures, generator, settings.looseness)
    if poses is None:
        articulation = settle(anatomy, articulation, touched_finger(gestures), settings.settling)
    else:
        articulation, gestures = poses.to("cpu"), torch.full_like(gestures, -1)
    look = settings.appearance(count, generator)
    left = torch.rand(count, generator=generator) < settings.left_share
    rotation = random_view(count, generator, settings.views, is_edgewise(gestures) if poses is None else None)
    rotation = torch.where(left[:, None, None], _mirrored(rotation), rotation)
    if views > 1:
        every = torch.arange(count).repeat_interleave(views)
        anatomy, articulation, look = anatomy.rows(every), articulation.rows(every), look.rows(every)
        left, gestures, rotation = left[every], gestures[every], rotation[every]
        step = (torch.arange(count * views) % views).float() * (6.2832 / max(views, 4))
        turn = axis_rotation(1, step + 0.15 * torch.randn(count * views, generator=generator) * (step > 0))
        rotation = turn @ rotation
    place = random_place(count * views, generator, settings.framing)
    local = pose_hand(anatomy, articulation).joints
    turned = place_joints(local, rotation, torch.zeros_like(place), left)
    translation = place - (turned.amin(dim=1) + turned.amax(dim=1)) / 2.0
    K = frame_joints(turned + translation[:, None], size, generator, settings.framing)
    return HandsInView(anatomy, articulation, look, rotation, translation, K, left), gestures


def chunk_for(size: int, settings: SceneSettings) -> int:
    """How many pictures to draw together on the CPU."""
    return max(1, min(CHUNK, CHUNK * 65_536 // (size * settings.oversample) ** 2))


def _mirrored(rotation: Tensor) -> Tensor:
    sign = torch.tensor((-1.0, 1.0, 1.0))
    return sign[:, None] * rotation * sign


def render_batch(
    count: int,
    seed: int,
    size: int = 64,
    settings: SceneSettings | None = None,
    device: torch.device | str = "cpu",
    views: int = 1,
    poses: Articulation | None = None,
) -> RenderedHands:
    """Render ``count`` random hands from ``views`` cameras each.

    Args:
        count: number of hands; the result has ``count * views`` rows.
        seed: the same seed, count and settings give the same pictures on the same device.
        size: side of the pictures, px.
        settings: see :class:`SceneSettings`.
        device: where to draw.
        views: cameras per hand.
        poses: joint angles to use instead of random ones (``count`` rows).
    """
    chosen = settings or SceneSettings()
    generator = torch.Generator().manual_seed(seed)
    hands, gestures = random_hands(count, generator, size, chosen, views, poses)
    chunk = chunk_for(size, chosen)
    chunk = chunk if torch.device(device).type == "cpu" else 256
    ready = parts_in_view(hands)
    parts = []
    for start in range(0, count * views, chunk):
        base = int(torch.randint(BASE_SHAPES, (), generator=generator))
        rows = ready.rows(slice(start, start + chunk)).to(device)
        parts.append(draw(rows, size, chosen, generator, base))
    return replace(RenderedHands.joined(parts), gesture=gestures.to(device))

"""What rendered hands promise to those who learn from them."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
import torch
import torch.nn.functional as F

from handstudio.hand.angles import joint_angles, limit_violation
from handstudio.hand.placement import Placement
from handstudio.hand.skeleton import OUTSIDE, PARENTS, REFERENCE_CHILD, ROOT, VISIBLE
from handstudio.synthesis.anatomy import random_anatomy
from handstudio.synthesis.articulation import (
    GESTURES,
    LIMITS,
    GestureMix,
    articulate,
    choose_gestures,
    touched_finger,
)
from handstudio.synthesis.contact import Flesh, settle
from handstudio.synthesis.kinematics import Articulation, pose_hand
from handstudio.synthesis.scene import (
    PartsInView,
    RenderedHands,
    SceneSettings,
    draw_layers,
    parts_in_view,
    place_joints,
    random_hands,
    render_batch,
)
from handstudio.synthesis.skin import Appearance, random_appearance

QUICK = SceneSettings(discs=12_000)


@pytest.fixture(scope="module")
def hands() -> RenderedHands:
    return render_batch(32, 5, 48, QUICK)


def test_the_same_seed_gives_the_same_pictures_and_another_seed_others(hands: RenderedHands) -> None:
    again, other = render_batch(32, 5, 48, QUICK), render_batch(32, 6, 48, QUICK)
    for field in fields(RenderedHands):
        assert torch.equal(getattr(hands, field.name), getattr(again, field.name)), field.name
    assert (hands.rgb - other.rgb).abs().mean() > 0.05


def test_shapes_ranges_and_types_are_those_promised(hands: RenderedHands) -> None:
    assert hands.rgb.shape == (32, 3, 48, 48)
    assert hands.mask.shape == hands.hand_mask.shape == hands.depth_mm.shape == (32, 1, 48, 48)
    assert hands.uv.shape == (32, 21, 2)
    assert hands.depth.shape == (32, 21)
    assert hands.visibility.dtype == torch.uint8
    assert hands.side == ["right"] * 32
    for field in fields(RenderedHands):
        value = getattr(hands, field.name)
        assert bool(torch.isfinite(value.float()).all()), field.name
    assert hands.rgb.amin() >= 0
    assert hands.rgb.amax() <= 1


def test_the_mask_is_where_there_is_depth_and_holds_the_hand(hands: RenderedHands) -> None:
    assert torch.equal(hands.mask > 0, hands.depth_mm > 0)
    assert bool((hands.hand_mask <= hands.mask).all())
    assert hands.hand_mask.mean() > 0.08


def test_joints_lie_in_the_mask(hands: RenderedHands) -> None:
    wide = F.max_pool2d(hands.hand_mask, 3, 1, 1)
    grid = (hands.uv / 48.0 * 2.0 - 1.0)[:, :, None]
    inside = F.grid_sample(wide, grid, mode="nearest", align_corners=False)[:, 0, :, 0] > 0
    seen = hands.visibility != OUTSIDE
    assert inside[seen].float().mean() > 0.985


def test_visible_joints_are_just_under_the_surface(hands: RenderedHands) -> None:
    column, line = hands.uv[..., 0].floor().long(), hands.uv[..., 1].floor().long()
    visible = hands.visibility == VISIBLE
    visible[:, 4::4] = False
    cell = line.clamp(0, 47) * 48 + column.clamp(0, 47)
    surface = hands.depth_mm.flatten(1).gather(1, cell)
    under = (hands.xyz_mm[..., 2] - surface)[visible & (surface > 0)]
    assert under.median() > 2.0
    assert under.median() < 14.0
    assert under.quantile(0.02) > -6.0


def test_the_pose_in_the_image_is_the_pose_in_space_seen_by_the_camera(hands: RenderedHands) -> None:
    seen = hands.xyz_mm @ hands.K.transpose(1, 2)
    torch.testing.assert_close(seen[..., :2] / seen[..., 2:], hands.uv, atol=1e-3, rtol=1e-5)
    bone = (hands.xyz_mm[:, REFERENCE_CHILD] - hands.xyz_mm[:, ROOT]).norm(dim=1)
    expected = (hands.xyz_mm[..., 2] - hands.xyz_mm[:, ROOT, None, 2]) / bone[:, None]
    torch.testing.assert_close(hands.depth, expected, atol=1e-4, rtol=1e-4)


def test_most_hands_fill_the_promised_part_of_the_crop() -> None:
    hands = render_batch(32, 1, 32, QUICK)
    share = (hands.uv.amax(dim=1) - hands.uv.amin(dim=1)).amax(dim=1) / 32
    assert share.min() > 0.40
    assert share.max() < 0.92


def test_bones_keep_their_length_whatever_the_pose() -> None:
    generator = torch.Generator().manual_seed(0)
    anatomy = random_anatomy(64, generator)
    posed = pose_hand(anatomy, articulate(choose_gestures(64, generator, GestureMix()), generator))
    bones = (posed.joints[:, 1:] - posed.joints[:, PARENTS[1:]]).norm(dim=-1)
    torch.testing.assert_close(bones, anatomy.bone_lengths(), atol=1e-2, rtol=1e-4)


def test_angles_stay_within_the_limits_of_joints() -> None:
    generator = torch.Generator().manual_seed(1)
    anatomy = random_anatomy(256, generator)
    gestures = choose_gestures(256, generator, GestureMix())
    settled = settle(anatomy, articulate(gestures, generator, looseness=2.0), touched_finger(gestures))
    low, high = LIMITS.unbind(-1)
    assert bool((settled.fingers >= low - 1e-6).all())
    assert bool((settled.fingers <= high + 1e-6).all())


def test_random_hands_straighten_any_fingers_while_the_others_are_folded() -> None:
    generator = torch.Generator().manual_seed(6)
    bent = articulate(torch.full((4000,), -1), generator).fingers[:, 1:, 2]
    straight, folded = bent < math.radians(30.0), bent > math.radians(75.0)
    clear = straight[(straight | folded).all(dim=1)]
    sets = torch.bincount(clear.long() @ torch.tensor((1, 2, 4, 8)), minlength=16)
    assert int(sets.min()) >= 28


def test_rendered_hands_bend_within_the_limits_by_which_labels_are_judged() -> None:
    generator = torch.Generator().manual_seed(4)
    hands, _ = random_hands(512, generator, 64, SceneSettings())
    xyz = parts_in_view(hands).joints.clone()
    xyz[hands.left] *= torch.tensor((-1.0, 1.0, 1.0))
    excess = torch.rad2deg(limit_violation(joint_angles(xyz)).abs().flatten(1).amax(dim=1))
    assert (excess > 5.0).float().mean() < 0.03
    assert excess.amax() < 12.0


def test_bent_fingers_lie_side_by_side_and_point_at_the_base_of_the_thumb() -> None:
    anatomy = random_anatomy(1, torch.Generator(), variation=0.0)
    fist = torch.zeros(1, 5, 4)
    fist[:, 1:, 1] = 1.5
    straight, bent = (
        pose_hand(anatomy, Articulation(fingers, torch.zeros(1), torch.zeros(1, 2))).joints[0]
        for fingers in (torch.zeros_like(fist), fist)
    )
    middles = bent[[6, 10, 14, 18], 0]
    assert bool((-middles.diff() > 12.0).all())
    towards_thumb = bent[[6, 10, 14, 18], 0] - bent[[5, 9, 13, 17], 0]
    assert bool((towards_thumb[1:] > straight[[10, 14, 18], 0] - straight[[9, 13, 17], 0]).all())
    assert bool((towards_thumb.diff() > 0).all())


def test_settling_frees_hands_of_self_penetration() -> None:
    generator = torch.Generator().manual_seed(2)
    anatomy = random_anatomy(256, generator)
    gestures = choose_gestures(256, generator, GestureMix())
    loose = articulate(gestures, generator)
    settled = settle(anatomy, loose, touched_finger(gestures))

    def deepest(articulation: object) -> torch.Tensor:
        deep, into = Flesh(anatomy).overlap(pose_hand(anatomy, articulation).joints)  # type: ignore[arg-type]
        return torch.maximum(deep.amax(dim=0), into.amax(dim=(0, 1)))

    before, after = deepest(loose), deepest(settled)
    assert after.mean() < 0.5 * before.mean()
    assert after.quantile(0.9) < 6.0


def test_touching_fingers_touch() -> None:
    generator = torch.Generator().manual_seed(3)
    names = [name for name, gesture in GESTURES.items() if gesture.touch]
    gestures = torch.tensor([list(GESTURES).index(name) for name in names]).repeat(20)
    anatomy = random_anatomy(len(gestures), generator)
    touched = touched_finger(gestures)
    joints = pose_hand(anatomy, settle(anatomy, articulate(gestures, generator), touched)).joints
    rows = torch.arange(len(gestures))
    gap = (joints[rows, 4 + 4 * touched] - joints[:, 4]).norm(dim=1)
    assert gap.median() < 20.0
    assert gap.quantile(0.9) < 32.0


def test_several_views_show_one_hand() -> None:
    hands = render_batch(4, 7, 32, QUICK, views=3)
    assert len(hands) == 12
    local = (hands.xyz_mm - hands.translation[:, None]) @ hands.rotation
    local = local.unflatten(0, (4, 3))
    torch.testing.assert_close(local[:, 1], local[:, 0], atol=1e-2, rtol=1e-4)
    torch.testing.assert_close(local[:, 2], local[:, 0], atol=1e-2, rtol=1e-4)
    forward = hands.rotation[:, 2].unflatten(0, (4, 3))
    assert ((forward[:, 0] * forward[:, 1]).sum(-1) < 0.8).all()


@pytest.mark.parametrize("seed", [4, 7])
def test_a_left_hand_is_a_mirrored_right_hand(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    right, _ = random_hands(4, generator, 48, QUICK)
    flip = torch.tensor((-1.0, 1.0, 1.0))
    K = right.K.clone()
    K[:, 0, 2] = 48.0 - K[:, 0, 2]
    left = replace(
        right,
        rotation=flip[:, None] * right.rotation * flip,
        translation=right.translation * flip,
        K=K,
        left=torch.ones(4, dtype=torch.bool),
    )
    one, other = parts_in_view(right), parts_in_view(left)
    torch.testing.assert_close(other.joints, one.joints * flip, atol=1e-3, rtol=1e-5)

    def coverage(parts: PartsInView) -> torch.Tensor:
        return draw_layers(parts.rows(slice(0, 4)), 48, QUICK, 0).coverage

    assert (coverage(one).flip(-1) - coverage(other)).abs().mean() < 0.003


def test_left_hands_are_told_apart_from_right_ones() -> None:
    hands = render_batch(16, 8, 24, replace(QUICK, left_share=0.5))
    assert set(hands.side) == {"left", "right"}
    normal = torch.linalg.cross(
        hands.xyz_mm[:, 5] - hands.xyz_mm[:, 0], hands.xyz_mm[:, 17] - hands.xyz_mm[:, 0], dim=1
    )
    local = (normal[:, None] @ hands.rotation)[:, 0, 2]
    assert bool(((local > 0) == hands.left).all()) or bool(((local < 0) == hands.left).all())


def test_the_label_of_the_wrist_can_be_moved_towards_the_palm() -> None:
    plain = render_batch(4, 9, 24, QUICK)
    moved = render_batch(4, 9, 24, replace(QUICK, placement=Placement(wrist_towards_palm=0.1)))
    assert torch.equal(plain.rgb, moved.rgb)
    expected = torch.lerp(plain.xyz_mm[:, 0], plain.xyz_mm[:, ROOT], 0.1)
    torch.testing.assert_close(moved.xyz_mm[:, 0], expected)


def test_the_labels_of_the_knuckles_can_be_moved_towards_the_tips() -> None:
    plain = render_batch(4, 9, 24, QUICK)
    moved = render_batch(4, 9, 24, replace(QUICK, placement=Placement(bases_towards_tips=0.2)))
    assert torch.equal(plain.rgb, moved.rgb)
    expected = torch.lerp(plain.xyz_mm[:, 5], plain.xyz_mm[:, 6], 0.2)
    torch.testing.assert_close(moved.xyz_mm[:, 5], expected)
    torch.testing.assert_close(moved.xyz_mm[:, 1:5], plain.xyz_mm[:, 1:5])


def test_given_joint_angles_are_used() -> None:
    generator = torch.Generator().manual_seed(11)
    poses = articulate(torch.full((3,), list(GESTURES).index("fist")), generator)
    hands = render_batch(3, 2, 24, QUICK, poses=poses)
    anatomy = random_anatomy(3, torch.Generator().manual_seed(2))
    local = pose_hand(anatomy, poses).joints
    expected = place_joints(local, hands.rotation, hands.translation, hands.left)
    torch.testing.assert_close(hands.xyz_mm, expected, atol=1e-3, rtol=1e-5)


def test_a_glove_has_one_colour_without_nails_veins_and_redness() -> None:
    bare, gloved = (
        random_appearance(64, torch.Generator().manual_seed(3), 0.3, 0.5, glove_share=share)
        for share in (0.0, 0.5)
    )
    worn = (gloved.albedo != bare.albedo).any(dim=1)
    assert 16 < int(worn.sum()) < 48
    assert torch.equal(gloved.nail[worn], gloved.albedo[worn])
    assert float(gloved.vein[worn].abs().max()) == float(gloved.redness[worn].abs().max()) == 0.0
    assert (gloved.palm[worn] <= gloved.albedo[worn]).all()
    for field in fields(Appearance):
        assert torch.equal(getattr(gloved, field.name)[~worn], getattr(bare, field.name)[~worn]), field.name
    assert torch.equal(gloved.key_colour, bare.key_colour)


def test_coloured_light_is_as_bright_on_the_mean_of_the_colours_and_leaves_the_skin() -> None:
    white, coloured = (
        random_appearance(256, torch.Generator().manual_seed(3), 0.3, 0.5, light_tint=tint)
        for tint in (0.0, 0.4)
    )
    assert torch.equal(white.albedo, coloured.albedo)
    tint = coloured.key_colour / white.key_colour
    torch.testing.assert_close(tint.mean(dim=1), torch.ones(256))
    assert 0.2 < float(tint.std(dim=1).mean()) < 0.6

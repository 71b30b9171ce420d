"""Everything that painters and the inspector need of one hand, computed at once from what is stored."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from handstudio.hand.angles import FLEXION_JOINTS, LIMITS, joint_angles, limit_violation
from handstudio.hand.camera import Camera
from handstudio.hand.circles import circle_centres, fitted_ratios
from handstudio.hand.mirror import mirror_xyz
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import BONES, JOINT_COUNT, JOINT_NAMES, REFERENCE_CHILD, ROOT
from handstudio.hand.template import relative_bone_lengths, template_bone_lengths
from handstudio.project.records import (
    Floats,
    HandBundle,
    HandRecord,
    Pose,
    SentBack,
    Truth,
    Verification,
)
from handstudio.review.expected_error import ExpectedError
from handstudio.review.space import Space

_CHILDREN: Final = np.array([child for _, child in BONES])
_PARENTS: Final = np.array([parent for parent, _ in BONES])
_TEMPLATE: Final = relative_bone_lengths()
_TEMPLATE_SCALE_MM: Final = float(template_bone_lengths()[REFERENCE_CHILD - 1])

Shown = Literal["edit", "label", "sent back", "proposal"]
ScaleSource = Literal["truth", "fitted", "template"]


class JointRow(NamedTuple):
    """One line of the inspector.

    Attributes:
        joint: index. name: of the joint.
        expected_error_px: of the proposal; ``None`` without one.
        shift_px: how far the correction moves it; ``None`` without a correction.
        bone_percent: length of the bone that ends here against the template's; ``None`` for the wrist.
        flexion, abduction: rad; ``None`` where the joint has no angle.
        beyond: rad outside the limits (flexion, abduction), 0 within; ``None`` where it has no angle.
        limits: rad, lowest and highest, of flexion and of abduction; likewise.
        visibility: 0 visible, 1 occluded, 2 outside.
    """

    joint: int
    name: str
    expected_error_px: float | None
    shift_px: float | None
    bone_percent: float | None
    flexion: float | None
    abduction: float | None
    beyond: tuple[float, float] | None
    limits: tuple[tuple[float, float], tuple[float, float]] | None
    visibility: int


@dataclass(frozen=True, eq=False)
class HandView:
    """One hand as it is shown.

    Attributes:
        record: the hand.
        pose: the pose to show and to grab: the edit, else the label (also one that was sent back), else the
            proposal.
        shown: which of these it is.
        edit, label, proposal, perturbed, corrected, truth: the layers; ``None`` where there is none.
        circles: centres (55, 2) px and radii (55,) px of the pose's circles.
        xyz: (21, 3): mm in the camera's axes where ``metric``, else reference bones about the root.
        metric: whether ``xyz`` is in mm.
        scale: where the hand's size comes from when ``metric``: the data set's truth, the person's fitted
            bones, or the template.
        expected_error_px: of the proposal, mean over its joints.
        expected_error_basis: how that figure came about, for people.
        verification, sent_back: what a second reviewer said of the hand.
        views: from how many cameras the proposal was found; 0 without one.
        make_joints: makes :attr:`joints`.
        read_mask: reads :attr:`mask`.
    """

    record: HandRecord
    pose: Pose | None
    shown: Shown | None
    edit: Pose | None
    label: Pose | None
    proposal: Pose | None
    perturbed: Pose | None
    corrected: Pose | None
    truth: Pose | None
    circles: tuple[Floats, Floats] | None
    xyz: Floats | None
    metric: bool
    scale: ScaleSource | None
    expected_error_px: float | None
    expected_error_basis: str
    verification: Verification | None
    sent_back: SentBack | None
    views: int
    make_joints: Callable[[], tuple[JointRow, ...]]
    read_mask: Callable[[], npt.NDArray[Any] | None]

    @cached_property
    def mask(self) -> npt.NDArray[Any] | None:
        """(64, 64) over the square of the box, in 0..255; read when it is asked for."""
        return self.read_mask()

    @property
    def lacks_mask(self) -> bool:
        """Whether the mask was asked for, and there was none."""
        return "mask" in self.__dict__ and self.mask is None

    @cached_property
    def joints(self) -> tuple[JointRow, ...]:
        """The inspector's lines, made when they are asked for; empty without a pose."""
        return self.make_joints()

    @property
    def worst_first(self) -> tuple[int, ...]:
        """The joints by expected error, the largest first; in their own order where none is known."""
        errors = {row.joint: row.expected_error_px for row in self.joints}

        def known(joint: int) -> float:
            error = errors.get(joint)
            return error if error is not None and math.isfinite(error) else 0.0

        return tuple(sorted(range(JOINT_COUNT), key=known, reverse=True))


def view_of(
    bundle: HandBundle,
    *,
    edit: Pose | None = None,
    camera: Camera | None = None,
    shape: HandShape = ANYBODY,
    expected: ExpectedError,
    mask: Callable[[], npt.NDArray[Any] | None] = lambda: None,
) -> HandView:
    """Put a hand's view together.

    Args:
        bundle: what is stored.
        edit: the pose being edited.
        camera: of its sequence.
        shape: what is known of the person's hands.
        expected: the map from doubt to px.
        mask: gives the hand's mask when asked.
    """
    label = None if bundle.standing is None else bundle.standing.pose
    proposal = bundle.proposal
    shown: Shown | None = None
    pose: Pose | None = None
    if edit is not None:
        shown, pose = "edit", edit
    elif label is not None:
        shown, pose = "label" if bundle.label is not None else "sent back", label
    elif proposal is not None:
        shown, pose = "proposal", proposal.pose
    finite = pose is not None and bool(np.isfinite(pose.uv).all() and np.isfinite(pose.depth).all())
    placed = None if pose is None or not finite else in_space(pose, camera, bundle.truth, shape)
    xyz = None if placed is None else placed.xyz
    circles = None
    if pose is not None and placed is not None:
        circles = circle_centres(pose.uv), fitted_ratios() * np.float32(placed.px_per_bone)
    return HandView(
        bundle.record,
        pose,
        shown,
        edit,
        label,
        None if proposal is None else proposal.pose,
        None if proposal is None else proposal.perturbed,
        None if proposal is None else proposal.corrected,
        None if bundle.truth is None else bundle.truth.pose,
        circles,
        xyz,
        xyz is not None and camera is not None,
        None if placed is None else placed.scale,
        None if proposal is None else expected.of_hand(bundle.record),
        expected.basis,
        bundle.verification,
        bundle.sent_back,
        0 if proposal is None else proposal.views,
        lambda: () if pose is None else _rows(bundle, pose, xyz, shape, expected),
        mask,
    )


@dataclass(frozen=True, eq=False)
class InSpace:
    """A pose in 3D.

    Attributes:
        xyz: (21, 3): mm in the camera's axes, or reference bones about the root without a camera.
        scale: where the hand's size in mm comes from; ``None`` without a camera.
        px_per_bone: how long a reference bone at the root's depth looks, px.
    """

    xyz: Floats
    scale: ScaleSource | None
    px_per_bone: float


def in_space(pose: Pose, camera: Camera | None, truth: Truth | None, shape: HandShape = ANYBODY) -> InSpace:
    """Lift a pose: to mm with a camera, to reference bones about the root without one.

    The hand's size is that of its truth where the data set knows it, else the one fitted to the person's
    hands, else the template's.
    """
    xyz, px_per_bone = Space(camera, shape.bone_lengths).lifted(pose)
    if camera is None:
        return InSpace(xyz, None, px_per_bone)
    scale_mm, source = _scale_of(truth, shape)
    return InSpace(xyz * np.float32(scale_mm), source, px_per_bone)


def _scale_of(truth: Truth | None, shape: HandShape) -> tuple[float, ScaleSource]:
    if truth is not None and truth.xyz_mm is not None:
        length = float(np.linalg.norm(truth.xyz_mm[REFERENCE_CHILD] - truth.xyz_mm[ROOT]))
        if np.isfinite(length) and length > 0.0:
            return length, "truth"
    if shape.reference_mm is not None:
        return shape.reference_mm, "fitted"
    return _TEMPLATE_SCALE_MM, "template"


def _rows(
    bundle: HandBundle, pose: Pose, xyz: Floats | None, shape: HandShape, expected: ExpectedError
) -> tuple[JointRow, ...]:
    proposal = bundle.proposal
    shifts = (
        None
        if proposal is None
        else np.linalg.norm(proposal.corrected.uv - proposal.pose.uv, axis=-1).tolist()
    )
    errors = None if proposal is None else expected.of_joints(proposal, bundle.record).tolist()
    bones: list[float | None] = [None] * JOINT_COUNT
    limits = LIMITS if shape.limits is None else shape.limits
    angles: dict[int, tuple[list[float], list[float], list[tuple[float, float]]]] = {}
    if xyz is not None:
        lengths = np.linalg.norm(xyz[_CHILDREN] - xyz[_PARENTS], axis=-1)
        share = lengths / (_TEMPLATE if shape.bone_lengths is None else shape.bone_lengths)
        share /= max(float(np.median(share)), 1e-9)
        bones[1:] = (share * 100.0).tolist()
        own = xyz if bundle.record.side == "right" else mirror_xyz(xyz)
        found = joint_angles(own)
        beyond = limit_violation(found, limits)
        by_joint = zip(found.tolist(), beyond.tolist(), limits.tolist(), strict=True)
        angles = dict(zip(FLEXION_JOINTS, by_joint, strict=True))
    visibility = pose.visibility.tolist()
    rows = []
    for joint in range(JOINT_COUNT):
        angle = angles.get(joint)
        rows.append(
            JointRow(
                joint,
                JOINT_NAMES[joint],
                None if errors is None else errors[joint],
                None if shifts is None else shifts[joint],
                bones[joint],
                None if angle is None else angle[0][0],
                None if angle is None else angle[0][1],
                None if angle is None else (angle[1][0], angle[1][1]),
                None if angle is None else (angle[2][0], angle[2][1]),
                visibility[joint],
            )
        )
    return tuple(rows)

"""How far two annotators agree on the same hands: poses, states, and where they disagree most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.hand.camera import Camera
from handstudio.hand.skeleton import ROOT
from handstudio.project import Project
from handstudio.project.annotators import Annotation
from handstudio.project.records import HandRecord, Pose, State
from handstudio.review.comparing import TwoPoses, TwoSets
from handstudio.review.hand_view import in_space
from handstudio.scoring.evaluation import Evaluation, evaluate
from handstudio.scoring.states import StateAgreement, state_agreement

CATEGORIES: Final = ("usable", "rejected")
"""What is compared of states: hands that either left for later are left out."""


@dataclass(frozen=True, eq=False)
class Pair:
    """What two annotators said of one hand.

    Attributes:
        hand_id: of the project that is looked at.
        states: of the first and of the second. poses: theirs; ``None`` where one has none.
        blind: whether one of them did not see what the other had.
    """

    hand_id: int
    states: tuple[State, State]
    poses: tuple[Pose | None, Pose | None]
    blind: bool = False


@dataclass(frozen=True, eq=False)
class Disagreement:
    """One hand about which two do not quite agree.

    Attributes:
        px, mm: mean distance of the joints; NaN where it is not known (one has no pose, there is no camera).
    """

    pair: Pair
    record: HandRecord
    px: float
    mm: float

    @property
    def about_state(self) -> bool:
        """Whether one takes the hand for usable and the other does not."""
        return (self.pair.poses[0] is None) != (self.pair.poses[1] is None)


@dataclass(frozen=True, eq=False)
class Agreement:
    """What there is to say about two annotators.

    Attributes:
        names: of the first and of the second.
        hands: decided by both. blind: those of them that one annotated without seeing the other's.
        evaluation: of the first's poses against the second's; ``None`` where no hand has both.
        states: whether they find the same hands usable.
        disagreements: hands, one usable for one of them alone first, then by falling distance.
    """

    names: tuple[str, str]
    hands: int
    blind: int
    evaluation: Evaluation | None
    states: StateAgreement
    disagreements: tuple[Disagreement, ...]

    def to_json(self, most: int | None = None) -> dict[str, Any]:
        """Plain values, with the first ``most`` disagreements."""
        return {
            "annotators": list(self.names),
            "hands": self.hands,
            "blind": self.blind,
            "poses": None if self.evaluation is None else self.evaluation.to_json(with_curves_of_parts=True),
            "states": self.states.to_json(),
            "disagreements": [_row(one) for one in self.disagreements[:most]],
        }


def pairs_of(annotations: Sequence[tuple[Annotation, Annotation]], blind_only: bool = False) -> list[Pair]:
    """What two people of one project said, as pairs.

    Args:
        annotations: see :meth:`handstudio.project.annotators.Annotators.annotations`.
        blind_only: only hands that one of them annotated without seeing the other's.
    """
    found = [
        Pair(one.hand_id, (one.state, other.state), (one.pose, other.pose), one.blind or other.blind)
        for one, other in annotations
    ]
    return [pair for pair in found if pair.blind or not blind_only]


def agreement(project: Project, names: tuple[str, str], pairs: Sequence[Pair]) -> Agreement:
    """Compare; any thread may.

    Args:
        project: in which the hands are.
        names: of the first and of the second.
        pairs: what they said.

    Raises:
        HandStudioError: when there is no hand that both decided.
    """
    found_hands = project.hands([pair.hand_id for pair in pairs])
    records = {record.id: record for record in found_hands if not record.removed}
    there = [pair for pair in pairs if pair.hand_id in records]
    if not there:
        raise HandStudioError(
            f"There is no hand that both {names[0]} and {names[1]} decided",
            project.path,
            "Let the second one annotate hands of the first blind, or compare with another project",
        )
    both = [pair for pair in there if None not in pair.poses]
    found = _evaluated(project, both, records) if both else None
    told = [pair for pair in there if State.SKIPPED not in pair.states]
    said = [["usable" if pose is not None else "rejected" for pose in pair.poses] for pair in told]
    states = state_agreement([one for one, _ in said], [other for _, other in said], CATEGORIES)
    return Agreement(
        names,
        len(there),
        sum(pair.blind for pair in there),
        found,
        states,
        tuple(_sorted(told, both, found, records)),
    )


def two_sets(found: Agreement) -> TwoSets:
    """The disagreements, to be gone through."""
    return TwoSets(tuple(_two_poses(one, found.names) for one in found.disagreements))


def _two_poses(one: Disagreement, names: tuple[str, str]) -> TwoPoses:
    first, second = (
        f"{name}: {str(state).replace('_', ' ')}" for name, state in zip(names, one.pair.states, strict=True)
    )
    before, after = (None if pose is None else pose.uv for pose in one.pair.poses)
    apart = f"{one.px:.1f} px apart" if math.isfinite(one.px) else ""
    return TwoPoses(one.record.id, (before, after), (first, second), apart)


def _sorted(
    told: Sequence[Pair], both: Sequence[Pair], found: Evaluation | None, records: dict[int, HandRecord]
) -> list[Disagreement]:
    distances = {}
    if found is not None:
        distances = {
            pair.hand_id: (px, mm)
            for pair, px, mm in zip(both, found.hand_px.tolist(), found.hand_mm.tolist(), strict=True)
        }
    listed = [
        Disagreement(pair, records[pair.hand_id], *distances.get(pair.hand_id, (math.nan, math.nan)))
        for pair in told
        if pair.poses != (None, None)
    ]
    return sorted(listed, key=lambda one: (not one.about_state, -one.px if one.px == one.px else 0.0))


def _evaluated(project: Project, pairs: Sequence[Pair], records: dict[int, HandRecord]) -> Evaluation:
    hands = [records[pair.hand_id] for pair in pairs]
    poses = [_poses(pair) for pair in pairs]
    xyz, K, bone = _in_mm(project, hands, [second for _, second in poses])
    return evaluate(
        np.stack([first.uv for first, _ in poses]),
        np.stack([second.uv for _, second in poses]),
        np.array([hand.box.side for hand in hands]),
        depth=np.stack([first.depth for first, _ in poses]),
        depth_reference=np.stack([second.depth for _, second in poses]),
        xyz_reference_mm=xyz,
        K=K,
        bone_mm=bone,
        hand_ids=np.array([hand.id for hand in hands]),
    )


def _poses(pair: Pair) -> tuple[Pose, Pose]:
    first, second = pair.poses
    assert first is not None
    assert second is not None
    return first, second


def _in_mm(
    project: Project, hands: Sequence[HandRecord], poses: Sequence[Pose]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(N, 21, 3) mm in the camera's axes, (N, 3, 3) px and (N,) mm of a reference bone, by which depths are
    lifted; NaN where there is no camera."""
    bone = np.full(len(hands), np.nan)
    xyz, K = np.full((len(hands), 21, 3), np.nan), np.full((len(hands), 3, 3), np.nan)
    sequences = {record.id: record for record in project.sequences()}
    cameras: dict[int, Camera | None] = {}
    for sequence_id in {hand.sequence_id for hand in hands}:
        stored = sequences[sequence_id].camera
        try:
            cameras[sequence_id] = Camera.from_dict(stored) if stored else None
        except (KeyError, TypeError, ValueError):
            cameras[sequence_id] = None
    shapes = {number: project.hand_shape(sequences[number]) for number, one in cameras.items() if one}
    for row, (hand, pose) in enumerate(zip(hands, poses, strict=True)):
        camera = cameras[hand.sequence_id]
        if camera is None or not (np.isfinite(pose.uv).all() and np.isfinite(pose.depth).all()):
            continue
        truth = project.truth_of(hand.id) if hand.has_truth else None
        placed = in_space(pose, camera, truth, shapes[hand.sequence_id])
        xyz[row], K[row] = placed.xyz, camera.K
        bone[row] = placed.xyz[ROOT, 2] * placed.px_per_bone / camera.K[0, 0]
    return xyz, K, bone


def _row(one: Disagreement) -> dict[str, Any]:
    return {
        "hand": one.record.id,
        "sequence_id": one.record.sequence_id,
        "frame_index": one.record.frame_index,
        "side": one.record.side,
        "states": [str(state) for state in one.pair.states],
        "blind": one.pair.blind,
        "px": one.px if math.isfinite(one.px) else None,
        "mm": one.mm if math.isfinite(one.mm) else None,
    }

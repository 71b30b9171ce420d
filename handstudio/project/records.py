"""What a project keeps, as plain frozen records; reading returns them, nothing here touches the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import Box
from handstudio.hand.skeleton import JOINT_COUNT, Side
from handstudio.project.conditions import Condition, ErrorScale

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.int64]

BoxSource = Literal["whole", "drawn", "followed", "dataset"]
SequenceKind = Literal["folder", "video", "recording"]
Layer = Literal["proposal", "perturbed", "correction", "label", "truth"]
Fitted = Literal["template", "limits"]
Order = Literal[
    "sequence", "worst", "best", "correction", "mismatch", "jump", "apart", "useful", "random", "recent"
]
Measure = Literal["doubt", "C"]
"""What tells how far a proposal can be trusted: the doubt of its joints (px), or the method's C."""


class State(StrEnum):
    """Where a hand stands: nothing known, proposed by a method, sent back to be decided anew, or decided."""

    NONE = "none"
    PROPOSED = "proposed"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    FIXED = "fixed"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    AUTO_ACCEPTED = "auto_accepted"

    @property
    def decided(self) -> bool:
        """Whether somebody or something decided; machines leave such a hand's label and state alone."""
        return self not in UNDECIDED

    @property
    def labelled(self) -> bool:
        """Whether a hand in this state has a label (and only then)."""
        return self in LABELLED


UNDECIDED: Final = (State.NONE, State.PROPOSED, State.SENT_BACK)
LABELLED: Final = (State.ACCEPTED, State.FIXED, State.AUTO_ACCEPTED)
BY_PEOPLE: Final = (State.ACCEPTED, State.FIXED)
DECIDED: Final = (*LABELLED, State.REJECTED, State.SKIPPED)
VERIFIABLE: Final = (*LABELLED, State.REJECTED)
"""Decisions that a second reviewer can verify: what was left for later is not one yet."""


@dataclass(frozen=True, eq=False)
class Pose:
    """One 2.5D pose.

    Attributes:
        uv: (21, 2) float32 px.
        depth: (21,) float32, relative to the root, in reference bones.
        visibility: (21,) uint8: 0 visible, 1 occluded, 2 outside.
    """

    uv: Floats
    depth: Floats
    visibility: Bytes = field(default_factory=lambda: np.zeros(JOINT_COUNT, dtype=np.uint8))

    def __post_init__(self) -> None:
        object.__setattr__(self, "uv", _shaped(self.uv, (JOINT_COUNT, 2), np.float32))
        object.__setattr__(self, "depth", _shaped(self.depth, (JOINT_COUNT,), np.float32))
        object.__setattr__(self, "visibility", _shaped(self.visibility, (JOINT_COUNT,), np.uint8))

    def __eq__(self, other: object) -> bool:
        """Equal to the last bit (joints that are not a number equal themselves)."""
        if not isinstance(other, Pose):
            return NotImplemented
        return (
            self.uv.tobytes() == other.uv.tobytes()
            and self.depth.tobytes() == other.depth.tobytes()
            and self.visibility.tobytes() == other.visibility.tobytes()
        )

    def __hash__(self) -> int:
        return hash((self.uv.tobytes(), self.depth.tobytes(), self.visibility.tobytes()))


def _shaped(values: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    array = np.array(values, dtype=dtype)
    if array.shape != shape:
        raise ValueError(f"expected an array of shape {shape}, got {array.shape}")
    array.flags.writeable = False
    return array


@dataclass(frozen=True)
class PoseTable:
    """Poses of many hands.

    Attributes:
        hand_ids: (N,) int64.
        uv: (N, 21, 2) float32 px.
        depth: (N, 21) float32, in reference bones.
        visibility: (N, 21) uint8.
    """

    hand_ids: Ids
    uv: Floats
    depth: Floats
    visibility: Bytes

    def __len__(self) -> int:
        return len(self.hand_ids)


@dataclass(frozen=True)
class SequenceRecord:
    """Frames in order, and what reopens them."""

    id: int
    name: str
    kind: SequenceKind
    path: str
    view: str | None
    recording: str | None
    subject: str | None
    fps: float | None
    camera: dict[str, Any] | None
    frame_count: int
    hold_out: bool

    @property
    def person(self) -> str:
        """Whose hands they are: the subject, or where none is known somebody known by this sequence alone."""
        return self.subject or self.name


@dataclass(frozen=True)
class FrameRecord:
    """One frame; ``name`` is what a folder's source reads it by, ``problem`` why it cannot be read, ``mark``
    the word by which somebody marked it."""

    id: int
    sequence_id: int
    index: int
    name: str
    width: int
    height: int
    problem: str | None
    mark: str | None = None


@dataclass(frozen=True)
class HandRecord:
    """One hand in one frame, without its poses."""

    id: int
    frame_id: int
    sequence_id: int
    frame_index: int
    track: int
    side: Side
    box: Box
    box_source: BoxSource
    state: State
    c_stability: float | None
    c_plausibility: float | None
    proposal_id: int | None
    has_label: bool
    has_truth: bool
    note: str
    correction_px: float | None = None
    decided_by: str | None = None
    decided_at: float | None = None
    removed: bool = False
    doubt: float | None = None
    """Mean doubt of the latest proposal's joints, px; where it told none, the square root of C in px of the
    box; ``None`` without a proposal."""
    mismatch: float | None = None
    """1 - intersection over union of the circles' mask and the predicted one."""
    jump: float | None = None
    """How far the pose is from what its neighbours in time say, px, mean over joints."""
    apart: float | None = None
    """How far the latest proposal is from that of another model before it, px, mean over joints."""
    useful: float | None = None
    """How much it would teach: expected error times distance to the nearest reviewed pose."""
    verified: bool = False
    """Whether a second reviewer verified the decision."""

    @property
    def confidence(self) -> float | None:
        """C of the method (SemiHand Eq. 8), a distance: smaller is better; ``None`` without a proposal."""
        if self.c_stability is None or self.c_plausibility is None:
            return None
        return self.c_stability + self.c_plausibility


@dataclass(frozen=True)
class Proposal:
    """What a method says about a hand: its pose, the pose after the perturbation, and the correction.

    ``c_stability`` and ``c_plausibility`` are the two terms of C; ``created_at`` is in seconds since 1970;
    ``joint_doubt`` (21,) px is how far each joint may be off, ``None`` where it was not told; ``views`` from
    how many cameras the pose was found.
    """

    id: int
    hand_id: int
    run_id: int | None
    model_id: str | None
    pose: Pose
    perturbed: Pose | None
    corrected: Pose
    c_stability: float
    c_plausibility: float
    created_at: float
    joint_doubt: Floats | None = None
    views: int = 1

    @property
    def confidence(self) -> float:
        """C of SemiHand Eq. 8."""
        return self.c_stability + self.c_plausibility


@dataclass(frozen=True)
class Label:
    """The pose that stands for a hand now, and who or what decided it.

    ``decided_at`` is in seconds since 1970; ``proposal_id`` is what it was decided from.
    """

    hand_id: int
    pose: Pose
    origin: str
    proposal_id: int | None
    decided_by: str
    decided_at: float


@dataclass(frozen=True)
class Truth:
    """What the data set itself says; read only. ``xyz_mm``: (21, 3) float32 in the camera's axes."""

    hand_id: int
    pose: Pose
    xyz_mm: Floats | None


@dataclass(frozen=True)
class Verification:
    """Who verified a decision, and when (seconds since 1970)."""

    who: str
    at: float


@dataclass(frozen=True)
class SentBack:
    """Why a hand was given back to be decided anew.

    Attributes:
        reason: what is wrong, in words. who, at: who sent it back, and when (seconds since 1970).
        state: how it was decided before.
        label: that stood; ``None`` where there was none.
    """

    reason: str
    who: str
    at: float
    state: State
    label: Label | None


@dataclass(frozen=True)
class HandBundle:
    """A hand with all that is stored about its pose; ``sent_back`` while it is in that state."""

    record: HandRecord
    proposal: Proposal | None
    label: Label | None
    truth: Truth | None
    verification: Verification | None = None
    sent_back: SentBack | None = None

    @property
    def standing(self) -> Label | None:
        """The label; of a hand that was sent back the one that it had."""
        if self.label is not None or self.sent_back is None:
            return self.label
        return self.sent_back.label


@dataclass(frozen=True)
class ModelRecord:
    """One set of trained weights.

    ``path`` is its folder (in the project, or the shipped one); ``created_at`` is in seconds since 1970.
    """

    id: str
    name: str
    method: str
    profile: str
    parent: str | None
    created_at: float
    path: str
    lineage: dict[str, Any]
    adopted: bool
    source: Literal["shipped", "finetune", "pretrain"]

    @property
    def tau(self) -> float | None:
        """The threshold on C under which its finetune trusts; ``None`` for a method without."""
        finetuning = self.lineage.get("settings", {}).get("finetuning", {})
        tau = finetuning.get("tau") if isinstance(finetuning, dict) else None
        return float(tau) if isinstance(tau, (int, float)) else None


RunState = Literal["queued", "running", "finished", "failed", "cancelled", "interrupted"]


@dataclass(frozen=True)
class RunRecord:
    """One execution of a job; ``started_at`` and ``ended_at`` are in seconds since 1970."""

    id: int
    kind: str
    state: RunState
    argv: list[str]
    params: dict[str, Any]
    progress: dict[str, Any]
    result: dict[str, Any] | None
    log_path: str | None
    started_at: float
    ended_at: float | None
    pid: int | None


@dataclass(frozen=True)
class HandQuery:
    """Which hands, in which order.

    Attributes:
        sequences: only these sequences; ``None`` for all.
        states: only these states; ``None`` for all.
        side: only this side.
        text: part of the name of the sequence or frame, or of the note.
        order: ``sequence`` (as filmed), ``worst``/``best`` (by ``measure``), ``correction`` (largest shift by
            the correction first; so ``mismatch``, ``jump``, ``apart``, ``useful``, see :class:`HandRecord`),
            ``random`` (by ``seed``), ``recent`` (latest decision first). Hands that have no such figure come
            last.
        seed: of the random order.
        min_confidence: smallest C wanted (hands without C are left out).
        max_confidence: largest C wanted (hands without C are left out).
        measure: by which hands are the worst and the best.
        min_doubt, max_doubt: smallest and largest doubt wanted, px (hands without are left out).
        only: these hands in this order, whatever else is asked for; ``None`` for those of the filters.
        where: conditions, all of which a hand must fulfil.
        error_scale: what the conditions mean by an expected error.
    """

    sequences: tuple[int, ...] | None = None
    states: tuple[State, ...] | None = None
    side: Side | None = None
    text: str = ""
    order: Order = "sequence"
    seed: int = 0
    min_confidence: float | None = None
    max_confidence: float | None = None
    measure: Measure = "doubt"
    min_doubt: float | None = None
    max_doubt: float | None = None
    only: tuple[int, ...] | None = None
    where: tuple[Condition, ...] = ()
    error_scale: ErrorScale = field(default_factory=ErrorScale)


@dataclass(frozen=True)
class Confidences:
    """All hands of a sequence, in the order of its frames, for a timeline; all (N,).

    ``state`` holds :class:`State` values as strings (object array); unknown terms are NaN; ``box_side`` is
    the longer side of each hand's box, px; ``doubt`` as :attr:`HandRecord.doubt`.
    """

    frame_index: Ids
    hand_id: Ids
    state: npt.NDArray[np.object_]
    c_stability: Floats
    c_plausibility: Floats
    box_side: Floats = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    doubt: Floats = field(default_factory=lambda: np.empty(0, dtype=np.float32))

    def __len__(self) -> int:
        return len(self.hand_id)


@dataclass(frozen=True)
class FrameImport:
    """A frame to be stored."""

    name: str
    width: int
    height: int
    problem: str | None = None


@dataclass(frozen=True)
class HandImport:
    """A hand to be stored: where it is and, where the data set knows it, its truth."""

    frame_index: int
    side: Side
    box: Box
    box_source: BoxSource = "whole"
    track: int = 0
    truth: Pose | None = None
    truth_xyz_mm: Floats | None = None


@dataclass(frozen=True)
class SequenceImport:
    """A sequence to be stored with its frames and hands."""

    name: str
    kind: SequenceKind
    path: str
    frames: Sequence[FrameImport]
    hands: Sequence[HandImport] = ()
    view: str | None = None
    recording: str | None = None
    subject: str | None = None
    fps: float | None = None
    camera: Mapping[str, Any] | None = None
    hold_out: bool = False


@dataclass(frozen=True)
class ProposalBatch:
    """Proposals of many hands, by one model.

    Attributes:
        hand_ids: (N,) int64.
        uv: (N, 21, 2) px. depth: (N, 21) reference bones.
        corrected_uv, corrected_depth: the same of the correction.
        c_stability, c_plausibility: (N,) the two terms of C.
        perturbed_uv, perturbed_depth: the same of the perturbed prediction, or ``None``.
        visibility: (N, 21) uint8 or ``None`` for all visible.
        joint_doubt: (N, 21) px, how far each joint may be off; ``None`` where the method does not tell.
        views: (N,) from how many cameras each pose was found; ``None`` for one.
    """

    hand_ids: npt.ArrayLike
    uv: npt.ArrayLike
    depth: npt.ArrayLike
    corrected_uv: npt.ArrayLike
    corrected_depth: npt.ArrayLike
    c_stability: npt.ArrayLike
    c_plausibility: npt.ArrayLike
    perturbed_uv: npt.ArrayLike | None = None
    perturbed_depth: npt.ArrayLike | None = None
    visibility: npt.ArrayLike | None = None
    joint_doubt: npt.ArrayLike | None = None
    views: npt.ArrayLike | None = None


@dataclass(frozen=True)
class PseudoLabels:
    """The pseudo-labels of one epoch of a finetune; shapes as in :class:`ProposalBatch`; ``trusted`` (N,)."""

    epoch: int
    hand_ids: Ids
    uv: Floats
    depth: Floats
    corrected_uv: Floats
    corrected_depth: Floats
    c_stability: Floats
    c_plausibility: Floats
    trusted: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """What a command, an undo, or another process changed; views refresh only for that.

    ``everything`` is set when the reader was away too long for an exact answer.
    """

    hands: frozenset[int] = frozenset()
    frames: frozenset[int] = frozenset()
    sequences: frozenset[int] = frozenset()
    models: bool = False
    title: str = ""
    runs: bool = False
    everything: bool = False

    def __or__(self, other: Change) -> Change:
        """Both changes as one."""
        return Change(
            self.hands | other.hands,
            self.frames | other.frames,
            self.sequences | other.sequences,
            self.models or other.models,
            self.title or other.title,
            self.runs or other.runs,
            self.everything or other.everything,
        )


@dataclass(frozen=True)
class HistoryEntry:
    """One line of the audit trail: who did, undid or redid what, and when."""

    id: int
    at: float
    who: str
    action: Literal["apply", "undo", "redo"]
    title: str
    command_id: int
    hands: tuple[int, ...]
    seconds: float | None

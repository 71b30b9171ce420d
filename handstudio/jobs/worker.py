"""What the window asks of children that stay: a proposal for one hand now, a cleaned point cloud.

torch and open3d live in those children and never in the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.peaks import Peaks, unpacked
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import Side
from handstudio.methods.computing import Computing
from handstudio.project.records import FrameRecord, Pose, ProposalBatch, SequenceRecord

from .hand_maps import HandMaps, of_message
from .messages import Message
from .residents import Resident, Ticket

CHILD = "handstudio.jobs.resident_child"


@dataclass(frozen=True)
class FrameAddress:
    """All that a child needs to read one frame again.

    Attributes:
        kind, path, view: of its sequence.
        index: in the sequence.
        name: of the frame; frames of folders and recordings are found by it.
    """

    kind: str
    path: str
    view: str | None
    index: int
    name: str

    @classmethod
    def of(cls, sequence: SequenceRecord, frame: FrameRecord) -> FrameAddress:
        """Where a stored frame is."""
        return cls(sequence.kind, sequence.path, sequence.view, frame.index, frame.name)


@dataclass(frozen=True, eq=False)
class ProposedPose:
    """A proposal for one hand that nothing has stored yet.

    Attributes:
        pose, perturbed, corrected: in the frame's pixels.
        c_stability, c_plausibility: the two terms of C.
        joint_doubt: (21,) px, how far each joint may be off.
        mask: (64, 64) float32 in [0, 1] over the square box, or ``None``.
        seconds: what the child needed for it, without loading the model.
        look: the square that the model looked at, px.
        peaks: (21, K) of its heatmaps, px.
    """

    pose: Pose
    perturbed: Pose | None
    corrected: Pose
    c_stability: float
    c_plausibility: float
    joint_doubt: npt.NDArray[np.float32]
    mask: npt.NDArray[np.float32] | None
    seconds: float
    look: Box | None = None
    peaks: Peaks | None = None

    def batch(self, hand_id: int) -> ProposalBatch:
        """As ``project.store_proposals`` takes it."""
        perturbed = self.perturbed
        return ProposalBatch(
            hand_ids=np.array([hand_id], dtype=np.int64),
            uv=self.pose.uv[None],
            depth=self.pose.depth[None],
            corrected_uv=self.corrected.uv[None],
            corrected_depth=self.corrected.depth[None],
            c_stability=np.array([self.c_stability], dtype=np.float32),
            c_plausibility=np.array([self.c_plausibility], dtype=np.float32),
            perturbed_uv=None if perturbed is None else perturbed.uv[None],
            perturbed_depth=None if perturbed is None else perturbed.depth[None],
            visibility=self.pose.visibility[None],
            joint_doubt=self.joint_doubt[None],
        )


@dataclass(frozen=True, eq=False)
class CleanCloud:
    """Points of a hand's surface without strays: points (N, 3) mm, colours (N, 3) uint8, normals (N, 3)."""

    points: npt.NDArray[np.float32]
    colours: npt.NDArray[np.uint8]
    normals: npt.NDArray[np.float32]


class ProposalWorker:
    """Proposes poses for single hands, and cleans point clouds, in children that stay.

    Callbacks run on a worker thread: hand them over to the event loop. After :meth:`close` none is called.

    Args:
        model_path: the folder or weights of the model; ``None`` for the shipped one.
    """

    def __init__(self, model_path: Path | str | None = None) -> None:
        self._proposals = Resident(_proposal_words(model_path), "proposal worker")
        self._clouds = Resident(["-m", CHILD, "clouds"], "point cloud worker")
        self.model_path = model_path
        self.computing: Computing | None = None
        """What computes proposals, as the child told it last; ``None`` until it has."""

    @property
    def pid(self) -> int | None:
        """The proposing child's process id, while it runs."""
        return self._proposals.pid

    def use_model(self, model_path: Path | str | None) -> None:
        """Proposes with this model from the next request on, unless it is the model already."""
        if model_path == self.model_path:
            return
        self.model_path = model_path
        self._proposals.replace(_proposal_words(model_path))

    def warm_up(self, ready: Callable[[HandStudioError | None], None] | None = None) -> None:
        """Loads the model now, so that the first proposal comes at once."""

        def answered(answer: Message | HandStudioError) -> None:
            self._hear(answer)
            if ready is not None:
                ready(answer if isinstance(answer, HandStudioError) else None)

        self._proposals.ask(Message({"ask": "hello"}), answered)

    def submit(
        self,
        frame: FrameAddress,
        box: Box,
        side: Side,
        callback: Callable[[ProposedPose | HandStudioError], None],
        shape: HandShape = ANYBODY,
    ) -> Ticket:
        """Asks for a proposal for the hand of a shape in a box of a frame."""

        def answered(answer: Message | HandStudioError) -> None:
            self._hear(answer)
            callback(answer if isinstance(answer, HandStudioError) else _proposed(answer))

        return self._proposals.ask(_about_hand("propose", frame, box, side, shape), answered)

    def heatmaps(
        self,
        frame: FrameAddress,
        box: Box,
        side: Side,
        callback: Callable[[npt.NDArray[np.float32] | HandStudioError | None], None],
    ) -> Ticket:
        """Asks where the model looks for each joint: (21, h, w) over the box, or ``None``."""

        def answered(answer: Message | HandStudioError) -> None:
            callback(answer if isinstance(answer, HandStudioError) else answer.arrays.get("heatmaps"))

        return self._proposals.ask(_about_hand("heatmaps", frame, box, side), answered)

    def maps(
        self,
        frame: FrameAddress,
        box: Box,
        side: Side,
        callback: Callable[[HandMaps | HandStudioError], None],
    ) -> Ticket:
        """Asks what the model shows of the hand in a box of a frame: its maps, and the crop that it saw."""

        def answered(answer: Message | HandStudioError) -> None:
            callback(answer if isinstance(answer, HandStudioError) else of_message(answer))

        return self._proposals.ask(_about_hand("maps", frame, box, side), answered)

    def clean_cloud(
        self,
        points: npt.NDArray[np.float32],
        colours: npt.NDArray[np.uint8],
        callback: Callable[[CleanCloud | HandStudioError], None],
    ) -> Ticket:
        """Asks for a cloud, (N, 3) mm with (N, 3) uint8 colours, without strays and with normals."""

        def answered(answer: Message | HandStudioError) -> None:
            if isinstance(answer, HandStudioError):
                callback(answer)
            else:
                arrays = answer.arrays
                callback(CleanCloud(arrays["points"], arrays["colours"], arrays["normals"]))

        message = Message({"ask": "clean"}, {"points": points, "colours": colours})
        return self._clouds.ask(message, answered)

    def close(self) -> None:
        """Ends the children and their threads."""
        self._proposals.close()
        self._clouds.close()

    def _hear(self, answer: Message | HandStudioError) -> None:
        told = None if isinstance(answer, HandStudioError) else answer.values.get("computing")
        if told is not None:
            self.computing = Computing.from_dict(told)

    def __enter__(self) -> ProposalWorker:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _proposal_words(model_path: Path | str | None) -> list[str]:
    return ["-m", CHILD, "proposals", *([] if model_path is None else [str(model_path)])]


def _about_hand(ask: str, frame: FrameAddress, box: Box, side: Side, shape: HandShape = ANYBODY) -> Message:
    values: dict[str, Any] = {
        "ask": ask,
        "kind": frame.kind,
        "path": frame.path,
        "view": frame.view,
        "index": frame.index,
        "name": frame.name,
        "box": box.to_dict(),
        "side": side,
    }
    known = {"bone_lengths": shape.bone_lengths, "limits": shape.limits}
    return Message(values, {name: array for name, array in known.items() if array is not None})


def _proposed(answer: Message) -> ProposedPose:
    arrays = answer.arrays
    visibility = arrays["visibility"]
    perturbed = None
    if "perturbed_uv" in arrays:
        perturbed = Pose(arrays["perturbed_uv"], arrays["perturbed_depth"], visibility)
    return ProposedPose(
        Pose(arrays["uv"], arrays["depth"], visibility),
        perturbed,
        Pose(arrays["corrected_uv"], arrays["corrected_depth"], visibility),
        float(answer.values["c_stability"]),
        float(answer.values["c_plausibility"]),
        arrays["joint_doubt"],
        arrays.get("mask"),
        float(answer.values["seconds"]),
        Box.from_dict(answer.values["look"]),
        unpacked(arrays["peaks"]),
    )

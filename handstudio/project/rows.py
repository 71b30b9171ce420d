"""Rows of the database as records."""

from __future__ import annotations

import json
from typing import Any

from handstudio.hand.box import Box
from handstudio.project.packing import joints_of, points_of, pose_of
from handstudio.project.records import (
    FrameRecord,
    HandRecord,
    Label,
    Proposal,
    SentBack,
    SequenceRecord,
    State,
    Truth,
    Verification,
)


class Part:
    """The columns of one table in a row of a join."""

    __slots__ = ("_prefix", "_row")

    def __init__(self, row: Any, prefix: str) -> None:
        self._row = row
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, self._prefix + name)


def sequence_of(row: Any) -> SequenceRecord:
    """The record of a row of ``sequence``."""
    return SequenceRecord(
        row.id,
        row.name,
        row.kind,
        row.path,
        row.view,
        row.recording,
        row.subject,
        row.fps,
        None if row.camera is None else json.loads(row.camera),
        row.frame_count,
        bool(row.hold_out),
    )


def frame_of(row: Any) -> FrameRecord:
    """The record of a row of ``frame``."""
    return FrameRecord(
        row.id, row.sequence_id, row.frame_index, row.name, row.width, row.height, row.problem, row.mark
    )


def hand_of(row: Any) -> HandRecord:
    """The record of a row of ``hand``."""
    return HandRecord(
        row.id,
        row.frame_id,
        row.sequence_id,
        row.frame_index,
        row.track,
        row.side,
        Box(row.box_x, row.box_y, row.box_width, row.box_height),
        row.box_source,
        State(row.state),
        row.c_stability,
        row.c_plausibility,
        row.proposal_id,
        bool(row.has_label),
        bool(row.has_truth),
        row.note,
        row.correction_px,
        row.decided_by,
        row.decided_at,
        bool(row.removed),
        row.doubt,
        row.mismatch,
        row.jump,
        row.apart,
        row.useful,
        bool(row.verified),
    )


def proposal_from(row: Any) -> Proposal:
    """The record of a row of ``proposal``."""
    return Proposal(
        row.id,
        row.hand_id,
        row.run_id,
        row.model_id,
        pose_of(row.pose, row.visibility),
        None if row.perturbed is None else pose_of(row.perturbed, row.visibility),
        pose_of(row.corrected, row.visibility),
        row.c_stability,
        row.c_plausibility,
        row.created_at,
        None if row.joint_doubt is None else joints_of(row.joint_doubt),
        row.views,
    )


def label_from(row: Any) -> Label:
    """The record of a row of ``label``."""
    return Label(
        row.hand_id,
        pose_of(row.pose, row.visibility),
        row.origin,
        row.proposal_id,
        row.decided_by,
        row.decided_at,
    )


def verification_from(row: Any) -> Verification:
    """The record of a row of ``verification``."""
    return Verification(row.who, row.at)


def sent_back_from(row: Any) -> SentBack:
    """The record of a row of ``sent_back``."""
    label = None
    if row.pose is not None:
        pose = pose_of(row.pose, row.visibility)
        label = Label(row.hand_id, pose, row.origin, row.proposal_id, row.decided_by, row.decided_at)
    return SentBack(row.reason, row.who, row.at, State(row.state), label)


def truth_from(row: Any) -> Truth:
    """The record of a row of ``truth``."""
    return Truth(row.hand_id, pose_of(row.pose, row.visibility), points_of(row.xyz_mm))

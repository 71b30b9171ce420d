"""Small projects for the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from handstudio.hand.box import Box
from handstudio.hand.template import TEMPLATE_MM
from handstudio.project import Project
from handstudio.project.records import FrameImport, HandImport, Pose, ProposalBatch, SequenceImport

BOX = Box(100.0, 80.0, 200.0, 200.0)


def hand_pose(shift: float = 0.0) -> Pose:
    """The template hand in px, moved to the right by ``shift``."""
    return Pose(TEMPLATE_MM[:, :2] + np.array((200.0 + shift, 250.0)), TEMPLATE_MM[:, 2] / 44.0)


def batch(hand_ids: list[int], confidence: list[float] | None = None, shift: float = 0.0) -> ProposalBatch:
    """Proposals for these hands; C is as given, or grows from hand to hand."""
    count = len(hand_ids)
    pose = hand_pose(shift)
    uv, depth = np.repeat(pose.uv[None], count, 0), np.repeat(pose.depth[None], count, 0)
    total = np.array(confidence if confidence is not None else [0.1 * (i + 1) for i in range(count)])
    return ProposalBatch(hand_ids, uv, depth, uv + 2.0, depth, total / 2, total / 2, uv - 1.0, depth)


def new_project(
    folder: Path, frames: int = 6, proposed: bool = True, writer: str = "window", camera: bool = False
) -> Project:
    """A project with one sequence, one hand in each frame, proposed for when wanted."""
    project = Project.create(folder, writer)  # type: ignore[arg-type]
    add_sequence(project, frames, camera=camera)
    if proposed:
        project.store_proposals(None, None, batch(project.hand_ids().tolist()))
    return project


def add_sequence(project: Project, frames: int = 6, name: str = "walk", camera: bool = False) -> int:
    """A sequence with one right hand in each frame."""
    K = [[500.0, 0.0, 320.0], [0.0, 500.0, 240.0], [0.0, 0.0, 1.0]]
    return project.add_sequence(
        SequenceImport(
            name,
            "folder",
            "/footage",
            [FrameImport(f"{index:03d}.jpg", 640, 480) for index in range(frames)],
            [HandImport(index, "right", BOX) for index in range(frames)],
            camera={"K": K} if camera else None,
        )
    )


def everything(project: Project) -> list[tuple[object, ...]]:
    """All that commands can change, for comparing two moments."""
    rows: list[tuple[object, ...]] = []
    for frame in [found for sequence in project.sequences() for found in project.frames(sequence.id)]:
        rows.append((frame.id, frame.mark))
        for hand in project.hands_of_frame(frame.id):
            rows.append((hand, project.bundle(hand.id), project.second_label(hand.id, "me")))
    rows += [(sequence.id, sequence.hold_out) for sequence in project.sequences()]
    rows += [(person, repr(fitted.to_json())) for person, fitted in project.templates().items()]
    rows.append((repr(project.joint_limits()),))
    rows.append((project.setting("verify_own"),))
    rows += [(model.id, model.adopted) for model in project.models()]
    return rows

"""Hands of which a model is not sure: proposals with doubt and with the peaks of their heatmaps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from handstudio.hand.box import Box
from handstudio.hand.peaks import KEPT, Peaks
from handstudio.methods.peaks import store_peaks
from handstudio.project import Project
from handstudio.review.session import ReviewSession

from .made import batch, hand_pose, new_project

RIGHT = hand_pose().uv
TIP, DIP, PIP = 8, 7, 6
LOOK = Box(50.0, 50.0, 300.0, 300.0)
AWAY = np.float32((-16.0, 6.0))


def propose(project: Project, hand_ids: list[int], off: list[int], peaks: bool = True) -> None:
    """Proposals of which some joints are off; the heatmaps know the right place as their second choice."""
    found = batch(hand_ids)
    right = np.asarray(found.uv, np.float32).copy()
    wrong = right.copy()
    wrong[:, off] += AWAY
    found.uv[:] = wrong
    doubt = np.full((len(hand_ids), 21), 1.5, np.float32)
    doubt[:, off] = 12.0
    object.__setattr__(found, "joint_doubt", doubt)
    project.store_proposals(None, None, found)
    if not peaks:
        return
    uv = np.zeros((len(hand_ids), 21, KEPT, 2), np.float32)
    share = np.zeros((len(hand_ids), 21, KEPT), np.float32)
    uv[:, :, 0], uv[:, :, 1], share[:, :, 0], share[:, :, 1] = wrong, right, 0.5, 0.4
    spread = np.full((len(hand_ids), 21, KEPT), 4.0, np.float32)
    store_peaks(project, hand_ids, wrong, [LOOK] * len(hand_ids), Peaks(uv, share, spread))


@contextmanager
def unsure_session(folder: Path) -> Iterator[ReviewSession]:
    """Six hands whose index finger is off; the first is current."""
    with new_project(folder, proposed=False) as project:
        propose(project, project.hand_ids().tolist(), [PIP, DIP, TIP])
        session = ReviewSession(project, "ann")
        session.open()
        yield session


def drag(session: ReviewSession, joint: int, to: np.ndarray, free: bool = False) -> np.ndarray:
    session.begin_edit()
    session.move_joint(joint, to, free=free)
    session.commit_edit()
    return shown(session)


def shown(session: ReviewSession) -> np.ndarray:
    pose = session.hand_view(session.hand_id or 0).pose
    assert pose is not None
    return pose.uv


def off(uv: np.ndarray) -> np.ndarray:
    return np.linalg.norm(uv - RIGHT, axis=-1)

"""What recordings of rendered hands tell about themselves: calibration, true joints, how they were made."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from torch import Tensor

from handstudio.hand.skeleton import JOINT_NAMES, PARENTS, VISIBLE
from handstudio.synthesis.articulation import RANDOM, gesture_names
from handstudio.synthesis.filming import Recording
from handstudio.synthesis.scene import JOINT_RADIUS_MM, RenderedHands

FPS: Final = 15
_NAMES: Final = tuple(name.replace(" ", "_").lower() for name in JOINT_NAMES)
_MODEL: Final = (
    "pinhole without distortion; x_cam = R x_world + t; u = fx X/Z + cx, v = fy Y/Z + cy, continuous pixels "
    "(top-left image corner = (0,0), first pixel centre = (0.5,0.5))"
)


def _rounded(values: Tensor, digits: int) -> Any:
    return np.round(values.double().numpy(), digits).tolist()


def note_frame(
    entry: dict[str, Any], recording: Recording, hands: RenderedHands, row: int, frame: int, view: int
) -> None:
    """Put what is true of a frame, and of one camera's picture of it, into its entry.

    Args:
        entry: of the frame; empty before its first camera.
        hands, row: the picture.
        frame, view: which.
    """
    if not entry:
        world = (hands.xyz_mm[row] - recording.t[view]) @ recording.R[view]
        middle = frame * recording.exposures + recording.exposures // 2
        name = gesture_names(recording.motion.gesture[middle, None])[0]
        entry.update(
            frame=frame,
            side=recording.plan.side,
            gesture=None if name == RANDOM else name,
            xyz_world_mm=_rounded(world, 4),
            cams={},
        )
    entry["cams"][f"cam{view}"] = {
        "uv": _rounded(hands.uv[row], 3),
        "xyz_cam_mm": _rounded(hands.xyz_mm[row], 4),
        "visible": (hands.visibility[row] == VISIBLE).int().tolist(),
    }


def calibration_of(recording: Recording, size: int) -> dict[str, Any]:
    """``calibration.json``: the cameras of a recording of pictures of ``size`` px."""
    cameras = [
        {
            "id": f"cam{view}",
            "K": _rounded(recording.K[view], 6),
            "R": _rounded(recording.R[view], 9),
            "t": _rounded(recording.t[view], 6),
            "dist": [0, 0, 0, 0, 0],
            "has_depth": True,
        }
        for view in range(len(recording.scenery))
    ]
    return {"image_size": [size, size], "length_unit": "mm", "model": _MODEL, "cameras": cameras}


def truth_of(sequence: str, recording: Recording, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """``joints.json``: the person's hand, and the frames' entries."""
    lengths = recording.anatomy.bone_lengths()[0].tolist()
    thickness = float(recording.anatomy.thickness.mean())
    return {
        "subject": recording.plan.subject,
        "sequence": sequence,
        "side": recording.plan.side,
        "fps": FPS,
        "joint_names": list(_NAMES),
        "parents": list(PARENTS),
        "bone_lengths_mm": {
            f"{_NAMES[PARENTS[child]]}->{_NAMES[child]}": round(lengths[child - 1], 3)
            for child in range(1, 21)
        },
        "joint_radius_mm": [round(radius * thickness, 2) for radius in JOINT_RADIUS_MM],
        "frames": entries,
    }


def _key_poses(recording: Recording) -> list[str]:
    names: list[str] = []
    for name in gesture_names(recording.motion.gesture):
        if name != RANDOM and (not names or names[-1] != name):
            names.append(name)
    return names


def summary_of(recording: Recording) -> dict[str, Any]:
    """What ``index.json`` tells of a sequence."""
    kinds = {"plain" if scenery.plain else "procedural" for scenery in recording.scenery}
    return {
        "subject": recording.plan.subject,
        "side": recording.plan.side,
        "melanin_0_1": round(float(recording.look.tone[0]), 3),
        "sleeve": bool(recording.look.sleeve_from[0] < 1e3),
        "background": kinds.pop() if len(kinds) == 1 else "mixed",
        "motion_blur": recording.plan.shutter > 0,
        "key_poses": _key_poses(recording),
    }


def about_of(recording: Recording) -> dict[str, Any]:
    """``meta.json``: how a sequence was made."""
    forward = recording.R[:, 2]
    angles = [
        math.degrees(math.acos(max(-1.0, min(1.0, float(forward[k] @ forward[k + 1])))))
        for k in range(len(forward) - 1)
    ]
    warm = bool(recording.look.key_colour[0, 0] > recording.look.key_colour[0, 2])
    shown = summary_of(recording)
    del shown["background"], shown["motion_blur"]
    return {
        **shown,
        "hand_scale": round(float(recording.anatomy.palm_length[0]), 4),
        "thickness": round(float(recording.anatomy.thickness.mean()), 4),
        "background": ["plain" if scenery.plain else "procedural" for scenery in recording.scenery],
        "motion_blur_shutter_frames": recording.plan.shutter,
        "key_fill_light": ["warm" if warm else "neutral", "neutral"],
        "adjacent_camera_angle_deg": [round(angle, 1) for angle in angles],
        "camera_elevation_deg": [
            round(math.degrees(math.asin(max(-1.0, min(1.0, -float(z[1]))))), 1) for z in forward
        ],
    }

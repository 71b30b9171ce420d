"""Write rendered hands as recordings: colour, depth, mask, calibration and true joints of moving hands.

The layout is the project's recording format (``handstudio.media.recording`` reads it)::

    index.json                        the sequences
    sequences/<subject>_seq<number>/
      calibration.json                per camera K, R, t (mm), image size
      joints.json                     the truth, per frame
      meta.json                       how the sequence was made
      cam<k>/rgb/%04d.jpg  depth/%04d.png (0.1 mm, 0 = no surface)  mask/%04d.png (1 bit)
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from torch import Tensor

from handstudio.errors import HandStudioError
from handstudio.hand.skeleton import JOINT_NAMES, PARENTS, VISIBLE
from handstudio.progress import Progress, Silent
from handstudio.synthesis.articulation import RANDOM, gesture_names
from handstudio.synthesis.filming import (
    FRAMES_PER_SEQUENCE,
    Recording,
    SequencePlan,
    plan_recording,
    render_view,
)
from handstudio.synthesis.scene import JOINT_RADIUS_MM, RenderedHands, SceneSettings, chunk_for

FPS: Final = 15
DEPTH_UNIT_MM: Final = 0.1
JPEG_QUALITY: Final = 88
_PERSONS: Final = 1 << 19
"""Seeds of persons lie so far above those of their sequences."""

_NAMES: Final = tuple(name.replace(" ", "_").lower() for name in JOINT_NAMES)
_MODEL: Final = (
    "pinhole without distortion; x_cam = R x_world + t; u = fx X/Z + cx, v = fy Y/Z + cy, continuous pixels "
    "(top-left image corner = (0,0), first pixel centre = (0.5,0.5))"
)


def write_recording(
    folder: Path,
    recording: Recording,
    settings: SceneSettings,
    generator: torch.Generator,
    progress: Progress | None = None,
    done: int = 0,
    total: int | None = None,
) -> int:
    """Write one sequence into ``folder``; returns the number of pictures written (fewer when cancelled).

    Args:
        done, total: pictures written before, and in all, for ``progress``.

    Raises:
        HandStudioError: a file cannot be written.
    """
    watch = progress or Silent()
    views, frames = len(recording.scenery), recording.plan.frames
    size = recording.scenery[0].backdrop.shape[-1]
    chunk = max(1, chunk_for(size, settings) // recording.exposures)
    entries: list[dict[str, Any]] = [{} for _ in range(frames)]
    written = 0
    for view in range(views):
        name = f"cam{view}"
        for layer in ("rgb", "depth", "mask"):
            _make_folder(folder / name / layer)
        for start in range(0, frames, chunk):
            if watch.cancelled():
                return written
            end = min(start + chunk, frames)
            hands = render_view(recording, view, start, end, settings, generator)
            for row, frame in enumerate(range(start, end)):
                _write_pictures(folder / name, frame, hands, row)
                _note_frame(entries[frame], recording, hands, row, frame, view)
            written += end - start
            watch.report(done + written, total, "frames", f"Rendering {folder.name}")
    _write_json(folder / "calibration.json", _calibration(recording, size))
    _write_json(folder / "joints.json", _truth(folder.name, recording, entries))
    _write_json(folder / "meta.json", _about(recording))
    return written


def write_recordings(
    out: Path,
    count: int,
    size: int = 224,
    seed: int = 0,
    views: int = 1,
    progress: Progress | None = None,
    settings: SceneSettings | None = None,
    frames_per_sequence: int = FRAMES_PER_SEQUENCE,
    plans: Sequence[SequencePlan] | None = None,
) -> int:
    """Write recordings of rendered hands and their index.

    Args:
        out: folder, made if missing.
        count: pictures in all (instants x views); rounded up to whole instants.
        size: side of the pictures, px.
        seed: the same seed gives the same recordings.
        views: cameras.
        frames_per_sequence: instants per sequence; each sequence is another person.
        plans: the sequences, instead of random ones for ``count``; those of one subject show one person.

    Returns:
        The number of pictures written.

    Raises:
        HandStudioError: bad numbers, or ``out`` cannot be written.
    """
    if plans is None and count < 1:
        raise HandStudioError(f"{count} frames cannot be rendered", out, "Ask for at least one")
    if not 16 <= size <= 1024:
        raise HandStudioError(f"Pictures of {size} px cannot be rendered", out, "Choose 16 to 1024 px")
    if not 1 <= views <= 8:
        raise HandStudioError(f"{views} cameras cannot be placed", out, "Choose 1 to 8 views")
    watch = progress or Silent()
    chosen = settings or SceneSettings(faults=replace(SceneSettings().faults, motion=0.0))
    generator = torch.Generator().manual_seed(seed)
    todo = (
        list(plans)
        if plans is not None
        else _random_plans(-(-count // views), frames_per_sequence, generator)
    )
    total = views * sum(plan.frames for plan in todo)
    subjects = list(dict.fromkeys(plan.subject for plan in todo))
    listed: list[dict[str, Any]] = []
    written = 0
    for number, plan in enumerate(todo):
        own = torch.Generator().manual_seed((seed << 20) + number)
        person = torch.Generator().manual_seed((seed << 20) + _PERSONS + subjects.index(plan.subject))
        recording = plan_recording(plan, size, views, chosen, own, person)
        part = write_recording(out / "sequences" / plan.name, recording, chosen, own, watch, written, total)
        written += part
        if part < views * plan.frames:
            break
        listed.append({"path": f"sequences/{plan.name}", **_summary(recording)})
    frames = max(plan.frames for plan in todo)
    index = {
        "name": out.name,
        "image_size": [size, size],
        "fps": FPS,
        "frames_per_sequence": frames,
        "cameras": views,
        "sequences": listed,
    }
    _write_json(out / "index.json", index)
    return written


def _random_plans(instants: int, per_sequence: int, generator: torch.Generator) -> list[SequencePlan]:
    plans = []
    for number in range(-(-instants // per_sequence)):
        chance = torch.rand(3, generator=generator).tolist()
        plans.append(
            SequencePlan(
                subject=f"s{number + 1:02d}",
                side="left" if chance[0] < 0.4 else "right",
                frames=min(per_sequence, instants - number * per_sequence),
                shutter=0.5 if chance[1] < 0.25 else 0.0,
                facing_deg=(0.0, 0.0, 180.0, 90.0)[int(4 * chance[2])],
            )
        )
    return plans


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HandStudioError(
            f"The folder cannot be made ({error.strerror})", folder, "Choose another place"
        ) from error


def _encoded(path: Path, image: np.ndarray[Any, Any], options: list[int]) -> None:
    ok, data = cv2.imencode(path.suffix, image, options)
    assert ok
    _write(path, data.tobytes())


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise HandStudioError(
            f"The file cannot be written ({error.strerror})", path, "Make room or choose another place"
        ) from error


def _write_json(path: Path, value: dict[str, Any]) -> None:
    _make_folder(path.parent)
    part = path.with_suffix(".part")
    _write(part, json.dumps(value, indent=1).encode())
    part.replace(path)


def _write_pictures(folder: Path, frame: int, hands: RenderedHands, row: int) -> None:
    rgb = (hands.rgb[row] * 255.0 + 0.5).to(torch.uint8).permute(1, 2, 0).numpy()
    depth = (hands.depth_mm[row, 0] / DEPTH_UNIT_MM).round().clamp(0, 65_535).numpy().astype(np.uint16)
    mask = hands.mask[row, 0].numpy().astype(np.uint8) * 255
    quality = [int(cv2.IMWRITE_JPEG_QUALITY), JPEG_QUALITY]
    _encoded(folder / "rgb" / f"{frame:04d}.jpg", np.ascontiguousarray(rgb[..., ::-1]), quality)
    _encoded(folder / "depth" / f"{frame:04d}.png", depth, [int(cv2.IMWRITE_PNG_COMPRESSION), 6])
    _encoded(folder / "mask" / f"{frame:04d}.png", mask, [int(cv2.IMWRITE_PNG_BILEVEL), 1])


def _rounded(values: Tensor, digits: int) -> Any:
    return np.round(values.double().numpy(), digits).tolist()


def _note_frame(
    entry: dict[str, Any], recording: Recording, hands: RenderedHands, row: int, frame: int, view: int
) -> None:
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


def _calibration(recording: Recording, size: int) -> dict[str, Any]:
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


def _truth(sequence: str, recording: Recording, entries: list[dict[str, Any]]) -> dict[str, Any]:
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


def _summary(recording: Recording) -> dict[str, Any]:
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


def _about(recording: Recording) -> dict[str, Any]:
    forward = recording.R[:, 2]
    angles = [
        math.degrees(math.acos(max(-1.0, min(1.0, float(forward[k] @ forward[k + 1])))))
        for k in range(len(forward) - 1)
    ]
    warm = bool(recording.look.key_colour[0, 0] > recording.look.key_colour[0, 2])
    summary = _summary(recording)
    del summary["background"], summary["motion_blur"]
    return {
        **summary,
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

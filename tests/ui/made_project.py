"""Projects for the tests and benchmarks of the window: drawn hands with proposals, corrections and masks."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np

from handstudio.hand.box import Box
from handstudio.hand.camera import Camera
from handstudio.hand.lift import to_25d
from handstudio.hand.registration import register_pose
from handstudio.hand.skeleton import BONES, JOINT_COUNT
from handstudio.hand.template import TEMPLATE_MM
from handstudio.jobs.importing import prepare
from handstudio.media.opening import open_sequences
from handstudio.methods.masks import store_masks
from handstudio.project.project import Project
from handstudio.project.records import FrameImport, HandImport, Pose, ProposalBatch, SequenceImport

SKIN = (196, 150, 125)


def make_footage(folder: Path, count: int, size: tuple[int, int], hands: int = 1, seed: int = 0):
    """Draw frames into a folder; returns the camera and, per frame, the hands' (21, 3) mm and Pose."""
    rng = np.random.default_rng(seed)
    width, height = size
    focal = 1.1 * width
    camera = Camera(np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]], np.float32))
    folder.mkdir(parents=True, exist_ok=True)
    slope = np.linspace(150, 205, width, dtype=np.float32)[None, :, None]
    truths = []
    for index in range(count):
        picture = np.broadcast_to(slope, (height, width, 3)).astype(np.uint8).copy()
        found = []
        for place in range(hands):
            xyz = posed_hand(rng, index, place, hands)
            uv, depth = to_25d(xyz, camera.K)
            draw_hand(picture, uv, width / 34)
            found.append((xyz, Pose(uv, depth)))
        noise = rng.integers(-6, 7, picture.shape, dtype=np.int16)
        picture = np.clip(picture.astype(np.int16) + noise, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"frame_{index:04d}.jpg"), picture[..., ::-1])
        truths.append(found)
    return camera, truths


def posed_hand(rng: np.random.Generator, index: int, place: int, hands: int) -> np.ndarray:
    """(21, 3) mm of a hand that turns and sways from frame to frame."""
    turn, tilt = 0.5 * np.sin(index / 9 + place), 0.4 * np.cos(index / 13 + 2 * place)
    about_z = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]], np.float32
    )
    about_y = np.array(
        [[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]], np.float32
    )
    xyz = TEMPLATE_MM @ (about_z @ about_y).T
    xyz = xyz - xyz[9]
    across = (place - (hands - 1) / 2) * 170
    place_mm = np.array((across + rng.normal(0, 4), 20 + rng.normal(0, 4), 520))
    return (xyz + place_mm).astype(np.float32)


def draw_hand(picture: np.ndarray, uv: np.ndarray, thickness: float) -> None:
    """A hand of thick lines in the colour of skin."""
    points = np.rint(uv).astype(int)
    palm = points[[0, 1, 5, 9, 13, 17]]
    cv2.fillConvexPoly(picture, cv2.convexHull(palm), SKIN, cv2.LINE_AA)
    for parent, child in BONES:
        shade = tuple(int(value * (0.9 + 0.02 * (child % 4))) for value in SKIN)
        cv2.line(
            picture, points[parent].tolist(), points[child].tolist(), shade, round(thickness), cv2.LINE_AA
        )


def make_project(
    folder: Path,
    count: int = 12,
    size: tuple[int, int] = (640, 480),
    hands: int = 1,
    proposed: bool = True,
    name: str = "wave",
    with_camera: bool = True,
) -> Path:
    """A project of one folder of drawn frames; returns its path (closed)."""
    camera, truths = make_footage(folder / "footage" / name, count, size, hands)
    frames = [FrameImport(f"frame_{index:04d}.jpg", *size) for index in range(count)]
    imports = [
        HandImport(
            index,
            "left" if place else "right",
            Box.around(pose.uv),
            "dataset",
            place,
            truth=pose,
            truth_xyz_mm=xyz,
        )
        for index, found in enumerate(truths)
        for place, (xyz, pose) in enumerate(found)
    ]
    path = folder / "project"
    with Project.open_or_create(path) as project:
        sequence = project.add_sequence(
            SequenceImport(
                name,
                "folder",
                str(folder / "footage" / name),
                frames,
                imports,
                camera=camera.to_dict() if with_camera else None,
                subject="A",
            )
        )
        if proposed:
            propose(project, sequence)
    return path


def make_recording(path: Path, count: int) -> Path:
    """A project of the first frames of the bundled example, with depth, proposed; its path (closed)."""
    source = next(iter(open_sequences(Path(str(files("resources") / "example"))).sequences))
    whole = prepare(source)
    hands = [hand for hand in whole.hands if hand.frame_index < count]
    with Project.open_or_create(path) as project:
        propose(project, project.add_sequence(replace(whole, frames=whole.frames[:count], hands=hands)))
    return path


def propose(project: Project, sequence_id: int, noise: float = 0.008, seed: int = 1) -> None:
    """Store proposals as a method would: the truth with noise, perturbed, corrected, with masks."""
    rng = np.random.default_rng(seed)
    table = project.poses("truth")
    count = len(table)
    sides = np.array(
        [max(record.box.width, record.box.height) for record in project.hands(table.hand_ids.tolist())]
    )
    spread = (noise * (0.3 + 2.5 * rng.random(count)) * sides).astype(np.float32)[:, None, None]
    uv = table.uv + spread * rng.normal(size=(count, JOINT_COUNT, 2)).astype(np.float32)
    depth = table.depth + 0.05 * rng.normal(size=(count, JOINT_COUNT)).astype(np.float32)
    depth[:, 9] = 0
    perturbed = uv + spread * rng.normal(size=uv.shape).astype(np.float32)
    corrected_uv, corrected_depth = register_pose(uv, depth)
    project.store_proposals(
        None,
        None,
        ProposalBatch(
            hand_ids=table.hand_ids,
            uv=uv,
            depth=depth,
            corrected_uv=corrected_uv,
            corrected_depth=corrected_depth,
            c_stability=0.02 * spread[:, 0, 0],
            c_plausibility=0.01 * spread[:, 0, 0],
            perturbed_uv=perturbed,
            perturbed_depth=depth,
            joint_doubt=np.repeat(1.2 * spread[:, 0], JOINT_COUNT, axis=1)
            * rng.uniform(0.5, 1.5, JOINT_COUNT),
        ),
    )
    masks = np.zeros((count, 64, 64), np.float32)
    records = project.hands(table.hand_ids.tolist())
    for row, record in enumerate(records):
        cells = record.box.to_cells(table.uv[row])
        picture = np.zeros((64, 64, 3), np.uint8)
        draw_hand(picture, cells, 7)
        masks[row] = picture.any(axis=2)
    store_masks(project, table.hand_ids, [record.box for record in records], masks)

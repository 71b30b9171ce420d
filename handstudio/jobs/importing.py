"""Read footage into a project: sequences, frames, hands, and the truth that a data set brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.skeleton import Side
from handstudio.media.opening import open_sequences
from handstudio.media.source import FoundHand, Problem, SequenceSource
from handstudio.project import Project
from handstudio.project.records import FrameImport, HandImport, Pose, SequenceImport

from .placing import Placed, place, storable
from .stopping import cancel_point
from .workplace import one_of

if TYPE_CHECKING:
    from .command import Result, Work

SIDES: tuple[Side, ...] = ("right", "left")


def run(
    work: Work,
    paths: Sequence[Path],
    project_path: Path,
    form: str | None = None,
    hands: str = "whole",
    side: str = "right",
) -> Result:
    """Does ``handstudio import``; keys ``project frames hands problems sequences known relinked``.

    Raises:
        HandStudioError: when nothing at the paths can be shown.
    """
    one_of(hands, ("whole", "none"), "way to make hands")
    one_of(side, SIDES, "side")
    sources, problems = _opened(work, paths, form)
    if not sources:
        raise HandStudioError(
            "Nothing here can be shown",
            ", ".join(str(path) for path in paths),
            "; ".join(f"{problem.path}: {problem.reason}" for problem in problems[:5]) or None,
        )
    placed = Placed()
    with Project.open_or_create(project_path, writer="job") as project:
        for done, source in enumerate(sources):
            if work.stop():
                break
            work.shown.report(done, len(sources), "sequences", source.name)
            prepared = prepare(source, whole=hands == "whole", side="left" if side == "left" else "right")
            place(project, prepared, placed)
            problems.extend(
                Problem(source.path / source.frame_names[index], reason)
                for index, reason in source.problems.items()
            )
        else:
            work.shown.report(len(sources), len(sources), "sequences")
    return {
        "project": str(project_path),
        **asdict(placed),
        "problems": [{"path": str(problem.path), "reason": problem.reason} for problem in problems],
    }


def prepare(source: SequenceSource, whole: bool = True, side: Side = "right") -> SequenceImport:
    """What is stored of a sequence that was found.

    Args:
        source: the sequence.
        whole: make one hand, the whole frame its box, where the data set knows nothing of hands.
        side: the side of such hands.
    """
    frames = [
        FrameImport(name, width, height, source.problems.get(index))
        for index, (name, (width, height)) in enumerate(zip(source.frame_names, source.sizes, strict=True))
    ]
    hands = [
        hand
        for index, frame in enumerate(frames)
        for hand in _hands_of(source.hands.get(index, []), index, frame, whole and not source.hands, side)
    ]
    return SequenceImport(
        name=source.name,
        kind=source.kind,
        path=str(source.path.absolute()),
        frames=frames,
        hands=hands,
        view=source.view,
        recording=source.recording,
        subject=source.subject,
        fps=source.fps,
        camera=source.camera.to_dict() if source.camera is not None else None,
    )


def _hands_of(
    found: Sequence[FoundHand], index: int, frame: FrameImport, whole: bool, side: Side
) -> list[HandImport]:
    if not found:
        if not whole or frame.problem is not None or frame.width <= 0 or frame.height <= 0:
            return []
        return [HandImport(index, side, Box(0.0, 0.0, float(frame.width), float(frame.height)), "whole")]
    return [
        HandImport(
            frame_index=index,
            side=hand.side,
            box=hand.box,
            box_source="dataset",
            track=track,
            truth=_truth_of(hand),
            truth_xyz_mm=hand.xyz_mm,
        )
        for track, hand in enumerate(found)
    ]


def _truth_of(hand: FoundHand) -> Pose | None:
    if hand.uv is None or hand.depth is None:
        return None
    if hand.visibility is None:
        return Pose(hand.uv, hand.depth)
    return Pose(hand.uv, hand.depth, hand.visibility)


def _opened(
    work: Work, paths: Sequence[Path], form: str | None
) -> tuple[list[SequenceSource], list[Problem]]:
    sources: list[SequenceSource] = []
    problems: list[Problem] = []
    for path in paths:
        work.shown.report(len(sources), None, "sequences", f"Reading {path.name}")
        try:
            opened = open_sequences(path, form)
        except HandStudioError as error:
            if len(paths) == 1:
                raise
            problems.append(Problem(path, error.what))
            continue
        finally:
            cancel_point(work.stop)
        problems.extend(opened.problems)
        for found in opened.sequences:
            source, unnamed = storable(found)
            problems.extend(unnamed)
            if source is not None:
                sources.append(source)
    return sources, problems

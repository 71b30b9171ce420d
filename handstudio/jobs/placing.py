"""Where found footage belongs in a project: to a sequence that it has, one that was moved, or a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from handstudio.media.source import Problem, SequenceSource
from handstudio.project import Project
from handstudio.project.records import FrameImport, FrameRecord, SequenceImport, SequenceRecord

_Value = TypeVar("_Value")


@dataclass
class Placed:
    """What an import has done so far.

    Attributes:
        frames, hands: how many were added. known: frames that were there already.
        sequences: names of all sequences that the footage is in now.
        relinked: names of those that were found in a new place.
    """

    frames: int = 0
    hands: int = 0
    known: int = 0
    sequences: list[str] = field(default_factory=list)
    relinked: list[str] = field(default_factory=list)


def place(project: Project, wanted: SequenceImport, placed: Placed) -> None:
    """Stores a new sequence, or the new frames of a known or moved one behind those that it has."""
    known = _same(project, wanted)
    if known is None and (known := _moved(project, wanted)) is not None:
        project.relink(known.id, str(wanted.path))
        placed.relinked.append(known.name)
    placed.sequences.append(wanted.name if known is None else known.name)
    if known is None:
        project.add_sequence(wanted)
        placed.frames += len(wanted.frames)
        placed.hands += len(wanted.hands)
        return
    stored = {frame.name: frame for frame in project.frames(known.id)}
    fresh = [index for index, frame in enumerate(wanted.frames) if frame.name not in stored]
    placed.known += len(wanted.frames) - len(fresh)
    placed.hands += _look_again(project, wanted, stored)
    if fresh:
        offsets = {index: offset for offset, index in enumerate(fresh)}
        hands = [
            replace(hand, frame_index=offsets[hand.frame_index])
            for hand in wanted.hands
            if hand.frame_index in offsets
        ]
        project.add_footage(known.id, [wanted.frames[index] for index in fresh], hands)
        placed.frames += len(fresh)
        placed.hands += len(hands)


def _same(project: Project, wanted: SequenceImport) -> SequenceRecord | None:
    for record in project.sequences():
        if (record.kind, record.path, record.view) == (wanted.kind, wanted.path, wanted.view):
            return record
    return None


def _moved(project: Project, wanted: SequenceImport) -> SequenceRecord | None:
    """The one sequence whose place is gone and that has the same name there, and the same frames."""
    found = [
        record
        for record in project.sequences()
        if (record.kind, Path(record.path).name, record.view, record.frame_count)
        == (wanted.kind, Path(wanted.path).name, wanted.view, len(wanted.frames))
        and not Path(record.path).exists()
        and _look(project.frames(record.id)) == _look(wanted.frames)
    ]
    return found[0] if len(found) == 1 else None


def _look(frames: Iterable[FrameImport | FrameRecord]) -> set[tuple[str, int, int]]:
    return {(frame.name, frame.width, frame.height) for frame in frames}


def _look_again(project: Project, wanted: SequenceImport, stored: Mapping[str, FrameRecord]) -> int:
    """Notes which known frames were damaged or made whole since; how many hands the latter brought."""
    found = 0
    for index, frame in enumerate(wanted.frames):
        known = stored.get(frame.name)
        if known is None or known.problem == frame.problem:
            continue
        project.set_frame_problem(known.id, frame.problem)
        if not project.hands_of_frame(known.id):
            hands = [hand for hand in wanted.hands if hand.frame_index == index]
            project.add_hands(known.sequence_id, [replace(hand, frame_index=known.index) for hand in hands])
            found += len(hands)
    return found


def storable(source: SequenceSource) -> tuple[SequenceSource | None, list[Problem]]:
    """A source without the files whose names are no text and cannot be stored, and these as problems."""
    reason = "its name is not valid UTF-8; rename it"
    if not all(map(_is_text, (str(source.path.absolute()), source.name, source.view or ""))):
        return None, [Problem(source.path, reason)]
    kept = [index for index, name in enumerate(source.frame_names) if _is_text(name)]
    if len(kept) == source.count:
        return source, []
    problems = [Problem(source.path / name, reason) for name in source.frame_names if not _is_text(name)]
    if not kept:
        return None, problems
    left = replace(
        source,
        frame_names=[source.frame_names[index] for index in kept],
        sizes=[source.sizes[index] for index in kept],
        hands=_of(source.hands, kept),
        problems=_of(source.problems, kept),
    )
    return left, problems


def _of(values: Mapping[int, _Value], kept: list[int]) -> dict[int, _Value]:
    return {row: values[index] for row, index in enumerate(kept) if index in values}


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

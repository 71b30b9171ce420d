"""The same footage annotated in two projects: which sequences, frames and hands are the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Final

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.records import DECIDED, FrameRecord, HandQuery, HandRecord, SequenceRecord, State
from handstudio.review.agreement import Pair

Look = tuple[str, int, int]
_IN_COMMON: Final = 0.5
"""Share of the frames that have to be the same where the folders have other names."""
_LEAST_OVERLAP: Final = 0.1


def pairs_with(project: Project, other: Project) -> list[Pair]:
    """What two projects say of the same hands; the ids are those of the first. Any thread may ask.

    Footage is told by the name of its folder or file, its view, and the names and sizes of its frames; hands
    of a frame by their side and where they are.

    Raises:
        HandStudioError: when the projects have no footage in common.
    """
    same = same_sequences(project, other)
    if not same:
        raise HandStudioError(
            f"{other.path.name} has no footage in common with this project",
            other.path,
            "Footage is told by the name of its folder or file, and by the names and sizes of its frames",
        )
    found: list[Pair] = []
    for mine, theirs in same:
        frames = _same_frames(project.frames(mine.id), other.frames(theirs.id))
        ours, others = _decided(project, mine.id), _decided(other, theirs.id)
        for index, there in frames.items():
            for one, two in same_hands(ours.get(index, ()), others.get(there, ())):
                labels = (project.label_of(one.id), other.label_of(two.id))
                poses = tuple(None if label is None else label.pose for label in labels)
                found.append(Pair(one.id, (one.state, two.state), (poses[0], poses[1]), blind=True))
    return found


def same_sequences(project: Project, other: Project) -> list[tuple[SequenceRecord, SequenceRecord]]:
    """Sequences of the same footage, each at most once: of those with the same name (of folders without one,
    of any) the one with most frames in common."""
    looks: dict[tuple[Path, int], set[Look]] = {}

    def common(mine: SequenceRecord, theirs: SequenceRecord) -> int:
        sets = []
        for of, record in ((project, mine), (other, theirs)):
            key = of.path, record.id
            if key not in looks:
                looks[key] = {_look(frame) for frame in of.frames(record.id)}
            sets.append(looks[key])
        return len(sets[0] & sets[1])

    left = list(other.sequences())
    found = []
    for mine in project.sequences():
        alike = [one for one in left if (one.kind, one.view) == (mine.kind, mine.view)]
        named = [one for one in alike if PurePath(one.path).name == PurePath(mine.path).name]
        counted = [(common(mine, one), one) for one in (named or (alike if mine.kind == "folder" else ()))]
        enough = [
            (number, one)
            for number, one in counted
            if number and (named or number >= _IN_COMMON * max(mine.frame_count, one.frame_count))
        ]
        if enough:
            best = max(enough, key=lambda pair: pair[0])[1]
            left.remove(best)
            found.append((mine, best))
    return found


def same_hands(
    ours: Sequence[HandRecord], theirs: Sequence[HandRecord]
) -> list[tuple[HandRecord, HandRecord]]:
    """Hands of one frame in two projects: those of the same side first, then by how far boxes overlap."""
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    ranked = sorted(
        (one.side != two.side, -one.box.iou(two.box), one.track != two.track, place, other)
        for place, one in enumerate(ours)
        for other, two in enumerate(theirs)
    )
    found, taken, given = [], set(), set()
    for _, overlap, _, place, other in ranked:
        if -overlap >= _LEAST_OVERLAP and place not in taken and other not in given:
            taken.add(place)
            given.add(other)
            found.append((ours[place], theirs[other]))
    return found


def _same_frames(ours: Sequence[FrameRecord], theirs: Sequence[FrameRecord]) -> dict[int, int]:
    """Index there by index here, of frames with the same name and size."""
    known = {_look(frame): frame.index for frame in theirs}
    return {frame.index: known[_look(frame)] for frame in ours if _look(frame) in known}


def _look(frame: FrameRecord) -> Look:
    return frame.name, frame.width, frame.height


def _decided(project: Project, sequence_id: int) -> dict[int, list[HandRecord]]:
    """A sequence's hands that a person decided, by the index of their frame."""
    states = tuple(state for state in DECIDED if state is not State.AUTO_ACCEPTED)
    found: dict[int, list[HandRecord]] = {}
    for record in project.hands(HandQuery((sequence_id,), states)):
        found.setdefault(record.frame_index, []).append(record)
    return found

"""The project that a command works on, and which of its sequences, frames and hands are meant."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.opening import DATABASE_NAME
from handstudio.project.records import HandQuery, Ids, SequenceRecord
from handstudio.review.expected_error import fit_project
from handstudio.review.filter_text import parse
from handstudio.review.filter_words import Names

_MOST_IN_A_RANGE: Final = 1_000_000
"""A range of more hands is a slip of the finger, and a list of them could fill the memory."""


def open_project(path: Path, writer: Literal["job", "cli"] = "job", to_read: bool = False) -> Project:
    """Opens a project for a command.

    Args:
        path: its folder.
        writer: as what.
        to_read: for a command that needs not write: a project that cannot be written is opened for reading.

    Raises:
        HandStudioError: when there is none, or it cannot be written and has to be.
    """
    project = Project.open(path, writer=writer)
    if project.read_only and not to_read:
        messages = project.messages
        project.close()
        raise HandStudioError(
            "The project cannot be written", path, messages[-1] if messages else "Ask for the right to write"
        )
    return project


def outside_projects(out: Path) -> Path:
    """``out``, when it is no project and lies in none: what belongs to a project is never written over.

    Raises:
        HandStudioError: when it is or does.
    """
    for folder in (out.resolve(), *out.resolve().parents):
        if (folder / DATABASE_NAME).exists():
            raise HandStudioError("This is inside a project", out, f"Choose a place outside of {folder}")
    return out


def free_folder(out: Path) -> Path:
    """``out``, when it is an empty folder or can become one.

    Raises:
        HandStudioError: when something is there.
    """
    if out.exists() and not out.is_dir():
        raise HandStudioError("This is a file, not a folder", out, "Choose a folder with --out")
    if out.exists() and any(out.iterdir()):
        raise HandStudioError("The folder is not empty", out, "Choose another with --out")
    return out


def chosen_sequences(project: Project, names: Sequence[str] | None) -> list[SequenceRecord]:
    """The sequences of given names (or patterns such as ``walk*``, or ids); all where no name is given.

    Raises:
        HandStudioError: when a name fits none.
    """
    everything = project.sequences()
    if not names:
        return everything
    chosen: dict[int, SequenceRecord] = {}
    for name in names:
        found = [each for each in everything if name in (each.name, str(each.id))] or [
            each for each in everything if fnmatch.fnmatchcase(each.name, name)
        ]
        if not found:
            known = ", ".join(each.name for each in everything[:12]) or "none yet"
            raise HandStudioError(f"There is no sequence {name!r}", project.path, f"There are: {known}")
        chosen.update((each.id, each) for each in found)
    return [each for each in everything if each.id in chosen]


def chosen_hands(
    project: Project,
    sequences: Sequence[str] | None = None,
    frames: str | None = None,
    names_file: Path | None = None,
) -> Ids:
    """(N,) ids of the hands in the chosen sequences whose frames have a chosen name, as filmed.

    Args:
        project: where they are.
        sequences: names, see :func:`chosen_sequences`.
        frames: patterns for names of frames, separated by commas: ``1[0-4]*_digit?.jpg``.
        names_file: a file with one frame name a line.

    Raises:
        HandStudioError: when no frame has such a name.
    """
    records = chosen_sequences(project, sequences)
    if frames is None and names_file is None:
        if not sequences:
            return project.hand_ids(HandQuery())
        return project.hand_ids(HandQuery(sequences=tuple(each.id for each in records)))
    patterns = frames.split(",") if frames is not None else None
    names = _names_of(names_file) if names_file is not None else None
    parts: list[Ids] = []
    for record in records:
        wanted = np.array(
            [_is_wanted(frame.name, patterns, names) for frame in project.frames(record.id)], dtype=bool
        )
        if wanted.any():
            hands = project.confidences(record.id)
            parts.append(hands.hand_id[wanted[hands.frame_index]])
    if not parts:
        raise HandStudioError(
            "No frame has such a name",
            names_file or frames,
            "Names are those of the files in the folder, such as 12_digit3.jpg",
        )
    return np.concatenate(parts)


def filtered(project: Project, where: str) -> HandQuery:
    """The hands of a filter, as the window's queue has them.

    Raises:
        HandStudioError: for a term that there is not.
    """
    return HandQuery(where=parse(where, Names.of(project)), error_scale=fit_project(project).scale)


def _is_wanted(name: str, patterns: Sequence[str] | None, names: frozenset[str] | None) -> bool:
    if patterns is not None and not any(fnmatch.fnmatchcase(name, pattern.strip()) for pattern in patterns):
        return False
    return names is None or name in names


def _names_of(path: Path) -> frozenset[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HandStudioError("The list of frame names cannot be read", path, str(error)) from error
    return frozenset(Path(line.strip()).name for line in lines if line.strip())


def hand_numbers(text: str) -> list[int]:
    """The ids in ``3,8,10-20``.

    Raises:
        HandStudioError: when the text says something else.
    """
    ids: list[int] = []
    for part in text.replace(" ", ",").split(","):
        if not part:
            continue
        first, dash, last = part.partition("-")
        try:
            lowest = int(first)
            highest = int(last) if dash else lowest
        except ValueError:
            lowest, highest = 1, 0
        if not lowest <= highest < lowest + _MOST_IN_A_RANGE:
            raise HandStudioError(
                f"{part!r} is no hand", None, "Give ids such as 3,8,10-20; see handstudio review P --list"
            )
        ids.extend(range(lowest, highest + 1))
    return ids


def one_of(value: str, allowed: Iterable[str], what: str) -> str:
    """``value``, when it is allowed.

    Raises:
        HandStudioError: when it is not.
    """
    names = list(allowed)
    if value not in names:
        raise HandStudioError(f"There is no {what} {value!r}", None, f"Choose one of: {', '.join(names)}")
    return value

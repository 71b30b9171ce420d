"""Notes on hands and marks on their frames, from the shell: each wish is one step of undo."""

from __future__ import annotations

from collections.abc import Sequence

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import Bulk, Command, SetNote
from handstudio.project.mark_commands import SetMark
from handstudio.project.records import HandRecord

from .workplace import hand_numbers


def write_note(project: Project, hands: str, note: str, who: str) -> str:
    """Writes a note on hands such as ``3,8,10-20``; an empty one takes theirs away. Returns what was done.

    Raises:
        HandStudioError: when one of the hands is not there.
    """
    records = _hands(project, hands)
    return _done(project, [SetNote(record.id, note.strip()) for record in records], "Write a note on", who)


def mark_frames(project: Project, hands: str, word: str, who: str) -> str:
    """Marks the frames of hands by a word; an empty one takes their marks away. Returns what was done.

    Raises:
        HandStudioError: when one of the hands is not there, or the word cannot be a mark.
    """
    frames = sorted({record.frame_id for record in _hands(project, hands)})
    try:
        commands = [SetMark(frame_id, word.strip() or None) for frame_id in frames]
    except ValueError as error:
        raise HandStudioError(f"{word!r} cannot be a mark", None, str(error)) from None
    return _done(project, commands, "Mark" if word.strip() else "Clear the marks of", who, "frame")


def _hands(project: Project, text: str) -> list[HandRecord]:
    ids = list(dict.fromkeys(hand_numbers(text)))
    records = project.hands(ids)
    if len(records) < len(ids) or not ids:
        missing = set(ids) - {record.id for record in records}
        raise HandStudioError(
            f"The project has no hand {min(missing)}" if missing else "No hand was named",
            project.path,
            "See handstudio review P --list",
        )
    return records


def _done(project: Project, commands: Sequence[Command], verb: str, who: str, what: str = "hand") -> str:
    count = f"1 {what}" if len(commands) == 1 else f"{len(commands)} {what}s"
    return project.history.apply(Bulk(tuple(commands), f"{verb} {count}"), who).title

"""Finds out what lies at a path, and opens stored sequences again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from handstudio.errors import HandStudioError
from handstudio.media.folder import FolderSource, is_image_name, open_folder
from handstudio.media.natural_order import natural_key
from handstudio.media.recording import RecordingSource, is_recording, open_recording
from handstudio.media.source import FrameSource, Opened, Problem, SequenceSource
from handstudio.media.video_name import is_video_name

_MOST_LISTED: Final = 10
_RECORDINGS: Final = "sequences"
_INDEX: Final = "index.json"

FORMATS: Final = ("folder", "video", "recording")


def open_sequences(path: Path, format: str | None = None) -> Opened:
    """Everything at ``path`` that can be shown: images, videos and recordings, nested folders included.

    A folder with a calibration is a recording, one sequence per camera. Any other folder that holds images
    is one sequence; every video is one. Files that are neither are listed as problems, and nothing is
    decoded or changed.

    Args:
        path: a file or a folder.
        format: ``folder``, ``video`` or ``recording`` to look for that alone; ``None`` for all.

    Raises:
        HandStudioError: when the path is missing, the format is unknown or nothing can be shown.
    """
    if format is not None and format not in FORMATS:
        raise HandStudioError(f"There is no format {format!r}", None, f"Known are {', '.join(FORMATS)}")
    path = _found(path)
    opened = Opened()
    try:
        if path.is_file():
            _open_file(path, format, opened)
        else:
            for folder in _folders(path, opened):
                _open_folder(path, folder, format, opened)
    except PermissionError as error:
        raise HandStudioError(
            "This may not be read", error.filename or path, "Ask for the right to read it"
        ) from error
    if not opened.sequences:
        raise _nothing_found(path, opened)
    return opened


def _found(path: Path) -> Path:
    """The path as the system knows it."""
    try:
        path = Path(path).expanduser()
        if not path.exists():
            raise HandStudioError("There is no such file or folder", path)
        return path.resolve()
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HandStudioError(f"There is no such file or folder ({reason})", path) from error


def open_source(
    kind: str, path: Path | str, view: str | None = None, frame_names: Sequence[str] | None = None
) -> FrameSource:
    """Open one stored sequence again.

    Args:
        kind: ``folder``, ``video`` or ``recording``.
        path: where it lies.
        view: the camera of a recording.
        frame_names: the names stored when it was imported, so that files added later shift nothing.

    Raises:
        HandStudioError: when it is no longer there or can no longer be read.
    """
    path = Path(path)
    if not path.exists():
        raise HandStudioError(
            "The footage is no longer there", path, "Put it back, or import it from its new place"
        )
    openers: dict[str, Callable[[], FrameSource]] = {
        "folder": lambda: FolderSource(path, frame_names),
        "video": lambda: _video(path),
        "recording": lambda: RecordingSource(path, view or "", frame_names),
    }
    if kind not in openers:
        raise HandStudioError(f"There is no kind of source {kind!r}", path)
    return openers[kind]()


def _video(path: Path) -> FrameSource:
    from handstudio.media.video import VideoSource  # its decoders take a while to load

    return VideoSource(path)


def _folders(root: Path, opened: Opened) -> Iterator[Path]:
    """``root`` and all folders below, parents first, links followed but no folder visited twice."""
    visited: set[Path] = set()
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        real = folder.resolve()
        if real in visited:
            continue
        visited.add(real)
        yield folder
        if is_recording(folder):
            continue
        try:
            entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
            below = [Path(entry.path) for entry in entries if entry.is_dir()]
        except OSError as error:
            opened.problems.append(Problem(folder, f"the folder cannot be read ({error.strerror or error})"))
            continue
        waiting.extend(sorted(below, key=lambda each: natural_key(each.name), reverse=True))


def _open_folder(root: Path, folder: Path, format: str | None, opened: Opened) -> None:
    if is_recording(folder):
        if format in (None, "recording"):
            _take(opened, *open_recording(folder))
        return
    try:
        names = sorted((entry.name for entry in os.scandir(folder) if _is_file(entry)), key=natural_key)
    except OSError:
        return
    images = [name for name in names if is_image_name(name)]
    videos = [name for name in names if is_video_name(name)]
    if images and format in (None, "folder"):
        sequence, problems = open_folder(folder, _name(root, folder), images)
        _take(opened, [sequence] if sequence else [], problems)
    if format in (None, "video"):
        for name in videos:
            _take_video(opened, folder / name, f"{_name(root, folder)}/{name}" if len(names) > 1 else name)
    others = [name for name in names if not is_image_name(name) and not is_video_name(name)]
    if (folder / _RECORDINGS).is_dir():
        others = [name for name in others if name != _INDEX]
    for name in others[:_MOST_LISTED]:
        opened.problems.append(Problem(folder / name, "it is neither an image nor a video"))
    if len(others) > _MOST_LISTED:
        rest = len(others) - _MOST_LISTED
        opened.problems.append(Problem(folder, f"{rest} more files are neither images nor videos"))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether to look at this: not at hidden files, pipes or devices, but at a link to nothing."""
    if entry.name.startswith(".") or entry.is_dir():
        return False
    return entry.is_file() or entry.is_symlink()


def _open_file(path: Path, format: str | None, opened: Opened) -> None:
    if is_video_name(path.name) and format in (None, "video"):
        _take_video(opened, path, path.name)
    elif is_image_name(path.name) and format in (None, "folder"):
        sequence, problems = open_folder(path.parent, path.stem, [path.name])
        _take(opened, [sequence] if sequence else [], problems)
    else:
        opened.problems.append(Problem(path, "it is neither an image nor a video"))


def _take(opened: Opened, sequences: Sequence[SequenceSource], problems: Sequence[Problem]) -> None:
    opened.sequences.extend(sequences)
    opened.problems.extend(problems)


def _take_video(opened: Opened, path: Path, name: str) -> None:
    try:
        from handstudio.media.video import open_video

        opened.sequences.append(open_video(path, name))
    except HandStudioError as error:
        opened.problems.append(Problem(path, error.what))


def _name(root: Path, folder: Path) -> str:
    """How a folder found under ``root`` is called."""
    return "/".join((root.name, *folder.relative_to(root).parts))


def _nothing_found(path: Path, opened: Opened) -> HandStudioError:
    if len(opened.problems) == 1:
        problem = opened.problems[0]
        return HandStudioError(f"Nothing here can be shown: {problem.reason}", problem.path)
    what = "The folder holds no image, video or recording" if path.is_dir() else "Nothing here can be shown"
    found = f" ({len(opened.problems)} files could not be used)" if opened.problems else ""
    return HandStudioError(
        what + found, path, "Choose a folder with JPEG, PNG, TIFF or BMP images, or a video"
    )

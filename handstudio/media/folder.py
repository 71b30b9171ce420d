"""Folders of images: every folder that holds images is one sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from handstudio.media.image import check_whole, read_image, read_reduced
from handstudio.media.image_header import IMAGE_SUFFIXES, read_header
from handstudio.media.natural_order import natural_key
from handstudio.media.source import Frame, FrameProblem, Problem, SequenceSource

_READERS = 4


class FolderSource:
    """The images of one folder, found by their file names.

    Args:
        path: the folder.
        frame_names: the names stored when the folder was imported, in order; without them, the images that
            are there now. Any sequence will do, so a caller with a million names may look them up one by one.
    """

    kind: Literal["folder"] = "folder"

    def __init__(self, path: Path, frame_names: Sequence[str] | None = None) -> None:
        self.path = path
        self.name = path.name
        self.frame_names: Sequence[str] = image_names(path) if frame_names is None else frame_names

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.frame_names)

    def size(self, index: int) -> tuple[int, int]:
        """Width and height, px, of the upright frame."""
        return read_header(self._file(index)).size

    def read(self, index: int) -> Frame:
        """Decode the frame whose name was stored at ``index``."""
        return Frame(read_image(self._file(index)))

    def glance(self, index: int, reduction: int) -> Frame:
        """The frame's colours, decoded at a part of its size where its format can be."""
        return read_reduced(self._file(index), reduction)

    def close(self) -> None:
        """Nothing is kept open."""

    def _file(self, index: int) -> Path:
        if not 0 <= index < self.count:
            raise IndexError(f"frame {index} of {self.count}")
        name = self.frame_names[index]
        if Path(name).name != name:
            raise FrameProblem(f"{name!r} is no name of a file in this folder", self.path)
        return self.path / name


def image_names(folder: Path) -> list[str]:
    """Names of the images in a folder by their endings, in natural order; hidden files are left out."""
    return sorted(
        (entry.name for entry in folder.iterdir() if is_image_name(entry.name) and entry.is_file()),
        key=natural_key,
    )


def is_image_name(name: str) -> bool:
    """Whether a file's name ends like an image's (and is not hidden)."""
    return not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES


def open_folder(folder: Path, name: str, names: Iterable[str]) -> tuple[SequenceSource | None, list[Problem]]:
    """One sequence of the images called ``names`` in ``folder``; only their headers are read.

    An image without a readable header is left out and listed; one that is cut short keeps its place and is
    listed.
    """
    sequence = SequenceSource(name, "folder", folder)
    problems = add_images(sequence, folder, names)
    return (sequence if sequence.count else None), problems


def add_images(sequence: SequenceSource, folder: Path, names: Iterable[str]) -> list[Problem]:
    """Give a sequence its frames, the images called ``names`` in ``folder``; returns those left out."""
    ordered = sorted(names, key=natural_key)
    with ThreadPoolExecutor(_READERS, thread_name_prefix="headers") as pool:
        checked = list(pool.map(lambda file: _check(folder / file), ordered))
    problems: list[Problem] = []
    for file, (size, reason) in zip(ordered, checked, strict=True):
        if size is None:
            problems.append(Problem(folder / file, reason or "it has no size"))
            continue
        if reason is not None:
            sequence.problems[sequence.count] = reason
        sequence.frame_names.append(file)
        sequence.sizes.append(size)
    return problems


def _check(file: Path) -> tuple[tuple[int, int] | None, str | None]:
    """The upright size of an image, and what is wrong with it."""
    try:
        header = read_header(file)
        return header.size, check_whole(file, header)
    except FrameProblem as problem:
        return None, problem.what
    except OSError as error:
        return None, f"it cannot be read ({error.strerror or error})"

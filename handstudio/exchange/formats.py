"""The formats that labels can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from handstudio.errors import HandStudioError
from handstudio.exchange.coco import SideAs, write_coco
from handstudio.exchange.exported_hand import ExportedHand, FrameReader, Written
from handstudio.exchange.from_project import ProjectFrames, ProjectHands

if TYPE_CHECKING:
    from handstudio.project import Project
    from handstudio.project.records import HandQuery, Layer


@dataclass(frozen=True)
class Options:
    """What a caller may choose.

    Attributes:
        overwrite: replace a file that is no earlier export.
        side_as: how COCO says the side.
        frames: put the frames into the file too (HDF5).
    """

    overwrite: bool = False
    side_as: SideAs = "attribute"
    frames: bool = False


class Writer(Protocol):
    """Writes hands to a file."""

    def __call__(
        self, out: Path, hands: Iterable[ExportedHand], options: Options, read_frame: FrameReader | None
    ) -> Written:
        """Write all hands."""


def _coco(
    out: Path, hands: Iterable[ExportedHand], options: Options, read_frame: FrameReader | None
) -> Written:
    return write_coco(out, hands, options.side_as, options.overwrite)


def _hdf5(
    out: Path, hands: Iterable[ExportedHand], options: Options, read_frame: FrameReader | None
) -> Written:
    from handstudio.exchange.hdf5 import write_hdf5

    return write_hdf5(out, hands, read_frame if options.frames else None, options.overwrite)


FORMATS: Final[dict[str, Writer]] = {"coco": _coco, "hdf5": _hdf5}
"""Writers by the names that ``handstudio export --format`` takes."""


def export(
    project: Project,
    format: str,
    out: Path,
    layer: Layer = "label",
    query: HandQuery | None = None,
    options: Options | None = None,
    watched: Callable[[ProjectHands], Iterable[ExportedHand]] | None = None,
) -> Written:
    """Export a layer of a project's hands.

    Args:
        project: an open project.
        format: a name in :data:`FORMATS`.
        out: the file to write.
        layer: which poses; hands without one are skipped and counted.
        query: which hands; all by default.
        options: see :class:`Options`.
        watched: gives the hands on, and may tell how far they are or end the export by an error.

    Raises:
        HandStudioError: for an unknown format, or when the file cannot be written.
    """
    writer = FORMATS.get(format)
    if writer is None:
        raise HandStudioError(f"There is no format {format!r}", None, f"Known are {', '.join(FORMATS)}")
    hands = ProjectHands(project, layer, query)
    with closing(ProjectFrames(project)) as frames:
        written = writer(out, hands if watched is None else watched(hands), options or Options(), frames)
    return replace(written, skipped=hands.skipped)

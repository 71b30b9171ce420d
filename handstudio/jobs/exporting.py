"""Write labels in a form that other tools read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from handstudio.exchange.formats import FORMATS, Options, export
from handstudio.exchange.from_project import ProjectHands
from handstudio.project.records import HandQuery, Layer

from .references import LAYERS
from .stopping import cancel_point
from .workplace import chosen_sequences, one_of, open_project, outside_projects

if TYPE_CHECKING:
    from handstudio.exchange.exported_hand import ExportedHand
    from handstudio.progress import Progress

    from .command import Result, Work


def run(
    work: Work,
    project_path: Path,
    form: str,
    out: Path,
    layer: str = "label",
    sequences: Sequence[str] | None = None,
    frames: bool = False,
    overwrite: bool = False,
) -> Result:
    """Does ``handstudio export``; keys ``out hands skipped problems``.

    Raises:
        HandStudioError: for an unknown format, a file inside a project, or one that cannot be written.
        CancelledError: when it was stopped; then there is no new file.
    """
    one_of(form, FORMATS, "format")
    one_of(layer, LAYERS, "layer")
    outside_projects(out)
    with open_project(project_path, to_read=True) as project:
        chosen = tuple(each.id for each in chosen_sequences(project, sequences)) if sequences else None

        def do(progress: Progress, run_id: int | None) -> Result:
            written = export(
                project,
                form,
                out,
                cast(Layer, layer),
                HandQuery(sequences=chosen),
                Options(overwrite=overwrite, frames=frames),
                lambda hands: _told(work, progress, hands),
            )
            return {
                "run": run_id,
                "out": written.out,
                "hands": written.hands,
                "skipped": written.skipped,
                "problems": list(written.problems),
            }

        return work.noted(project, "export", {"format": form, "out": str(out), "layer": layer}, do)


def _told(work: Work, progress: Progress, hands: ProjectHands) -> Iterator[ExportedHand]:
    """The hands, with how far their export is; ends it where a stop was asked for."""
    total = hands.project.count_hands(hands.query or HandQuery())
    for done, hand in enumerate(hands):
        cancel_point(work.stop)
        progress.report(done + hands.skipped, total, "hands", "Exporting")
        yield hand
    progress.report(total, total, "hands", "Exporting")

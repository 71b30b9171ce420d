"""Write labels in a form that other tools read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from handstudio.exchange.formats import FORMATS, Options, export
from handstudio.exchange.from_project import ProjectHands
from handstudio.project.conditions import Condition
from handstudio.project.records import HandQuery, Layer

from .references import LAYERS
from .stopping import cancel_point
from .workplace import chosen_sequences, filtered, one_of, open_project, outside_projects

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
    where: str | None = None,
    verified: bool = False,
) -> Result:
    """Does ``handstudio export``; keys ``out hands skipped problems``.

    ``where`` is a filter as in the window; with ``verified`` only what a second person verified is written.

    Raises:
        HandStudioError: for an unknown format, a file inside a project, or one that cannot be written.
        CancelledError: when it was stopped; then there is no new file.
    """
    one_of(form, FORMATS, "format")
    one_of(layer, LAYERS, "layer")
    outside_projects(out)
    with open_project(project_path, to_read=True) as project:
        chosen = tuple(each.id for each in chosen_sequences(project, sequences)) if sequences else None
        query = replace(HandQuery() if where is None else filtered(project, where), sequences=chosen)
        if verified:
            query = replace(query, where=(*query.where, Condition("verified", ("yes",))))

        def do(progress: Progress, run_id: int | None) -> Result:
            written = export(
                project,
                form,
                out,
                cast(Layer, layer),
                query,
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

        params = {"format": form, "out": str(out), "layer": layer, "where": where, "verified": verified}
        return work.noted(project, "export", params, do)


def _told(work: Work, progress: Progress, hands: ProjectHands) -> Iterator[ExportedHand]:
    """The hands, with how far their export is; ends it where a stop was asked for."""
    total = hands.project.count_hands(hands.query or HandQuery())
    for done, hand in enumerate(hands):
        cancel_point(work.stop)
        progress.report(done + hands.skipped, total, "hands", "Exporting")
        yield hand
    progress.report(total, total, "hands", "Exporting")

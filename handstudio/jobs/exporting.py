"""Write labels in a form that other tools read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from handstudio.exchange.formats import FORMATS, Options
from handstudio.exchange.formats import export as write
from handstudio.project.records import HandQuery

from .references import LAYERS
from .workplace import chosen_sequences, one_of, open_project, outside_projects

if TYPE_CHECKING:
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
    """Does ``handstudio export``; keys ``out hands skipped``.

    Raises:
        HandStudioError: for an unknown format, a file inside a project, or one that cannot be written.
    """
    one_of(form, FORMATS, "format")
    one_of(layer, LAYERS, "layer")
    outside_projects(out)
    with open_project(project_path, to_read=True) as project:
        query = None
        if sequences:
            query = HandQuery(sequences=tuple(each.id for each in chosen_sequences(project, sequences)))

        def do(progress: Progress, run_id: int | None) -> Result:
            progress.report(0, None, "hands", "Exporting")
            options = Options(overwrite=overwrite, frames=frames)
            written = write(project, form, out, layer, query, options)  # type: ignore[arg-type]
            return {"run": run_id, "out": written.out, "hands": written.hands, "skipped": written.skipped}

        return work.noted(project, "export", {"format": form, "out": str(out), "layer": layer}, do)

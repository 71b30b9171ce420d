"""Two models on the hold-out: the figures of both, and which of them proposes from now on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from handstudio.scoring.comparison import compare
from handstudio.scoring.verdict import RULE, TITLES, Verdict

from . import proposing
from .evaluating import evaluate_layer
from .modelling import adopt_model
from .references import reference_for
from .report import Step
from .stopping import cancel_point

if TYPE_CHECKING:
    from handstudio.project import Project
    from handstudio.project.records import Ids, SequenceRecord
    from handstudio.scoring.evaluation import Evaluation

    from .tour import Tour


_TITLES: Final = {
    "hands": "hands",
    **TITLES,
    "auc_px": "AUC px",
    "auc_mm": "AUC mm",
    "depth_bones": "depth, bones",
}


def compare_models(
    tour: Tour,
    project: Project,
    held: list[SequenceRecord],
    held_ids: Ids,
    parent: str,
    child: str,
    first: Mapping[str, Evaluation],
) -> tuple[Step, bool]:
    """Proposes on the hold-out with the new model, and adopts it where the verdict on all figures says so.

    Args:
        tour: of which this is a step.
        project: its project.
        held, held_ids: the sequences of the hold-out and their hands; none where there is no hold-out.
        parent, child: ids of the model before and of the new one.
        first: the parent's evaluations by name.

    Returns:
        The step, and whether the new model was adopted.
    """
    name = "hold-out" if len(held_ids) else "all"
    sequences = [each.name for each in held] or None
    proposing.run(tour.work, tour.project_path, model=child, sequences=sequences, decided=True)
    cancel_point(tour.work.stop)
    after = evaluate_layer(project, "proposal", reference_for(project, "truth"), held_ids if held else None)
    comparison = compare(first[name], after)
    verdict = Verdict.of(comparison)
    if verdict.adopt:
        adopt_model(project, child, "demo")
    else:
        proposing.run(tour.work, tour.project_path, model=parent, sequences=sequences, decided=True)
    rows = [["", parent, child]]
    rows += [
        [_TITLES[name], f"{pair.before:.3f}", f"{pair.after:.3f}"]
        for name, pair in comparison.figures.items()
    ]
    rows += [
        [f"{finger} px", f"{pair.before:.2f}", f"{pair.after:.2f}"]
        for finger, pair in comparison.per_finger.items()
    ]
    rows += _reviewed_rows(project, parent, child)
    step = Step(
        "Compare",
        f"{verdict.sentence()} {RULE} The figures are those of the whole hold-out against its truth; those "
        "marked reviewed are what the models panel shows, where nothing is known but the labels.",
        figures={
            "hands": str(comparison.hands),
            "better": str(len(comparison.better)),
            "worse": str(len(comparison.worse)),
        },
        table=rows,
        pictures=tour.photographs("compared"),
    )
    return step, verdict.adopt


def _reviewed_rows(project: Project, parent: str, child: str) -> list[list[str]]:
    """What both models keep of their error on the reviewed hands of the hold-out."""
    from handstudio.methods.judging import HOLD_OUT

    kept = [project.model(model).lineage.get(HOLD_OUT) for model in (parent, child)]
    figures = [each if isinstance(each, Mapping) else {} for each in kept]
    return [
        [f"{title}, reviewed", *(f"{each[name]:.3f}".removesuffix(".000") for each in figures)]
        for name, title in _TITLES.items()
        if all(name in each for each in figures)
    ]

"""Why a model cannot be adopted yet: a model is adopted only against a hold-out, and going back is free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from handstudio.methods.footage import learnt_by
from handstudio.project import Project
from handstudio.project.records import BY_PEOPLE, HandQuery, ModelRecord, SequenceRecord
from handstudio.review.hold_out import groups_of
from handstudio.review.judged import Judged, side_by_side

Next = Literal["judge", "review", "draw", "hold", "import"]


@dataclass(frozen=True)
class Obstacle:
    """What is missing before a model can be adopted.

    Attributes:
        reason: a sentence without its full stop. ``remedy``: what to do, likewise.
        step: the same for programs: judge the model on the hold-out, review hands of it, draw sequences into
            it, hold out the only one, or import further ones.
        sequences: the held-out ones that are to be reviewed.
    """

    reason: str
    remedy: str
    step: Next
    sequences: tuple[SequenceRecord, ...] = ()


def obstacle(
    project: Project,
    models: Sequence[ModelRecord],
    record: ModelRecord,
    judged: Mapping[str, Judged | None],
) -> Obstacle | None:
    """Why a model cannot be adopted now; any thread may ask.

    It can be where no model is adopted, where the adopted one comes from it (that is going back), and where
    both were judged on hands of one hold-out.

    Args:
        project: whose models.
        models: all of them.
        record: the model in question.
        judged: what is known of each by its id.
    """
    adopted = next((one for one in models if one.adopted), None)
    if adopted is None or record.id in _line_of(models, adopted):
        return None
    mine, others = judged.get(record.id), judged.get(adopted.id)
    if mine is not None and others is not None and _comparable(mine, others):
        return None
    return _missing(project, record, adopted, record if mine is None else adopted if others is None else None)


def _line_of(models: Sequence[ModelRecord], record: ModelRecord) -> set[str]:
    """Ids of a model and of those that it comes from."""
    known = {one.id: one for one in models}
    found: set[str] = set()
    now: ModelRecord | None = record
    while now is not None and now.id not in found:
        found.add(now.id)
        now = known.get(now.parent or "")
    return found


def _comparable(one: Judged, other: Judged) -> bool:
    """Whether both were judged on some of the same hands, as far as it is known."""
    if not len(one.hand_ids) or not len(other.hand_ids):
        return True
    return len(side_by_side(one, other).hand_ids) > 0


def _missing(
    project: Project, record: ModelRecord, adopted: ModelRecord, unjudged: ModelRecord | None
) -> Obstacle:
    seen = learnt_by(project, record) | learnt_by(project, adopted)
    held = [sequence for sequence in project.sequences() if sequence.hold_out]
    usable = tuple(sequence for sequence in held if sequence.name not in seen)
    if usable:
        if project.count_hands(HandQuery(tuple(one.id for one in usable), BY_PEOPLE)):
            both = f"“{record.name}” and “{adopted.name}” were"
            which = both if unjudged is None else f"“{unjudged.name}” was"
            return Obstacle(f"{which} not judged on this hold-out", "Judge first", "judge")
        names = ", ".join(one.name for one in usable[:2]) + (" and others" if len(usable) > 2 else "")
        return Obstacle(
            f"No hand of the hold-out is reviewed, so it cannot judge “{record.name}”",
            f"Review some hands of {names}",
            "review",
            usable,
        )
    groups = groups_of(project)
    fresh = [group for group in groups if not {one.name for one in group.sequences} & seen]
    if not held and fresh:
        many = len(groups) > 1
        return Obstacle(
            f"No sequence is hold-out, so nothing can judge “{record.name}”",
            "Hold some out by lot and review hands of them" if many else "Hold it out and review hands of it",
            "draw" if many else "hold",
        )
    why = "learnt from all that is held out" if held else "learnt from every sequence"
    if fresh:
        return Obstacle(
            f"“{record.name}” or its parents {why}, so it cannot be judged there",
            "Hold out another sequence and review hands of it",
            "draw",
        )
    return Obstacle(
        f"“{record.name}” or its parents {why}, so nothing is left to judge it",
        "Import another sequence, hold it out and review hands of it",
        "import",
    )

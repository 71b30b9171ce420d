"""Acceptance with a promise from the shell: draw a sample, accept or refuse, spot-check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.promise_records import Terms
from handstudio.project.records import HandQuery, Ids
from handstudio.review import batch
from handstudio.review.acceptance import Acceptance, pending_of
from handstudio.review.advice import refusal, warnings
from handstudio.review.expected_error import fit_project
from handstudio.review.judging_reviews import looked_at
from handstudio.review.survey import Survey, hands_words, sentence

from .workplace import open_project

if TYPE_CHECKING:
    from .command import Result, Work


@dataclass(frozen=True)
class PromiseWishes:
    """What ``handstudio review`` was asked for about promises; see its help."""

    draw_sample: int | None = None
    more: int | None = None
    promise: bool = False
    auto_accept: bool = False
    spot_check: int | None = None
    share: float | None = None
    worse_than: float | None = None
    confidence: float | None = None
    seed: int = 0
    who: str = "person"

    @property
    def asked(self) -> bool:
        """Whether anything of it was asked for."""
        numbers = (self.draw_sample, self.more, self.spot_check)
        return self.promise or self.auto_accept or any(number is not None for number in numbers)

    @property
    def terms(self) -> Terms:
        """What is to be promised."""
        given = {"share": self.share, "worse_than": self.worse_than, "confidence": self.confidence}
        return replace(Terms(), **{name: value for name, value in given.items() if value is not None})


def run(work: Work, project_path: Path, wishes: PromiseWishes) -> Result:
    """Does what ``handstudio review`` was asked for about promises.

    Raises:
        HandStudioError: the reason why nothing is accepted, and what to do about it.
    """
    steps: list[tuple[bool, Callable[[Project, PromiseWishes], Result]]] = [
        (wishes.draw_sample is not None or wishes.more is not None, _draw),
        (wishes.auto_accept, _accept),
        (wishes.spot_check is not None, _spot_check),
        (wishes.promise, _look),
    ]
    chosen = [step for wished, step in steps if wished]
    if len(chosen) > 1:
        raise HandStudioError(
            "Draw, accept and spot-check one after the other",
            remedy="Give one of --draw-sample, --auto-accept, --spot-check and --promise",
        )
    with open_project(project_path, writer="cli", to_read=wishes.promise) as project:
        answer = chosen[0](project, wishes)
        answer["states"] = {str(state): count for state, count in project.state_counts().items()}
    return answer


def pending_of_sample(project: Project) -> Ids:
    """(N,) ids of the latest sample's hands that nobody looked at, in the order in which they were drawn.

    Raises:
        HandStudioError: when no sample was drawn.
    """
    sample = project.latest_sample()
    if sample is None:
        raise HandStudioError("No sample was drawn", project.path, "See handstudio review P --draw-sample")
    return sample.hands[~looked_at(project.reviewed(sample.hands, sample.measure))]


def _draw(project: Project, wishes: PromiseWishes) -> Result:
    acceptance = Acceptance(project)
    if wishes.more is not None:
        sample = acceptance.draw_more(wishes.more, wishes.who)
    else:
        size = wishes.draw_sample or None
        sample = acceptance.draw(wishes.terms, size, wishes.seed, fit_project(project), wishes.who)
    pending = pending_of_sample(project)
    return {
        "done": [
            f"Drew {hands_words(len(sample.hands))} to be reviewed, to promise: {sample.terms.sentence()}"
        ],
        "sample": {
            "id": sample.id,
            "hands": sample.hands.tolist(),
            "pending": pending.tolist(),
            "seed": sample.seed,
            "round": sample.round,
            "model": sample.model_id,
        },
        "listed": _listed(project, pending),
    }


def _accept(project: Project, wishes: PromiseWishes) -> Result:
    found = _survey(project, wishes)
    if found.sample is not None and found.stage != "outdated" and not wishes.terms.follows_from(found.terms):
        raise HandStudioError(
            f"The sample was drawn to promise something else: {found.terms.sentence()}",
            project.path,
            "A promise is said before the sample is reviewed: ask for this one, or draw a new sample",
        )
    command = Acceptance(project).command(found)
    assert found.best is not None
    told = warnings(found, found.best, _sequence_names(project))
    change = project.history.apply(command, wishes.who)
    made = project.promises()[-1]
    return {
        "done": [f"Accepted automatically. {sentence(found.positions[found.best], made.terms)}"],
        "promise": {"id": made.id, **made.facts},
        "accepted": len(change.hands),
        "warnings": told,
    }


def _spot_check(project: Project, wishes: PromiseWishes) -> Result:
    acceptance = Acceptance(project)
    if wishes.spot_check:
        acceptance.draw_checks(wishes.spot_check)
    told = acceptance.withdraw_broken(wishes.who)
    standing = acceptance.standing()
    if not standing and not told:
        raise HandStudioError("No promise stands, so there is nothing to spot-check", project.path)
    return {
        "done": [*told, *(f"Promise {checks.promise.id}: {checks.words()}" for checks in standing)],
        "checks": [
            {
                "promise": checks.promise.id,
                "drawn": checks.drawn.tolist(),
                "pending": checks.pending.tolist(),
                "checked": checks.checked,
                "failed": checks.failed,
                "allowed": checks.allowed,
            }
            for checks in standing
        ],
        "listed": _listed(project, pending_of(standing)),
    }


def _look(project: Project, wishes: PromiseWishes) -> Result:
    found = _survey(project, wishes)
    why = refusal(found, _model_names(project))
    best = found.best
    return {
        "done": [],
        "stage": found.stage,
        "terms": vars(found.terms),
        "refused": None if why is None else vars(why),
        "best": best,
        "positions": [vars(position) for position in found.positions],
        "warnings": [] if best is None else warnings(found, best, _sequence_names(project)),
        "promises": [
            {"id": checks.promise.id, "accepted": len(checks.promise.hands), "checks": checks.words()}
            for checks in Acceptance(project).standing()
        ],
    }


def _survey(project: Project, wishes: PromiseWishes) -> Survey:
    return Acceptance(project).survey(fit_project(project), wishes.terms)


def _listed(project: Project, ids: Ids) -> list[dict[str, Any]]:
    query = HandQuery(only=tuple(ids.tolist()))
    rows = batch.list_queue(project, query, limit=len(ids))
    return [{**row.to_json(), "hand": row.hand_id} for row in rows]


def _sequence_names(project: Project) -> dict[int, str]:
    return {sequence.id: sequence.name for sequence in project.sequences()}


def _model_names(project: Project) -> dict[str, str]:
    return {model.id: model.name for model in project.models()}

"""Spot checks: hands drawn at random from those that a machine accepted, and what they say of its promise.

They count in the order in which they were drawn, up to the first that is not decided yet, so that nobody can
leave the hard ones for later. A check that was removed failed: the machine accepted what is no hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handstudio.project import Project
from handstudio.project.commands import Command
from handstudio.project.promise_commands import WithdrawPromise
from handstudio.project.promise_records import PromiseRecord
from handstudio.project.records import Ids
from handstudio.review.judging_reviews import judge
from handstudio.scoring.spot_check import evidence, failures_allowed


@dataclass(frozen=True, eq=False)
class SpotChecks:
    """How the checks of one promise stand.

    Attributes:
        drawn: (n,) ids in their order. ``pending``: of these, still to be checked.
        checked: that count. ``failed``: of these. ``allowed``: of these could fail.
        evidence: against the promise; it is withdrawn from 1 / risk on.
    """

    promise: PromiseRecord
    drawn: Ids
    pending: Ids
    checked: int
    failed: int
    allowed: int
    evidence: float

    @property
    def broken(self) -> bool:
        """Whether one too many failed."""
        return self.evidence >= 1.0 / self.promise.terms.risk

    def words(self) -> str:
        """For people."""
        if not len(self.drawn):
            return "not spot-checked yet"
        if not self.checked:
            return f"{len(self.drawn)} drawn to be spot-checked"
        return f"{self.failed} of {self.checked} spot checks failed, {self.allowed} may"


def drawing_order(promise: PromiseRecord) -> Ids:
    """(N,) the hands of a promise in the random order in which they are checked."""
    return np.random.default_rng(promise.id).permutation(np.sort(promise.hands))


def spot_checks(project: Project, promise: PromiseRecord) -> SpotChecks:
    """How the checks of a promise stand now."""
    drawn = drawing_order(promise)[: promise.checks] if promise.checks else promise.hands[:0]
    sample = project.sample(promise.sample_id)
    judged = judge(project.reviewed(drawn, sample.measure), promise.terms.worse_than, sample.last_proposal)
    first_open = int(np.argmin(judged.decided)) if not judged.decided.all() else len(drawn)
    failed = int(judged.wrong[:first_open].sum())
    accepted, terms = len(promise.hands), promise.terms
    return SpotChecks(
        promise,
        drawn,
        drawn[~judged.decided],
        first_open,
        failed,
        failures_allowed(accepted, terms.share, first_open, terms.risk),
        evidence(accepted, terms.share, first_open, failed),
    )


def withdrawal(checks: SpotChecks) -> Command:
    """The command that takes a promise back whose checks speak against it."""
    return WithdrawPromise(checks.promise.id, f"{checks.failed} of {checks.checked} spot checks failed")

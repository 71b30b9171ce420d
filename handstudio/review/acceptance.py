"""Acceptance by a machine, from drawing a sample to withdrawing a promise; window and shell use the same.

Whatever changes hands asks here whether a promise that stands is broken now: a session by
:meth:`Acceptance.changed`, a command of the shell by :meth:`Acceptance.withdraw_broken`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.packing import ids_to_text
from handstudio.project.promise_commands import WITHDRAW, AutoAccept
from handstudio.project.promise_records import Sample, Terms
from handstudio.project.records import Change, Ids
from handstudio.review.advice import refusal
from handstudio.review.expected_error import ExpectedError
from handstudio.review.spot_checks import SpotChecks, spot_checks, withdrawal
from handstudio.review.survey import Survey, suggested_size, survey

CHECKS_AT_ONCE: Final = 20

Withdraw = Callable[[SpotChecks, Callable[[], object]], object]
"""Takes a promise back, and calls what it is given once that is stored."""


class Acceptance:
    """What a reviewer (or a shell) can do about hands that nobody looked at.

    Args:
        project: an open project.
        tell: how to say what happened by itself.
    """

    def __init__(self, project: Project, tell: Callable[[str], object] = lambda _text: None) -> None:
        self._project = project
        self._tell = tell
        self._lock = threading.Lock()
        self._watched: frozenset[int] | None = None

    # Looking

    def survey(self, expected: ExpectedError, terms: Terms | None = None) -> Survey:
        """What could be accepted now."""
        return survey(self._project, expected, terms)

    def standing(self) -> list[SpotChecks]:
        """The promises that stand, with their checks."""
        made = [promise for promise in self._project.promises() if promise.state == "standing"]
        return [spot_checks(self._project, promise) for promise in made]

    # Sampling

    def draw(self, terms: Terms, size: int | None, seed: int, expected: ExpectedError, who: str) -> Sample:
        """Draw a random sample of the undecided proposals of one model, to be reviewed.

        Raises:
            HandStudioError: when nothing is proposed.
        """
        pool = self._project.pool(expected.measure)
        if pool is None or not len(pool.ids):
            raise HandStudioError("No undecided hand has a proposal", self._project.path, "Propose first")
        wanted = suggested_size(len(pool.ids), terms) if size is None else size
        return self._project.add_sample(pool, min(wanted, len(pool.ids)), seed, terms, who)

    def draw_more(self, more: int, who: str) -> Sample:
        """Draw further hands of the same pool into the sample.

        Raises:
            HandStudioError: when there is no sample.
        """
        sample = self._project.latest_sample()
        if sample is None:
            raise HandStudioError("No sample was drawn", self._project.path, "Draw one first")
        return self._project.extend_sample(sample, len(sample.hands) + more, who)

    # Accepting

    def command(self, found: Survey, place: int | None = None) -> AutoAccept:
        """The command that accepts what a position of the slider reaches, with its promise.

        Args:
            found: a survey of now.
            place: the position; the largest at which the promise holds by default.

        Raises:
            HandStudioError: with the reason why not.
        """
        why = refusal(found)
        if why is not None:
            raise HandStudioError(why.reason, self._project.path, why.remedy)
        chosen = found.best if place is None else place
        assert chosen is not None
        assert found.sample is not None
        if not found.positions[chosen].holds:
            raise HandStudioError(
                "The promise does not hold for as many hands as that",
                self._project.path,
                f"It holds up to an expected error of {found.positions[found.best or 0].expected_px:.1f} px",
            )
        return AutoAccept(found.sample.id, facts_of(found, chosen), ids_to_text(found.ids(chosen)))

    # Checking

    def draw_checks(self, number: int = CHECKS_AT_ONCE) -> Ids:
        """Let so many hands of standing promises be drawn to be checked; returns those still to be checked,
        promise by promise, each in the order of its draw.

        What was drawn and is not checked yet counts; what is missing is drawn of the promise of which least
        was drawn so far. Which promise a check speaks for follows from its hand. Some of what is drawn may
        have been decided before, and say at once that a promise is broken: ask for that afterwards.

        Raises:
            HandStudioError: when nothing was accepted by a machine.
        """
        standing = self.standing()
        if not standing:
            raise HandStudioError(
                "No promise stands, so there is nothing to spot-check", self._project.path, "Accept first"
            )
        missing = number - len(pending_of(standing))
        if missing > 0:
            for promise_id, checks in _shared_out(standing, missing).items():
                self._project.draw_checks(promise_id, checks)
            standing = self.standing()
        self.forget()
        return pending_of(standing)

    def broken(self) -> list[SpotChecks]:
        """The standing promises of which too many checks failed."""
        return [checks for checks in self.standing() if checks.broken]

    def withdraw_broken(self, who: str) -> list[str]:
        """Take promises back of which one spot check too many failed, here and now; what was done, in words.

        Raises:
            HandStudioError: when that cannot be stored.
        """
        told, history = [], self._project.history
        while broken := self.broken():
            if history.redo_title == WITHDRAW:  # done again with the step that broke it
                history.redo(who)
            else:
                history.apply(withdrawal(broken[0]), who)
            told.append(withdrawn_words(broken[0]))
        return told

    def changed(self, change: Change, withdraw: Withdraw) -> None:
        """Withdraw promises when a change of hands, of whatever kind, was one failed check too many.

        Args:
            change: what was changed; where no hand is drawn to be checked it costs nothing here. One of many
                hands may have made a promise or withdrawn one.
            withdraw: how.
        """
        if change.everything or len(change.hands) > 1:
            self.forget()
        watched = self._watch()
        if change.hands & watched or (change.everything and watched):
            self.ask(withdraw)

    def ask(self, withdraw: Withdraw) -> None:
        """Withdraw promises that are broken, whatever was changed, one after the other."""
        self.forget()
        broken = self.broken()
        if not broken:
            return
        checks = broken[0]

        def withdrawn() -> None:
            self._tell(withdrawn_words(checks))
            self.ask(withdraw)

        withdraw(checks, withdrawn)

    def forget(self) -> None:
        """Ask anew which hands are drawn to be checked."""
        with self._lock:
            self._watched = None

    def _watch(self) -> frozenset[int]:
        with self._lock:
            watched = self._watched
        if watched is None:
            standing = self.standing()
            watched = frozenset(number for checks in standing for number in checks.drawn.tolist())
            with self._lock:
                self._watched = watched
        return watched


def pending_of(standing: Sequence[SpotChecks]) -> Ids:
    """(N,) ids of all hands that were drawn to be checked and are not yet, each once, promise by promise."""
    parts = [checks.pending for checks in standing]
    together = np.concatenate([np.empty(0, np.int64), *parts])
    _, first = np.unique(together, return_index=True)
    return together[np.sort(first)]


def _shared_out(standing: Sequence[SpotChecks], more: int) -> dict[int, int]:
    """How many checks are drawn in all of each promise of which some are, once ``more`` are.

    The next one is always of the promise of which least was drawn, the latest where several are equal.
    """
    before = {checks.promise.id: checks.promise.checks for checks in standing}
    drawn = dict(before)
    hands = {checks.promise.id: len(checks.promise.hands) for checks in standing}
    for _ in range(more):
        left = [number for number in drawn if drawn[number] < hands[number]]
        if not left:
            break
        drawn[min(left, key=lambda number: (drawn[number], -number))] += 1
    return {number: checks for number, checks in drawn.items() if checks > before[number]}


def facts_of(found: Survey, place: int) -> dict[str, Any]:
    """What is written down with a promise, as plain values."""
    position, terms, sample = found.positions[place], found.terms, found.sample
    return {
        "share": terms.share,
        "worse_than": terms.worse_than,
        "confidence": terms.confidence,
        "measure": found.measure,
        "threshold": position.threshold,
        "expected_px": position.expected_px,
        "error_px": position.error_px,
        "count": position.count,
        "reviewed": position.reviewed,
        "wrong": position.wrong,
        "p": position.p,
        "level": found.level,
        "model": found.model_id,
        "sample": None if sample is None else sample.id,
        "seed": None if sample is None else sample.seed,
        "round": None if sample is None else sample.round,
    }


def withdrawn_words(checks: SpotChecks) -> str:
    """What a reviewer is told when a promise is withdrawn."""
    return (
        f"Promise {checks.promise.id} is withdrawn: {checks.failed} of {checks.checked} spot checks failed, "
        f"where at most {checks.promise.terms.share:.0%} of the hands may be worse than "
        f"{checks.promise.terms.worse_than:g} px. Its hands are proposed again; undo brings them back"
    )

"""Whether promises are kept: simulated projects with known errors, reviewed by lot, accepted by the machine.

    python -m tests.benchmarks.promise [--projects N] [--share X] [--confidence C]

Each project has hands with an error and a doubt; a sample is drawn and reviewed, and as many hands are
accepted as the promise reaches, by the very code of the window. It is broken when more than the promised
share of them is worse than promised. Projects differ in the shape of errors, in what the doubt is worth
(good, noisy, none, the wrong way round), in size, in the sample, and in which hands people decided before.
Prints one JSON object per line; what is ``broken`` is a share of all projects, and may be 1 - C at most.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from handstudio.project.promise_records import Reviewed, Sample, StillOpen, Terms, thresholds_of
from handstudio.project.records import State
from handstudio.review.expected_error import ExpectedError
from handstudio.review.survey import survey_of
from handstudio.scoring.spot_check import evidence

SHAPES = ("lognormal", "gone astray", "heavy tail")
DOUBTS = ("good", "noisy", "none", "reversed")
SAMPLES = (70, 150, 400)
SIZES = (600, 5000)
JOINTS = 3
"""Fewer than a hand's, all off by the same: only their mean counts."""


def say(name: str, value: float, unit: str, **context: Any) -> None:
    """One figure as a line of JSON."""
    print(json.dumps({"name": name, "value": round(value, 4), "unit": unit, "context": context}), flush=True)


def errors_of(rng: np.random.Generator, shape: str, hands: int, share: float) -> Any:
    """(N,) px, scaled so that about 0.6 to 3 times the promised share of all hands is worse than 1."""
    if shape == "lognormal":
        drawn = np.exp(rng.normal(0.0, 0.6, hands))
    elif shape == "gone astray":
        drawn = np.where(
            rng.random(hands) < 1.5 * share, rng.uniform(1.0, 9.0, hands), 0.2 * rng.random(hands)
        )
    else:
        drawn = rng.pareto(2.0, hands)
    wanted = share * np.exp(rng.uniform(np.log(0.6), np.log(3.0)))
    return drawn / max(float(np.quantile(drawn, 1.0 - wanted)), 1e-6)


def doubt_of(rng: np.random.Generator, kind: str, errors: Any) -> Any:
    """(N,) px."""
    if kind == "none":
        return rng.exponential(1.0, len(errors)) + 1e-3
    blur = np.exp(rng.normal(0.0, 0.3 if kind == "good" else 1.0, len(errors)))
    doubt = (0.3 + errors) * blur
    return 1.0 / doubt if kind == "reversed" else doubt


class Simulated:
    """One project: drawn, reviewed, surveyed."""

    def __init__(
        self,
        rng: np.random.Generator,
        shape: str,
        kind: str,
        size: int,
        sample: int,
        terms: Terms,
        taken: str,
    ) -> None:
        self.errors = errors_of(rng, shape, size, terms.share)
        self.doubt = doubt_of(rng, kind, self.errors)
        order = np.argsort(self.doubt)
        thresholds = thresholds_of(self.doubt)
        drawn = rng.permutation(size)[:sample]
        self.sample = Sample(
            *(1, 0.0, "", None, 1, 0, "doubt", terms, 1, drawn, np.ones(size, np.bool_), thresholds),
            np.searchsorted(self.doubt[order], thresholds, side="right"),
        )
        left = np.ones(size, np.bool_)
        left[drawn] = False
        if (
            taken != "nothing"
        ):  # by people, who decide a fifth of the hands before: the most or least doubtful
            others = order[left[order]]
            fifth = len(others) // 5
            left[others[-fifth:] if taken == "most doubtful" else others[:fifth]] = False
        self.open = self._open(thresholds, left)
        self.reviewed = self._reviewed(drawn, terms.worse_than)

    def _open(self, thresholds: Any, left: Any) -> StillOpen:
        place = np.searchsorted(thresholds, self.doubt)
        ids = tuple(np.flatnonzero(left & (place == at)) for at in range(len(thresholds)))
        return StillOpen(ids, tuple(np.zeros_like(part) for part in ids), 0, 0)

    def _reviewed(self, drawn: Any, worse_than: float) -> Reviewed:
        """Somebody who sees every error that counts, and fixes it."""
        errors = self.errors[drawn]
        states = tuple(State.FIXED if error > worse_than else State.ACCEPTED for error in errors)
        shift = np.repeat(np.where(errors > worse_than, errors, 0.0)[:, None], JOINTS, axis=1)
        doubt = np.repeat(self.doubt[drawn][:, None], JOINTS, axis=1)
        ones, none = np.ones(len(drawn), np.int64), np.zeros(len(drawn), np.bool_)
        return Reviewed(drawn, states, none, self.doubt[drawn], ones, 64.0 * ones, ones, shift, doubt)

    def accepted(self) -> Any:
        """Errors of the hands that are accepted; none where the promise is refused."""
        found = survey_of(self.sample, self.reviewed, self.open, ExpectedError())
        return self.errors[[]] if found.best is None else self.errors[found.ids(found.best)]


def cells() -> Iterator[tuple[str, str, int, int, str]]:
    """All kinds of projects."""
    for shape, kind, size, sample in product(SHAPES, DOUBTS, SIZES, SAMPLES):
        yield shape, kind, size, sample, "nothing"
    for shape, kind in product(SHAPES, DOUBTS):
        yield shape, kind, SIZES[-1], SAMPLES[1], "most doubtful"
        yield shape, kind, SIZES[-1], SAMPLES[1], "least doubtful"


def promises(projects: int, terms: Terms) -> None:
    """Accept, and compare with the truth."""
    worst, broken_all, made_all, count, started = 0.0, 0, 0, 0, time.perf_counter()
    for number, cell in enumerate(cells()):
        rng = np.random.default_rng(number)
        broken = made = 0
        reach, over = [], []
        for _ in range(projects):
            accepted = Simulated(rng, *cell[:4], terms, cell[4]).accepted()
            wrong = float((accepted > terms.worse_than).mean()) if len(accepted) else 0.0
            made += len(accepted) > 0
            broken += wrong > terms.share + 1e-12
            reach.append(len(accepted) / cell[2])
            over.append(wrong)
        shape, kind, size, sample, taken = cell
        say(
            "promises broken",
            broken / projects,
            "share of projects",
            allowed=round(terms.risk, 4),
            errors=shape,
            doubt=kind,
            hands=size,
            sample=sample,
            decided_before=taken,
            given=made / projects,
            accepted=round(float(np.mean(reach)), 3),
            wrong=round(float(np.mean(over)), 4),
            projects=projects,
        )
        worst = max(worst, broken / projects)
        broken_all, made_all, count = broken_all + broken, made_all + made, count + projects
    say(
        "promises broken, all",
        broken_all / count,
        "share of projects",
        allowed=round(terms.risk, 4),
        worst_kind=worst,
        projects=count,
        given=made_all / count,
        of_given=round(broken_all / max(made_all, 1), 4),
        share=terms.share,
        seconds=round(time.perf_counter() - started, 1),
    )


def spot_checks(projects: int, terms: Terms) -> None:
    """How often a promise that just holds is withdrawn, looking after each check; and one that does not."""
    rng = np.random.default_rng(0)
    for times, size in product((1.0, 1.5, 2.0, 4.0), (300, 5000)):
        bad = int(times * terms.share * size)
        withdrawn, taken = 0, []
        for _ in range(projects):
            wrong = rng.permutation(size)[:200] < bad
            failed = np.cumsum(wrong)
            looks = np.flatnonzero(wrong) + 1
            hit = next(
                (
                    int(look)
                    for look in looks
                    if evidence(size, terms.share, int(look), int(failed[look - 1])) >= 1.0 / terms.risk
                ),
                None,
            )
            withdrawn += hit is not None
            taken += [hit] if hit is not None else []
        say(
            "promises withdrawn by 200 spot checks",
            withdrawn / projects,
            "share of projects",
            wrong_over_promised=times,
            accepted=size,
            allowed=round(terms.risk, 4) if times <= 1.0 else None,
            checks=float(np.median(taken)) if taken else None,
            projects=projects,
        )


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=100, help="of each of 96 kinds")
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--confidence", type=float, default=0.95)
    chosen = parser.parse_args()
    terms = Terms(chosen.share, 1.0, chosen.confidence)
    promises(chosen.projects, terms)
    spot_checks(chosen.projects, terms)


if __name__ == "__main__":
    main()

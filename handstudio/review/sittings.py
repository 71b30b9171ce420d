"""Sittings of reviewers: what was decided in each, and how long it took, from the project's audit trail."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from handstudio.project.annotate_commands import BLIND
from handstudio.project.records import HistoryEntry

BREAK_S: Final = 900.0
"""After so long without a decision the next one begins another sitting."""
KINDS: Final = ("Accept", "Fix", "Reject", "Skip", "Verify", "Send back")
"""What is counted, by the titles of its commands: decisions, then looks at those of others."""
_BULK: Final = re.compile(r"(.+) [\d\u202f]+ hands?")
"""The title of a command about the hands of a filter, or about several that were named."""
_SAME: Final = {"Take the correction of": "Accept"}


@dataclass(frozen=True)
class Sitting:
    """One person's work without a long break.

    Attributes:
        who: the reviewer.
        began, ended: of the first and of the last decision, seconds since 1970.
        counts: hands by their last decision (:data:`KINDS`), what was undone left out. ``in_bulk``: likewise
            of those whose last decision was one about many: nobody looked at each of them, so they are no
            part of ``counts`` nor of the times.
        seconds_per_hand: mean time that was spent on a decided hand, all its drags together: of a decision,
            since a hand is one; ``None`` where none was measured.
        seconds_per_fixed: the same of hands that were fixed.
    """

    who: str
    began: float
    ended: float
    counts: Mapping[str, int]
    in_bulk: Mapping[str, int]
    seconds_per_hand: float | None
    seconds_per_fixed: float | None

    @property
    def hands(self) -> int:
        """Hands that were decided one by one."""
        return sum(self.counts.values())

    @property
    def hands_in_bulk(self) -> int:
        """Hands that were decided many at once."""
        return sum(self.in_bulk.values())


def sittings(entries: Iterable[HistoryEntry]) -> list[Sitting]:
    """The sittings that an audit trail holds, the latest first.

    Args:
        entries: in any order; each person's are taken by themselves.
    """
    by_person: dict[str, list[HistoryEntry]] = defaultdict(list)
    for entry in entries:
        if _kind(entry)[0] in KINDS:
            by_person[entry.who].append(entry)
    found = []
    for theirs in by_person.values():
        theirs.sort(key=lambda entry: entry.id)
        start = 0
        for place in range(1, len(theirs) + 1):
            if place == len(theirs) or theirs[place].at - theirs[place - 1].at > BREAK_S:
                found.append(_sitting(theirs[start:place]))
                start = place
    return sorted(found, key=lambda sitting: sitting.began, reverse=True)


def _sitting(entries: list[HistoryEntry]) -> Sitting:
    standing: dict[int, HistoryEntry] = {}
    spent: dict[int, float] = defaultdict(float)
    for entry in entries:
        if entry.action == "undo":
            standing.pop(entry.command_id, None)
        else:
            standing[entry.command_id] = entry
        if entry.seconds is not None and len(entry.hands) == 1:
            spent[entry.hands[0]] += entry.seconds
    last: dict[int, str] = {}
    bulk: dict[int, str] = {}
    for _, entry in sorted(standing.items()):
        kind, many = _kind(entry)
        mine, others = (bulk, last) if many else (last, bulk)
        for hand in entry.hands:
            mine[hand] = kind
            others.pop(hand, None)
    counts, in_bulk = Counter(last.values()), Counter(bulk.values())
    return Sitting(
        who=entries[0].who,
        began=entries[0].at,
        ended=entries[-1].at,
        counts={kind: counts[kind] for kind in KINDS},
        in_bulk={kind: in_bulk[kind] for kind in KINDS},
        seconds_per_hand=_mean(spent[hand] for hand in last if hand in spent),
        seconds_per_fixed=_mean(
            spent[hand] for hand, kind in last.items() if kind == "Fix" and hand in spent
        ),
    )


def _kind(entry: HistoryEntry) -> tuple[str, bool]:
    """What was decided, and whether about many at once; what is said in a blind pass is as much work."""
    title = entry.title.removesuffix(BLIND)
    many = _BULK.fullmatch(title)
    verb = title if many is None else many[1]
    return _SAME.get(verb, verb), many is not None or len(entry.hands) > 1


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None

"""A hold-out drawn by lot: whole sequences, fairly over people and sides, until it is large enough.

What somebody chose by hand stays as it is. Views of one recording show the same moments, so they are held
out together. Sequences that no model has learnt from come first: the others cannot judge it, nor what comes
from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.methods.footage import learnt_by
from handstudio.project import Project
from handstudio.project.commands import Bulk, SetHoldOut
from handstudio.project.records import SequenceRecord

SHARE: Final = 0.2
"""Of the hands that are held out, by default."""
LEAST: Final = 2
"""Sequences (or recordings) at least, where there are more."""
Kind = tuple[str, str]
"""Person and side: of which hands are held out in turn."""
_ONE_SIDED: Final = 0.8
_TOO_LARGE: Final = 0.5


@dataclass(frozen=True)
class Group:
    """What is held out together: a sequence, or all views of a recording.

    Attributes:
        sequences: their records.
        hands: how many; frames where nothing has hands yet.
        subject: whose hands, where that is known. side: ``left``, ``right`` or ``both``.
        held: whether it is held out already.
        fixed: whether somebody said so by hand, or the contrary.
        learnt_by: names of the models that learnt from it.
    """

    sequences: tuple[SequenceRecord, ...]
    hands: int
    subject: str | None
    side: str
    held: bool
    fixed: bool
    learnt_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the sequence, or of the recording with its views."""
        first = self.sequences[0]
        return first.name if len(self.sequences) == 1 else f"{first.recording} ({len(self.sequences)} views)"

    @property
    def key(self) -> int:
        """Id of its first sequence."""
        return self.sequences[0].id

    def learners(self, most: int = 2) -> str:
        """The first ``most`` models that learnt from it, by name, and how many more there are."""
        more = len(self.learnt_by) - most
        return ", ".join(self.learnt_by[:most]) + (f" and {more} more" if more > 0 else "")

    @property
    def stratum(self) -> Kind:
        """Which groups are alike."""
        return self.subject or "", self.side


@dataclass(frozen=True)
class Plan:
    """What a draw would hold out.

    Attributes:
        groups: all there are. drawn: those that would be held out too.
        warnings: sentences for people.
    """

    groups: tuple[Group, ...]
    drawn: tuple[Group, ...]
    warnings: tuple[str, ...]

    @property
    def share_before(self) -> float:
        """Share of the hands that are held out now."""
        return self._share([group for group in self.groups if group.held])

    @property
    def share_after(self) -> float:
        """Share of the hands that would be held out."""
        drawn = self.drawn_keys
        return self._share([group for group in self.groups if group.held or group.key in drawn])

    @property
    def drawn_keys(self) -> frozenset[int]:
        """The keys of the groups that would be held out too."""
        return frozenset(group.key for group in self.drawn)

    @property
    def sequences(self) -> int:
        """How many sequences would be held out that are not yet."""
        return sum(len(group.sequences) for group in self.drawn)

    def command(self) -> Bulk:
        """Hold them out, as one step of undo."""
        ids = [record.id for group in self.drawn for record in group.sequences]
        count = "1 sequence" if len(ids) == 1 else f"{len(ids)} sequences"
        return Bulk(tuple(SetHoldOut(number, True) for number in ids), f"Hold {count} out by lot")

    def _share(self, some: Sequence[Group]) -> float:
        return sum(group.hands for group in some) / max(sum(group.hands for group in self.groups), 1)


def groups_of(project: Project) -> tuple[Group, ...]:
    """What can be held out, in the order in which it came; any thread may ask."""
    together: dict[tuple[str, object], list[SequenceRecord]] = {}
    for record in project.sequences():
        key = ("recording", record.recording) if record.recording else ("sequence", record.id)
        together.setdefault(key, []).append(record)
    hands, by_hand = project.hands_by_side(), project.chosen_by_hand()
    learnt: dict[str, list[str]] = {}
    for model in project.models():
        for name in learnt_by(project, model):
            learnt.setdefault(name, []).append(model.name)
    found = []
    for records in together.values():
        left = sum(hands.get(record.id, {}).get("left", 0) for record in records)
        total = left + sum(hands.get(record.id, {}).get("right", 0) for record in records)
        share = left / total if total else 0.5
        side = "left" if share >= _ONE_SIDED else "right" if share <= 1.0 - _ONE_SIDED else "both"
        models = dict.fromkeys(name for record in records for name in learnt.get(record.name, ()))
        found.append(
            Group(
                tuple(records),
                total if hands else sum(record.frame_count for record in records),
                next((record.subject for record in records if record.subject), None),
                side,
                any(record.hold_out for record in records),
                any(record.id in by_hand for record in records),
                tuple(models),
            )
        )
    return tuple(found)


def plan(groups: Sequence[Group], share: float = SHARE, seed: int = 0) -> Plan:
    """Draw groups until a share of the hands, and two of them at least, are held out.

    At least one group stays to learn from, and no draw goes beyond half of the hands as long as a smaller
    group is there.

    Args:
        groups: see :func:`groups_of`.
        share: of all hands that is to be held out, 0 to 1.
        seed: the same seed, the same lot.

    Raises:
        HandStudioError: when there is nothing that could be held out whole.
    """
    if len(groups) < 2:
        raise HandStudioError(
            "There is only one sequence, so nothing could be held out whole"
            if groups
            else "There is no sequence yet",
            remedy=f"Import {'another one' if groups else 'some'}: a hold-out must be footage that no "
            "training sees",
        )
    total = max(sum(group.hands for group in groups), 1)
    pile = _Pile(groups, seed, total)
    drawn: list[Group] = []
    while pile.held_hands < share * total or pile.held < min(LEAST, len(groups) - 1):
        chosen = pile.next()
        if chosen is None:
            break
        drawn.append(groups[chosen])
    found = Plan(tuple(groups), tuple(drawn), ())
    return Plan(found.groups, found.drawn, tuple(_warnings(found, share)))


class _Pile:
    """What is held out, and which group comes next; groups by their place."""

    def __init__(self, groups: Sequence[Group], seed: int, total: int) -> None:
        self._total = total
        self._rank = np.random.default_rng(seed).permutation(len(groups))
        self._hands = np.array([group.hands for group in groups], np.int64)
        self._learnt = np.array([bool(group.learnt_by) for group in groups])
        kinds = {group.stratum: None for group in groups}
        places = {kind: place for place, kind in enumerate(kinds)}
        self._kind = np.array([places[group.stratum] for group in groups], np.int64)
        self._open = np.array([not (group.held or group.fixed) and group.hands > 0 for group in groups])
        held = np.array([group.held for group in groups])
        self.held, self.held_hands = int(held.sum()), int(self._hands[held].sum())
        self._held_of, self._left_of = (
            np.bincount(self._kind[which], self._hands[which], len(kinds)) for which in (held, ~held)
        )
        self._left = np.bincount(self._kind[~held], minlength=len(kinds))

    def next(self) -> int | None:
        """Hold one more out: not too large, not learnt from, not the last of its kind, of the kind of which
        least is held out, by lot; ``None`` where there is none, or nothing would be left to learn from."""
        if not self._open.any() or len(self._rank) - self.held < 2:
            return None
        share = self._held_of / np.maximum(self._held_of + self._left_of, 1)
        best = np.flatnonzero(self._open)
        for order in (
            self.held_hands + self._hands > _TOO_LARGE * self._total,
            self._learnt,
            (self._left < 2)[self._kind],
            share[self._kind],
            self._rank,
        ):
            best = best[order[best] == order[best].min()]
        chosen = int(best[0])
        self._take(chosen)
        return chosen

    def _take(self, place: int) -> None:
        kind, hands = self._kind[place], self._hands[place]
        self.held, self.held_hands = self.held + 1, self.held_hands + int(hands)
        self._held_of[kind] += hands
        self._left_of[kind] -= hands
        self._left[kind] -= 1
        self._open[place] = False


def _warnings(found: Plan, share: float) -> list[str]:
    said = []
    for group in found.drawn:
        if group.learnt_by:
            which = "that model" if len(group.learnt_by) == 1 else "these models"
            said.append(
                f"{group.name} was learnt from by {group.learners()}: it cannot judge {which}, nor any that "
                "comes from there"
            )
    if found.share_after < share - 1e-9:
        by_hand = any(group.fixed for group in found.groups)
        why = "the others were chosen by hand, or have" if by_hand else "the rest has"
        share_after = f"{100 * found.share_after:.0f} %"
        said.insert(0, f"Only {share_after} can be held out: {why} to stay to learn from")
    return said

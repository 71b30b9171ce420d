"""The two parts of a domain: hands to learn from, and hands to measure on, of other people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.experiments.config import Domain
from handstudio.project import Project
from handstudio.project.records import HandQuery, Ids


@dataclass(frozen=True, eq=False)
class Parts:
    """Ids of the hands of both parts, in order; no group is in both."""

    learn: Ids
    measured: Ids

    def chosen(self, which: str, share: float, seed: int) -> Ids:
        """The hands that a row learns from.

        Args:
            which: ``learn``, ``measured`` or ``both``.
            share: of them, drawn by ``seed``; a smaller share is part of a larger one.
        """
        hands = {
            "learn": self.learn,
            "measured": self.measured,
            "both": np.sort(np.concatenate((self.learn, self.measured))),
        }[which]
        order = np.random.default_rng((seed, 1)).permutation(len(hands))
        return np.sort(hands[order[: max(round(share * len(hands)), 1)]])


def cut(project: Project, domain: Domain, seed: int, place: Path) -> Parts:
    """Cuts the hands of a project by groups.

    Args:
        project: with the domain's footage.
        domain: how groups are told, and their share to learn from.
        seed: of the draw of the groups.
        place: of the configuration, for the error.

    Raises:
        HandStudioError: when there are fewer than two groups, or a hand belongs to none.
    """
    group_of = _by_name(project, domain) if domain.group == "name" else _by_subject(project)
    lost = sum(group is None for group in group_of.values())
    if lost:
        raise HandStudioError(f"{lost} hands belong to no group", place, "Check group and pattern")
    groups = sorted({str(group) for group in group_of.values()}, key=lambda group: (len(group), group))
    if len(groups) < 2:
        raise HandStudioError("The footage cannot be cut: all of it is of one group", place)
    order = np.random.default_rng(seed).permutation(len(groups))
    count = min(max(round(domain.learn_share * len(groups)), 1), len(groups) - 1)
    learn = {groups[index] for index in order[:count]}
    ids = np.array(sorted(group_of), dtype=np.int64)
    learnt = np.array([str(group_of[int(number)]) in learn for number in ids])
    return Parts(ids[learnt], ids[~learnt])


def _by_name(project: Project, domain: Domain) -> dict[int, str | None]:
    number = re.compile(domain.pattern)
    found: dict[int, str | None] = {}
    for record in project.sequences():
        names = [frame.name for frame in project.frames(record.id)]
        for hand in project.hands(HandQuery((record.id,))):
            match = number.search(names[hand.frame_index])
            group = None if match is None else str((int(match[1]) - 1) // domain.per_group)
            found[hand.id] = group
    return found


def _by_subject(project: Project) -> dict[int, str | None]:
    subjects = {record.id: record.subject for record in project.sequences()}
    return {hand.id: subjects[hand.sequence_id] for hand in project.hands(HandQuery())}

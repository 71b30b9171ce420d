"""How many hands are in each state, and verified, counted again only where something changed."""

from __future__ import annotations

import threading

from handstudio.project import Project
from handstudio.project.records import Change, State


class Tally:
    """Counts by sequence, for figures that are shown after every decision; any thread may ask.

    Args:
        project: an open project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._counts: dict[int, tuple[dict[State, int], int]] | None = None
        self._to_count: dict[int, int] = {}
        """Sequences of which something changed, and the change as of which, so that none is lost."""
        self._changes = 0
        self._age = 0

    def counts(self, sequence_id: int | None = None) -> dict[State, int]:
        """The hands of a sequence (or of all) in each state."""
        fresh = self._counted()
        if sequence_id is not None:
            known = fresh.get(sequence_id)
            return dict(self._project.state_counts(sequence_id) if known is None else known[0])
        return {state: sum(counts[state] for counts, _ in fresh.values()) for state in State}

    def verified(self, sequence_id: int | None = None) -> int:
        """The hands of a sequence (or of all) that a second reviewer verified."""
        fresh = self._counted()
        if sequence_id is not None:
            return fresh[sequence_id][1] if sequence_id in fresh else 0
        return sum(verified for _, verified in fresh.values())

    def forget(self, change: Change) -> None:
        """Count again what a change concerns."""
        with self._lock:
            if change.everything:
                self._counts = None
                self._age += 1
            self._changes += 1
            self._to_count |= dict.fromkeys(change.sequences, self._changes)

    def _counted(self) -> dict[int, tuple[dict[State, int], int]]:
        """Count without the lock; what was forgotten meanwhile is counted the next time."""
        with self._lock:
            counted, to_count, age = self._counts, dict(self._to_count), self._age
        if counted is None:
            verified = self._project.verified_counts()
            states = self._project.state_counts_by_sequence()
            fresh = {number: (counts, verified.get(number, 0)) for number, counts in states.items()}
        else:
            fresh = counted | {
                old: (self._project.state_counts(old), self._project.verified_count(old)) for old in to_count
            }
        with self._lock:
            if self._counts is counted and self._age == age:
                self._counts = fresh
                for number, change in to_count.items():
                    if self._to_count.get(number) == change:
                        del self._to_count[number]
        return fresh

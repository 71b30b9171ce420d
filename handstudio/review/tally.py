"""How many hands are in each state, counted again only where something changed."""

from __future__ import annotations

from handstudio.project import Project
from handstudio.project.records import Change, State


class Tally:
    """Counts by sequence, for figures that are shown after every decision.

    Args:
        project: an open project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._counts: dict[int, dict[State, int]] = {}
        self._to_count: set[int] = set()

    def counts(self, sequence_id: int | None = None) -> dict[State, int]:
        """The hands of a sequence (or of all) in each state."""
        if not self._counts:
            self._counts = self._project.state_counts_by_sequence()
        for old in self._to_count:
            self._counts[old] = self._project.state_counts(old)
        self._to_count.clear()
        if sequence_id is not None:
            return dict(self._counts.get(sequence_id) or self._project.state_counts(sequence_id))
        return {state: sum(counts[state] for counts in self._counts.values()) for state in State}

    def forget(self, change: Change) -> None:
        """Count again what a change concerns."""
        if change.everything:
            self._counts.clear()
        self._to_count |= change.sequences

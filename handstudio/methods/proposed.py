"""What a run of proposing did."""

from __future__ import annotations

from dataclasses import dataclass, field

from handstudio.methods.keeping import Kept


@dataclass
class ProposeResult:
    """What a run of proposing did.

    Attributes:
        hands: how many got a proposal.
        skipped: hands passed over because they are decided.
        together: how many of them from several calibrated views at once.
        problems: per frame that could not be read, why.
        seconds: time needed, without loading the model.
        finished: ``False`` when it was cancelled; what was stored stays.
    """

    hands: int = 0
    skipped: int = 0
    together: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = True

    def count(self, kept: Kept) -> None:
        """Count hands that were stored, and those that were passed over."""
        self.hands += kept.hands
        self.skipped += kept.skipped

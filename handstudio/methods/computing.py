"""What computes, in words: told by those who have torch to those who do not (the window)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Computing:
    """Device and way of a model that is loaded.

    Attributes:
        kind: ``cpu``, ``cuda`` or ``mps``.
        device: its maker's name for it.
        cores: of a CPU that may be used.
        way: precision and what runs the network.
        rates: crops a second of the bare network by way, where ways were measured.
        note: why another way was not taken.
    """

    kind: str
    device: str
    cores: int | None
    way: str
    rates: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def label(self) -> str:
        """In a few words: ``CPU · 2 cores · fp32, channels last``."""
        if self.cores is None:
            return f"{'GPU' if self.kind == 'cuda' else self.kind.upper()} · {self.way}"
        return f"CPU · {self.cores} {'core' if self.cores == 1 else 'cores'} · {self.way}"

    @property
    def details(self) -> str:
        """Lines for who wants to know more."""
        lines = [f"Proposals are computed on {self.device}", self.way]
        if self.rates:
            lines.append("Measured on this machine, crops a second of the bare network:")
            ordered = sorted(self.rates.items(), key=lambda one: -one[1])
            lines += [f"    {rate:.0f}   {way}" for way, rate in ordered]
        return "\n".join([*lines, *([f"Not taken: {self.note}"] if self.note else [])])

    def to_dict(self) -> dict[str, Any]:
        """For a message."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Computing:
        """The inverse of :meth:`to_dict`."""
        return cls(**values)

"""Expected error or C, and state, per frame as arrays; their reduction to a column per pixel (numpy only)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from handstudio.project.records import Confidences, HandRecord
    from handstudio.review.expected_error import ExpectedError

Floats = npt.NDArray[np.float32]

STATES: Final = ("sent_back", "none", "proposed", "skipped", "rejected", "auto_accepted", "accepted", "fixed")
"""The states in the order in which they are counted; the position is the code in :attr:`Series.code`."""
_CODE = {state: code for code, state in enumerate(STATES)}
NO_HAND: Final = 255
LEAST, MOST = 0.02, 500.0
"""The range of C, and of px, that is drawn."""


@dataclass
class Series:
    """One sequence, a row per hand of a frame; rows beyond a frame's hands are empty.

    Attributes:
        hand_id: (F, T) int64, -1 where there is no hand.
        figure: (F, T) what is drawn: the expected error in px, or C; NaN where unknown.
        stability, plausibility: (F, T) the terms of C, NaN where unknown.
        code: (F, T) uint8 position in ``STATES``; 255 where there is no hand.
    """

    hand_id: npt.NDArray[np.int64]
    figure: Floats
    code: npt.NDArray[np.uint8]
    stability: Floats
    plausibility: Floats
    figure_of: Callable[[HandRecord], float | None]

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.hand_id)

    @property
    def tracks(self) -> int:
        """Largest number of hands in one frame."""
        return self.hand_id.shape[1]

    def worst(self) -> Floats:
        """(F,) the largest figure of each frame's hands; NaN where none has one."""
        known = np.where(np.isnan(self.figure), -np.inf, self.figure).max(1)
        return np.where(np.isfinite(known), known, np.nan).astype(np.float32)

    def replace(self, records: Iterable[HandRecord]) -> bool:
        """Take over some hands; ``False`` when one of them came or went."""
        for record in records:
            if record.removed or not 0 <= record.frame_index < self.frames:
                return False
            ids = self.hand_id[record.frame_index].tolist()
            if record.id not in ids:
                return False
            place = record.frame_index, ids.index(record.id)
            for values, value in (
                (self.figure, self.figure_of(record)),
                (self.stability, record.c_stability),
                (self.plausibility, record.c_plausibility),
            ):
                values[place] = np.nan if value is None else value
            self.code[place] = _CODE[str(record.state)]
        return True


def series_of(found: Confidences, frames: int, expected: ExpectedError) -> Series:
    """The series of a sequence of ``frames`` frames: of C where that is the measure, else of the error."""
    index = np.asarray(found.frame_index, np.int64)
    inside = (index >= 0) & (index < frames)
    index = index[inside]
    first = np.r_[True, index[1:] != index[:-1]] if len(index) else np.zeros(0, bool)
    starts = np.flatnonzero(first)
    track = np.arange(len(index)) - np.repeat(starts, np.diff(np.r_[starts, len(index)]))
    tracks = int(track.max()) + 1 if len(track) else 1
    hand_id = np.full((frames, tracks), -1, np.int64)
    figure, stability, plausibility = (np.full((frames, tracks), np.nan, np.float32) for _ in range(3))
    code = np.full((frames, tracks), NO_HAND, np.uint8)
    hand_id[index, track] = np.asarray(found.hand_id, np.int64)[inside]
    stability[index, track] = np.asarray(found.c_stability, np.float32)[inside]
    plausibility[index, track] = np.asarray(found.c_plausibility, np.float32)[inside]
    by_c = expected.measure == "C"
    if by_c:
        figure = stability + plausibility
    else:
        figure[index, track] = expected.of_sequence(found)[inside]
    codes = np.fromiter((_CODE[state] for state in found.state), np.uint8, len(found.state))
    code[index, track] = codes[inside]
    figure_of = (lambda record: record.confidence) if by_c else expected.of_hand
    return Series(hand_id, figure, code, stability, plausibility, figure_of)


def columns(values: Floats, low: float, high: float, count: int) -> tuple[Floats, Floats, Floats]:
    """Least and largest of the values at frames ``low`` to ``high``, in at most ``count`` columns.

    Returns:
        (C,) frame at each column's middle, (C,) least, (C,) largest; columns without a value are left out.
    """
    start, end = max(int(np.floor(low)), 0), min(int(np.ceil(high)) + 1, len(values))
    if end <= start or count < 1:
        empty = np.zeros(0, np.float32)
        return empty, empty, empty
    edges = np.unique(np.linspace(start, end, min(count, end - start) + 1).astype(np.int64))
    part = values[start:end]
    cuts = edges[:-1] - start
    least = np.fmin.reduceat(part, cuts)
    largest = np.fmax.reduceat(part, cuts)
    middle = ((edges[:-1] + edges[1:] - 1) / 2).astype(np.float32)
    known = ~np.isnan(least)
    return middle[known], least[known], largest[known]


def column_states(
    code: npt.NDArray[np.uint8], low: float, high: float, count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """The (C + 1,) edges in frames and (C,) states of columns: the state that still needs most work shows."""
    start, end = max(int(np.floor(low)), 0), min(int(np.ceil(high)) + 1, len(code))
    if end <= start or count < 1:
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    edges = np.unique(np.linspace(start, end, min(count, end - start) + 1).astype(np.int64))
    return edges, np.minimum.reduceat(code[start:end], edges[:-1] - start)

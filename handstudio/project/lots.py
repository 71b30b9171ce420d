"""A random order of ids that needs no list of them: a permutation that can be read from any place on."""

from __future__ import annotations

from typing import Final

import numpy as np

from handstudio.project.records import Ids

_ROUNDS: Final = 6
_MIX: Final = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


class Lots:
    """Deals the numbers from 0 on in a random order of a seed (a Feistel network over their bits).

    Args:
        seed: which order.
        highest: the largest number that is asked about.
    """

    def __init__(self, seed: int, highest: int) -> None:
        self._half = max((int(highest).bit_length() + 1) // 2, 2)
        self._mask = np.uint64((1 << self._half) - 1)
        keys = np.random.default_rng(seed).integers(0, 2**63, _ROUNDS, dtype=np.int64)
        self._keys = keys.astype(np.uint64)
        self.size = 1 << (2 * self._half)

    def at(self, first: int, number: int) -> Ids:
        """(M,) the numbers at the places ``first`` to ``first + number``, as far as there are any."""
        places = np.arange(first, min(first + number, self.size), dtype=np.uint64)
        left, right = places >> np.uint64(self._half), places & self._mask
        for key in self._keys:
            left, right = right, left ^ self._mixed(right, key)
        return ((left << np.uint64(self._half)) | right).astype(np.int64)

    def places(self, ids: Ids) -> Ids:
        """(N,) at which place each number comes."""
        numbers = ids.astype(np.uint64)
        left, right = numbers >> np.uint64(self._half), numbers & self._mask
        for key in self._keys[::-1]:
            left, right = right ^ self._mixed(left, key), left
        return ((left << np.uint64(self._half)) | right).astype(np.int64)

    def shuffled(self, ids: Ids) -> Ids:
        """The ids in this order."""
        return ids[np.argsort(self.places(ids))]

    def _mixed(
        self, half: np.ndarray[tuple[int, ...], np.dtype[np.uint64]], key: np.uint64
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
        with np.errstate(over="ignore"):
            mixed = (half + key) * np.uint64(_MIX[0])
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_MIX[1])
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_MIX[2])
        return np.asarray((mixed >> np.uint64(31)) & self._mask)

"""What is known of somebody's hand: its bones and what its joints can do; the template where nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from handstudio.hand.angles import FLEXION_JOINTS
from handstudio.hand.arrays import Array
from handstudio.hand.skeleton import BONE_COUNT

Floats = npt.NDArray[np.float32]

_SHORTEST, _LONGEST = 0.05, 10.0
"""Reference bones between which a bone's length can be meant."""


@dataclass(frozen=True, eq=False)
class PersonalTemplate:
    """Bone lengths of one person, between joints as they are labelled.

    Attributes:
        bone_lengths: (20,) in reference bones, as :func:`handstudio.hand.template.relative_bone_lengths`.
        reference_mm: length of the reference bone; ``None`` where nothing showed it.
        hands: how many hands it was fitted to.
    """

    bone_lengths: Floats
    reference_mm: float | None = None
    hands: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain numbers."""
        return {
            "bone_lengths": [round(float(length), 5) for length in self.bone_lengths],
            "reference_mm": None if self.reference_mm is None else round(self.reference_mm, 3),
            "hands": self.hands,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> PersonalTemplate:
        """What :meth:`to_json` wrote.

        Raises:
            ValueError: when these are not the bones of a hand.
        """
        lengths = _frozen(values["bone_lengths"], (BONE_COUNT,))
        if not ((lengths >= _SHORTEST) & (lengths <= _LONGEST)).all():
            raise ValueError("bone lengths of no hand")
        known = values.get("reference_mm")
        return cls(lengths, None if known is None else float(known), int(values.get("hands", 0)))


def limits_to_json(limits: npt.NDArray[Any]) -> list[Any]:
    """(15, 2, 2) rad as degrees."""
    degrees: list[Any] = np.degrees(np.asarray(limits, dtype=np.float64)).round(2).tolist()
    return degrees


def limits_from_json(degrees: Any) -> Floats:
    """What :func:`limits_to_json` wrote, in rad.

    Raises:
        ValueError: when these are no limits of 15 joints.
    """
    limits = _frozen(np.radians(np.asarray(degrees, dtype=np.float64)), (len(FLEXION_JOINTS), 2, 2))
    if not (limits[..., 0] <= limits[..., 1]).all():
        raise ValueError("a lowest angle above the highest")
    return limits


def _frozen(values: Any, shape: tuple[int, ...]) -> Floats:
    array = np.array(values, dtype=np.float32)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"expected {shape} finite numbers")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class HandShape:
    """What the geometry needs to know of the hands before it.

    Attributes:
        bone_lengths: (20,) or (B, 20) in reference bones; ``None`` for the template's.
        limits: (15, 2, 2) rad; ``None`` for :data:`handstudio.hand.angles.LIMITS`.
        reference_mm: length of the reference bone; ``None`` where it is not known.
    """

    bone_lengths: Array | None = None
    limits: Array | None = None
    reference_mm: float | None = None

    @classmethod
    def of(cls, template: PersonalTemplate | None, limits: Floats | None) -> HandShape:
        """Of a person's template and a project's limits, as far as there are any."""
        if template is None:
            return ANYBODY if limits is None else cls(limits=limits)
        return cls(template.bone_lengths, limits, template.reference_mm)

    def rows(self, which: Any) -> HandShape:
        """The shapes of some hands of a batch."""
        lengths = self.bone_lengths
        if lengths is None or lengths.ndim == 1:
            return self
        return replace(self, bone_lengths=lengths[which])


ANYBODY: Final = HandShape()
"""The template's bones and the limits from anatomy."""

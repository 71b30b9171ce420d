"""What a model shows of a hand, on its way from the resident child to the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from handstudio.hand.box import Box

from .messages import Message

if TYPE_CHECKING:
    from handstudio.methods.single import SingleMaps


@dataclass(frozen=True, eq=False)
class HandMap:
    """One map of one hand.

    Attributes:
        name: for people.
        values: (h, w) float32 over the square that was looked at, 0 to 1; NaN where the map says nothing.
        low, high: what 0 and 1 mean, a word each.
        about: what it shows, in a sentence.
    """

    name: str
    values: npt.NDArray[np.float32]
    low: str = "0"
    high: str = "1"
    about: str = ""


@dataclass(frozen=True, eq=False)
class HandMaps:
    """All that a model shows of one hand, as it lies in the frame.

    Attributes:
        method: the title of the model's method.
        look: the square of the frame that the model looked at, px.
        crop: (S, S, 3) uint8 RGB over that square, as the model saw it.
        maps: none for methods that show none.
    """

    method: str
    look: Box
    crop: npt.NDArray[np.uint8]
    maps: tuple[HandMap, ...] = ()

    def named(self, name: str) -> HandMap | None:
        """The map of a name."""
        return next((one for one in self.maps if one.name == name), None)


def message_of(shown: SingleMaps) -> Message:
    """For the way to the window."""
    described = [[name, one.low, one.high, one.about] for name, one in shown.maps.items()]
    arrays = {
        f"map {number}": np.asarray(one.values, dtype=np.float32)
        for number, one in enumerate(shown.maps.values())
    }
    values = {"method": shown.method, "look": shown.look.to_dict(), "maps": described}
    return Message(values, {"crop": shown.crop, **arrays})


def of_message(message: Message) -> HandMaps:
    """What :func:`message_of` wrote."""
    values, arrays = message.values, message.arrays
    return HandMaps(
        values["method"],
        Box.from_dict(values["look"]),
        arrays["crop"],
        tuple(
            HandMap(name, arrays[f"map {number}"], low, high, about)
            for number, (name, low, high, about) in enumerate(values["maps"])
        ),
    )

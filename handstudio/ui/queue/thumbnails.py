"""Small pictures of the hands of the queue: made when their rows are looked at, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from handstudio.hand.box import Box
from handstudio.media.cache import FrameCache
from handstudio.media.source import Frame
from handstudio.methods.crops import crop
from handstudio.ui.loading import frames_of

if TYPE_CHECKING:
    from handstudio.errors import HandStudioError
    from handstudio.media.cache import Key, Request
    from handstudio.project import Project
    from handstudio.project.records import HandRecord

KEPT: Final = 1000
"""Pictures, of 7 kB each at 100 % and 28 kB at 200 %."""
_WAITING: Final = 64
"""Rows that may wait for theirs; of more, those that were looked at first are given up."""
_FRAMES_BYTES: Final = 32 * 2**20
AIR: Final = 1.15
"""Of the picture, in sides of the hand's box."""
_SAMPLES: Final = 2.0
"""Pixels of what is decoded along each of the picture's: with so many it looks as one of the whole frame."""


class Thumbnails(QObject):
    """Gives pictures of hands, as they are in the frame.

    Frames are decoded on a thread of its own, so that those on the canvas never wait for them.

    Args:
        project: in which the hands are.
    """

    came = Signal(int)
    """A hand whose picture is there now."""
    _made = Signal(int, object, QImage)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._cache: FrameCache | None = None
        self._pictures: OrderedDict[int, tuple[object, QPixmap]] = OrderedDict()
        self._wanted: OrderedDict[int, Request] = OrderedDict()
        self._blank = QPixmap()
        self._side, self._ratio = 0, 1.0
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def set_side(self, side: int, ratio: float) -> None:
        """How large they are: logical px, and screen pixels of each."""
        if (side, ratio) != (self._side, self._ratio):
            self.forget()
            self._side, self._ratio = side, ratio
            self._blank = QPixmap(round(side * ratio), round(side * ratio))
            self._blank.setDevicePixelRatio(ratio)
            self._blank.fill(Qt.GlobalColor.transparent)

    def of(self, hand: HandRecord) -> QPixmap:
        """The picture of a hand; an empty one of the same size until it is there."""
        found = self._pictures.get(hand.id)
        if found is not None and found[0] == hand.box:
            self._pictures.move_to_end(hand.id)
            return found[1]
        if hand.id not in self._wanted:
            self._want(hand)
        return self._blank

    def forget(self) -> None:
        """Keep none, and wait for none."""
        self._pictures.clear()
        self._wanted.clear()
        if self._cache is not None:
            self._cache.cancel_stale()

    def close(self) -> None:
        """Decode no more."""
        self.forget()
        if self._cache is not None:
            self._cache.close()
            self._cache = None

    def _want(self, hand: HandRecord) -> None:
        if self._cache is None:
            source_of = partial(frames_of, self._project)
            self._cache = FrameCache(_FRAMES_BYTES, source_of, workers=1, sources_limit=8, videos_limit=1)
        size, box, hand_id = self._blank.width(), hand.box, hand.id
        seen = box.scaled(AIR)

        def make(_key: Key, outcome: Frame | HandStudioError) -> None:
            if isinstance(outcome, Frame):
                pixels = crop(outcome.rgb, shrunk(seen, outcome.reduction), "right", size)
                image = QImage(pixels.data, size, size, 3 * size, QImage.Format.Format_RGB888).copy()
                self._made.emit(hand_id, box, image)

        key = hand.sequence_id, hand.frame_index, reduction_of(seen, size)
        self._wanted[hand_id] = self._cache.request(key, make)
        while len(self._wanted) > _WAITING:
            self._wanted.popitem(last=False)[1].cancel()
            self._cache.cancel_stale({request.key for request in self._wanted.values()})

    def _take(self, hand_id: int, box: object, image: QImage) -> None:
        if self._wanted.pop(hand_id, None) is None:
            return
        picture = QPixmap.fromImage(image)
        picture.setDevicePixelRatio(self._ratio)
        self._pictures[hand_id] = (box, picture)
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        self.came.emit(hand_id)


def reduction_of(seen: Box, size: int) -> int:
    """By which power of two a frame may be reduced for a picture of ``size`` px of what is in a box, px."""
    most = int(seen.square().side / (size * _SAMPLES))
    return 1 << max(most.bit_length() - 1, 0)


def shrunk(box: Box, reduction: int) -> Box:
    """A box of a frame, in px of the reduced one."""
    return Box(*(value / reduction for value in (box.x, box.y, box.width, box.height)))

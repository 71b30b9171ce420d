"""What is stored, remembered until it changes, so that painting a hand again costs no statement."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.hand.camera import Camera
from handstudio.hand.peaks import Peaks
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.methods.masks import read_mask
from handstudio.methods.peaks import read_peaks
from handstudio.project import Project
from handstudio.project.dense import MapsBusyError
from handstudio.project.records import Change, HandBundle, Pose, SequenceRecord
from handstudio.review.expected_error import ExpectedError
from handstudio.review.hand_view import HandView, view_of

_HANDS_KEPT: Final = 64
_MASK_AWAITED_S: Final = 1.0
"""A view without a mask is made anew after this: a job stores masks a little after the poses."""
_Kept = TypeVar("_Kept")


class Remembered:
    """Sequences, cameras, and the latest hands with their masks and views.

    Args:
        project: an open project.
        tell: gets a sentence about what cannot be used.

    Attributes:
        veil: what of a stored hand is to be seen; all of it by default.
    """

    def __init__(self, project: Project, tell: Callable[[str], None]) -> None:
        self._project = project
        self._tell = tell
        self.veil: Callable[[HandBundle], HandBundle] = lambda bundle: bundle
        self._sequences: dict[int, SequenceRecord] = {}
        self._cameras: dict[int, Camera | None] = {}
        self._shapes: dict[int, HandShape] = {}
        self._bundles: OrderedDict[int, HandBundle] = OrderedDict()
        self._masks: OrderedDict[int, npt.NDArray[Any]] = OrderedDict()
        self._peaks: OrderedDict[int, Peaks] = OrderedDict()
        self._views: OrderedDict[int, tuple[tuple[object, ...], HandView, float]] = OrderedDict()

    def sequence(self, sequence_id: int) -> SequenceRecord:
        """A sequence's record."""
        if sequence_id not in self._sequences:
            self._sequences[sequence_id] = self._project.sequence(sequence_id)
        return self._sequences[sequence_id]

    def camera(self, sequence_id: int) -> Camera | None:
        """The camera of a sequence; ``None`` when it is not known (or is no camera)."""
        if sequence_id not in self._cameras:
            stored = self.sequence(sequence_id).camera
            try:
                self._cameras[sequence_id] = Camera.from_dict(stored) if stored else None
            except (KeyError, TypeError, ValueError) as error:
                self._cameras[sequence_id] = None
                self._tell(f"The camera of sequence {sequence_id} cannot be used: {error}")
        return self._cameras[sequence_id]

    def shape(self, sequence_id: int) -> HandShape:
        """What is known of the hands of a sequence; nothing where that cannot be used."""
        if sequence_id not in self._shapes:
            try:
                self._shapes[sequence_id] = self._project.hand_shape(self.sequence(sequence_id))
            except HandStudioError as error:
                self._shapes[sequence_id] = ANYBODY
                self._tell(str(error))
        return self._shapes[sequence_id]

    def bundle(self, hand_id: int) -> HandBundle:
        """What is stored of a hand."""
        found = self._bundles.get(hand_id)
        if found is None:
            found = self.veil(self._project.bundle(hand_id))
            _keep(self._bundles, hand_id, found)
        else:
            self._bundles.move_to_end(hand_id)
        return found

    def view(self, hand_id: int, edit: Pose | None, expected: ExpectedError) -> HandView:
        """Everything that painters and the inspector need of a hand."""
        bundle = self.bundle(hand_id)
        camera = self.camera(bundle.record.sequence_id)
        shape = self.shape(bundle.record.sequence_id)
        made_from = (bundle, edit, camera, shape, expected)
        kept = self._views.get(hand_id)
        if kept is not None and all(old is new for old, new in zip(kept[0], made_from, strict=True)):
            view, made_at = kept[1:]
            if not view.lacks_mask or time.monotonic() - made_at < _MASK_AWAITED_S:
                return view
        view = view_of(
            bundle,
            edit=edit,
            camera=camera,
            shape=shape,
            expected=expected,
            mask=lambda: self.mask(hand_id),
        )
        _keep(self._views, hand_id, (made_from, view, time.monotonic()))
        return view

    def mask(self, hand_id: int) -> npt.NDArray[Any] | None:
        """A hand's mask over the square of its box; ``None`` when there is none of this box (yet)."""
        if hand_id not in self._masks:
            try:
                mask = read_mask(self._project, hand_id, self.bundle(hand_id).record.box)
            except HandStudioError as error:
                self._tell(str(error))
                mask = None
            if mask is None:
                return None
            _keep(self._masks, hand_id, mask)
        return self._masks[hand_id]

    def peaks(self, hand_id: int, within_s: float = 0.0) -> Peaks | None:
        """The peaks of the heatmaps behind a hand's proposal, px; ``None`` when there are none (yet).

        Args:
            hand_id: of which hand.
            within_s: how long to wait at most while a job writes maps.

        Raises:
            MapsBusyError: a job was still writing maps, and these have not been read before.
        """
        proposal = self.bundle(hand_id).proposal
        if proposal is None:
            return None
        if proposal.id not in self._peaks:
            try:
                peaks = read_peaks(self._project, hand_id, proposal.pose.uv, within_s)
            except MapsBusyError:
                raise
            except HandStudioError as error:
                self._tell(str(error))
                return None
            if peaks is None:
                return None
            _keep(self._peaks, proposal.id, peaks)
        return self._peaks[proposal.id]

    def forget(self, change: Change) -> None:
        """Forget what a change concerns."""
        if change.everything:
            self._bundles.clear()
            self._masks.clear()
            self._peaks.clear()
            self._sequences.clear()
            self._cameras.clear()
            self._shapes.clear()
        for hand_id in change.hands:
            self._bundles.pop(hand_id, None)
            self._masks.pop(hand_id, None)
        for sequence_id in change.sequences:
            self._sequences.pop(sequence_id, None)
            self._shapes.pop(sequence_id, None)


def _keep(kept: OrderedDict[int, _Kept], key: int, value: _Kept) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _HANDS_KEPT:
        kept.popitem(last=False)

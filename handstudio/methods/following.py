"""Boxes that follow a hand: one is drawn, the next ones lie about the hand's own proposals, frame after
frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from handstudio.hand.box import Box
from handstudio.media.source import FrameProblem, FrameSource, read_stored
from handstudio.methods.closer import CropOfHand, crop_of
from handstudio.methods.contract import HandProposals, Proposer
from handstudio.methods.hand_crops import propose_crops
from handstudio.methods.keeping import Keeping
from handstudio.methods.proposed import ProposeResult
from handstudio.progress import Progress
from handstudio.project.project import Project
from handstudio.project.records import HandImport, HandQuery, HandRecord, SequenceRecord

MARGIN: Final = 0.25
"""Room about the joints on every side, as a share of their box's longer side."""
STEADINESS: Final = 0.6
"""Share of the newest box in the one that is used next; the rest is the one before."""
LOST: Final = 40.0
"""C (squared cells) above which a proposal moves no box."""
_STORED_AT_ONCE: Final = 16


def tracks_to_follow(project: Project, record: SequenceRecord, follow: bool | None) -> set[int]:
    """The tracks of a sequence whose boxes follow the hand.

    Args:
        project: where the sequence is.
        record: the sequence.
        follow: ``True`` for every track with a drawn box, ``False`` for none; by default those of videos and
            recordings, and tracks that have followed boxes already.
    """
    if follow is False:
        return set()
    drawn: set[int] = set()
    followed: set[int] = set()
    for hand in project.hands(HandQuery((record.id,))):
        if hand.box_source == "drawn":
            drawn.add(hand.track)
        elif hand.box_source == "followed":
            followed.add(hand.track)
    moving = follow is True or record.kind in ("video", "recording")
    return drawn if moving else drawn & followed


def follow_boxes(
    project: Project,
    record: SequenceRecord,
    source: FrameSource,
    track: int,
    proposer: Proposer,
    size: int,
    keeping: Keeping,
    progress: Progress,
    result: ProposeResult,
) -> Iterator[int]:
    """Propose a track frame by frame from its first drawn box on; yields how many hands are done.

    Frames in which the track has no hand get one; drawn boxes and decided hands stay as they are, and the
    next box starts
    from them. Frames before the first drawn box are left alone.
    """
    hands = {hand.frame_index: hand for hand in project.hands(HandQuery((record.id,))) if hand.track == track}
    drawn = [index for index, hand in hands.items() if hand.box_source == "drawn"]
    if not drawn:
        return
    side = hands[min(drawn)].side
    box: Box | None = None
    waiting: list[tuple[CropOfHand, HandProposals]] = []

    def stored() -> int:
        crops, found = zip(*waiting, strict=True)
        waiting.clear()
        return keeping.put(crops, HandProposals.joined(found)).hands

    done = 0
    frames = project.frames(record.id)
    for frame in frames[min(drawn) :]:
        if progress.cancelled():
            break
        try:
            rgb = read_stored(source, frame.index).rgb
        except FrameProblem as problem:
            result.problems.append(str(problem))
            continue
        hand = hands.get(frame.index)
        if hand is None and box is None:
            continue  # no frame with the hand in it could be read yet
        if hand is None:
            hand = _added(project, record, frame.index, side, track, box)
        elif hand.box_source in ("whole", "followed") and not hand.state.decided and box is not None:
            project.set_boxes([hand.id], [[box.x, box.y, box.width, box.height]], "followed")
            hand = project.hand(hand.id)
        first = crop_of(hand.id, rgb, hand.box, hand.side, size)
        (seen,), found = propose_crops(proposer, [first])
        box = _next_box(seen, found)
        waiting.append((seen, found))
        if len(waiting) >= _STORED_AT_ONCE:
            done += stored()
            yield done
    if waiting:
        done += stored()
    yield done + keeping.flush().hands


def _added(
    project: Project, record: SequenceRecord, index: int, side: str, track: int, box: Box | None
) -> HandRecord:
    assert box is not None
    new = HandImport(index, "left" if side == "left" else "right", box, "followed", track)
    return project.hand(int(project.add_hands(record.id, [new])[0]))


def _next_box(one: CropOfHand, found: HandProposals) -> Box:
    if float(found.c_stability[0] + found.c_plausibility[0]) > LOST:
        return one.box
    around = Box.around(one.in_px(found.uv[0]), MARGIN)
    old, new = one.box.square(), around.square()
    mixed = [
        STEADINESS * there + (1.0 - STEADINESS) * here
        for there, here in zip(
            (new.x, new.y, new.side, new.side), (old.x, old.y, old.side, old.side), strict=True
        )
    ]
    return Box(*mixed)

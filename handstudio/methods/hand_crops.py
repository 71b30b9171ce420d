"""Crops of stored hands, and what a model says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

import numpy as np

from handstudio.media.source import FrameProblem, read_stored
from handstudio.methods.closer import CropOfHand, crop_of, look_closer
from handstudio.methods.contract import HandProposals, Proposer
from handstudio.methods.opening import open_stored
from handstudio.project.project import Project

BATCH: Final = 64
"""Hands that the network sees at once."""


def propose_crops(proposer: Proposer, crops: Sequence[CropOfHand]) -> tuple[list[CropOfHand], HandProposals]:
    """Proposals for a batch, and the crops to which their cells belong; doubt is the error that the model had
    on rendered hands of such doubt."""
    seen = look_closer(proposer, crops)
    found = proposer.propose(np.stack([one.pixels for one in seen]))
    return seen, replace(found, joint_doubt=found.joint_doubt * np.float32(proposer.error_of_doubt))


def read_crops(
    project: Project,
    ids: Any,
    size: int,
    should_stop: Callable[[], bool] | None = None,
    closer: Callable[[list[CropOfHand]], list[CropOfHand]] | None = None,
) -> tuple[list[CropOfHand], list[str]]:
    """The crops of stored hands in the order of ``ids``, and the problems of frames that cannot be read.

    Args:
        project: where the hands are.
        ids: of the hands.
        size: side of the crops, px.
        should_stop: asked between frames.
        closer: is given batches of crops, and gives what is kept of them.
    """
    problems: list[str] = []
    found: dict[int, CropOfHand] = {}
    waiting: list[CropOfHand] = []

    def keep(least: int) -> None:
        if len(waiting) >= least:
            found.update({one.hand_id: one for one in (closer(waiting) if closer else waiting)})
            waiting.clear()

    hands = sorted(project.hands(ids), key=lambda hand: (hand.sequence_id, hand.frame_index))
    for sequence_id, of_sequence in groupby(hands, key=lambda hand: hand.sequence_id):
        opened = open_stored(project, project.sequence(sequence_id), problems)
        if opened is None:
            continue
        with closing(opened) as source:
            for index, together in groupby(of_sequence, key=lambda hand: hand.frame_index):
                if should_stop is not None and should_stop():
                    return [], problems
                try:
                    rgb = read_stored(source, index).rgb
                except FrameProblem as problem:
                    problems.append(str(problem))
                    continue
                waiting += [crop_of(hand.id, rgb, hand.box, hand.side, size) for hand in together]
                keep(BATCH)
    keep(1)
    return [found[number] for number in (int(one) for one in ids) if number in found], problems

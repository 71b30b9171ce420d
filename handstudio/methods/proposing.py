"""The proposing loop: frames are decoded ahead, crops proposed in batches, results stored as they come."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from handstudio.media.source import FrameProblem, FrameSource, read_stored
from handstudio.methods.closer import CropOfHand, crop_of
from handstudio.methods.contract import HandProposals, Proposer
from handstudio.methods.device import Engine
from handstudio.methods.following import follow_boxes, tracks_to_follow
from handstudio.methods.hand_crops import BATCH, propose_crops
from handstudio.methods.keeping import Keeping
from handstudio.methods.looking_together import put_together
from handstudio.methods.opening import open_stored
from handstudio.methods.proposed import ProposeResult
from handstudio.methods.weights import load_model
from handstudio.progress import Progress, Silent
from handstudio.project.project import Project
from handstudio.project.records import (
    DECIDED,
    UNDECIDED,
    HandQuery,
    HandRecord,
    Ids,
    ModelRecord,
)

_AHEAD: Final = 4
"""Batches that are decoded before they are needed."""
_PAGE: Final = 4096
"""Hands read from the project at once."""


def propose(
    project: Project,
    model: ModelRecord,
    *,
    run_id: int | None = None,
    sequences: Sequence[int] | None = None,
    include_decided: bool = False,
    only_new: bool = False,
    only: Ids | None = None,
    follow: bool | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> ProposeResult:
    """Propose poses for the hands of a project; each batch is stored as soon as it is there.

    Args:
        project: where hands are read and proposals stored.
        model: which model proposes.
        run_id: the run that the proposals belong to.
        sequences: ids; all by default.
        include_decided: store newer proposals beside labels as well.
        only_new: only hands that have no proposal of this model yet (to go on after a cancelled run).
        only: (N,) ids of hands, only these; boxes do not follow then.
        follow: let boxes follow the hand from a drawn one on; by default in videos and recordings, and where
            boxes have followed before.
        settings: changes to the model's settings.
        progress: told of hands done; asked whether to stop between batches.
        engine: where it computes.

    Raises:
        HandStudioError: when the model cannot be loaded; footage that is not there is a problem.
    """
    progress = progress or Silent()
    engine = engine or Engine()
    proposer, size = ready_model(model, settings, engine)
    result = ProposeResult()
    begin = time.monotonic()
    wanted = [project.sequence(number) for number in sequences] if sequences else project.sequences()
    states = None if include_decided else UNDECIDED
    done_before = project.ids_proposed_by(model.id) if only_new else np.zeros(0, np.int64)
    left = {record.id: project.hand_ids(HandQuery((record.id,), states)) for record in wanted}
    left = {number: ids[~np.isin(ids, done_before)] for number, ids in left.items()}
    if only is not None:
        follow, left = False, {number: ids[np.isin(ids, only)] for number, ids in left.items()}
        wanted = [record for record in wanted if len(left[record.id])]
    total = sum(map(len, left.values()))
    decided = HandQuery(tuple(left), DECIDED)
    result.skipped = before = 0 if include_decided else project.count_hands(decided)
    for record in wanted:
        source = open_stored(project, record, result.problems)
        if source is None:
            continue
        with closing(source):
            proposer = proposer.of_person(project.hand_shape(record))
            tracks = tracks_to_follow(project, record, follow)
            for track in tracks:
                done = result.hands
                keeping = Keeping(project, record, proposer, model.id, run_id)
                for count in follow_boxes(
                    project, record, source, track, proposer, size, keeping, progress, result
                ):
                    result.hands = done + count
                    progress.report(result.hands, max(total, result.hands), "hands", record.name)
            keeping = Keeping(project, record, proposer, model.id, run_id, include_decided)
            with closing(_Pipeline(project, source, proposer, size, engine)) as pipeline:
                for crops, found in pipeline.run(left[record.id], tracks, result):
                    result.count(keeping.put(crops, found))
                    looked_at = result.hands + result.skipped - before
                    progress.report(looked_at, max(total, looked_at), "hands", record.name)
                    if progress.cancelled():
                        result.finished = False
                        break
                result.count(keeping.flush())
        if progress.cancelled():
            result.finished = False
            break
    if result.finished and proposer.across_views:
        result.together, wrong = put_together(
            project, wanted, proposer, size, model.id, run_id, progress, include_decided
        )
        result.problems += [problem for problem in wrong if problem not in result.problems]
        result.finished = not progress.cancelled()
    result.seconds = time.monotonic() - begin
    return result


def ready_model(
    model: ModelRecord, settings: Mapping[str, Any] | None, engine: Engine
) -> tuple[Proposer, int]:
    """The proposer of a project's model, and the side of its crops."""
    loaded = load_model(Path(model.path))
    chosen = loaded.settings
    if settings:
        chosen = loaded.method.settings_of_model(loaded.lineage.profile, loaded.lineage.settings, settings)
    return loaded.proposer(engine, chosen), loaded.method.crop_size(chosen)


class _Pipeline:
    """Decoding, cropping and the network, side by side for one sequence."""

    def __init__(
        self, project: Project, source: FrameSource, proposer: Proposer, size: int, engine: Engine
    ) -> None:
        self._project, self._source = project, source
        self._proposer, self._size = proposer, size
        self._threads_before = torch.get_num_threads()
        self._workers = engine.threads
        per_worker = self._threads_before if self._workers == 1 else 1
        torch.set_num_threads(per_worker)
        self._network = ThreadPoolExecutor(
            self._workers, "propose", initializer=torch.set_num_threads, initargs=(per_worker,)
        )
        self._decoding = ThreadPoolExecutor(max(1, self._workers), "decode")

    def close(self) -> None:
        """Wait for what has begun, drop the rest."""
        self._decoding.shutdown(cancel_futures=True)
        self._network.shutdown(cancel_futures=True)
        torch.set_num_threads(self._threads_before)

    def run(
        self, ids: Ids, but: set[int], result: ProposeResult
    ) -> Iterator[tuple[list[CropOfHand], HandProposals]]:
        """Batches of proposals in the order of the frames, without the tracks ``but``."""
        working: deque[Future[tuple[list[CropOfHand], HandProposals]]] = deque()
        for crops in self._batches(ids, but, result):
            working.append(self._network.submit(propose_crops, self._proposer, crops))
            while len(working) > self._workers:
                yield working.popleft().result()
        for future in working:
            yield future.result()

    def _batches(self, ids: Ids, but: set[int], result: ProposeResult) -> Iterator[list[CropOfHand]]:
        pending: deque[Future[list[CropOfHand]]] = deque()
        batch: list[CropOfHand] = []
        frames = self._frames(ids, but)
        while True:
            while len(pending) < BATCH * _AHEAD and (hands := next(frames, None)) is not None:
                pending.append(self._decoding.submit(self._crops, hands))
            if not pending:
                break
            try:
                batch.extend(pending.popleft().result())
            except FrameProblem as problem:
                result.problems.append(str(problem))
            while len(batch) >= BATCH:
                yield batch[:BATCH]
                batch = batch[BATCH:]
        if batch:
            yield batch

    def _frames(self, ids: Ids, but: set[int]) -> Iterator[list[HandRecord]]:
        for start in range(0, len(ids), _PAGE):
            page = [hand for hand in self._project.hands(ids[start : start + _PAGE]) if hand.track not in but]
            for _, hands in groupby(page, key=lambda hand: hand.frame_index):
                yield list(hands)

    def _crops(self, hands: list[HandRecord]) -> list[CropOfHand]:
        frame = read_stored(self._source, hands[0].frame_index)
        closer = self._proposer.filled is not None
        return [crop_of(hand.id, frame.rgb, hand.box, hand.side, self._size, closer=closer) for hand in hands]

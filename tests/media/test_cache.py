from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.media.cache import FrameCache, Key, Outcome
from handstudio.media.source import Frame, FrameProblem

WAIT = 10.0


class Footage:
    """Frames of 3 kB whose pixels are their index; reading waits for ``gate`` and is written down."""

    kind = "folder"
    name = "footage"
    count = 100
    damaged = 13
    frame_names: Sequence[str] = tuple(map(str, range(100)))

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Semaphore(0)
        self.read_indices: list[int] = []
        self.glances: list[tuple[int, int]] = []
        self.closed = False

    def size(self, index: int) -> tuple[int, int]:
        return 32, 32

    def read(self, index: int) -> Frame:
        self.read_indices.append(index)
        self.started.release()
        assert self.gate.wait(WAIT)
        if index == self.damaged:
            raise FrameProblem("Frame 13 is damaged")
        if index == 14:
            raise RuntimeError("a decoder's own trouble")
        return Frame(np.full((32, 32, 3), index, dtype=np.uint8))

    def glance(self, index: int, reduction: int) -> Frame:
        self.glances.append((index, reduction))
        return Frame(np.full((32 // reduction, 32 // reduction, 3), index, np.uint8), reduction=reduction)

    def close(self) -> None:
        self.closed = True


class Answers:
    """Collects what the cache calls back with."""

    def __init__(self) -> None:
        self.got: dict[Key, Outcome] = {}
        self._arrived = threading.Condition()

    def __call__(self, key: Key, outcome: Outcome) -> None:
        with self._arrived:
            self.got[key] = outcome
            self._arrived.notify_all()

    def wait_for(self, *keys: Key) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: self.got.keys() >= set(keys), WAIT)


@pytest.fixture
def footage() -> Footage:
    return Footage()


@pytest.fixture
def cache(footage: Footage) -> Iterator[FrameCache]:
    with FrameCache(10 * 3072, lambda _: footage, workers=2) as cache:
        yield cache


def test_a_frame_arrives_and_is_kept(cache: FrameCache, footage: Footage) -> None:
    answers = Answers()
    assert cache.get(1, 5) is None
    cache.request((1, 5), answers)
    answers.wait_for((1, 5))
    frame = cache.get(1, 5)
    assert frame is not None
    assert frame.rgb[0, 0, 0] == 5
    again = Answers()
    cache.request((1, 5), again)
    assert again.got, "a frame in memory is given at once"
    assert footage.read_indices == [5]


def test_a_reduced_frame_is_kept_apart_from_the_frame_itself(cache: FrameCache, footage: Footage) -> None:
    answers = Answers()
    cache.request((1, 5, 4), answers)
    answers.wait_for((1, 5, 4))
    assert cache.get(1, 5) is None
    assert footage.glances == [(5, 4)]
    cache.request((1, 5), answers)
    answers.wait_for((1, 5))
    whole, reduced = answers.got[1, 5], answers.got[1, 5, 4]
    assert isinstance(whole, Frame)
    assert isinstance(reduced, Frame)
    assert (whole.size, whole.reduction) == ((32, 32), 1)
    assert (reduced.size, reduced.reduction) == ((8, 8), 4)
    again = Answers()
    cache.request((1, 5, 4), again)
    assert again.got, "it is in memory"
    assert footage.glances == [(5, 4)]


def test_memory_stays_within_its_limit_and_the_oldest_go(cache: FrameCache) -> None:
    answers = Answers()
    for index in range(30):
        cache.request((1, index + 20), answers)
        answers.wait_for((1, index + 20))
        assert cache.byte_count <= 10 * 3072
    assert cache.get(1, 49) is not None
    assert cache.get(1, 20) is None


def test_what_was_asked_for_last_comes_first(footage: Footage) -> None:
    with FrameCache(1 << 20, lambda _: footage, workers=1) as cache:
        footage.gate.clear()
        answers = Answers()
        cache.request((1, 0), answers)
        assert footage.started.acquire(timeout=WAIT)
        for index in (1, 2, 3):
            cache.request((1, index), answers)
        footage.gate.set()
        answers.wait_for((1, 1), (1, 2), (1, 3))
    assert footage.read_indices == [0, 3, 2, 1]


def test_stale_requests_are_dropped(footage: Footage) -> None:
    with FrameCache(1 << 20, lambda _: footage, workers=1) as cache:
        footage.gate.clear()
        answers = Answers()
        cache.request((1, 0), answers)
        assert footage.started.acquire(timeout=WAIT)
        stale = cache.request((1, 1), answers)
        cache.request((1, 2), answers)
        single = cache.request((1, 3), answers)
        single.cancel()
        cache.cancel_stale(keep={(1, 2), (1, 3)})
        assert stale.cancelled
        footage.gate.set()
        answers.wait_for((1, 2))
    assert answers.got.keys() == {(1, 2)}
    assert 1 not in footage.read_indices


def test_one_frame_is_decoded_once_for_all_who_wait(cache: FrameCache, footage: Footage) -> None:
    footage.gate.clear()
    several = [Answers() for _ in range(5)]
    for answers in several:
        cache.request((1, 7), answers)
    footage.gate.set()
    for answers in several:
        answers.wait_for((1, 7))
    assert footage.read_indices == [7]


def test_a_fault_of_one_who_waits_takes_no_frame_from_the_others(
    footage: Footage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("threading.excepthook", lambda details: seen.append(details.exc_type))

    def faulty(key: Key, outcome: Outcome) -> None:
        raise LookupError

    answers = Answers()
    with FrameCache(1 << 20, lambda _: footage, workers=1) as cache:
        footage.gate.clear()
        cache.request((1, 0), faulty)
        cache.request((1, 0), answers)
        footage.gate.set()
        answers.wait_for((1, 0))
        cache.request((1, 1), answers)
        answers.wait_for((1, 1))
    assert seen == [LookupError]


@pytest.mark.parametrize(("direction", "expected"), [(1, [51, 52, 53, 54]), (-1, [49, 48, 47, 46])])
def test_frames_ahead_are_decoded_in_the_reading_direction(
    footage: Footage, direction: int, expected: list[int]
) -> None:
    with FrameCache(1 << 20, lambda _: footage, workers=1) as cache:
        cache.prefetch(1, 50, direction, count=4)
        for _ in expected:
            assert footage.started.acquire(timeout=WAIT)
        answers = Answers()
        cache.request((1, expected[-1]), answers)
        answers.wait_for((1, expected[-1]))
    assert footage.read_indices == expected


def test_what_else_may_come_next_is_decoded_by_turns_with_what_is_ahead(footage: Footage) -> None:
    footage.gate.clear()
    answers = Answers()
    with FrameCache(1 << 20, lambda _: footage, workers=1) as cache:
        cache.request((1, 0), answers)
        assert footage.started.acquire(timeout=WAIT)
        cache.prefetch_also([(1, 7), (1, 52)])
        cache.prefetch(1, 50, 1, count=3)  # a frame that came late leaves the others in line
        footage.gate.set()
        for _ in range(4):
            assert footage.started.acquire(timeout=WAIT)
        cache.request((1, 53), answers)
        answers.wait_for((1, 53))
    assert footage.read_indices == [0, 7, 51, 52, 53]


def test_nothing_beyond_the_ends_is_decoded_ahead(footage: Footage) -> None:
    with FrameCache(1 << 20, lambda _: footage, workers=1) as cache:
        cache.prefetch(1, 98, 1, count=8, last=99)
        assert footage.started.acquire(timeout=WAIT)
        cache.prefetch(1, 1, -1, count=8)
        assert footage.started.acquire(timeout=WAIT)
    assert footage.read_indices == [99, 0]


@pytest.mark.parametrize("index", [13, 14])
def test_a_damaged_frame_is_told_and_the_cache_goes_on(cache: FrameCache, index: int) -> None:
    answers = Answers()
    cache.request((1, index), answers)
    cache.request((1, 15), answers)
    answers.wait_for((1, index), (1, 15))
    assert isinstance(answers.got[1, index], HandStudioError)
    assert isinstance(answers.got[1, 15], Frame)
    assert cache.get(1, index) is None


def test_a_source_that_cannot_be_opened_is_told(footage: Footage) -> None:
    def refuse(sequence_id: int) -> Footage:
        raise HandStudioError("The footage is no longer there")

    with FrameCache(1 << 20, refuse) as cache:
        answers = Answers()
        cache.request((1, 0), answers)
        answers.wait_for((1, 0))
    assert "no longer there" in str(answers.got[1, 0])


def test_few_sources_stay_open() -> None:
    opened: dict[int, Footage] = {}

    def open_one(sequence_id: int) -> Footage:
        opened[sequence_id] = Footage()
        return opened[sequence_id]

    with FrameCache(1 << 20, open_one, workers=1, sources_limit=2) as cache:
        answers = Answers()
        for sequence_id in range(6):
            cache.request((sequence_id, 0), answers)
            answers.wait_for((sequence_id, 0))
        cache.request((5, 1), answers)
        answers.wait_for((5, 1))
        assert sum(not each.closed for each in opened.values()) <= 2
    assert all(each.closed for each in opened.values())


def test_closing_leaves_no_thread_and_calls_nobody_back(footage: Footage) -> None:
    before = threading.active_count()
    cache = FrameCache(1 << 20, lambda _: footage, workers=3)
    footage.gate.clear()
    answers = Answers()
    for index in range(20):
        cache.request((1, index), answers)
    assert footage.started.acquire(timeout=WAIT)
    closing = threading.Thread(target=cache.close)
    closing.start()
    footage.gate.set()
    closing.join(WAIT)
    assert not closing.is_alive()
    assert threading.active_count() == before
    assert not answers.got
    assert footage.closed
    assert cache.request((1, 0), answers)


def test_a_frame_that_could_not_be_read_is_tried_again(
    cache: FrameCache, footage: Footage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Answers()
    cache.request((1, 13), answers)
    answers.wait_for((1, 13))
    monkeypatch.setattr(Footage, "damaged", -1)
    again = Answers()
    cache.request((1, 13), again)
    again.wait_for((1, 13))
    assert isinstance(again.got[1, 13], Frame)
    assert footage.closed, "what lies at the source's place may be another file now"


def test_a_source_in_use_is_closed_by_its_last_reader() -> None:
    opened: list[Footage] = []

    def open_one(sequence_id: int) -> Footage:
        opened.append(Footage())
        return opened[-1]

    with FrameCache(1 << 20, open_one, workers=2) as cache:
        answers = Answers()
        cache.request((1, 13), answers)
        answers.wait_for((1, 13))
        opened[0].gate.clear()
        cache.request((1, 0), answers)
        assert opened[0].started.acquire(timeout=WAIT)
        assert opened[0].started.acquire(timeout=WAIT)
        again = Answers()
        cache.request((1, 13), again)
        again.wait_for((1, 13))
        assert len(opened) == 2
        assert not opened[0].closed
        opened[0].gate.set()
        answers.wait_for((1, 0))
    assert all(each.closed for each in opened)


def test_fewer_videos_than_folders_stay_open() -> None:
    opened: dict[int, Footage] = {}

    def open_one(sequence_id: int) -> Footage:
        opened[sequence_id] = Footage()
        opened[sequence_id].kind = "video" if sequence_id % 2 else "folder"
        return opened[sequence_id]

    with FrameCache(1 << 20, open_one, workers=1) as cache:
        answers = Answers()
        for sequence_id in range(12):
            cache.request((sequence_id, 0), answers)
            answers.wait_for((sequence_id, 0))
        cache.request((11, 1), answers)
        answers.wait_for((11, 1))
        still = [number for number, each in opened.items() if not each.closed]
        assert still == [0, 2, 4, 6, 7, 8, 9, 10, 11]

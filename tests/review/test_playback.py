"""Playing a sequence: which frame is due, at any speed, and what ends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.review.playback import SPEEDS, UNKNOWN_FPS, Playback
from handstudio.review.session import ReviewSession


class Clock:
    """Seconds that go by when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playback(session: ReviewSession, clock: Clock) -> Playback:
    """Of six frames, at the first one."""
    assert session.sequence_id is not None
    session.go_to_frame(session.sequence_id, 0)
    return Playback(session, clock)


def after(playback: Playback, clock: Clock, seconds: float, seen: bool = True) -> int | None:
    clock.now += seconds
    playback.tick(seen)
    return playback._session.frame_index


def test_each_frame_has_its_time(playback: Playback, clock: Clock) -> None:
    playback.play()
    frame = 1.0 / playback.fps
    assert after(playback, clock, 0.9 * frame) == 0
    assert after(playback, clock, 0.2 * frame) == 1
    assert after(playback, clock, frame) == 2


def test_footage_that_does_not_say_its_pace_has_one(playback: Playback) -> None:
    assert playback.fps == UNKNOWN_FPS


def test_frames_are_left_out_where_there_is_no_time_for_all(playback: Playback, clock: Clock) -> None:
    playback.set_speed(4.0)
    playback.play()
    assert after(playback, clock, 1.0 / playback.fps) == 4


def test_a_frame_that_is_not_decoded_yet_is_waited_for(playback: Playback, clock: Clock) -> None:
    playback.play()
    frame = 1.0 / playback.fps
    assert after(playback, clock, 1.1 * frame) == 1
    assert after(playback, clock, 30 * frame, seen=False) == 1
    assert after(playback, clock, 1.1 * frame) == 2


def test_it_ends_at_the_last_frame_and_begins_again_from_there(playback: Playback, clock: Clock) -> None:
    playback.play()
    assert after(playback, clock, 100.0) == 5
    assert not playback.playing
    playback.play()
    assert playback._session.frame_index == 0
    assert playback.playing


def test_a_loop_begins_again(playback: Playback, clock: Clock) -> None:
    playback.loop = True
    playback.play()
    frame = 1.0 / playback.fps
    assert after(playback, clock, 5.5 * frame) == 5
    assert after(playback, clock, frame) == 0
    assert after(playback, clock, 1.1 * frame) == 1


def test_whoever_goes_elsewhere_ends_it(playback: Playback, clock: Clock) -> None:
    playback.play()
    playback._session.step(3)
    assert after(playback, clock, 1.0) == 3
    assert not playback.playing


def test_another_speed_goes_on_from_the_frame_that_is_shown(playback: Playback, clock: Clock) -> None:
    playback.play()
    frame = 1.0 / playback.fps
    after(playback, clock, 2.1 * frame)
    playback.set_speed(0.25)
    assert after(playback, clock, 3.9 * frame) == 2
    assert after(playback, clock, 0.2 * frame) == 3


def test_speeds_end_at_the_slowest_and_the_fastest(playback: Playback) -> None:
    playback.faster(100)
    assert playback.speed == SPEEDS[-1]
    playback.faster(-100)
    assert playback.speed == SPEEDS[0]


@given(st.lists(st.floats(0.0, 0.5), max_size=30), st.sampled_from(SPEEDS))
def test_frames_never_go_back_and_are_asked_for_in_time(waits: list[float], speed: float) -> None:
    class Six:
        sequence_id, frame_index = 1, 0

        def sequence(self, _number: int) -> object:
            return type("Record", (), {"fps": 25.0, "frame_count": 6})

        def go_to_frame(self, _number: int, index: int) -> None:
            self.frame_index = index

    clock, six = Clock(), Six()
    playback = Playback(six, clock)  # type: ignore[arg-type]
    playback.set_speed(speed)
    playback.play()
    shown = [0]
    for wait in waits:
        assert 0.0 <= playback.due_in() <= 1.0 / (25.0 * speed) + 1e-6
        clock.now += wait
        playback.tick(True)
        shown.append(six.frame_index)
    assert shown == sorted(shown)
    assert max(shown) <= 5

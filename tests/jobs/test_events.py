"""What jobs say is one strict JSON object a line, and reads back as it was."""

from __future__ import annotations

import io
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from handstudio.jobs.events import (
    Event,
    Failed,
    Finished,
    Logged,
    Measured,
    Progressed,
    Started,
    decode,
    encode,
    to_json,
)
from handstudio.jobs.pace import Pace
from handstudio.jobs.progress import Events
from handstudio.jobs.stopping import StopRequest


@pytest.mark.parametrize(
    "event",
    [
        Started(3),
        Progressed(1, None, "hands"),
        Progressed(1, 10, "hands", 2.0, 4.5, "Proposing für alle"),
        Measured(7, {"loss": 0.5}),
        Logged("hello"),
        Finished({"hands": 3, "losses": {"total": 1.0}}),
        Failed("what: where. remedy"),
    ],
)
def test_an_event_reads_back_as_it_was(event: Event) -> None:
    line = encode(event)
    assert "\n" not in line
    assert json.loads(line)["event"] == event.kind
    assert decode(line + "\n") == event


@pytest.mark.parametrize(
    "line", ["stray words", "{}", "[1]", '{"event": "unknown"}', '{"event": "progress"}', "3"]
)
def test_a_line_that_is_no_event_is_passed_on_as_a_log_line(line: str) -> None:
    assert decode(line + "\n") == Logged(line)


def test_json_for_programs_is_strict() -> None:
    value = {
        "nan": math.nan,
        "infinite": np.float32(np.inf),
        "array": np.arange(3, dtype=np.float32),
        "whole": np.int64(4),
        "path": Path("a/b"),
        1: True,
    }
    assert json.loads(to_json(value)) == {
        "nan": None,
        "infinite": None,
        "array": [0.0, 1.0, 2.0],
        "whole": 4,
        "path": "a/b",
        "1": True,
    }


def test_the_pace_is_that_of_the_last_seconds() -> None:
    now = 0.0
    pace = Pace(window_s=10.0, clock=lambda: now)
    assert pace.update(0, 100, "hands") == (None, None)
    for now in range(1, 101):
        rate, left = pace.update(min(now, 50) * 0.1 + max(now - 50, 0) * 1.0, 100, "hands")
    assert rate == pytest.approx(1.0)
    assert left == pytest.approx(45.0)


def test_a_new_phase_has_a_pace_of_its_own() -> None:
    now = 0.0
    pace = Pace(clock=lambda: now)
    pace.update(0, 10, "frames")
    now = 1.0
    assert pace.update(10, 10, "frames") == (10.0, 0.0)
    assert pace.update(0, 5, "hands") == (None, None)


def test_what_was_done_before_a_resume_is_no_pace() -> None:
    now = 0.0
    pace = Pace(clock=lambda: now)
    pace.update(0, None, "steps")
    now = 10.0
    assert pace.update(500, 1000, "steps") == (None, None)
    now = 12.0
    assert pace.update(504, 1000, "steps") == (2.0, 248.0)


def test_a_name_of_bytes_that_are_no_text_reads_back_as_it_was() -> None:
    name = os.fsdecode(b"caf\xe9 \xc3\xa9.png")
    line = to_json({"path": name})
    assert json.loads(line.encode("utf-8")) == {"path": name}
    assert "é" in line


def test_a_name_that_cannot_be_written_is_no_reason_to_stop() -> None:
    stop, stream = StopRequest(), io.TextIOWrapper(io.BytesIO(), "utf-8")
    events = Events(stream, stop)
    events.say(os.fsdecode(b"\xff"))
    assert not stop()
    stream.close()
    events.say("nobody hears this")
    assert stop.reason == "interrupted"

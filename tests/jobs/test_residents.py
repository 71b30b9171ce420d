"""A resident child answers at once, comes back when it was killed, and is gone when it is closed."""

from __future__ import annotations

import io
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs.messages import Message, read_message, write_message
from handstudio.jobs.process import child_environment
from handstudio.jobs.residents import Resident
from handstudio.jobs.stopping import ORPHANED

from .conftest import PATIENCE_S

SMALL_CHILD = str(Path(__file__).with_name("small_child.py"))
Ask = Callable[..., Message | HandStudioError]


@pytest.fixture
def resident() -> Iterator[Resident]:
    resident = Resident([SMALL_CHILD], "small child")
    yield resident
    resident.close()


@pytest.fixture
def ask(resident: Resident) -> Ask:
    """Asks and waits for the answer."""

    def wait(message: Message, of: Resident = resident) -> Message | HandStudioError:
        answers: queue.Queue[Message | HandStudioError] = queue.Queue()
        of.ask(message, answers.put)
        return answers.get(timeout=PATIENCE_S)

    return wait


def test_a_message_reads_back_as_it_was() -> None:
    stream = io.BytesIO()
    arrays = {
        "uv": np.random.default_rng(0).random((21, 2)).astype(np.float32),
        "mask": np.eye(4, dtype=bool),
        "none": np.empty((0, 3), dtype=np.uint8),
        "turned": np.arange(6).reshape(2, 3).T,
    }
    write_message(stream, Message({"ask": "propose", "box": [1.5, 2]}, arrays))
    write_message(stream, Message())
    stream.seek(0)
    first = read_message(stream)
    assert first is not None
    assert first.values == {"ask": "propose", "box": [1.5, 2]}
    assert first.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(first.arrays[name], array)
        assert first.arrays[name].dtype == array.dtype
    assert read_message(stream) is not None
    assert read_message(stream) is None


def test_a_request_that_cannot_be_sent_does_not_silence_the_next(ask: Ask) -> None:
    failed = ask(Message({"ask": object()}))
    assert isinstance(failed, HandStudioError)
    assert "TypeError" in failed.what
    assert isinstance(ask(Message({"ask": "double"})), Message)


@pytest.mark.parametrize("length", [2, 10, 60])
def test_a_cut_message_is_noticed(length: int) -> None:
    stream = io.BytesIO()
    write_message(stream, Message({"ask": 1}, {"array": np.zeros(10)}))
    with pytest.raises((EOFError, ValueError)):
        read_message(io.BytesIO(stream.getvalue()[:length]))


def test_stray_bytes_are_no_message() -> None:
    with pytest.raises(ValueError):
        read_message(io.BytesIO(b"Traceback (most recent call last)"))


def test_one_child_answers_all_requests(ask: Ask, resident: Resident) -> None:
    assert resident.pid is None
    first = ask(Message({"ask": "double"}, {"points": np.arange(3.0)}))
    second = ask(Message({"ask": "double"}))
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    np.testing.assert_array_equal(first.arrays["points"], [0.0, 2.0, 4.0])
    assert first.values["pid"] == second.values["pid"] == resident.pid


def test_a_killed_child_comes_back(ask: Ask, resident: Resident) -> None:
    first = ask(Message({"ask": "double"}))
    assert resident.pid is not None
    os.kill(resident.pid, signal.SIGKILL)
    second = ask(Message({"ask": "double"}))
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert first.values["pid"] != second.values["pid"]


def test_a_request_survives_the_death_of_its_child(ask: Ask, tmp_path: Path) -> None:
    assert isinstance(ask(Message({"ask": "die once", "note": str(tmp_path / "note")})), Message)


def test_a_request_that_kills_every_child_is_given_up_with_its_last_words(ask: Ask) -> None:
    answer = ask(Message({"ask": "die"}))
    assert isinstance(answer, HandStudioError)
    assert "last words" in str(answer)
    assert isinstance(ask(Message({"ask": "double"})), Message)


def test_a_child_that_hangs_is_ended(ask: Ask) -> None:
    hanging = Resident([SMALL_CHILD], "small child", start_limit_s=1.0)
    answer = ask(Message({"ask": "hang"}), of=hanging)
    assert isinstance(answer, HandStudioError)
    assert "did not answer" in str(answer)
    hanging.close()


def test_bad_input_comes_back_as_an_error(ask: Ask, resident: Resident) -> None:
    ask(Message({"ask": "double"}))
    pid = resident.pid
    answer = ask(Message({"ask": "fail"}))
    assert isinstance(answer, HandStudioError)
    assert str(answer) == "The frame is damaged: a.jpg"
    assert resident.pid == pid


def test_another_model_means_another_child(ask: Ask, resident: Resident) -> None:
    ask(Message({"ask": "double"}))
    resident.replace([SMALL_CHILD, "other model"])
    answer = ask(Message({"ask": "double"}))
    assert isinstance(answer, Message)
    assert answer.values["words"] == ["other model"]


def test_an_answer_that_is_no_longer_wanted_is_not_told(ask: Ask, resident: Resident) -> None:
    told: list[object] = []
    ask(Message({"ask": "double"}))
    resident.ask(Message({"ask": "double"}), told.append).cancel()
    ask(Message({"ask": "double"}))
    assert told == []


def test_closing_ends_a_child_in_the_middle_of_its_work(ask: Ask, resident: Resident) -> None:
    told: list[object] = []
    ask(Message({"ask": "double"}))
    child = psutil.Process(resident.pid)
    resident.ask(Message({"ask": "hang"}), told.append)
    resident.close()
    assert told == []
    assert not child.is_running()


def test_what_is_asked_after_closing_is_not_answered(ask: Ask, resident: Resident) -> None:
    told: list[object] = []
    ask(Message({"ask": "double"}))
    resident.close()
    assert resident.ask(Message({"ask": "double"}), told.append).cancelled
    assert told == []
    assert resident.pid is None


def test_a_new_child_may_take_as_long_as_the_first_for_its_first_answer(ask: Ask) -> None:
    patient = Resident([SMALL_CHILD], "small child", limit_s=0.0, start_limit_s=PATIENCE_S)
    assert isinstance(ask(Message({"ask": "double"}), of=patient), Message)
    patient.replace([SMALL_CHILD, "other model"])
    answer = ask(Message({"ask": "double"}), of=patient)
    patient.close()
    assert isinstance(answer, Message), answer


def test_a_child_that_hangs_ends_after_its_window() -> None:
    child = subprocess.Popen(
        [sys.executable, SMALL_CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment({"SMALL_GRACE_S": "0.1"}),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    write_message(child.stdin, Message({"ask": "double"}))
    assert read_message(child.stdout) is not None
    write_message(child.stdin, Message({"ask": "hang"}))
    child.stdin.close()
    assert child.wait(PATIENCE_S) == ORPHANED
    child.stdout.close()

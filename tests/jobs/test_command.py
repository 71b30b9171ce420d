"""A command shows itself to a person, a program or a window, and ends with a code that says how."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable

from handstudio.errors import HandStudioError
from handstudio.jobs.process import child_environment
from handstudio.jobs.progress import Quiet, Recorded
from handstudio.jobs.stopping import StopRequest

from .conftest import PATIENCE_S, SMALL_PROGRAM

Small = Callable[..., subprocess.CompletedProcess[str]]


def test_with_json_standard_output_is_one_object_and_nothing_else(small: Small) -> None:
    done = small("count", "3", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"count": 3}
    assert done.stdout.count("\n") == 1
    assert "a library prints what it likes" in done.stderr


def test_without_a_terminal_there_are_no_bars(small: Small) -> None:
    done = small("count", "3")
    assert done.returncode == 0
    assert done.stderr == ""


def test_bad_input_ends_with_1_and_a_message(small: Small) -> None:
    done = small("fail")
    assert done.returncode == 1
    assert done.stderr == "Error: The file is damaged: /somewhere/a.jpg. Take it out of the folder\n"
    assert done.stdout == ""


def test_bad_input_is_an_object_too_for_a_program(small: Small) -> None:
    done = small("fail", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "error": "The file is damaged: /somewhere/a.jpg. Take it out of the folder"
    }


def test_a_fault_ends_with_1_and_a_traceback(small: Small) -> None:
    done = small("crash", "--json")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "ZeroDivisionError" in json.loads(done.stdout)["error"]


def test_what_the_system_refuses_is_no_fault_of_the_program(small: Small) -> None:
    done = small("refused")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The system refused a step (No space left on device): /somewhere/a")
    assert "Traceback" not in done.stderr


def test_progress_that_cannot_be_kept_does_not_end_the_work() -> None:
    def refuse(progress: object) -> None:
        raise HandStudioError("Another process keeps the project busy")

    recorded = Recorded(Quiet(StopRequest()), refuse, interval_s=0.0)
    recorded.report(1, 2, "things")
    recorded.report(2, 2, "things")


def test_ctrl_c_stops_at_a_safe_point_and_ends_with_130() -> None:
    process = subprocess.Popen(
        [sys.executable, str(SMALL_PROGRAM), "patient", "--json"],
        env=child_environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "ready" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert json.loads(out) == {"stopped": "cancelled"}

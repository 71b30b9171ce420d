"""The command line: words, help, exit codes, and the JSON that programs rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from handstudio.cli import spread
from handstudio.jobs.process import child_environment

COMMANDS = [
    *(
        "import",
        "propose",
        "review",
        "finetune",
        "pretrain",
        "evaluate",
        "export",
        "synth",
        "plugins",
        "demo",
    ),
    *("fit", "window", "models", "runs"),
]
HEAVY = ("torch", "open3d", "lightning_fabric", "cv2", "PySide6", "sqlalchemy", "numpy")

HandStudio = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def handstudio() -> HandStudio:
    """Runs a command as a person at a shell would."""

    def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "handstudio", *map(str, words)],
            env=child_environment({"COLUMNS": "100", **environment}),
            capture_output=True,
            text=True,
            timeout=100,
        )

    return run


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        image = np.full((48, 64, 3), 40 * number, dtype=np.uint8)
        assert cv2.imwrite(str(folder / f"{number}.png"), image)
    return folder


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """The object on the last and only line."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def told_to_a_window(*words: str | Path) -> list[dict[str, Any]]:
    """The events of a command whose window stays, to its end."""
    with subprocess.Popen(
        [sys.executable, "-m", "handstudio", *map(str, words)],
        env=child_environment({"HANDSTUDIO_EVENTS": "1"}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        return [json.loads(line) for line in process.stdout]


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from handstudio.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=child_environment({}), capture_output=True, text=True, check=True
    )
    assert "loaded: []" in done.stdout
    for command in COMMANDS:
        assert f" {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_teaches_by_example(handstudio: HandStudio, command: str) -> None:
    done = handstudio(command, "--help")
    assert done.returncode == 0
    assert "Examples" in done.stdout
    assert f"handstudio {command}" in done.stdout.split("Examples")[1]


@pytest.mark.parametrize("figure", ["template", "limits", "radii"])
def test_each_figure_of_the_hand_has_its_command(handstudio: HandStudio, figure: str) -> None:
    done = handstudio("fit", figure, "--help")
    assert done.returncode == 0
    assert f"handstudio fit {figure}" in done.stdout.split("Examples")[1]


def test_the_older_name_of_fitting_radii_still_works(handstudio: HandStudio) -> None:
    assert handstudio("fit-radii", "--help").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["juggle"],
        ["fit", "feet"],
        ["fit", "template"],
        ["fit", "limits", "P", "--share", "2"],
        ["propose"],
        ["import", "a"],
        ["synth", "--count", "none", "--out", "x"],
        ["runs", "P", "--x"],
    ],
)
def test_wrong_usage_ends_with_2(handstudio: HandStudio, words: list[str]) -> None:
    done = handstudio(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage" in done.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["juggle"], "No such command 'juggle'"),
        (["propose"], "Missing argument 'P'"),
        (["synth", "--count", "0", "--out", "x"], "--count"),
        (["demo"], "go with --headless"),
    ],
)
def test_wrong_usage_is_an_object_for_a_program(handstudio: HandStudio, words: list[str], why: str) -> None:
    done = handstudio(*words, "--json")
    assert done.returncode == 2
    assert why in json.loads(done.stdout)["error"]
    assert "Usage" in done.stderr


@pytest.mark.parametrize("option", ["--quick", "--no-screenshots", "--out=x"])
def test_what_only_a_played_demonstration_does_is_refused_in_the_window(
    handstudio: HandStudio, option: str
) -> None:
    done = handstudio("demo", option)
    assert done.returncode == 2
    assert "--headless" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize("command", ["window", "demo"])
def test_without_a_screen_the_window_is_refused_and_the_way_without_named(
    handstudio: HandStudio, command: str
) -> None:
    done = handstudio(command, DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 1
    assert "handstudio demo --headless" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX alone")
def test_names_that_are_no_text_are_told_and_stored_nowhere(
    handstudio: HandStudio, photos: Path, tmp_path: Path
) -> None:
    odd = photos / os.fsdecode(b"\xff.png")
    (photos / "0.png").rename(odd)
    result = answer(handstudio("import", photos, "--project", tmp_path / "P", "--json"))
    assert (result["frames"], [each["path"] for each in result["problems"]]) == (3, [str(odd)])
    assert told_to_a_window("import", photos, "--project", tmp_path / "Q")[-1]["result"]["frames"] == 3
    shown = handstudio("import", photos, "--project", tmp_path / "R")
    assert shown.returncode == 0
    assert r"\udcff.png: its name is not valid UTF-8" in shown.stdout
    project = tmp_path / os.fsdecode(b"\xff")
    assert answer(handstudio("import", photos, "--project", project, "--json"))["project"] == str(project)
    assert answer(handstudio("runs", project, "--json")) == {"runs": []}
    refused = handstudio("export", project, "--format", "coco", "--out", odd.with_suffix(".json"), "--json")
    assert refused.returncode == 1
    assert "not valid UTF-8" in json.loads(refused.stdout)["error"]
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["propose"],
        ["finetune"],
        ["evaluate", "--reference", "truth"],
        ["export", "--format", "coco", "--out", "x.json"],
        ["review", "--list"],
        ["models"],
        ["runs"],
    ],
)
def test_no_project_ends_with_1_and_says_what_to_do(
    handstudio: HandStudio, tmp_path: Path, words: list[str]
) -> None:
    done = handstudio(words[0], tmp_path / "nowhere", *words[1:])
    assert done.returncode == 1
    assert done.stdout == ""
    assert str(tmp_path / "nowhere") in done.stderr.replace("\n", "")
    assert "handstudio import" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_is_an_object_for_a_program(handstudio: HandStudio, tmp_path: Path) -> None:
    done = handstudio("runs", tmp_path / "nowhere", "--json")
    assert done.returncode == 1
    assert "There is no project" in json.loads(done.stdout)["error"]


def test_import_answers_with_the_promised_keys(handstudio: HandStudio, photos: Path, tmp_path: Path) -> None:
    result = answer(handstudio("import", photos, "--project", tmp_path / "P", "--json"))
    assert result.keys() >= {"project", "frames", "hands", "problems"}
    assert (result["frames"], result["hands"], result["problems"]) == (4, 4, [])


def test_review_lists_rejects_undoes_and_redoes(handstudio: HandStudio, photos: Path, tmp_path: Path) -> None:
    project = tmp_path / "P"
    answer(handstudio("import", photos, "--project", project, "--json"))
    listed = answer(handstudio("review", project, "--list", "--json"))["listed"]
    assert [row["frame"] for row in listed] == ["0.png", "1.png", "2.png", "3.png"]
    ids = f"{listed[0]['hand']},{listed[2]['hand']}-{listed[3]['hand']}"
    assert answer(handstudio("review", project, "--reject", ids, "--json"))["states"]["rejected"] == 3
    assert answer(handstudio("review", project, "--undo", "--json"))["states"]["rejected"] == 0
    assert answer(handstudio("review", project, "--redo", "--json"))["states"]["rejected"] == 3
    refused = handstudio("review", project, "--redo")
    assert refused.returncode == 1
    assert "nothing to redo" in refused.stderr


def test_accepting_needs_a_proposal(handstudio: HandStudio, photos: Path, tmp_path: Path) -> None:
    project = tmp_path / "P"
    answer(handstudio("import", photos, "--project", project, "--json"))
    done = handstudio("review", project, "--accept", "1")
    assert done.returncode == 1
    assert "no proposal to accept" in done.stderr


def test_a_fresh_project_has_no_runs_and_no_models(
    handstudio: HandStudio, photos: Path, tmp_path: Path
) -> None:
    project = tmp_path / "P"
    answer(handstudio("import", photos, "--project", project, "--json"))
    assert answer(handstudio("runs", project, "--json")) == {"runs": []}
    assert answer(handstudio("models", project, "--json")) == {"models": [], "adopted": None}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("propose P --sequences a b --json", "propose P --sequences a --sequences b --json"),
        ("propose P --sequences a --sequences b", "propose P --sequences a --sequences b"),
        ("propose --sequences a P", "propose --sequences a P"),
        ("propose P --sequences a", "propose P --sequences a"),
        ("propose P --sequences", "propose P --sequences"),
        ("--help", "--help"),
        ("", ""),
    ],
)
def test_several_sequences_may_follow_one_option(words: str, expected: str) -> None:
    assert spread(words.split()) == expected.split()

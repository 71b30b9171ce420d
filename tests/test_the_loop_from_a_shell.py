"""Import, propose, review, export, evaluate: the loop as a program runs it, by a model that knows nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from handstudio.jobs.process import child_environment
from handstudio.project import Project

TINY_MODEL = Path(__file__).with_name("jobs") / "tiny_model.py"


def handstudio(*words: str | Path) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "handstudio", *map(str, words), "--json"],
        env=child_environment({}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def refused(*words: str | Path) -> str:
    """What a person reads of a command that fails."""
    done = subprocess.run(
        [sys.executable, "-m", "handstudio", *map(str, words)],
        env=child_environment({}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def make_photos(folder: Path, count: int) -> None:
    folder.mkdir()
    chance = np.random.default_rng(0)
    for number in range(count):
        image = chance.integers(0, 255, (80, 100, 3), dtype=np.uint8)
        assert cv2.imwrite(str(folder / f"{number}_photo.png"), image)


def make_reference(path: Path, count: int) -> None:
    uv = np.random.default_rng(1).uniform(10.0, 70.0, (count, 21, 2)).round(3).tolist()
    images = {f"{number}_photo.png": {"uv": pose} for number, pose in enumerate(uv)}
    path.write_text(json.dumps({"images": images}), "utf-8")


def take_tiny_model(project_path: Path, folder: Path) -> None:
    subprocess.run([sys.executable, str(TINY_MODEL), str(folder)], env=child_environment({}), check=True)
    with Project.open(project_path) as project:
        project.add_model("tiny", "Tiny", "semihand", "lite", source="pretrain", path=folder, adopted=True)


@pytest.mark.timeout(900)
def test_the_loop_runs_from_a_shell(tmp_path: Path) -> None:
    project, reference = tmp_path / "P", tmp_path / "reference.json"
    make_photos(tmp_path / "photos", 6)
    make_reference(reference, 6)
    imported = handstudio("import", tmp_path / "photos", "--project", project)
    assert (imported["frames"], imported["hands"]) == (6, 6)
    take_tiny_model(project, tmp_path / "model")

    proposed = handstudio("propose", project)
    assert proposed.keys() >= {"run", "hands", "seconds", "per_second", "model"}
    assert (proposed["hands"], proposed["model"]) == (6, "tiny")

    before = handstudio("evaluate", project, "--reference", reference)
    assert before.keys() >= {"hands", "epe_px", "pck_005", "auc_px"}
    assert "epe_mm" not in before
    assert before["hands"] == 6
    assert before["epe_px"] > 0.0

    listed = handstudio("review", project, "--list")["listed"]
    assert [row["state"] for row in listed] == ["proposed"] * 6
    errors = [row["expected_error_px"] for row in listed]
    assert errors == sorted(errors, reverse=True)
    handstudio("review", project, "--accept", str(listed[-1]["hand"]))
    fixed = handstudio("review", project, "--label-from", reference, "--count", "3", "--seed", "2")
    assert fixed["states"]["fixed"] == 3
    assert fixed["states"]["accepted"] == 1

    labels = handstudio("evaluate", project, "--layer", "label", "--reference", reference, "--frames", "*")
    assert labels["hands"] == 4
    assert labels["epe_px"] < before["epe_px"]

    coco = tmp_path / "labels.json"
    exported = handstudio("export", project, "--format", "coco", "--out", coco)
    assert (exported["hands"], exported["skipped"]) == (4, 2)
    assert exported["out"] == str(coco)
    again = handstudio("evaluate", project, "--layer", "label", "--reference", coco)
    assert again["hands"] == 4
    assert again["epe_px"] == pytest.approx(0.0, abs=1e-4)
    hdf5 = handstudio("export", project, "--format", "hdf5", "--out", tmp_path / "labels.h5")
    assert hdf5["hands"] == 4

    runs = handstudio("runs", project)["runs"]
    assert {run["state"] for run in runs} == {"finished"}
    assert all(Path(run["log"]).is_file() for run in runs)
    assert handstudio("models", project)["adopted"] == "tiny"

    (tmp_path / "photos").rename(tmp_path / "gone")
    lost = refused("propose", project)
    assert "No hand could be read" in lost
    assert "The footage is no longer there" in lost
    assert handstudio("runs", project)["runs"][0]["state"] == "failed"


SMALL_PRETRAINING = (
    "--epochs=1",
    "--set=network.channels=[8,8]",
    "--set=network.stem_channels=8",
    "--set=network.crop=64",
    "--set=network.detail_channels=0",
    "--set=pretraining.epoch_hands=32",
    "--set=pretraining.pool_hands=32",
    "--set=pretraining.batch=16",
)


@pytest.mark.timeout(900)
def test_weights_are_made_and_trained_further_from_a_shell(tmp_path: Path) -> None:
    first, further = tmp_path / "first", tmp_path / "further"
    made = handstudio("pretrain", "--out", first, "--seed", "3", *SMALL_PRETRAINING)
    assert made["finished"]
    assert (made["steps"], made["profile"]) == (2, "lite")
    lineage = json.loads(Path(made["model"]).with_suffix(".json").read_text("utf-8"))
    assert lineage["parents"] == []
    assert lineage["data"]["seed"] == 3

    again = handstudio("pretrain", "--out", further, "--start", first, *SMALL_PRETRAINING)
    lineage = json.loads(Path(again["model"]).with_suffix(".json").read_text("utf-8"))
    assert lineage["parents"] == ["first"]
    resumed = handstudio("pretrain", "--out", further, "--resume")
    assert (resumed["steps"], resumed["finished"]) == (2, True)
    again = json.loads(Path(resumed["model"]).with_suffix(".json").read_text("utf-8"))
    assert all(again[part] == lineage[part] for part in ("parents", "settings", "data"))
    other = subprocess.run(
        [
            *(sys.executable, "-m", "handstudio", "pretrain", "--out", tmp_path / "third"),
            *("--start", first, "--profile", "paper"),
        ],
        env=child_environment({}),
        capture_output=True,
        text=True,
    )
    assert other.returncode != 0
    assert "not of semihand paper" in other.stderr
    assert "Traceback" not in other.stderr


def test_rendered_hands_come_from_a_shell_and_go_in_again(tmp_path: Path) -> None:
    made = handstudio("synth", "--count", "2", "--size", "32", "--seed", "5", "--out", tmp_path / "hands")
    assert made.keys() >= {"out", "frames", "seconds", "per_second"}
    assert (made["out"], made["frames"]) == (str(tmp_path / "hands"), 2)
    imported = handstudio("import", tmp_path / "hands", "--project", tmp_path / "P")
    assert (imported["frames"], imported["hands"]) == (2, 2)
    labelled = handstudio("review", tmp_path / "P", "--label-from", "truth")
    assert labelled["states"]["fixed"] == 2
    against = ("evaluate", tmp_path / "P", "--layer", "label", "--reference", "truth")
    assert handstudio(*against)["epe_px"] == pytest.approx(0.0, abs=1e-4)
    assert handstudio(*against, "--exact")["epe_px"] > 0.1
    assert "The folder is not empty" in refused("synth", "--count", "1", "--out", tmp_path / "hands")


def test_bones_and_limits_are_fitted_from_a_shell(tmp_path: Path) -> None:
    project = tmp_path / "P"
    handstudio("synth", "--count", "8", "--size", "64", "--seed", "5", "--out", tmp_path / "hands")
    handstudio("import", tmp_path / "hands", "--project", project)
    with Project.open(project) as opened:
        (name,) = [record.name for record in opened.sequences()]
    assert "0 reviewed hands, 5 are needed" in refused("fit", "template", project, "--sequences", name)
    handstudio("review", project, "--label-from", "truth")
    fitted = handstudio("fit", "template", project, "--sequences", name)
    (person,) = fitted["people"]
    assert (person["hands"], len(person["bones"]), fitted["kept"]) == (8, 20, True)
    assert 20.0 < person["reference_mm"] < 80.0
    assert handstudio("fit", "template", project, "--remove")["removed"] == [person["person"]]
    limits = handstudio("fit", "limits", project, "--share", "0.7", "--out", tmp_path / "limits.json")
    assert (limits["hands"], limits["kept"], len(limits["limits"])) == (8, True, 15)
    assert "200 are needed" in refused("fit", "limits", tmp_path / "hands")
    assert handstudio("fit", "limits", tmp_path / "limits.json", "--project", project)["kept"]
    assert handstudio("fit", "limits", project, "--remove")["removed"]


@pytest.mark.timeout(900)
def test_radii_are_fitted_from_a_shell(tmp_path: Path) -> None:
    fitted = handstudio("fit", "radii", "--out", tmp_path / "radii.json", "--count", "16")
    assert fitted.keys() >= {"out", "circles", "masks", "iou", "mismatch"}
    assert (fitted["out"], fitted["circles"], fitted["masks"]) == (str(tmp_path / "radii.json"), 55, 16)
    assert (tmp_path / "radii.json").is_file()


@pytest.mark.timeout(900)
def test_a_finetune_from_a_shell_gives_a_model_to_adopt(tmp_path: Path) -> None:
    project, names = tmp_path / "P", tmp_path / "names.txt"
    make_photos(tmp_path / "photos", 6)
    handstudio("import", tmp_path / "photos", "--project", project)
    take_tiny_model(project, tmp_path / "model")
    handstudio("propose", project)
    handstudio("review", project, "--accept", "1,2,3,4,5,6")
    names.write_text("1_photo.png\n2_photo.png\n3_photo.png\n4_photo.png\n", "utf-8")
    done = handstudio("finetune", project, "--epochs", "1", "--names-file", names, "--name", "New")
    assert done.keys() >= {"run", "model", "parent", "epochs", "seconds", "losses", "hands", "labelled"}
    assert (done["parent"], done["epochs"], done["hands"], done["labelled"]) == ("tiny", 1, 4, 4)
    assert not done["adopted"]
    assert "cannot be resumed: it is finished" in refused("finetune", project, "--resume", str(done["run"]))
    models = handstudio("models", project, "--adopt", done["model"])
    assert models["adopted"] == done["model"]
    assert [model["name"] for model in models["models"] if model["adopted"]] == ["New"]
    assert handstudio("models", project, "--rollback")["adopted"] == "tiny"

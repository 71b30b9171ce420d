"""An experiment run from its file: figures of every row, kept, and gone on with after a stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handstudio.errors import HandStudioError
from handstudio.experiments.made import changed
from handstudio.experiments.running import run
from handstudio.jobs.command import Work
from handstudio.jobs.importing import prepare
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.media.opening import open_sequences
from handstudio.methods import registry
from handstudio.methods.weights import save_fresh_model
from handstudio.progress import CancelledError
from handstudio.project import Project
from handstudio.project.records import HandQuery
from handstudio.synthesis.scene import SceneSettings

CONFIGURATION = """
title = "A small table"
baseline = "rendered only"
bound = "labels"
[domain]
name = "rendered"
[domain.made]
frames = 16
size = 64
views = 1
frames_per_sequence = 4
[domain.made.scene]
plain_share = 0.0
faults = { noise = 0.0 }
[doubt]
rows = ["rendered only"]
calibrated_on = 8
[settings]
"finetuning.rendered_hands" = 128
"finetuning.least_steps" = 1
"finetuning.first_views" = 1
"finetuning.views" = 1
"proposing.views" = 1
[[rows]]
name = "rendered only"
finetune = false
[[rows]]
name = "no labels"
start = "tiny"
epochs = 1
[[rows]]
name = "labels"
start = "nothing"
labels = "all"
epochs = 1
[rows.settings]
"finetuning.rendered_share" = 0.0
"network.channels" = [8, 8]
"network.crop" = 64
"network.detail_channels" = 0
"""
TINY = {
    "network.channels": [8, 8],
    "network.stem_channels": 8,
    "network.crop": 64,
    "network.detail_channels": 0,
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(CONFIGURATION, "utf-8")
    save_fresh_model(tmp_path / "tiny", registry.load("semihand"), "lite", TINY, 0)
    return path


def work(stop: StopRequest | None = None) -> Work:
    return Work(Quiet(stop or StopRequest()), None)


class StopOnce(StopRequest):
    """Asks for a stop as soon as a finetune has rendered hands."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __call__(self) -> bool:
        return any(self._folder.rglob("chunk-*.safetensors"))


def test_every_row_gets_its_figures_and_none_is_run_twice(config: Path, tmp_path: Path) -> None:
    done = run(work(), config)
    assert (done["cells"], done["missing"], done["figure"]) == (3, 0, "epe_mm")
    cells = {
        path.stem: json.loads(path.read_text("utf-8"))["cell"]
        for path in (tmp_path / "results" / "small" / "cells").iterdir()
    }
    assert cells["rendered-only-0"]["hands_learnt"] == 0
    assert (cells["no-labels-0"]["hands_learnt"], cells["no-labels-0"]["hands_labelled"]) == (8, 0)
    assert cells["labels-0"]["hands_labelled"] == 8
    assert {each["hands_measured"] for each in cells.values()} == {8}
    assert cells["labels-0"]["measured"]["epe_mm"] > cells["rendered-only-0"]["measured"]["epe_mm"]
    assert done["rows"]["labels"]["closed"] is None, "the bound is worse: there is nothing to close"
    assert json.dumps(done["rows"], allow_nan=False)
    assert cells["rendered-only-0"]["at_joints"]["epe_mm"] > 0
    assert cells["rendered-only-0"]["ran_on"]["precision"] in ("32-true", "bf16-mixed", "16-mixed")
    doubt = cells["rendered-only-0"]["doubt"]
    assert {"C", "stability", "plausibility", "views", "the error itself"} <= set(doubt)
    assert doubt["the error itself"]["area"] == min(each["area"] for each in doubt.values())
    assert not cells["no-labels-0"]["doubt"]
    assert cells["no-labels-0"]["measured"] != cells["rendered-only-0"]["measured"]
    assert not list((tmp_path / "results" / "small" / "unfinished").glob("*-0-*"))
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "results" / "small" / "cells").iterdir()}
    run(work(), config)
    assert stamps == {path: path.stat().st_mtime_ns for path in stamps}
    changed_row = CONFIGURATION.replace("finetune = false", "finetune = false\nseeds = 1")
    config.write_text(changed_row.replace('labels = "all"', "labels = 4"), "utf-8")
    run(work(), config, rows=["labels"])
    again = {path for path in stamps if path.stat().st_mtime_ns != stamps[path]}
    assert {path.stem for path in again} == {"labels-0"}


def test_a_stopped_experiment_goes_on_with_the_finetune_it_was_in(config: Path, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        run(work(StopOnce(tmp_path)), config, rows=["no labels"])
    (place,) = (tmp_path / "results" / "small" / "unfinished").glob("no-labels-0-*")
    assert (place / "project").is_dir()
    done = run(work(), config, rows=["no labels"])
    assert done["cells"] == 1
    assert not place.exists()


def test_the_hands_that_a_model_is_least_sure_of_can_be_labelled_first(config: Path, tmp_path: Path) -> None:
    row = '[[rows]]\nname = "doubtful"\nstart = "tiny"\nepochs = 1\nlabels = 3\nlabels_first = "doubt"\n'
    config.write_text(CONFIGURATION + row, "utf-8")
    stop = StopOnce(tmp_path)
    with pytest.raises(CancelledError):
        run(work(stop), config, rows=["doubtful"])
    (place,) = (tmp_path / "results" / "small" / "unfinished").glob("doubtful-*/project")
    with Project.open(place, writer="job") as project:
        labelled = set(project.poses("label").hand_ids.tolist())
        everyone = project.hand_ids(HandQuery()).tolist()
        doubts = dict(zip(everyone, project.joint_doubts(everyone).mean(axis=1).tolist(), strict=True))
        persons = {number: project.hand(number).sequence_id for number in everyone}
        subject = {one.id: one.person for one in project.sequences()}
    mine = {subject[persons[number]] for number in labelled}
    theirs = [number for number in everyone if subject[persons[number]] in mine]
    assert labelled == set(sorted(theirs, key=lambda number: -doubts[number])[:3])


def test_footage_that_was_imported_in_part_is_imported_anew(config: Path, tmp_path: Path) -> None:
    whole = run(work(), config, rows=["rendered only"])["rows"]
    cells = tmp_path / "results" / "small" / "cells"
    kept = json.loads((cells / "rendered-only-0.json").read_text("utf-8"))
    (cells / "rendered-only-0.json").unlink()
    place = tmp_path / "results" / "small" / "unfinished" / f"rendered-only-0-{kept['asked']}"
    with Project.create(place / "project", "job") as project:
        (source, *_) = open_sequences(tmp_path / "results" / "small" / "unfinished" / "footage").sequences
        project.add_sequence(prepare(source))
    assert run(work(), config, rows=["rendered only"])["rows"] == whole


def test_a_cell_counts_only_for_the_weights_that_it_began_with(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    settings = registry.load("semihand").settings("lite")
    text = CONFIGURATION.split("[[rows]]")[0].replace('bound = "labels"\n', "")
    config.write_text(
        text + f'[[rows]]\nname = "rendered only"\nfinetune = false\nstart = "{folder}"', "utf-8"
    )
    figures = []
    for seed in (0, 1):
        save_fresh_model(folder, registry.load("semihand"), "lite", settings.model_dump(), seed)
        figures.append(run(work(), config)["rows"]["rendered only"]["epe_mm"])
    assert figures[0] != figures[1]


def test_a_cell_counts_only_for_the_settings_of_the_model_that_it_began_with(
    config: Path, tmp_path: Path
) -> None:
    folder, cells = tmp_path / "weights", tmp_path / "results" / "small" / "cells"
    method = registry.load("semihand")
    text = CONFIGURATION.split("[[rows]]")[0].replace('bound = "labels"\n', "")
    text = text.replace('"proposing.views" = 1\n', "")
    config.write_text(
        text + f'[[rows]]\nname = "rendered only"\nfinetune = false\nstart = "{folder}"', "utf-8"
    )
    asked = []
    for views in (1, 2, 2):
        settings = method.settings("lite", {"proposing.views": views}).model_dump()
        save_fresh_model(folder, method, "lite", settings, 0)
        run(work(), config)
        asked.append(json.loads((cells / "rendered-only-0.json").read_text("utf-8"))["asked"])
    assert asked[0] != asked[1] == asked[2]


def test_footage_that_is_not_there_and_rows_that_do_not_exist_are_named(config: Path) -> None:
    with pytest.raises(HandStudioError, match="no none"):
        run(work(), config, rows=["none"])
    text = CONFIGURATION.split("[domain.made]")[0] + 'footage = ["away"]\n[[rows]]\nname = "rendered only"\n'
    config.write_text(text.replace('bound = "labels"\n', ""), "utf-8")
    with pytest.raises(HandStudioError, match="not here"):
        run(work(), config)


def test_a_setting_that_rendered_hands_do_not_have_is_refused(tmp_path: Path) -> None:
    made = changed(SceneSettings(), {"faults": {"noise": 0.5}, "plain_share": 0.1}, tmp_path)
    assert (made.faults.noise, made.plain_share, made.anatomy) == (0.5, 0.1, 1.0)
    with pytest.raises(HandStudioError, match="no setting 'fault'"):
        changed(SceneSettings(), {"fault": 1}, tmp_path)


FURTHER = """
[[rows]]
name = "rendered only"
finetune = false
[[rows]]
name = "further"
start = "tiny"
finetune = false
rendered = { hands = 8, scene = { plain_share = 1.0 } }
[rows.settings]
"pretraining.batch" = 4
"pretraining.pool_hands" = 16
"pretraining.warm_up" = 0.0
"pretraining.average" = 0.01
"""


def test_a_row_trains_further_on_hands_that_look_as_it_says(config: Path, tmp_path: Path) -> None:
    head = CONFIGURATION.split("[[rows]]")[0].replace('bound = "labels"\n', "")
    config.write_text(head + FURTHER, "utf-8")
    rows = run(work(), config)["rows"]
    assert rows["further"]["epe_mm"] != rows["rendered only"]["epe_mm"]
    assert not list((tmp_path / "results" / "small" / "unfinished").glob("*-0-*"))
    config.write_text(head + FURTHER.replace("plain_share", "plane_share"), "utf-8")
    with pytest.raises(HandStudioError, match="no setting 'plane_share'"):
        run(work(), config, rows=["further"])


def test_a_row_measures_the_model_of_another_row_in_its_own_way(config: Path, tmp_path: Path) -> None:
    row = '[[rows]]\nname = "three views"\nfinetune = false\nmodel_of = "no labels"\n'
    row += 'settings = { "proposing.views" = 3 }\n[[rows]]\nname = "the same"\nfinetune = false\n'
    config.write_text(CONFIGURATION + row + 'model_of = "no labels"\n', "utf-8")
    run(work(), config, rows=["three views"])
    (model,) = (tmp_path / "results" / "small" / "unfinished" / "models").iterdir()
    (trained,) = (model / "model.safetensors",)
    written = trained.stat().st_mtime_ns
    run(work(), config, rows=["no labels", "the same"])
    cells = {
        name: json.loads((tmp_path / "results" / "small" / "cells" / f"{name}-0.json").read_text("utf-8"))
        for name in ("no-labels", "three-views", "the-same")
    }
    figures = {name: kept["cell"]["measured"]["epe_mm"] for name, kept in cells.items()}
    assert figures["the-same"] == figures["no-labels"] != figures["three-views"]
    assert len({kept["cell"]["weights"] for kept in cells.values()}) == 1
    assert trained.stat().st_mtime_ns == written


def test_a_row_goes_on_from_the_model_of_another_row_with_the_same_labels(
    config: Path, tmp_path: Path
) -> None:
    rows = '[[rows]]\nname = "{}"\nlabels = 4\nepochs = 1\n{}\n'
    first = rows.format("four", 'start = "tiny"')
    config.write_text(CONFIGURATION + first + rows.format("again", 'model_of = "four"'), "utf-8")
    run(work(), config, rows=["again"])
    one, other = (
        json.loads((tmp_path / "results" / "small" / "cells" / f"{name}-0.json").read_text("utf-8"))["cell"]
        for name in ("four", "again")
    )
    assert one["hands_labelled"] == other["hands_labelled"] == 4
    assert one["measured"]["epe_mm"] != other["measured"]["epe_mm"]
    assert one["weights"] == other["weights"] == "tiny"


def test_a_row_begins_with_the_weights_that_the_configuration_names(config: Path, tmp_path: Path) -> None:
    method = registry.load("semihand")
    save_fresh_model(tmp_path / "weights" / "first", method, "lite", TINY, 0)
    row = '[[rows]]\nname = "given"\nfinetune = false\nstart = "{}"\n'
    config.write_text(CONFIGURATION + row.format("weights/first"), "utf-8")
    run(work(), config, rows=["given"])
    kept = json.loads((tmp_path / "results" / "small" / "cells" / "given-0.json").read_text("utf-8"))
    assert kept["cell"]["weights"] == "first"
    save_fresh_model(tmp_path / "weights" / "other", method, "paper", TINY, 0)
    for name, said in (("other", "a model of semihand paper, not of semihand lite"), ("away", "missing")):
        config.write_text(CONFIGURATION + row.format(f"weights/{name}"), "utf-8")
        with pytest.raises(HandStudioError, match=said):
            run(work(), config, rows=["given"])

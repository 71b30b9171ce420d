"""Tables of accuracy: what a configuration may say, how footage is cut, what the figures mean."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.experiments.cell import Cell
from handstudio.experiments.config import Experiment, read_experiment
from handstudio.experiments.doubt import compared
from handstudio.experiments.page import write_results
from handstudio.experiments.parts import Parts, cut
from handstudio.experiments.table import lines_of, to_csv, to_markdown
from handstudio.hand.box import Box
from handstudio.project import Project
from handstudio.project.records import FrameImport, HandImport, SequenceImport

CONFIGURATIONS = sorted((Path(__file__).parents[2] / "resources" / "experiments").glob("*.toml"))

CONFIGURATION = """
title = "A table"
seeds = [0, 1]
baseline = "before"
bound = "best"
curves = ["before", "best"]
components = ["before", "half", "best"]
shares = ["half", "best"]
remarks = "Nothing to remark."
[domain]
name = "photographs"
footage = ["images"]
group = "name"
per_group = 2
[[rows]]
name = "before"
finetune = false
[[rows]]
name = "half"
share = 0.5
seeds = 1
[[rows]]
name = "best"
labels = "all"
"""


def experiment_of(text: str, folder: Path) -> Experiment:
    path = folder / "experiment.toml"
    path.write_text(text, "utf-8")
    return read_experiment(path)


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return experiment_of(CONFIGURATION, tmp_path)


def cell(row: str, seed: int, epe: float) -> Cell:
    curve = {"thresholds": [0.0, 0.05, 0.1], "pck": [0.0, 0.5, 1.0]}
    figures = {"epe_px": epe, "pck_005": 0.5, "auc_px": 0.4}
    return Cell(row, seed, 8, 0, 9, figures, {**figures, "epe_px": epe / 2}, curve, 3.0, 1e9, "lite", "w")


CELLS = [
    cell("before", 0, 10.0),
    cell("before", 1, 20.0),
    cell("half", 0, 8.0),
    cell("best", 0, 5.0),
    cell("best", 1, 12.0),
]


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_the_configurations_of_the_house_can_be_read(path: Path) -> None:
    assert read_experiment(path).rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CONFIGURATION.replace('baseline = "before"', 'baseline = "after"'), "no row is called after"),
        (CONFIGURATION.replace('footage = ["images"]', ""), "either footage or made"),
        (CONFIGURATION + 'learn_from = "measured"', "would learn the labels that it is measured on"),
        (CONFIGURATION + "learnrate = 3", "learnrate"),
        (CONFIGURATION + 'model_of = "before"\nstart = "nothing"', "begins with another row's model"),
        (CONFIGURATION + 'model_of = "best"', "no row 'best' comes to a model that 'best' could begin with"),
        (
            CONFIGURATION + '[[rows]]\nname = "again"\nfinetune = false\nmodel_of = "before"',
            "no row 'before' comes to a model",
        ),
        (CONFIGURATION + "=", "no TOML"),
        (CONFIGURATION + '[[rows]]\nname = "half"', "two rows have one name"),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_reason(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(HandStudioError, match=said):
        experiment_of(text, tmp_path)


def test_what_experiments_share_is_read_from_one_file(experiment: Experiment, tmp_path: Path) -> None:
    head, domain = CONFIGURATION.split("[domain]")[0], CONFIGURATION.split("[domain]")[1].split("[[rows]]")[0]
    (tmp_path / "shared.toml").write_text(head + CONFIGURATION[CONFIGURATION.index("[[rows]]") :], "utf-8")
    assert experiment_of(f'base = "shared.toml"\n[domain]{domain}', tmp_path) == experiment
    row = '[[rows]]\nname = "of its own"\n'
    more = experiment_of(f'base = "shared.toml"\n[domain]{domain}{row}', tmp_path)
    assert [row.name for row in more.rows] == [*(row.name for row in experiment.rows), "of its own"]
    with pytest.raises(HandStudioError, match="cannot be read"):
        experiment_of(f'base = "away.toml"\n[domain]{domain}', tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    names = [f"{number}_digit.jpg" for number in range(1, 21)]
    hands = [HandImport(index, "right", Box(0, 0, 9, 9), "whole") for index in range(20)]
    frames = [FrameImport(name, 9, 9) for name in names]
    project = Project.create(tmp_path / "project", "job")
    project.add_sequence(SequenceImport("photos", "folder", str(tmp_path), frames, hands))
    return project


def test_no_group_is_on_both_sides_of_the_cut(experiment: Experiment, project: Project) -> None:
    with project:
        cuts = [cut(project, experiment.domain, seed, Path("e.toml")) for seed in range(5)]
        again = cut(project, experiment.domain, 0, Path("e.toml"))
        group = {hand.id: hand.frame_index // 2 for hand in project.hands(project.hand_ids())}
    for parts in cuts:
        sides = [{group[number] for number in side.tolist()} for side in (parts.learn, parts.measured)]
        assert not sides[0] & sides[1]
        assert len(parts.learn) == len(parts.measured) == 10
    assert again.learn.tolist() == cuts[0].learn.tolist()
    assert len({tuple(parts.learn.tolist()) for parts in cuts}) > 1


def test_frames_without_a_group_are_an_error(experiment: Experiment, project: Project) -> None:
    domain = experiment.domain.model_copy(update={"pattern": r"^photo(\d+)"})
    with project, pytest.raises(HandStudioError, match="20 hands belong to no group"):
        cut(project, domain, 0, Path("e.toml"))


def test_a_smaller_share_is_part_of_a_larger_one(experiment: Experiment, project: Project) -> None:
    with project:
        parts = cut(project, experiment.domain, 0, Path("e.toml"))
    quarter, half = (set(parts.chosen("learn", share, 0).tolist()) for share in (0.25, 0.5))
    assert quarter < half < set(parts.learn.tolist())
    assert set(parts.chosen("measured", 1.0, 0).tolist()) == set(parts.measured.tolist())
    assert isinstance(parts, Parts)


def test_gains_are_means_over_the_seeds_that_both_rows_have(experiment: Experiment) -> None:
    lines = {line.name: line for line in lines_of(experiment, CELLS)}
    assert lines["before"].mean("epe_px") == 15.0
    assert lines["before"].spread("epe_px") == pytest.approx(math.sqrt(50.0))
    assert lines["half"].lower == pytest.approx(0.2)
    assert lines["half"].closed == pytest.approx(0.4)
    assert lines["best"].lower == pytest.approx((0.5 + 0.4) / 2)
    assert lines["best"].closed == pytest.approx(1.0)
    assert math.isnan(lines["half"].spread("epe_px"))


def test_where_the_bound_is_no_better_there_is_nothing_to_close(tmp_path: Path) -> None:
    experiment = experiment_of(CONFIGURATION, tmp_path)
    cells = [cell("before", 0, 10.0), cell("before", 1, 20.0), cell("half", 0, 12.0)]
    cells += [cell("best", 0, 11.0), cell("best", 1, 15.0)]
    lines = {line.name: line for line in lines_of(experiment, cells)}
    assert math.isnan(lines["half"].closed)
    assert lines["best"].closed == 1.0
    write_results(experiment, cells, tmp_path / "out", Path("e.toml"))
    assert "With seed 0 that row is no better" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_a_row_that_sees_more_than_the_bound_is_not_measured_by_it(tmp_path: Path) -> None:
    text = CONFIGURATION.replace('name = "half"', 'name = "half"\nbounded = false')
    line = lines_of(experiment_of(text, tmp_path), CELLS)[1]
    assert line.lower == pytest.approx(0.2)
    assert math.isnan(line.closed)


def test_figures_at_the_joints_and_what_computed_them_are_told_where_they_are_known(
    experiment: Experiment, tmp_path: Path
) -> None:
    ran = {"device": "A processor", "cores": "1", "precision": "32-true", "torch": "2"}
    cells = [replace(CELLS[0], at_joints={"epe_px": 11.0}, ran_on=ran), *CELLS[1:]]
    assert "| before | 2 | 15.00 ± 7.07 |" in to_markdown(experiment, cells)
    assert "| 0% | 0% | 11.00 |" in to_markdown(experiment, cells)
    write_results(experiment, cells, tmp_path / "out", Path("e.toml"))
    page = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "1 cell on A processor, 1 core a cell, precision 32-true, torch 2; 4 without" in page
    assert "*at the joints*" in page


def test_components_stand_side_by_side_for_the_same_cuts_alone(
    experiment: Experiment, tmp_path: Path
) -> None:
    first = [one for one in CELLS if one.seed == 0]
    drawn = []
    for name, cells in (("first", first), ("all", CELLS)):
        write_results(experiment, cells, tmp_path / name, Path("e.toml"))
        drawn.append((tmp_path / name / "components.svg").read_text("utf-8"))
    assert drawn[0] == drawn[1]


def test_the_table_holds_every_row_that_was_run(experiment: Experiment) -> None:
    text = to_markdown(experiment, CELLS)
    assert "| half | 1 | 8.00 | 0.500 | 0.400 | 4.00 | 20% | 40% |" in text
    assert "| best | 2 | 8.50 ± 4.95 |" in text
    assert len(to_csv(CELLS).splitlines()) == 6


def test_the_doubt_that_follows_the_error_wins_and_can_be_calibrated() -> None:
    rng = np.random.default_rng(0)
    error = rng.gamma(2.0, 2.0, 400)
    doubts = {
        "good": error * rng.uniform(0.8, 1.2, 400),
        "poor": error + 9.0 * rng.random(400),
        "none": rng.random(400),
    }
    found = compared(doubts, error, 100, 0)
    assert sorted(found, key=lambda name: found[name]["area"]) == ["the error itself", "good", "poor", "none"]
    assert found["good"]["captured"] > 0.9 > found["poor"]["captured"] > 0.2 > abs(found["none"]["captured"])
    assert found["good"]["gap"] < 0.4 < found["good"]["found"][-1] - found["good"]["found"][0]


def test_the_page_says_what_is_missing_and_shows_the_figures(experiment: Experiment, tmp_path: Path) -> None:
    written = write_results(experiment, CELLS[:4], tmp_path / "out", Path("e.toml"))
    names = {path.name for path in written}
    assert names == {"table.csv", "components.svg", "curves.svg", "shares.svg", "README.md"}
    page = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "Not run yet: best (seed 1)." in page
    assert "Nothing to remark." in page
    assert "2001-09-09" in page
    assert (tmp_path / "out" / "shares.svg").read_text("utf-8").count("<polyline") == 1

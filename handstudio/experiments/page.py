"""The page of an experiment: its table, its figures, and what was run, when and on what."""

from __future__ import annotations

import math
import os
import platform
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from handstudio.experiments.cell import Cell
from handstudio.experiments.config import Experiment
from handstudio.experiments.table import HEADS, Line, lines_of, main_figure, to_csv, to_markdown
from handstudio.scoring.bars import Bar, bars_svg
from handstudio.scoring.curves import Curve, curves_svg


def write_results(experiment: Experiment, cells: Sequence[Cell], folder: Path, config: Path) -> list[Path]:
    """Writes ``table.csv``, the figures and ``README.md`` into a folder; returns their paths."""
    drawings = _drawings(experiment, cells)
    texts = {
        "table.csv": to_csv(cells),
        **drawings,
        "README.md": _page(experiment, cells, list(drawings), config),
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        part = folder / f"{name}.part"
        part.write_text(text, "utf-8")
        part.replace(folder / name)
        written.append(folder / name)
    return written


def _page(experiment: Experiment, cells: Sequence[Cell], pictures: list[str], config: Path) -> str:
    when = [time.strftime("%Y-%m-%d", time.gmtime(cell.when)) for cell in cells]
    begun, ended = min(when), max(when)
    days = begun if begun == ended else f"{begun} to {ended}"
    weights = ", ".join(sorted({cell.weights for cell in cells}))
    hours = sum(cell.seconds for cell in cells) / 3600.0
    missing = [
        f"{row.name} (seed {seed})"
        for row in experiment.rows
        for seed in experiment.seeds_of(row)
        if not any(cell.row == row.name and cell.seed == seed for cell in cells)
    ]
    parts = [
        f"# {experiment.title}",
        f"`handstudio experiment {config.name}`, {days}, {platform.machine()}, {os.cpu_count()} cores; "
        f"method {experiment.method}, profile {experiment.profile}, weights {weights}; "
        f"{hours:.1f} hours of finetuning in all.",
        f"Domain {experiment.domain.name}: {_of_domain(experiment, cells)}",
        to_markdown(experiment, cells),
        "`lower` is the share by which the mean error is lower than that of "
        f"*{experiment.baseline}*"
        + (
            f"; `closed` the share of the distance to *{experiment.bound}* that is closed."
            if experiment.bound
            else "."
        )
        + " Spread is the standard deviation over seeds; a seed draws the cut into parts as well.",
        *_doubt_tables(experiment, cells),
        experiment.remarks.strip(),
        f"Not run yet: {', '.join(missing)}." if missing else "",
        *(f"![{name}]({name})" for name in pictures),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _of_domain(experiment: Experiment, cells: Sequence[Cell]) -> str:
    measured = sorted({cell.hands_measured for cell in cells})
    learnt = sorted({cell.hands_learnt for cell in cells if cell.hands_learnt})
    cut = "person" if experiment.domain.group == "subject" else "numbers in the names"
    return (
        f"cut by {cut}, {experiment.domain.learn_share:.0%} to learn from "
        f"(up to {learnt[-1] if learnt else 0} hands), measured on {_range(measured)} others."
    )


def _range(values: list[int]) -> str:
    return str(values[0]) if values[0] == values[-1] else f"{values[0]} to {values[-1]}"


def _drawings(experiment: Experiment, cells: Sequence[Cell]) -> dict[str, str]:
    lines = {line.name: line for line in lines_of(experiment, cells)}
    main = main_figure(cells)
    drawn: dict[str, str] = {}
    bars = [lines[name] for name in experiment.components if name in lines]
    if bars:
        drawn["components.svg"] = bars_svg(
            [Bar(line.name, line.mean(main), spread=line.spread(main)) for line in bars],
            f"{experiment.domain.name}: {HEADS[main]} by component",
            HEADS[main],
        )
    curves = [_curve(lines[name], main) for name in experiment.curves if name in lines]
    if curves:
        end = float(max(curve.x[-1] for curve in curves))
        label = "distance / mm" if main == "epe_mm" else "distance / sides of the hand's box"
        drawn["curves.svg"] = curves_svg(
            curves,
            f"{experiment.domain.name}: joints within a distance",
            label,
            "share of joints",
            (0.0, end),
        )
    shares = [(experiment.row(name).share, lines[name]) for name in experiment.shares if name in lines]
    if len(shares) > 1:
        drawn["shares.svg"] = _shares(experiment, shares, lines.get(experiment.baseline), main)
    for name in experiment.doubt.rows if experiment.doubt else ():
        if name in lines and lines[name].cells[0].doubt:
            drawn[f"risk-{slug(name)}.svg"] = _risk(experiment, lines[name])
            drawn[f"reliability-{slug(name)}.svg"] = _reliability(experiment, lines[name])
    return drawn


def _doubt_tables(experiment: Experiment, cells: Sequence[Cell]) -> list[str]:
    """Per row a table of its measures of doubt, the best first."""
    tables = []
    for line in lines_of(experiment, cells):
        if not line.cells[0].doubt:
            continue
        rows = ["| doubt | area / px | captured | gap / px |", "| --- | --- | --- | --- |"]
        rows += [
            f"| {name} | {_mean(line, name, 'area'):.3f} | {_mean(line, name, 'captured'):.0%} "
            f"| {_mean(line, name, 'gap'):.2f} |"
            for name in _ranked(line)
        ]
        tables += [
            f"Doubt of *{line.name}*: area under the risk-coverage curve, share of the possible gain that it "
            "captures, and gap between expected and found error once calibrated (isotonic).",
            "\n".join(rows),
        ]
    return tables


def _ranked(line: Line) -> list[str]:
    return sorted(line.cells[0].doubt, key=lambda name: _mean(line, name, "area"))


def _mean(line: Line, measure: str, figure: str) -> float:
    return float(np.mean([cell.doubt[measure][figure] for cell in line.cells]))


def _risk(experiment: Experiment, line: Line) -> str:
    assert experiment.doubt is not None
    names = [name for name in experiment.doubt.drawn if name in line.cells[0].doubt] or _ranked(line)[:5]
    points = len(line.cells[0].doubt[names[0]]["curve"])
    coverage = np.arange(1, points + 1) / points
    curves = [
        Curve(name, coverage, np.mean([cell.doubt[name]["curve"] for cell in line.cells], axis=0))
        for name in names
    ]
    top = 1.05 * max(float(curve.y.max()) for curve in curves)
    return curves_svg(
        curves,
        f"{experiment.domain.name}, {line.name}: error of the hands that are taken",
        "share of hands taken",
        "mean error / px",
        (0.0, 1.0),
        (0.0, top),
    )


def _reliability(experiment: Experiment, line: Line) -> str:
    best = next(name for name in _ranked(line) if line.cells[0].doubt[name]["expected"])
    expected, found = (
        np.mean([cell.doubt[best][part] for cell in line.cells], axis=0) for part in ("expected", "found")
    )
    top = 1.05 * float(max(expected.max(), found.max()))
    return curves_svg(
        [Curve(best, expected, found), Curve("as expected", np.array([0.0, top]), np.array([0.0, top]))],
        f"{experiment.domain.name}, {line.name}: expected and found error",
        "expected error / px",
        "found error / px",
        (0.0, top),
        (0.0, top),
    )


def _curve(line: Line, main: str) -> Curve:
    """The mean of a row's curves over its seeds."""
    area = line.mean("auc_mm" if main == "epe_mm" else "auc_px")
    return Curve(
        f"{line.name} {area:.3f}",
        np.array(line.cells[0].curve["thresholds"]),
        np.mean([cell.curve["pck"] for cell in line.cells], axis=0),
    )


def _shares(
    experiment: Experiment, shares: list[tuple[float, Line]], baseline: Line | None, main: str
) -> str:
    points: list[tuple[float, Any]] = sorted(shares, key=lambda pair: pair[0])
    if baseline is not None:
        points = [(0.0, baseline), *points]
    x = np.array([100.0 * share for share, _ in points])
    y = np.array([line.mean(main) for _, line in points])
    top = 1.1 * max(value for value in y.tolist() if math.isfinite(value))
    return curves_svg(
        [Curve("without labels", x, y)],
        f"{experiment.domain.name}: {HEADS[main]} over the footage adapted to",
        "share of the footage / %",
        HEADS[main],
        (0.0, 100.0),
        (0.0, top),
    )


def slug(name: str) -> str:
    """A row's name as a name of files."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("+", "and ")).strip("-")

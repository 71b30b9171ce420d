"""The figures of an experiment: components, PCK curves, shares of the footage, doubt."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from handstudio.experiments.cell import Cell
from handstudio.experiments.config import Experiment
from handstudio.experiments.table import HEADS, Line, lines_of, main_figure
from handstudio.scoring.bars import Bar, bars_svg
from handstudio.scoring.curves import Curve, curves_svg


def drawings(experiment: Experiment, cells: Sequence[Cell]) -> dict[str, str]:
    """The texts of the figures (SVG) by the names of their files."""
    lines = {line.name: line for line in lines_of(experiment, cells)}
    main = main_figure(cells)
    drawn: dict[str, str] = {}
    bars = _of_common_seeds([lines[name] for name in experiment.components if name in lines])
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


def _of_common_seeds(lines: list[Line]) -> list[Line]:
    """The same rows with the seeds that all of them have: what stands side by side is of the same cuts."""
    common = set.intersection(*({cell.seed for cell in line.cells} for line in lines)) if lines else set()
    return [
        replace(line, cells=tuple(cell for cell in line.cells if cell.seed in common))
        for line in lines
        if common
    ]


def _risk(experiment: Experiment, line: Line) -> str:
    assert experiment.doubt is not None
    names = [name for name in experiment.doubt.drawn if name in line.cells[0].doubt] or ranked(line)[:5]
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
    best = next(name for name in ranked(line) if line.cells[0].doubt[name]["expected"])
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
    area = line.mean("auc_mm_0_50" if main == "epe_mm" else "auc_px")
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


def ranked(line: Line) -> list[str]:
    """Measures of doubt, the best first."""
    return sorted(line.cells[0].doubt, key=lambda name: mean_doubt(line, name, "area"))


def mean_doubt(line: Line, measure: str, figure: str) -> float:
    """Mean over seeds of a figure of :func:`handstudio.experiments.doubt.compared`."""
    return float(np.mean([cell.doubt[measure][figure] for cell in line.cells]))


def slug(name: str) -> str:
    """A row's name as a name of files."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("+", "and ")).strip("-")

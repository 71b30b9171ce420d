"""From cells to a table: mean and spread over seeds, and what a row gains against baseline and bound."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from handstudio.experiments.cell import FIGURES, Cell
from handstudio.experiments.config import Experiment

HEADS: Final = {
    "epe_px": "EPE / px",
    "pck_005": "PCK@0.05",
    "auc_px": "AUC 0-0.1",
    "epe_mm": "EPE / mm",
    "auc_mm": "AUC 20-50 mm",
    "auc_mm_0_50": "AUC 0-50 mm",
}
_DIGITS: Final = {"epe_px": 2, "epe_mm": 2}


@dataclass(frozen=True)
class Line:
    """A row of the table.

    Attributes:
        name: of the row. ``cells``: one per seed.
        lower: share by which its EPE is lower than the baseline's, the mean over the seeds that both have.
        closed: share of the distance from baseline to bound that it closes, likewise; NaN without a bound,
            and where the bound is no better than the baseline: then there is nothing to close.
    """

    name: str
    cells: tuple[Cell, ...]
    lower: float
    closed: float

    def mean(self, figure: str, part: str = "measured") -> float:
        """Mean over seeds; NaN where it is not known."""
        values = self._values(figure, part)
        return statistics.fmean(values) if values else math.nan

    def spread(self, figure: str, part: str = "measured") -> float:
        """Standard deviation over seeds; NaN for fewer than two."""
        values = self._values(figure, part)
        return statistics.stdev(values) if len(values) > 1 else math.nan

    def _values(self, figure: str, part: str) -> list[float]:
        return [values[figure] for cell in self.cells if figure in (values := getattr(cell, part))]


def lines_of(experiment: Experiment, cells: Sequence[Cell]) -> list[Line]:
    """The lines of all rows that have a cell, in the order of the experiment."""
    main = main_figure(cells)

    def by_seed(name: str | None) -> dict[int, float]:
        return {cell.seed: cell.measured[main] for cell in cells if cell.row == name}

    base, bound = by_seed(experiment.baseline), by_seed(experiment.bound)
    lines = []
    for row in experiment.rows:
        own = tuple(sorted((cell for cell in cells if cell.row == row.name), key=lambda cell: cell.seed))
        if not own:
            continue
        mine = by_seed(row.name)
        lower = [1.0 - mine[seed] / base[seed] for seed in mine if seed in base]
        closed = [
            (base[seed] - mine[seed]) / (base[seed] - bound[seed])
            for seed in mine
            if row.bounded and seed in base and seed in bound and base[seed] > bound[seed]
        ]
        lines.append(
            Line(
                row.name,
                own,
                statistics.fmean(lower) if lower else math.nan,
                statistics.fmean(closed) if closed else math.nan,
            )
        )
    return lines


def main_figure(cells: Sequence[Cell]) -> str:
    """``epe_mm`` where 3D is known, else ``epe_px``."""
    return "epe_mm" if any("epe_mm" in cell.measured for cell in cells) else "epe_px"


def figures_known(cells: Sequence[Cell]) -> list[str]:
    """The figures that any cell has, in the table's order."""
    return [figure for figure in FIGURES if any(figure in cell.measured for cell in cells)]


def to_csv(cells: Sequence[Cell]) -> str:
    """Every cell with all its figures on both parts."""
    figures = figures_known(cells)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "row",
            "seed",
            "hands_learnt",
            "hands_labelled",
            "hands_measured",
            *figures,
            *(f"{figure}_learnt" for figure in figures),
            *(f"{figure}_at_joints" for figure in figures),
            "seconds",
        ]
    )
    for cell in cells:
        writer.writerow(
            [
                cell.row,
                cell.seed,
                cell.hands_learnt,
                cell.hands_labelled,
                cell.hands_measured,
                *(cell.measured.get(figure, "") for figure in figures),
                *(cell.learnt.get(figure, "") for figure in figures),
                *(cell.at_joints.get(figure, "") for figure in figures),
                cell.seconds,
            ]
        )
    return text.getvalue()


def to_markdown(experiment: Experiment, cells: Sequence[Cell]) -> str:
    """The table as Markdown: measured figures, then EPE on the part learnt from and the gains."""
    figures, main = figures_known(cells), main_figure(cells)
    heads = ["", "seeds", *(HEADS[figure] for figure in figures), f"{HEADS[main]}, learnt from", "lower"]
    heads += ["closed"] if experiment.bound else []
    exact = any(cell.at_joints for cell in cells)
    heads += [f"{HEADS[main]}, at the joints"] if exact else []
    rows = [heads, ["---"] * len(heads)]
    for line in lines_of(experiment, cells):
        row = [line.name, str(len(line.cells))]
        row += [_text(line, figure, "measured") for figure in figures]
        row += [_text(line, main, "learnt"), _percent(line.lower)]
        row += [_percent(line.closed)] if experiment.bound else []
        row += [_text(line, main, "at_joints")] if exact else []
        rows.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _text(line: Line, figure: str, part: str) -> str:
    mean, spread = line.mean(figure, part), line.spread(figure, part)
    if not math.isfinite(mean):
        return ""
    digits = _DIGITS.get(figure, 3)
    text = f"{mean:.{digits}f}"
    return f"{text} ± {spread:.{digits}f}" if math.isfinite(spread) else text


def _percent(share: float) -> str:
    return f"{share:.0%}" if math.isfinite(share) else ""

"""The page of an experiment: its table, its figures, and what was run, when and on what."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from handstudio.experiments.cell import Cell
from handstudio.experiments.config import Experiment
from handstudio.experiments.drawings import drawings, mean_doubt, ranked
from handstudio.experiments.table import lines_of, main_figure, to_csv, to_markdown

AT_JOINTS: Final = (
    " Labels lie where people and landmark detectors put them, and so does the truth here; *at the joints* "
    "is the error against the exact truth, with proposals moved to the centres of the joints and to the skin."
)


def write_results(experiment: Experiment, cells: Sequence[Cell], folder: Path, config: Path) -> list[Path]:
    """Writes ``table.csv``, the figures and ``README.md`` into a folder; returns their paths."""
    drawn = drawings(experiment, cells)
    texts = {
        "table.csv": to_csv(cells),
        **drawn,
        "README.md": _page(experiment, cells, list(drawn), config),
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
        f"`handstudio experiment {config.name}`, {days}; "
        f"method {experiment.method}, profile {experiment.profile}, weights {weights}; "
        f"{hours:.1f} hours of finetuning in all, without stretches that were broken off. {_ran_on(cells)}",
        f"Domain {experiment.domain.name}: {_of_domain(experiment, cells)}",
        to_markdown(experiment, cells),
        "`lower` is the share by which the mean error is lower than that of "
        f"*{experiment.baseline}*"
        + (
            f"; `closed` the share of the distance to *{experiment.bound}* that is closed."
            if experiment.bound
            else "."
        )
        + _of_bound(experiment, cells)
        + (AT_JOINTS if any(cell.at_joints for cell in cells) else "")
        + " Spread is the standard deviation over seeds; a seed draws the cut into parts as well.",
        *_doubt_tables(experiment, cells),
        experiment.remarks.strip(),
        f"Not run yet: {', '.join(missing)}." if missing else "",
        *(f"![{name}]({name})" for name in pictures),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _ran_on(cells: Sequence[Cell]) -> str:
    """What computed the cells, as far as they say it."""
    told: dict[str, int] = {}
    for cell in cells:
        if cell.ran_on:
            parts = {**cell.ran_on}
            device, cores = parts.pop("device"), parts.pop("cores")
            rest = ", ".join(f"{name} {value}" for name, value in parts.items())
            text = f"{device}, {cores} {'core' if cores == '1' else 'cores'} a cell, {rest}"
            told[text] = told.get(text, 0) + 1
    if not told:
        return ""
    silent = len(cells) - sum(told.values())
    runs = [f"{count} {'cell' if count == 1 else 'cells'} on {text}" for text, count in told.items()]
    return "Run: " + "; ".join(runs) + (f"; {silent} without a record of it." if silent else ".")


def _of_domain(experiment: Experiment, cells: Sequence[Cell]) -> str:
    measured = sorted({cell.hands_measured for cell in cells})
    learnt = sorted({cell.hands_learnt for cell in cells if cell.hands_learnt})
    cut = "person" if experiment.domain.group == "subject" else "numbers in the names"
    return (
        f"cut by {cut}, {experiment.domain.learn_share:.0%} to learn from "
        f"(up to {learnt[-1] if learnt else 0} hands), measured on {_range(measured)} others."
    )


def _of_bound(experiment: Experiment, cells: Sequence[Cell]) -> str:
    """Where there is nothing to close."""
    if experiment.bound is None:
        return ""
    main = main_figure(cells)
    base, bound = (
        {cell.seed: cell.measured[main] for cell in cells if cell.row == name}
        for name in (experiment.baseline, experiment.bound)
    )
    none = [seed for seed in bound if seed in base and bound[seed] >= base[seed]]
    if not none:
        return ""
    seeds = f"{'seed' if len(none) == 1 else 'seeds'} {', '.join(map(str, none))}"
    return f" With {seeds} that row is no better than the first, so there is no distance to close."


def _range(values: list[int]) -> str:
    return str(values[0]) if values[0] == values[-1] else f"{values[0]} to {values[-1]}"


def _doubt_tables(experiment: Experiment, cells: Sequence[Cell]) -> list[str]:
    """Per row a table of its measures of doubt, the best first."""
    tables = []
    for line in lines_of(experiment, cells):
        if not line.cells[0].doubt:
            continue
        rows = ["| doubt | area / px | captured | gap / px |", "| --- | --- | --- | --- |"]
        rows += [
            f"| {name} | {mean_doubt(line, name, 'area'):.3f} | {mean_doubt(line, name, 'captured'):.0%} "
            f"| {mean_doubt(line, name, 'gap'):.2f} |"
            for name in ranked(line)
        ]
        tables += [
            f"Doubt of *{line.name}*: area under the risk-coverage curve, share of the possible gain that it "
            "captures, and gap between expected and found error once calibrated (isotonic).",
            "\n".join(rows),
        ]
    return tables

"""Runs an experiment cell by cell; what is done is kept, so that it can be stopped and gone on with."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handstudio.errors import HandStudioError
from handstudio.experiments.cell import Cell, CellRun
from handstudio.experiments.config import Experiment, Row, read_experiment
from handstudio.experiments.drawings import slug
from handstudio.experiments.made import make_footage
from handstudio.experiments.page import write_results
from handstudio.experiments.table import lines_of, main_figure
from handstudio.jobs.stopping import cancel_point
from handstudio.methods.locking import alone_in

if TYPE_CHECKING:
    from handstudio.jobs.command import Result, Work


def run(
    work: Work,
    config: Path,
    out: Path | None = None,
    rows: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
) -> Result:
    """Does ``handstudio experiment``; keys ``out table rows cells missing``; unknown figures are ``None``.

    Args:
        work: progress and stop.
        config: the experiment (TOML).
        out: results; by default ``results/<name>`` beside the configuration.
        rows, seeds: only these now; all by default.

    Raises:
        HandStudioError: when the configuration, footage or a model cannot be used.
        CancelledError: when it was stopped; the next run goes on.
    """
    experiment = read_experiment(config)
    folder = out or config.parent / "results" / config.stem
    chosen = _chosen(experiment, rows, seeds, config)
    keeper = _Keeper(experiment, folder, config)
    workplace = folder / "unfinished"
    workplace.mkdir(parents=True, exist_ok=True)
    with alone_in(workplace / "experiment.lock", "works"):
        bench = _Bench(experiment, config, keeper, workplace, work)
        for number, (row, seed) in enumerate(chosen):
            if keeper.get(row, seed) is None:
                cancel_point(work.stop)
                work.say(f"{number + 1} of {len(chosen)}: {row.name}, seed {seed}")
                bench.measure(row, seed)
                write_results(experiment, keeper.all(), folder, config)
    cells = keeper.all()
    written = write_results(experiment, cells, folder, config) if cells else []
    main = main_figure(cells)
    wanted = sum(len(experiment.seeds_of(row)) for row in experiment.rows)
    return {
        "out": str(folder),
        "written": [str(path) for path in written],
        "figure": main,
        "rows": {
            line.name: {
                name: value if math.isfinite(value) else None
                for name, value in (
                    (main, line.mean(main)),
                    ("pck_005", line.mean("pck_005")),
                    ("lower", line.lower),
                    ("closed", line.closed),
                )
            }
            for line in lines_of(experiment, cells)
        },
        "cells": len(cells),
        "missing": wanted - len(cells),
    }


def _chosen(
    experiment: Experiment, rows: Sequence[str] | None, seeds: Sequence[int] | None, config: Path
) -> list[tuple[Row, int]]:
    """Cells in the order of work: all rows with the first seed, then with the next."""
    names = {row.name for row in experiment.rows}
    unknown = [name for name in rows or () if name not in names]
    unknown += [str(seed) for seed in seeds or () if seed not in experiment.seeds]
    if unknown:
        raise HandStudioError(f"The experiment has no {', '.join(unknown)}", config, ", ".join(sorted(names)))
    return [
        (row, seed)
        for seed in experiment.seeds
        for row in experiment.rows
        if seed in experiment.seeds_of(row)
        and (not rows or row.name in rows)
        and (not seeds or seed in seeds)
    ]


class _Keeper:
    """Finished cells as files. A cell counts as long as what its row asks for is what it was run with."""

    def __init__(self, experiment: Experiment, folder: Path, config: Path) -> None:
        self._experiment, self._folder, self._config = experiment, folder / "cells", config
        self._models: dict[str, Any] = {}

    def get(self, row: Row, seed: int) -> Cell | None:
        path = self._path(row, seed)
        if not path.exists():
            return None
        try:
            kept = json.loads(path.read_text("utf-8"))
            return Cell(**kept["cell"]) if kept["asked"] == self.asked(row) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, row: Row, cell: Cell) -> None:
        path = self._path(row, cell.seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(
            json.dumps({"asked": self.asked(row), "cell": asdict(cell)}, indent=1) + "\n", "utf-8"
        )
        part.replace(path)

    def all(self) -> list[Cell]:
        found = [
            self.get(row, seed) for row in self._experiment.rows for seed in self._experiment.seeds_of(row)
        ]
        return [cell for cell in found if cell is not None]

    def place(self, folder: Path, row: Row, seed: int) -> Path:
        """Where something of a cell lies in a folder."""
        return folder / f"{slug(row.name)}-{seed}-{self.asked(row)}"

    def asked(self, row: Row) -> str:
        """What decides the figures of a row, the model that it begins with among it, in short."""
        whole: dict[str, Any] = {
            "row": row.model_dump(mode="json", exclude={"seeds", "bounded"}, exclude_defaults=True),
            "doubt": _doubt_of(self._experiment, row),
            "model": self._model_of(row),
            **self._experiment.model_dump(mode="json", include={"method", "profile", "domain", "settings"}),
        }
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]

    def _model_of(self, row: Row) -> Any:
        """The settings of the model that a row begins with and the digest of its weights, ``None`` for those
        by chance; nothing where there is no model, which the row says when it is run. Of another row's model,
        what that row asks for."""
        if row.model_of is not None:
            return self.asked(self._experiment.row(row.model_of))
        name = str(row.start)
        if name not in self._models:
            from handstudio.methods import registry
            from handstudio.methods.weights import digest, read_lineage, shipped_weights, weights_file

            method, profile = registry.load(self._experiment.method), self._experiment.profile
            if row.start == "nothing":
                self._models[name] = (method.settings(profile).model_dump(mode="json"), None)
            else:
                path = (
                    weights_file(self._config.parent / row.start)
                    if isinstance(row.start, Path)
                    else shipped_weights(method, profile)
                )
                self._models[name] = (read_lineage(path).settings, digest(path)) if path.is_file() else None
        return self._models[name]

    def _path(self, row: Row, seed: int) -> Path:
        return self._folder / f"{slug(row.name)}-{seed}.json"


class _Bench:
    """Makes cells, and lends the models of rows to the rows that measure them otherwise."""

    def __init__(
        self, experiment: Experiment, config: Path, keeper: _Keeper, workplace: Path, work: Work
    ) -> None:
        self._experiment, self._config, self._keeper = experiment, config, keeper
        self._workplace, self._work = workplace, work
        self._models = workplace / "models"
        self._models.mkdir(exist_ok=True)
        self._footage, self._reference = _source(experiment, config, workplace, work)
        self._lent = {row.model_of for row in experiment.rows}

    def measure(self, row: Row, seed: int) -> None:
        """Makes the cell of a row and keeps it."""
        place = self._keeper.place(self._workplace, row, seed)
        place.mkdir(exist_ok=True)
        cell = CellRun(
            self._experiment,
            row,
            seed,
            self._footage,
            self._reference,
            place,
            self._config,
            given=None if row.model_of is None else self._model(self._experiment.row(row.model_of), seed),
            keep=self._keeper.place(self._models, row, seed) if row.name in self._lent else None,
        ).run(self._work.shown)
        self._keeper.put(row, cell)

    def _model(self, row: Row, seed: int) -> Path:
        """The model that a row came to; where it was not kept, the row is run (again)."""
        kept = self._keeper.place(self._models, row, seed)
        if not kept.exists():
            self.measure(row, seed)
        return kept


def _doubt_of(experiment: Experiment, row: Row) -> int | None:
    """On how many hands the doubt of a row is calibrated; ``None`` where it is not asked for."""
    wish = experiment.doubt
    return wish.calibrated_on if wish is not None and row.name in wish.rows else None


def _source(
    experiment: Experiment, config: Path, workplace: Path, work: Work
) -> tuple[tuple[Path, ...], str]:
    """The footage and the reference of the domain."""
    domain, here = experiment.domain, config.parent
    if domain.made is not None:
        return (make_footage(domain.made, workplace / "footage", config, work.shown),), domain.reference
    footage = tuple((here / path).resolve() for path in domain.footage)
    missing = [path for path in footage if not path.exists()]
    if missing:
        raise HandStudioError(
            "The footage is not here", missing[0], "Put it there, or change the configuration"
        )
    file = (here / domain.reference).resolve()
    return footage, str(file) if file.is_file() else domain.reference

"""Draws how the error of shipped weights fell with the time they were trained, from the logs beside them.

    python tests/benchmarks/training_curve.py semihand-lite

Writes ``<name>-training.svg`` beside the weights, and prints one JSON object a line: the error at the end of
each stretch.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np

from handstudio.scoring.curves import Curve, curves_svg

WEIGHTS = Path(__file__).parents[2] / "resources" / "weights"
PERCENT_OF_SIDE = {
    "rendered, apart": ("rendered_epe_cells", 100.0 / 64.0),
    "photographs": ("photograph_epe_px", 1.0),
    "mesh hands": ("mesh_epe_cells", 100.0 / 64.0),
}
"""Column of each curve and what makes it a share of the crop's side: cells of 64, px of 100."""


def main() -> None:
    """Draw and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", help="of the weights, such as semihand-lite")
    name = parser.parse_args().name
    stretches = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))["data"]["stretches"]
    ends = np.cumsum([one["minutes"] for one in stretches])
    with (WEIGHTS / f"{name}-evaluation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def minutes(row: dict[str, str]) -> float:
        number = int(row["stretch"]) - 1
        left = 1.0 - int(row["step"]) / stretches[number]["steps"]
        return float(ends[number]) - left * float(stretches[number]["minutes"])

    curves = []
    for title, (column, scale) in PERCENT_OF_SIDE.items():
        seen = [(minutes(row) / 60.0, scale * float(row[column])) for row in rows if row.get(column)]
        if seen:
            hours, percent = np.array(seen, dtype=np.float32).T
            curves.append(Curve(title, hours, percent))
            for end, number in zip(ends / 60.0, range(len(ends)), strict=True):
                at_end = [value for hour, value in seen if hour <= end + 1e-6]
                print(
                    json.dumps(
                        {
                            "name": f"{title}, after stretch {number + 1}",
                            "value": round(at_end[-1], 3) if at_end else None,
                            "unit": "% of the crop's side",
                            "context": {"hours": round(float(end), 2)},
                        }
                    )
                )
    most = max(float(curve.y.max()) for curve in curves)
    drawing = curves_svg(
        curves,
        f"{name}: error against hours of training on two CPU cores",
        "hours",
        "mean error, % of the crop's side",
        (0.0, float(np.ceil(ends[-1] / 60.0))),
        (0.0, float(np.ceil(most / 5.0) * 5.0)),
    )
    (WEIGHTS / f"{name}-training.svg").write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()

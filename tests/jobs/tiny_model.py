"""A model too small to know anything, for tests of the ways around it.

Run as a program (``python tiny_model.py FOLDER``), so that torch stays out of the test process.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

TINY: dict[str, Any] = {
    "network.channels": [8, 8],
    "network.stem_channels": 8,
    "network.crop": 64,
    "network.detail_channels": 0,
    "finetuning.batch": 4,
    "finetuning.rendered_hands": 16,
    "finetuning.least_steps": 2,
    "finetuning.first_views": 1,
    "finetuning.views": 1,
}
METHOD, PROFILE = "semihand", "lite"


def make(folder: Path) -> None:
    """Saves an untrained network with its lineage."""
    from handstudio.methods import registry
    from handstudio.methods.weights import Lineage, save_model

    method = registry.load(METHOD)
    settings = method.settings(PROFILE, TINY)
    lineage = Lineage(METHOD, PROFILE, settings.model_dump(), figures={"trained": False})
    save_model(folder, method.build_network(settings), lineage)


if __name__ == "__main__":
    make(Path(sys.argv[1]))

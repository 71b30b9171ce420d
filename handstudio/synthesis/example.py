"""The bundled example: short rendered recordings of two people, a right and a left hand, some frames hard.

``python -m handstudio.synthesis.example OUT`` writes it; the same on every run.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from handstudio.errors import HandStudioError
from handstudio.progress import Progress
from handstudio.synthesis.filming import SequencePlan
from handstudio.synthesis.recording import write_recordings
from handstudio.synthesis.scene import SceneSettings

SEED: Final = 20
SIZE_PX: Final = 256

PLANS: Final = (
    SequencePlan(
        subject="ada",
        side="right",
        frames=24,
        gestures=("open", "two", "ok", "random", "fist", "point"),
        instants_per_pose=5.0,
    ),
    SequencePlan(
        subject="ben",
        side="left",
        frames=24,
        shutter=0.5,
        gestures=("flat", "three", "random", "zero", "call", "grasp"),
        instants_per_pose=5.0,
        facing_deg=35.0,
    ),
    SequencePlan(
        subject="ada",
        side="right",
        frames=16,
        gestures=("touch pinky", "point", "random", "open"),
        instants_per_pose=5.0,
        number=2,
    ),
    SequencePlan(
        subject="ben",
        side="left",
        frames=16,
        shutter=0.5,
        gestures=("fist thumb inside", "two", "random", "zero"),
        instants_per_pose=5.0,
        facing_deg=35.0,
        number=2,
    ),
)
"""Ada's right hand, calm and sharp, and Ben's left hand, quick and blurred, fingers often hidden: a longer
sequence of each to learn from, and a shorter one to judge by."""


def write_example(out: Path, progress: Progress | None = None) -> int:
    """Write the example's footage (one camera, 80 frames of 256 px, with depth, mask and truth).

    Returns:
        The number of frames.
    """
    settings = SceneSettings(plain_share=1.0, sleeve_share=0.5)
    calm = replace(settings, faults=replace(settings.faults, motion=0.0, noise=0.5, softness=0.5))
    return write_recordings(out, 0, SIZE_PX, SEED, settings=calm, progress=progress, plans=PLANS)


def main() -> int:
    """Command line."""
    if len(sys.argv) != 2:
        print("usage: python -m handstudio.synthesis.example OUT", file=sys.stderr)
        return 2
    try:
        frames = write_example(Path(sys.argv[1]))
    except HandStudioError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{frames} frames in {sys.argv[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

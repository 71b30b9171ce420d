"""Render hands as recordings."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from .workplace import free_folder

if TYPE_CHECKING:
    from .command import Result, Work


def run(work: Work, count: int, size: int, seed: int, out: Path, views: int = 1) -> Result:
    """Does ``handstudio synth``; keys ``out frames seconds per_second``.

    Raises:
        HandStudioError: when ``out`` holds something already: no recording is written over.
    """
    from handstudio.synthesis.recording import write_recordings

    free_folder(out)
    began = time.perf_counter()
    frames = write_recordings(out, count=count, size=size, seed=seed, views=views, progress=work.shown)
    seconds = time.perf_counter() - began
    return {
        "out": str(out),
        "frames": frames,
        "seconds": round(seconds, 3),
        "per_second": round(frames / seconds, 2) if seconds > 0 else None,
    }

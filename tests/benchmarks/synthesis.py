"""Rendered hands per second: ``python tests/benchmarks/synthesis.py [seconds] [workers]``."""

from __future__ import annotations

import json
import os
import sys
import time

import torch

from handstudio.synthesis.scene import SceneSettings, render_batch
from handstudio.synthesis.stream import RenderedStream

TARGET_PER_SECOND = 200
BATCH = 128


def _print(name: str, value: float, **context: object) -> None:
    line = {"name": name, "value": round(value, 1), "unit": "images/s"}
    print(json.dumps({**line, "context": {"size": 64, "cores": os.cpu_count(), **context}}), flush=True)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else (os.cpu_count() or 1)
    with RenderedStream(SceneSettings(), 0, BATCH, workers) as stream:
        for _ in range(6 * workers):
            next(stream)
        began, made = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            made += len(next(stream))
        _print(
            "rendered hands, worker processes",
            made / (time.perf_counter() - began),
            workers=workers,
            target=TARGET_PER_SECOND,
        )
    if torch.cuda.is_available():
        render_batch(512, 0, device="cuda")
        torch.cuda.synchronize()
        began = time.perf_counter()
        render_batch(512, 1, device="cuda")
        torch.cuda.synchronize()
        _print("rendered hands, GPU", 512 / (time.perf_counter() - began), gpu=torch.cuda.get_device_name())


if __name__ == "__main__":
    main()

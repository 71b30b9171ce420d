"""How fast the hand's geometry is: registration P, corrections, dragging, consistency terms.

    python tests/benchmarks/hand.py

Prints one JSON object per line. Each value is the best of several rounds.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from handstudio.hand.consistency import cross_modal_consistency
from handstudio.hand.drag import drag_joint
from handstudio.hand.from_points import Pointed
from handstudio.hand.lift import project_scale_free
from handstudio.hand.peaks import Peaks, highest
from handstudio.hand.refit import Believed, Placed, Refit
from handstudio.hand.registration import register, register_pose
from handstudio.hand.template import TEMPLATE_MM, template_bone_lengths

BATCH = 10_000
ROUNDS = 15
MACHINE = {"machine": platform.machine(), "cores": os.cpu_count(), "torch_threads": torch.get_num_threads()}


def best_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest of ``rounds`` runs, after one to warm up."""
    work()
    fastest = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def report(name: str, value: float, unit: str, **context: Any) -> None:
    """One line of the benchmark's output."""
    context = {**MACHINE, "load": round(os.getloadavg()[0], 1), **context}
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "context": context}), flush=True)


def report_refit() -> None:
    """The rest of a hand through three placed joints, and what is kept of the heatmaps for it."""
    rng = np.random.default_rng(0)
    heat = rng.dirichlet(np.ones(32 * 32), (64, 21)).astype(np.float32).reshape(64, 21, 32, 32)
    report("peaks_of_heatmaps", best_seconds(lambda: highest(heat)) / 64 * 1e3, "ms/hand", batch=64)
    uv = TEMPLATE_MM[:, :2] + np.float32((200.0, 250.0))
    depth, doubt = TEMPLATE_MM[:, 2] / np.float32(44.0), np.full(21, 8.0, np.float32)
    places = np.repeat(uv[:, None], 6, axis=1) + rng.normal(0, 20, (21, 6, 2)).astype(np.float32)
    peaks = Peaks(places, np.full((21, 6), 0.15, np.float32), np.full((21, 6), 4.0, np.float32))
    placed = {joint: Placed(uv[joint] + np.float32(6.0)) for joint in (0, 8, 16)}
    seconds = best_seconds(lambda: Refit(Believed(uv, depth, doubt, peaks)).through(placed), 100)
    report("refit_after_a_drag", seconds * 1e3, "ms", joints=len(placed), to_reach=16.0)


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    hands = (TEMPLATE_MM + rng.normal(0, 10, (BATCH, 21, 3))).astype(np.float32)
    lengths = template_bone_lengths()
    tensors = torch.from_numpy(hands)
    uv, depth = project_scale_free(hands / 44.0, 7.0, np.full((BATCH, 2), 32.0, np.float32))

    seconds = best_seconds(lambda: register(hands, lengths))
    report("registration_p", BATCH / seconds, "hands/s", batch=BATCH, library="numpy", to_reach=500_000)
    seconds = best_seconds(lambda: register(tensors, lengths))
    report("registration_p", BATCH / seconds, "hands/s", batch=BATCH, library="torch", to_reach=500_000)
    seconds = best_seconds(lambda: register_pose(uv, depth))
    report("correction_without_camera", BATCH / seconds, "hands/s", batch=BATCH, library="numpy")
    seconds = best_seconds(lambda: register(hands[0], lengths), 300)
    report("registration_p_of_one_hand", seconds * 1e3, "ms", library="numpy", to_reach=0.3)
    seconds = best_seconds(lambda: register_pose(uv[0], depth[0]), 300)
    report("correction_of_one_hand", seconds * 1e3, "ms", library="numpy", to_reach=0.3)
    target = TEMPLATE_MM[8] + np.float32((4, 25, -10))
    seconds = best_seconds(lambda: drag_joint(TEMPLATE_MM, 8, target), 100)
    report("drag_of_a_fingertip", seconds * 1e3, "ms", library="numpy", to_reach=1.0)

    far = TEMPLATE_MM[8] + np.float32((-90, 40, 0))
    seconds = best_seconds(lambda: drag_joint(TEMPLATE_MM, 8, far, give=0.14), 100)
    report("drag_of_a_fingertip_beyond_its_limits", seconds * 1e3, "ms", library="numpy", to_reach=2.0)
    wrist = TEMPLATE_MM[0] + np.float32((8, -12, 4))
    seconds = best_seconds(lambda: drag_joint(TEMPLATE_MM, 0, wrist, pinned=(8, 12), give=0.14), 50)
    report("drag_of_a_hand_with_two_pins", seconds * 1e3, "ms", library="numpy")
    pointed = Pointed("right", 200.0)
    seconds = best_seconds(lambda: pointed.hand(TEMPLATE_MM[:, :2]), 5)
    report("hand_through_21_points", seconds * 1e3, "ms", library="numpy")

    report_refit()

    for batch in (32, 128):
        mask = (torch.rand((batch, 1, 64, 64)) > 0.7).float()
        cells, depths = torch.from_numpy(uv[:batch].copy()), torch.from_numpy(depth[:batch].copy())

        def step(
            cells: torch.Tensor = cells, mask: torch.Tensor = mask, depths: torch.Tensor = depths
        ) -> None:
            joints = cells.clone().requires_grad_()
            sum(term.sum() for term in cross_modal_consistency(joints, mask, depths)).backward()

        report("m2d_and_d2m_with_gradient", best_seconds(step) * 1e3, "ms", batch=batch, size=64)


if __name__ == "__main__":
    main()

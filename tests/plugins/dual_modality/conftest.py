"""Finetunings of a tiny network on hands that cost nothing to render."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from handstudio.methods import self_training
from handstudio.methods.contract import FinetuneData, TrainingPlan
from handstudio.methods.device import Engine, Precision
from plugins.dual_modality.finetuning import Finetuning

from .tiny import blobs, footage, tiny_network, tiny_settings

Make = Callable[..., Finetuning]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes finetunings; all are closed at the end."""
    monkeypatch.setattr(self_training, "CHUNK", 8)
    monkeypatch.setattr(self_training, "LABEL_BATCH", 4)
    monkeypatch.setattr(self_training, "anchor_chunk", lambda number, count, *_, **__: blobs(count, number))
    made: list[Finetuning] = []

    def build(
        data: FinetuneData | None = None,
        threads: int = 1,
        seed: int = 0,
        precision: Precision = "32-true",
        parts: dict[str, dict[str, Any]] | None = None,
        **changes: object,
    ) -> Finetuning:
        settings = tiny_settings(finetuning=changes, **(parts or {}))
        plan = TrainingPlan(Engine("cpu", precision, threads), None, seed)
        made.append(Finetuning(tiny_network(settings), settings, data or footage(), plan))
        return made[-1]

    yield build
    for training in made:
        training.close()

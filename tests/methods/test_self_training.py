"""The pieces of a finetune's work, and which hands of the footage a step looks at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from handstudio.methods.contract import FinetuneData
from handstudio.methods.in_memory import Footage
from handstudio.methods.pseudo_labels import PseudoLabels
from handstudio.methods.self_training import Schedule


def footage(count: int, labelled: int) -> FinetuneData:
    """Dark crops of which the first have labels."""
    uv = np.full((count, 21, 2), np.nan, np.float32)
    depth = np.full((count, 21), np.nan, np.float32)
    uv[:labelled], depth[:labelled] = 32.0, 0.0
    crops = np.zeros((count, 8, 8, 3), np.uint8)
    return FinetuneData(crops, uv, depth, np.arange(count) < labelled)


def test_the_pieces_follow_algorithm_1() -> None:
    schedule = Schedule(passes=2, chunks=1, steps=3, epochs=2)
    kinds = [schedule.piece(number)[:2] for number in range(schedule.total)]
    epoch = lambda number: [("train", number)] * 3 + [("label", number)] * 2  # noqa: E731
    assert kinds == [("label", 0)] * 2 + [("render", 0)] + epoch(1) + epoch(2)


def test_a_curated_hand_comes_as_often_as_its_weight_says() -> None:
    hands = Footage(footage(10, labelled=2))
    rows = torch.cat(
        [hands.rows_of_step(place, 4, 4, torch.Generator().manual_seed(0)) for place in range(4)]
    )
    assert hands.turns(4) == 16
    counts = torch.bincount(rows, minlength=10).tolist()
    assert counts == [4, 4] + [1] * 8


@pytest.mark.parametrize(
    ("hands", "labelled", "weight"), [(700, 50, 12), (40, 20, 1), (40, 10, 3), (6, 6, 1)]
)
def test_curated_hands_are_never_more_than_all_others(hands: int, labelled: int, weight: int) -> None:
    assert Footage(footage(hands, labelled=labelled)).weight(12) == weight


def test_labels_and_first_pseudo_labels_are_what_rendered_hands_follow() -> None:
    data = footage(4, labelled=1)
    labels = PseudoLabels(torch.from_numpy(data.labelled))
    labels.first_uv[:] = 7.0
    uv, depth = Footage(data).best_known(labels)
    assert torch.equal(uv[0], torch.from_numpy(data.uv[0]))
    assert torch.equal(uv[1:], torch.full((3, 21, 2), 7.0))
    assert bool(depth.isfinite().all())


def test_of_a_pseudo_label_the_trusted_joints_are_targets_and_of_a_label_all() -> None:
    data = footage(3, labelled=1)
    labels = PseudoLabels(torch.from_numpy(data.labelled))
    labels.uv[:], labels.depth[:] = 7.0, 0.5
    trusted = torch.zeros(3, 21, dtype=torch.bool)
    trusted[1, 4] = True
    batch = Footage(data).batch(torch.arange(3), labels, trusted)
    assert batch.trusted.tolist() == [False, True, False]
    assert bool((batch.uv[0] == 32.0).all())
    assert batch.uv[1].isfinite().all(dim=1).nonzero().flatten().tolist() == [4]
    assert batch.depth[1].isfinite().nonzero().flatten().tolist() == [4]
    assert batch.uv[1, 4].tolist() == [7.0, 7.0]
    assert bool(batch.uv[2].isnan().all())


def test_a_label_that_nobody_looked_at_counts_as_a_pseudo_label_does() -> None:
    data = replace(footage(10, 4), by_machine=np.arange(10) % 2 == 0)
    hands = Footage(data)
    assert hands.turns(3) == 10 + 2 * 2
    labels = PseudoLabels(hands.labelled)
    batch = hands.batch(torch.arange(5), labels, torch.zeros(10, 21, dtype=torch.bool))
    assert batch.label_weight(4.0).tolist() == [1.0, 4.0, 1.0, 4.0, 0.0]

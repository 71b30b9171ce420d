"""Which pseudo-labels are trusted."""

from __future__ import annotations

import pytest
import torch

from handstudio.methods.pseudo_labels import Judged, PseudoLabels
from handstudio.methods.settings import SelfTrainingSettings

PUBLISHED = SelfTrainingSettings()


def test_the_distance_from_the_template_counts_as_far_as_is_set() -> None:
    labels = PseudoLabels(torch.zeros(2, dtype=torch.bool))
    labels.stability[:] = torch.tensor((1.0, 2.0))
    labels.plausibility[:] = torch.tensor((9.0, 0.0))
    published = PUBLISHED.model_copy(update={"tau": 2.5})
    assert labels.trusted(published, 1).tolist() == [False, True]
    ours = published.model_copy(update={"plausibility_share": 0.0})
    assert labels.trusted(ours, 1).tolist() == [True, True]


def test_tau_decides_who_is_trusted_and_the_best_share_is_at_least() -> None:
    labels = PseudoLabels(torch.zeros(10, dtype=torch.bool))
    labels.stability[:] = torch.arange(10.0).flip(0)
    labels.plausibility[:] = 0.5
    assert labels.trusted(PUBLISHED, 1).tolist() == [False] * 8 + [True] * 2
    paced = PUBLISHED.model_copy(update={"least_trusted": (0.4, 0.8)})
    assert int(labels.trusted(paced, 1).sum()) == 4
    assert labels.trusted(paced, 10).tolist() == [False] * 2 + [True] * 8
    nobody = PUBLISHED.model_copy(update={"tau": -1.0})
    assert not labels.trusted(nobody, 5).any()


def test_hands_with_a_label_take_no_place_among_the_trusted() -> None:
    labels = PseudoLabels(torch.arange(10) < 5)
    labels.stability[:] = torch.arange(10.0)
    labels.plausibility[:] = 0.0
    paced = PUBLISHED.model_copy(update={"least_trusted": (0.4, 0.4), "tau": -1.0})
    assert labels.trusted(paced, 1).tolist() == [False] * 5 + [True] * 2 + [False] * 3


@pytest.mark.parametrize(("epochs", "waiting"), [(9, 2), (6, 1), (2, 0)])
def test_where_hands_are_curated_pseudo_labels_wait_a_quarter_of_the_epochs_at_most(
    epochs: int, waiting: int
) -> None:
    changes = {"labels_first": 2, "epochs": epochs}
    curated = PUBLISHED.model_copy(update=changes)
    labels, unlabelled = PseudoLabels(torch.arange(4) < 1), PseudoLabels(torch.zeros(4, dtype=torch.bool))
    for some in (labels, unlabelled):
        some.stability[:], some.plausibility[:] = 0.0, 0.0
    trusted = [bool(labels.trusted(curated, epoch).any()) for epoch in range(1, epochs + 1)]
    assert trusted == [False] * waiting + [True] * (epochs - waiting)
    assert unlabelled.trusted(curated, 1).all()


def first_labels(c: torch.Tensor, labelled: int = 0) -> PseudoLabels:
    """Pseudo-labels of which the first ones had this C."""
    labels, count = PseudoLabels(torch.arange(len(c)) < labelled), len(c)
    pose = torch.zeros(count, 21, 2), torch.zeros(count, 21)
    labels.put(torch.arange(count), Judged(*pose, *pose, c, torch.zeros(count), pose[1]), first=True)
    return labels


def test_a_tau_that_follows_the_footage_grows_with_the_epochs() -> None:
    labels = first_labels(torch.arange(101.0))
    paced = PUBLISHED.model_copy(update={"self_paced": (0.2, 0.8), "epochs": 4, "least_trusted": (1.0, 1.0)})
    assert [labels.tau(paced, epoch) for epoch in range(1, 5)] == pytest.approx([20.0, 40.0, 60.0, 80.0])
    assert [int(labels.trusted(paced, epoch).sum()) for epoch in (1, 4)] == [21, 81]


def test_a_model_that_became_surer_trusts_more_hands_under_the_same_tau() -> None:
    labels = first_labels(torch.arange(101.0))
    paced = PUBLISHED.model_copy(update={"self_paced": (0.2, 0.2)})
    labels.stability /= 2.0
    assert labels.tau(paced, 1) == pytest.approx(20.0)
    assert int(labels.trusted(paced, 1).sum()) == 41


def test_labels_of_people_say_nothing_about_a_tau_that_follows_the_footage() -> None:
    paced = PUBLISHED.model_copy(update={"self_paced": (0.5, 0.5)})
    assert first_labels(torch.tensor([900.0, 1.0, 2.0, 3.0]), 1).tau(paced, 3) == pytest.approx(2.0)
    assert PseudoLabels(torch.zeros(3, dtype=torch.bool)).tau(paced, 1) == 0.0


def test_a_tau_that_follows_the_footage_goes_on_after_a_stop() -> None:
    labels, again = first_labels(torch.arange(10.0)), PseudoLabels(torch.zeros(10, dtype=torch.bool))
    again.load_state_dict(labels.state_dict())
    paced = PUBLISHED.model_copy(update={"self_paced": (0.5, 0.5)})
    assert again.tau(paced, 1) == labels.tau(paced, 1)
    older = {name: value for name, value in labels.state_dict().items() if "first_st" not in name}
    again.load_state_dict(older)


def test_joints_can_be_trusted_by_themselves_those_that_are_seen_alike_first() -> None:
    labels = PseudoLabels(torch.arange(5) < 1)
    labels.spread = torch.arange(5 * 21.0).view(5, 21)
    labels.spread[0] = 0.0
    labels.spread[4, :11] = 1.0
    paced = PUBLISHED.model_copy(update={"by_joint": True, "least_trusted": (0.25, 0.75), "tau": 1e9})
    first, last = labels.trusted_joints(paced, 1), labels.trusted_joints(paced, paced.epochs)
    assert (int(first.sum()), int(last.sum())) == (21, 63)
    assert not bool(first[0].any())
    assert bool(first[4, :11].all())
    assert bool(first[1, :10].all())
    assert labels.trusted(paced, 1).tolist() == [False, False, False, False, True]
    assert bool((last | ~first).all())


def test_joints_wait_for_labels_as_hands_do() -> None:
    labels = PseudoLabels(torch.arange(3) < 1)
    labels.spread[:] = 0.0
    paced = {"by_joint": True, "least_trusted": (1.0, 1.0), "labels_first": 2, "epochs": 8}
    waiting = PUBLISHED.model_copy(update=paced)
    assert [int(labels.trusted_joints(waiting, epoch).sum()) for epoch in (1, 2, 3)] == [0, 0, 42]


def test_a_trusted_hand_is_trusted_with_all_its_joints() -> None:
    labels = PseudoLabels(torch.zeros(3, dtype=torch.bool))
    labels.stability[:], labels.plausibility[:] = torch.tensor((1.0, 5.0, 1.0)), 0.0
    assert labels.trusted_joints(PUBLISHED, 1).all(dim=1).tolist() == [True, False, True]
    assert labels.trusted_joints(PUBLISHED, 1).any(dim=1).tolist() == [True, False, True]

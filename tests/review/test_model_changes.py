"""Hands that a newer model made better or worse are gone through with the poses of both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from handstudio.project import Project
from handstudio.review.model_changes import model_changes
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .made import add_sequence, new_project


@pytest.fixture
def project(tmp_path: Path):
    """Two hands that Ann accepted, a third that nobody decided, and two models."""
    with new_project(tmp_path / "p") as project:
        add_sequence(project, 3)
        for number in (1, 2):
            project.add_model(f"m-{number}", f"Round {number}", "semihand", "lite", source="finetune")
        yield project


def keep(project: Project, model: str, hand_ids: list[int], shift: float) -> None:
    uv = np.full((len(hand_ids), 21, 2), 100.0 + shift, np.float32)
    project.store_judged(model, np.array(hand_ids), uv, np.zeros((len(hand_ids), 21), np.float32))


def test_the_poses_that_a_model_was_judged_by_last_are_kept(project: Project) -> None:
    keep(project, "m-1", [1, 2], 0.0)
    keep(project, "m-1", [2, 3], 5.0)
    found = project.judged_uv("m-1", [1, 2, 3])
    assert sorted(found) == [2, 3]
    assert found[2] == pytest.approx(np.full((21, 2), 105.0))
    assert sorted(project.judged_uv("m-1", [3, 4])) == [3]
    assert project.judged_uv("m-2", [2]) == {}


def test_both_poses_stand_beside_the_label_in_the_order_that_was_asked_for(project: Project) -> None:
    session = ReviewSession(project, "ann")
    session.open()
    session.go_to_hand(2)
    session.accept()
    keep(project, "m-1", [1, 2], 0.0)
    keep(project, "m-2", [2], 7.0)
    errors = ({1: 4.0, 2: 3.25, 3: 1.0}, {1: 1.0, 2: 9.5, 3: 1.0})
    found = model_changes(project, ("m-1", "m-2"), ("Old", "New"), [3, 2, 1], errors)
    assert [one.hand_id for one in found.hands] == [2, 1]
    assert found.side_by_side
    first, second = found.hands
    assert first.words == ("Old: 3.2 px", "New: 9.5 px")
    assert first.uv[1] == pytest.approx(np.full((21, 2), 107.0))
    label = project.label_of(2)
    assert label is not None
    assert first.reference == pytest.approx(label.pose.uv)
    assert second.uv[1] is None
    assert second.reference is None


def test_a_list_is_gone_through_until_another_hand_is_chosen(project: Project) -> None:
    session = ReviewSession(project, "ann")
    session.open()
    keep(project, "m-1", [1, 3], 0.0)
    errors = ({1: 4.0, 3: 1.0}, {1: 1.0, 3: 1.0})
    found = model_changes(project, ("m-1", "m-2"), ("Old", "New"), [3, 1], errors)
    session.comparing.take(found)
    assert session.comparing.step(1)
    assert (session.hand_id, session.comparing.side_by_side) == (3, True)
    session.comparing.step(1)
    assert (session.hand_id, session.comparing.place_in(found)) == (1, 1)
    session.go_to_hand(2)
    assert not session.comparing.side_by_side


def test_a_hand_that_was_removed_meanwhile_is_not_gone_to(project: Project) -> None:
    session = ReviewSession(project, "ann")
    session.open()
    keep(project, "m-1", [2, 3], 0.0)
    errors = ({2: 4.0, 3: 1.0}, {2: 1.0, 3: 1.0})
    session.comparing.take(model_changes(project, ("m-1", "m-2"), ("Old", "New"), [2, 3], errors))
    session.go_to_hand(2)
    session.remove_hand()
    heard = Heard(session)
    here = session.hand_id
    assert not session.comparing.step(1)
    assert session.hand_id == here
    assert "removed" in heard.messages[-1]


def test_labels_of_others_are_not_seen_beside_models_in_a_blind_pass(project: Project) -> None:
    ann, ben = (ReviewSession(project, name) for name in ("ann", "ben"))
    for session in (ann, ben):
        session.open()
    ann.go_to_hand(2)
    ann.accept()
    keep(project, "m-1", [2], 0.0)
    ben.comparing.take(model_changes(project, ("m-1", "m-2"), ("Old", "New"), [2], ({2: 4.0}, {2: 1.0})))
    assert ben.blind.begin()
    heard = Heard(ben)
    assert not ben.comparing.step(1)
    assert "end the blind pass first" in heard.messages[-1]

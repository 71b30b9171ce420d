"""Proposing for the hands of a project."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from handstudio.hand.box import Box
from handstudio.hand.shape import HandShape, PersonalTemplate
from handstudio.hand.template import relative_bone_lengths
from handstudio.methods import anchors, calibrating, rendered
from handstudio.methods.device import Engine
from handstudio.methods.proposing import propose
from handstudio.methods.rendered import LabelledHands
from handstudio.methods.shapes import shape_of_hands
from handstudio.progress import Silent
from handstudio.project.commands import AddHand, SetBox, SetFitted, SetLabel, SetState
from handstudio.project.records import HandQuery, State
from handstudio.synthesis.scene import SceneSettings

from .conftest import Made
from .toy import Toy, ToyProposer

ENGINE = Engine("cpu", "32-true", 2)


def test_every_hand_gets_its_proposal_in_pixels_with_mask_and_terms_of_c(made: Made) -> None:
    project, model = made()
    result = propose(project, model, engine=ENGINE)
    assert (result.hands, result.skipped, result.problems, result.finished) == (10, 0, [], True)
    for record in project.hands(HandQuery()):
        proposal = project.proposal_of(record.id)
        assert proposal is not None
        u, v = proposal.pose.uv[0]
        assert (u, v) == pytest.approx((22 + 4 * record.frame_index, 42), abs=2.0)
        assert (proposal.c_stability, proposal.c_plausibility) == (1.0, 2.0)
        assert np.allclose(proposal.corrected.uv, proposal.pose.uv - 2.0, atol=0.01)
        assert proposal.perturbed is not None
        assert np.allclose(proposal.perturbed.uv, proposal.pose.uv + 2.0, atol=0.01)
        assert proposal.joint_doubt is not None
        assert np.allclose(proposal.joint_doubt, 8.0**0.5, atol=0.01)
        assert record.doubt == pytest.approx(8.0**0.5, abs=0.01)
        assert record.state is State.PROPOSED
        mask = project.dense("mask", record.id)
        assert mask is not None
        assert mask.shape == (64, 64)


def test_left_hands_are_seen_mirrored_and_answered_unmirrored(made: Made) -> None:
    project, model = made(side="left")
    propose(project, model, engine=ENGINE)
    for record in project.hands(HandQuery()):
        proposal = project.proposal_of(record.id)
        assert proposal is not None
        assert proposal.pose.uv[0, 0] == pytest.approx(22 + 4 * record.frame_index, abs=2.0)


def test_decided_hands_are_left_alone_unless_asked_for(made: Made) -> None:
    project, model = made()
    propose(project, model, engine=ENGINE)
    first, second = (int(number) for number in project.hand_ids(HandQuery())[:2])
    before = project.proposal_of(first)
    assert before is not None
    project.history.apply(SetLabel(first, before.pose, State.ACCEPTED, "proposal", before.id), "ann")
    project.history.apply(SetState(second, State.REJECTED), "ann")
    result = propose(project, model, engine=ENGINE)
    assert (result.hands, result.skipped) == (8, 2)
    again = propose(project, model, engine=ENGINE, include_decided=True)
    assert (again.hands, again.skipped) == (10, 0)
    assert project.hand(first).state is State.ACCEPTED
    label = project.label_of(first)
    assert label is not None
    assert label.pose == before.pose


def test_only_new_hands_are_proposed_after_a_cancelled_run(made: Made) -> None:
    project, model = made()
    ids = [record.id for record in project.sequences()]
    propose(project, model, sequences=ids[:1], engine=ENGINE)
    assert propose(project, model, only_new=True, engine=ENGINE).hands == 5


def test_proposing_again_with_another_model_can_be_gone_on_with_as_well(made: Made) -> None:
    project, model = made()
    ids = [record.id for record in project.sequences()]
    propose(project, model, engine=ENGINE)
    other = project.add_model(
        "other", "Other", model.method, model.profile, source="pretrain", path=model.path, adopted=False
    )
    propose(project, other, sequences=ids[:1], engine=ENGINE)
    rest = propose(project, other, only_new=True, engine=ENGINE)
    assert (rest.hands, rest.skipped) == (5, 0)
    assert propose(project, other, only_new=True, engine=ENGINE).hands == 0


def test_a_damaged_frame_is_a_problem_and_the_rest_goes_on(made: Made) -> None:
    project, model = made()
    folder = Path(project.sequences()[0].path)
    (folder / "02.png").write_bytes(b"broken")
    result = propose(project, model, engine=ENGINE)
    assert result.hands == 9
    assert len(result.problems) == 1
    assert "02.png" in result.problems[0]


def test_footage_that_is_gone_is_a_problem_and_the_rest_goes_on(made: Made) -> None:
    project, model = made()
    gone = Path(project.sequences()[0].path)
    gone.rename(gone.with_name("elsewhere"))
    result = propose(project, model, engine=ENGINE)
    assert (result.hands, len(result.problems)) == (5, 1)
    assert str(gone) in result.problems[0]


def test_a_cancelled_run_keeps_what_is_stored(made: Made) -> None:
    class Cancelled(Silent):
        def cancelled(self) -> bool:
            return True

    project, model = made()
    result = propose(project, model, progress=Cancelled(), engine=ENGINE)
    assert not result.finished
    stored = [record for record in project.hands(HandQuery()) if project.proposal_of(record.id)]
    assert len(stored) == result.hands < 10


def test_hands_are_proposed_in_batches(made: Made) -> None:
    project, model = made(count=40)
    propose(project, model, engine=ENGINE)
    assert max(Toy.made[-1].batches) == 40


def test_boxes_follow_the_hand_from_a_drawn_one_on(made: Made) -> None:
    project, model = made()
    sequence = project.sequences()[0]
    first = project.hands(HandQuery((sequence.id,)))[0]
    project.history.apply(SetBox(first.id, Box(10, 30, 24, 24), "drawn"), "ann")
    result = propose(project, model, sequences=[sequence.id], follow=True, engine=ENGINE)
    assert result.hands == 5
    hands = project.hands(HandQuery((sequence.id,)))
    assert [hand.box_source for hand in hands] == ["drawn"] + ["followed"] * 4
    assert hands[0].box == Box(10, 30, 24, 24)
    assert all(hand.box.width < 30 for hand in hands[1:])


def test_a_second_hand_followed_into_frames_gets_a_hand_in_each(made: Made) -> None:
    from handstudio.project.commands import AddHand

    project, model = made()
    sequence = project.sequences()[0]
    frame = project.frame_at(sequence.id, 1)
    project.history.apply(AddHand(frame.id, "left", Box(10, 30, 24, 24), track=1), "ann")
    propose(project, model, sequences=[sequence.id], follow=True, engine=ENGINE)
    second = [hand for hand in project.hands(HandQuery((sequence.id,))) if hand.track == 1]
    assert [hand.frame_index for hand in second] == [1, 2, 3, 4]
    assert {hand.side for hand in second} == {"left"}


def test_a_hand_is_followed_although_the_frame_it_was_drawn_in_is_damaged(made: Made) -> None:
    project, model = made()
    sequence = project.sequences()[0]
    first = project.hands(HandQuery((sequence.id,)))[0]
    project.history.apply(AddHand(first.frame_id, "right", Box(2.0, 22.0, 40.0, 40.0)), "ann")
    (Path(sequence.path) / project.frame(first.frame_id).name).write_bytes(b"broken")
    result = propose(project, model, sequences=[sequence.id], follow=True, engine=ENGINE)
    assert len(result.problems) >= 1
    assert project.count_hands(HandQuery((sequence.id,))) == 6


def test_doubt_is_stored_as_the_error_that_the_model_had_on_rendered_hands(
    made: Made,
) -> None:
    project, model = made()
    weights = Path(model.path) / "model.json"
    lineage = json.loads(weights.read_text())
    lineage["figures"][calibrating.ERROR_OF_DOUBT] = 0.5
    weights.write_text(json.dumps(lineage))
    propose(project, model, engine=ENGINE)
    assert project.hand(1).doubt == pytest.approx(0.5 * 8.0**0.5, abs=0.01)


@pytest.mark.parametrize("kept", [None, 0.0, -1.0, float("nan"), "many"])
def test_a_model_without_a_usable_figure_tells_its_doubt_as_it_is(kept: object) -> None:
    assert calibrating.of_figures({calibrating.ERROR_OF_DOUBT: kept}) == 1.0


def test_unseen_hands_are_labelled_as_those_of_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[SceneSettings] = []
    monkeypatch.setattr(rendered, "render_chunk", lambda *chunk: looks.append(chunk[3]))
    calibrating.unseen_hands.__wrapped__(64)
    assert [look.placement for look in looks] == [anchors.scene().placement]


def test_a_models_figure_is_its_error_per_doubt_on_hands_that_it_has_not_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uv = torch.full((3, 21, 2), 32.5)
    images = torch.zeros(3, 3, 64, 64, dtype=torch.uint8)
    images[:, :, 32, 29] = 255
    hands = LabelledHands(images, uv, torch.zeros(3, 21), torch.zeros(3, 1, 64, 64, dtype=torch.uint8))
    monkeypatch.setattr(calibrating, "unseen_hands", lambda size: hands)
    assert calibrating.measured(ToyProposer()) == pytest.approx(3.0 / 2.0**0.5, rel=1e-5)


def test_hands_are_proposed_with_what_is_known_of_their_person(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, model = made()
    first = project.sequences()[0]
    bones = PersonalTemplate(relative_bone_lengths() * 1.1, None, 6)
    project.history.apply(SetFitted("template", first.person, bones.to_json()), "ann")
    shapes: list[HandShape] = []
    of_person = ToyProposer.of_person

    def noted(self: ToyProposer, shape: HandShape) -> ToyProposer:
        shapes.append(shape)
        return of_person(self, shape)

    monkeypatch.setattr(ToyProposer, "of_person", noted)
    propose(project, model, engine=ENGINE)
    assert shapes[0].bone_lengths == pytest.approx(bones.bone_lengths, abs=1e-4)
    assert shapes[1].bone_lengths is None


def test_a_finetune_knows_the_bones_of_each_hand(made: Made) -> None:
    project, _ = made()
    first = project.sequences()[0]
    ids = project.hand_ids(HandQuery())
    assert shape_of_hands(project, ids).bone_lengths is None
    bones = PersonalTemplate(relative_bone_lengths() * 1.1, None, 6)
    project.history.apply(SetFitted("template", first.person, bones.to_json()), "ann")
    lengths = shape_of_hands(project, ids[::-1]).bone_lengths
    assert lengths is not None
    mine = np.array([hand.sequence_id == first.id for hand in project.hands(ids[::-1])])
    np.testing.assert_allclose(lengths[mine], np.tile(bones.bone_lengths, (mine.sum(), 1)), atol=1e-4)
    np.testing.assert_allclose(lengths[~mine], np.tile(relative_bone_lengths(), ((~mine).sum(), 1)))

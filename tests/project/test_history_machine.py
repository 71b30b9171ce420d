"""Whatever people do, in whatever order, undoing all of it gives the start and redoing all the end."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.shape import PersonalTemplate
from handstudio.hand.template import relative_bone_lengths
from handstudio.project import Project
from handstudio.project.annotate_commands import Annotate
from handstudio.project.bulk_commands import TITLES, DecideMany
from handstudio.project.commands import (
    AddHand,
    Bulk,
    ClearLabel,
    Command,
    RemoveHand,
    SetBox,
    SetFitted,
    SetHoldOut,
    SetLabel,
    SetNote,
    SetSide,
    SetState,
)
from handstudio.project.mark_commands import SetMark
from handstudio.project.packing import ids_to_text
from handstudio.project.records import LABELLED, State
from handstudio.project.second_commands import SendBack, SetSetting, Verify

from .made import everything, hand_pose, new_project


def template_of(count: int) -> object:
    """Bones of somebody, from so many hands."""
    return PersonalTemplate(relative_bone_lengths(), hands=count).to_json()


hands = st.integers(1, 5)
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        lambda hand, shift, state: SetLabel(hand, hand_pose(float(shift)), state, "dragged"),
        hands,
        st.integers(0, 9),
        st.sampled_from(LABELLED),
    ),
    st.builds(SetState, hands, st.sampled_from(State)),
    st.builds(ClearLabel, hands),
    st.builds(SetSide, hands, st.sampled_from(["left", "right"])),
    st.builds(lambda hand, x: SetBox(hand, Box(float(x), 0.0, 10.0, 10.0)), hands, st.integers(0, 9)),
    st.builds(lambda frame: AddHand(frame, "left", Box(0.0, 0.0, 9.0, 9.0)), st.integers(1, 3)),
    st.builds(RemoveHand, hands),
    st.builds(SetNote, hands, st.text(max_size=3)),
    st.builds(lambda held: SetHoldOut(1, held), st.booleans()),
    st.builds(SetMark, st.integers(1, 3), st.sampled_from([None, "blurred", "cut off"])),
    st.builds(lambda hand, who: Verify(hand, who, 1.0), hands, st.sampled_from(["you", "me"])),
    st.builds(SendBack, hands, st.sampled_from(["thumb", "side"])),
    st.builds(lambda hand, state: Annotate(hand, state), hands, st.sampled_from([None, State.REJECTED])),
    st.builds(lambda hand: Annotate(hand, State.FIXED, hand_pose(2.0), "dragged"), hands),
    st.builds(lambda on: SetSetting("verify_own", on or None), st.booleans()),
    st.builds(
        lambda action, some: DecideMany(action, ids_to_text(np.array(sorted(some), dtype=np.int64))),
        st.sampled_from(list(TITLES)),
        st.sets(hands, min_size=1),
    ),
    st.builds(
        lambda count: SetFitted("template", "walk", count and template_of(count)),
        st.sampled_from([None, 5, 6]),
    ),
)


class HistoryMachine(RuleBasedStateMachine):
    """Keeps the moments between commands beside the project, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.project = new_project(Path(self.folder.name) / "p", frames=3, writer="cli")
        self.moments = [everything(self.project)]
        self.now = 0

    @initialize()
    def begin(self) -> None:
        assert not self.project.history.can_undo

    @rule(command=commands)
    def apply(self, command: Command) -> None:
        try:
            self.project.history.apply(command, "me")
        except HandStudioError:
            return
        del self.moments[self.now + 1 :]
        self.moments.append(everything(self.project))
        self.now += 1

    @rule(parts=st.lists(commands, min_size=1, max_size=3))
    def apply_several_as_one(self, parts: list[Command]) -> None:
        self.apply(Bulk(tuple(parts), "several"))

    @rule()
    def undo(self) -> None:
        assert (self.project.history.undo() is not None) == (self.now > 0)
        self.now = max(self.now - 1, 0)

    @rule()
    def redo(self) -> None:
        assert (self.project.history.redo() is not None) == (self.now + 1 < len(self.moments))
        self.now = min(self.now + 1, len(self.moments) - 1)

    @rule()
    def reopen(self) -> None:
        self.project.close()
        self.project = Project.open(self.project.path)

    @invariant()
    def all_is_as_it_was_then(self) -> None:
        assert everything(self.project) == self.moments[self.now]

    def teardown(self) -> None:
        while self.now:
            self.undo()
        assert everything(self.project) == self.moments[0]
        while self.now + 1 < len(self.moments):
            self.redo()
        assert everything(self.project) == self.moments[-1]
        self.project.close()
        self.folder.cleanup()


HistoryMachine.TestCase.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
HistoryMachine.TestCase.pytestmark = [pytest.mark.timeout(600)]
test_any_order_of_commands_can_be_undone_and_redone = HistoryMachine.TestCase

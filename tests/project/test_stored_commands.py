"""Commands that projects hold already are read as they were written, and written as they were read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.project.commands import (
    Bulk,
    Command,
    PutDecision,
    SetBox,
    SetLabel,
    SetNote,
    SetSide,
    from_json,
)
from handstudio.project.records import State

_LINES = Path(__file__).with_name("stored_commands.jsonl").read_text("utf-8").splitlines()
STORED = [json.loads(line) for line in _LINES]
"""One or more of every kind, as they were first written down."""


@pytest.mark.parametrize("stored", STORED, ids=lambda stored: stored["kind"])
def test_a_stored_command_is_written_as_it_was(stored: dict[str, Any]) -> None:
    assert from_json(stored).to_json() == stored
    assert from_json(json.loads(json.dumps(from_json(stored).to_json()))) == from_json(stored)


def test_every_kind_is_among_them() -> None:
    assert {stored["kind"] for stored in STORED} == {kind.kind for kind in Command.__subclasses__()}


def test_fields_are_what_they_were() -> None:
    label, bulk, box = (
        from_json(next(stored for stored in STORED if stored["kind"] == kind))
        for kind in ("set_label", "bulk", "set_box")
    )
    assert isinstance(label, SetLabel)
    assert label.state is State.FIXED
    assert label.pose.uv.dtype == np.float32
    assert label.pose.uv[20].tolist() == [20.0, 20.5]
    assert label.pose.depth[20] == 5.0
    assert isinstance(bulk, Bulk)
    assert bulk.title == "Two things"
    assert bulk.commands[1] == Bulk((SetSide(4, "left"), SetNote(4, "both")))
    assert box == SetBox(5, Box(1.5, 2.5, 30.0, 40.0), "whole")


def test_what_was_written_before_a_field_was_there_is_read_without_it() -> None:
    before = {
        "kind": "put_decision",
        "hand_id": 3,
        "state": "proposed",
        "label": None,
        "decided_by": None,
        "decided_at": None,
    }
    assert from_json(before) == PutDecision(3, State.PROPOSED, None, None, None)


def test_a_kind_of_a_newer_version_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown command 'dance'"):
        from_json({"kind": "dance"})

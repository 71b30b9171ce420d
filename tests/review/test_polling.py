"""What other processes did is noticed; what cannot be read is told."""

from __future__ import annotations

import pytest

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import SetNote
from handstudio.project.records import Change
from handstudio.review.session import ReviewSession

from .conftest import Heard
from .made import batch, hand_pose


def test_a_queue_that_cannot_be_read_is_told_and_nothing_raised(
    session: ReviewSession, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise HandStudioError("The disk failed")

    with Project.open(session.project.path) as other:
        other.history.apply(SetNote(2, "look"), "bob")
    session.queue.made_at = 0.0
    monkeypatch.setattr(session.queue, "refresh", refuse)
    session.poll()
    assert heard.messages == ["The disk failed"]


def test_what_this_process_stored_by_itself_is_seen_once_the_session_is_told(session: ReviewSession) -> None:
    before = session.hand_view(2).proposal
    session.project.store_proposals(None, None, batch([1, 2], shift=40.0))
    assert session.poll() is None, "one's own changes are not told by poll()"
    assert session.hand_view(2).proposal == before
    session.noticed(Change(everything=True))
    assert session.hand_view(2).proposal == hand_pose(40.0)

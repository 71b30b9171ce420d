"""What other processes did is noticed; what cannot be read is told."""

from __future__ import annotations

import pytest

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import SetNote
from handstudio.review.session import ReviewSession

from .conftest import Heard


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

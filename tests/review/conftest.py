"""A reviewer at work on a small project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handstudio.review.session import ReviewSession

from .made import new_project


class Heard:
    """What a session told, in order."""

    def __init__(self, session: ReviewSession) -> None:
        self.messages: list[str] = []
        self.told: list[str] = []
        session.message.connect(self._message)
        session.frame_changed.connect(self._frame)
        session.hand_changed.connect(self._hand)
        session.selection_changed.connect(self._selection)
        session.edited.connect(self._edited)
        session.changed.connect(self._changed)
        session.queue_changed.connect(self._queue)

    def _message(self, text: str) -> None:
        self.messages.append(text)

    def _frame(self, frame_id: object) -> None:
        self.told.append(f"frame {frame_id}")

    def _hand(self, hand_id: object) -> None:
        self.told.append(f"hand {hand_id}")

    def _selection(self) -> None:
        self.told.append("selection")

    def _edited(self, hand_id: object) -> None:
        self.told.append(f"edited {hand_id}")

    def _changed(self, change: object) -> None:
        self.told.append("changed")

    def _queue(self) -> None:
        self.told.append("queue")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ReviewSession]:
    """Six proposed hands, the first one current."""
    with new_project(tmp_path / "project") as project:
        session = ReviewSession(project, "ann")
        session.open()
        yield session


@pytest.fixture
def heard(session: ReviewSession) -> Heard:
    """What the session tells from now on."""
    return Heard(session)

"""Decisions are carried out as commands of the project's history, and told with what they changed."""

from __future__ import annotations

from psygnal import Signal

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import Command
from handstudio.project.records import Change, HandBundle, State
from handstudio.review.acceptance import Acceptance
from handstudio.review.navigation import Navigation
from handstudio.review.tally import Tally


class Storing(Navigation):
    """The part of :class:`handstudio.review.session.ReviewSession` that carries commands out, and back.

    Args:
        project: an open project.
        who: the reviewer's name, kept with every decision.
    """

    changed = Signal(object)

    def __init__(self, project: Project, who: str) -> None:
        super().__init__(project)
        self._who = who
        self.acceptance = Acceptance(project, self.message.emit)
        self._tally = Tally(project)
        self._decided_since_fit = 0

    @property
    def who(self) -> str:
        """The reviewer's name."""
        return self._who

    @who.setter
    def who(self, name: str) -> None:
        """Somebody else reviews from now on."""
        self._who = name
        self._announce(Change(everything=True))

    def apply(self, command: Command) -> Change | None:
        """Carry out any command as this reviewer."""
        return self._apply(command)

    def noticed(self, change: Change) -> None:
        """Take in what this process stored by itself, such as a single hand's proposal."""
        self.acceptance.forget()
        self._announce(change)

    def decided_many(self) -> None:
        """Take in decisions about many hands that another thread made for this reviewer."""
        self.acceptance.forget()
        self._announce(Change(everything=True))
        self.refresh_queue()

    def progress(self, sequence_id: int | None = None) -> dict[State, int]:
        """How many hands of a sequence (or all) are in each state; only what changed is counted again."""
        return self._tally.counts(sequence_id)

    def verified(self, sequence_id: int | None = None) -> int:
        """How many hands of a sequence (or of all) a second reviewer verified."""
        return self._tally.verified(sequence_id)

    def _current(self) -> HandBundle | None:
        if self.hand_id is None:
            self.message.emit("No hand is selected")
            return None
        return self.bundle(self.hand_id)

    def _apply(self, command: Command, *, timed: bool = False) -> Change | None:
        try:
            seconds = self.pace.decided() if timed else None
            change = self.project.history.apply(self._instead(command), self.who, seconds)
            self._decided_since_fit += 1 if timed else 0
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        self._announce(change)
        if timed:
            self.acceptance.decided(change, self._apply)
        return change

    def _instead(self, command: Command) -> Command:
        """What is stored in the place of a command; its HandStudioError is told."""
        return command

    def _again(self, action: str) -> Change | None:
        history = self.project.history
        try:
            change = history.undo(self.who) if action == "undo" else history.redo(self.who)
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        if change is None:
            self.message.emit(f"There is nothing to {action}")
            return None
        self.acceptance.forget()
        self.message.emit(f"{'Undid' if action == 'undo' else 'Redid'}: {change.title}")
        self._announce(change)
        self._show_what_changed(change)
        return change

    def _show_what_changed(self, change: Change) -> None:
        if not change.hands and len(change.frames) == 1:
            frame = self.project.frame(next(iter(change.frames)))
            self.go_to_frame(frame.sequence_id, frame.index)
        if self.hand_id in change.hands or not change.hands:
            return
        hands = self.project.hands(sorted(change.hands)[:1])
        if hands and not hands[0].removed:
            self.go_to_hand(hands[0].id)

    def _announce(self, change: Change) -> None:
        self._remembered.forget(change)
        self._tally.forget(change)
        self.changed.emit(change)
        if self.hand_id is not None and (change.everything or self.hand_id in change.hands):
            current = self.bundle(self.hand_id).record
            if current.removed:
                others = self.hands()
                self._show(
                    current.sequence_id,
                    current.frame_id,
                    current.frame_index,
                    others[0].id if others else None,
                )
            else:
                self.hand_changed.emit(self.hand_id)
        elif self.hand_id is None and self.frame_id in change.frames:
            others = self.hands()
            if others:
                self.go_to_hand(others[0].id)

"""Decisions are carried out as commands of the project's history, and told with what they changed.

Whatever a reviewer changes, by one command, by one about many hands, by undo or redo, goes through
:meth:`Storing._take_in`: it is told to whoever shows it, and promises are asked whether they are broken now.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from psygnal import Signal

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.commands import Command
from handstudio.project.history import Again
from handstudio.project.promise_commands import WITHDRAW
from handstudio.project.records import Change, HandBundle, State
from handstudio.review.acceptance import Acceptance
from handstudio.review.large_steps import LARGE, LargeSteps
from handstudio.review.navigation import Navigation
from handstudio.review.spot_checks import SpotChecks, withdrawal
from handstudio.review.tally import Tally

_WORDS: Final[dict[Again, tuple[str, str]]] = {"undo": ("Undoing", "Undid"), "redo": ("Redoing", "Redid")}


class Storing(Navigation):
    """The part of :class:`handstudio.review.session.ReviewSession` that carries commands out, and back.

    Args:
        project: an open project.
        who: the reviewer's name, kept with every decision.

    Attributes:
        large: steps about very many hands; while one is under way no other command is carried out.
    """

    changed = Signal(object)

    def __init__(self, project: Project, who: str) -> None:
        super().__init__(project)
        self._who = who
        self.large = LargeSteps(self.message.emit)
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

    def apply_many(self, doing: str, make: Callable[[], Command], done: Callable[[Change], object]) -> None:
        """Carry out a command about very many hands, as one step of undo; the rest waits meanwhile.

        Args:
            doing: what is going on, for people.
            make: gives the command; any thread may call it. Its HandStudioError is told.
            done: is called on this session's thread once it is stored and announced.
        """
        if self.large.refuses():
            return
        history, who = self.project.history, self.who

        def stored(change: Change) -> None:
            self.decided_many()
            done(change)

        self.large.run(doing, lambda progress: history.apply(make(), who, progress=progress), stored)

    def noticed(self, change: Change) -> None:
        """Take in what this process stored by itself, such as a single hand's proposal."""
        self._take_in(change)

    def decided_many(self) -> None:
        """Take in decisions about many hands that another thread stored for this reviewer."""
        self._take_in(Change(everything=True), many=True)

    def ask_promises(self) -> None:
        """Withdraw promises of which too many checks failed, such as by what was drawn to be checked."""
        self.acceptance.ask(self._withdraw)

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
        if self.large.refuses():
            return None
        try:
            seconds = self.pace.spent() if timed else None
            change = self.project.history.apply(self._instead(command), self.who, seconds)
        except HandStudioError as error:
            self.message.emit(str(error))
            return None
        if timed:
            self.pace.decided(self.hand_id, seconds)
            self._decided_since_fit += 1
        self._take_in(change)
        return change

    def _take_in(self, change: Change, asks: bool = True, many: bool = False) -> None:
        """Tell of a change, and ask promises whether they are broken.

        Args:
            change: what was stored.
            asks: not where a person means a promise to stand again, or to fall.
            many: whether hands may fit the queue's filter again, or no longer.
        """
        self._announce(change)
        if many:
            self.refresh_queue()
        if asks:
            self.acceptance.changed(change, self._withdraw)
        else:
            self.acceptance.forget()

    def _instead(self, command: Command) -> Command:
        """What is stored in the place of a command; its HandStudioError is told."""
        return command

    def _withdraw(self, checks: SpotChecks, done: Callable[[], object]) -> None:
        """Take a promise back; ``done`` is called once that is stored.

        Where a step was done again that had broken the promise before, its withdrawal is next to be done
        again, and so stays what came after it.
        """
        if self.project.history.redo_title == WITHDRAW:
            self._again("redo", lambda _change: done())
            return
        command = withdrawal(checks)
        if len(checks.promise.hands) >= LARGE:
            self.apply_many("Withdrawing a promise", lambda: command, lambda _change: done())
        elif self._apply(command) is not None:
            done()

    def _again(self, action: Again, then: Callable[[Change], object] | None = None) -> Change | None:
        """Undo or redo; a large step may still be under way afterwards, and is ``None`` until then.

        Args:
            action: which.
            then: is called once it is stored and told, instead of asking promises and showing the hand.
        """
        if self.large.refuses():
            return None
        history, who = self.project.history, self.who
        take = history.undo if action == "undo" else history.redo
        doing, did = _WORDS[action]
        taken: list[Change] = []

        def took(change: Change | None, large: bool = False) -> None:
            if change is None:
                self.message.emit(f"There is nothing to {action}")
                return
            self.message.emit(f"{did}: {change.title}")
            taken.append(change)
            asks = then is None and change.title != WITHDRAW
            many = large or len(change.hands) > 1
            self._take_in(Change(everything=True) if large else change, asks, many)
            if then is None:
                self._show_what_changed(change)
            else:
                then(change)

        try:
            step = history.next(action)
            if step is None or step.hands < LARGE:
                took(take(who))
            else:
                self.large.run(
                    f"{doing}: {step.title}",
                    lambda progress: take(who, progress),
                    lambda change: took(change, large=True),
                )
        except HandStudioError as error:
            self.message.emit(str(error))
        return taken[0] if taken else None

    def _show_what_changed(self, change: Change) -> None:
        if not change.hands and len(change.frames) == 1:
            frame = self.project.frame(next(iter(change.frames)))
            self.go_to_frame(frame.sequence_id, frame.index)
        if self.hand_id in change.hands or not change.hands:
            return
        hands = self.project.hands([min(change.hands)])
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

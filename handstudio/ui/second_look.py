"""The keys of a second reviewer, and who reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handstudio.ui.reveal import reveal

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QInputDialog

    from handstudio.project.records import Change
    from handstudio.ui.window import MainWindow

WHO: Final = "review/who"


class SecondLook:
    """Verifies and sends back, lets the queue hold what waits for that, and asks who reviews.

    Args:
        window: whose session it is; its actions, status line and canvas are there already.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window, self._session = window, window.session
        self._settings: QSettings = window.services.settings
        actions = self._actions = window.services.actions
        decides = window.wiring.deciding
        actions.on("verify", decides(lambda: self._look(self._session.second.verify)))
        actions.on("send_back", decides(self.ask_reason))
        actions.on("second_review", self._show_queue)
        actions.on("reviewer", self.ask_who)
        actions["verify_own"].triggered.connect(self._allow_own)
        window.services.bridge.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, change: Change | None = None) -> None:
        """Show what is set for the project, unless a change is about hands alone."""
        if change is None or change.everything or not change.hands:
            self._actions["verify_own"].setChecked(self._session.second.allows_own)

    def _allow_own(self, on: bool) -> None:
        self._session.second.allow_own(on)
        self.refresh()  # where it could not be stored

    def ask_reason(self) -> QInputDialog | None:
        """Have the reason typed for which the current hand is sent back, wherever one goes meanwhile."""
        why_not = self._session.second.why_not()
        if why_not is not None:
            self._window.status.say(why_not)
            return None
        hand_id = self._session.hand_id
        by = self._session.bundle(hand_id).record.decided_by
        label = f"What is wrong, for {by} to read:" if by else "What is wrong:"

        def send(reason: str) -> None:
            if self._session.hand_id == hand_id:
                self._look(lambda: self._session.second.send_back(reason))
            elif self._session.second.send_back(reason, hand_id) is not None:
                self._window.status.say(f"Hand {hand_id} was sent back: {reason}")

        from handstudio.ui.asking_words import ask_sentence

        return ask_sentence(self._window, "Send back", label, "", send)

    def ask_who(self) -> QInputDialog | None:
        """Have the reviewer's name chosen; it is remembered."""
        session = self._session
        if session.blind.refuses("Another reviewer's pass"):
            return None
        people = list(dict.fromkeys((session.who, *session.project.people(), *session.project.verifiers())))
        from handstudio.ui.asking_words import ask_word

        def take(name: str) -> None:
            known = {person.casefold(): person for person in people}
            name = " ".join(name.split())
            self._take_who(known.get(name.casefold(), name))

        label = "Who reviews from now on? Every decision is kept with this name:"
        return ask_word(self._window, "Reviewer", label, people, session.who, take)

    def _take_who(self, name: str) -> None:
        """Somebody else; a name that differs in capitals alone is the one that is known."""
        if self._session.blind.refuses("Another reviewer's pass"):
            return
        if name and name != self._session.who:
            self._session.who = name
            self._settings.setValue(WHO, name)
            self._window.status.say(f"{name} reviews from now on")

    def _look(self, look: Callable[[], Change | None]) -> None:
        """Say it and, where that is wished, show the next hand that waits."""
        session = self._session
        with self._window.canvas.held():
            if look() is None:
                return
            done = session.hand_id is not None and session.bundle(session.hand_id).record
            open_again = done and done.state.decided and not done.verified
            if self._actions["go_on"].isChecked() and not open_again:
                session.second.next()

    def _show_queue(self) -> None:
        """Let the queue hold what waits for this reviewer."""
        session = self._session
        if session.blind.refuses("This queue"):
            return
        wanted = session.second.queue()
        queue = self._window.docks.widgets.get("queue")
        if queue is not None:
            reveal(queue)
        session.set_query(wanted)
        if not len(session.queue):
            self._window.status.say("Nothing waits to be verified by you")
        elif session.queue.position < 0:
            session.next_in_queue()

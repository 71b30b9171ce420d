"""The keys about two annotators: a blind pass, agreement, and the way through disagreements."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker

if TYPE_CHECKING:
    from handstudio.ui.agreement.window import AgreementWindow
    from handstudio.ui.window import MainWindow

_BANNER = "blind"


class TwoAnnotators:
    """Begins and ends blind passes, and keeps the window about agreement.

    Args:
        window: whose session it is; its canvas, banner and actions are there already.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window, self._session = window, window.session
        self._agreement: AgreementWindow | None = None
        actions = self._actions = window.services.actions
        actions["blind"].toggled.connect(self._toggle_blind)
        actions.on("agreement", self._show_agreement)
        actions.on("next_disagreement", lambda: self._step(1))
        actions.on("previous_disagreement", lambda: self._step(-1))
        window.banner.dismissed.connect(self._banner_closed)

    @property
    def agreement(self) -> AgreementWindow:
        """The window about agreement, made when it is first wanted."""
        if self._agreement is None:
            from handstudio.ui.agreement.window import AgreementWindow

            self._agreement = AgreementWindow(self._session, self._window.services, self._window)
        return self._agreement

    def close(self) -> None:
        """Compare no more."""
        if self._agreement is not None:
            self._agreement.shutdown()

    def _show_agreement(self) -> None:
        if self._session.blind.refuses("Agreement"):
            return
        self.agreement.show()
        self.agreement.raise_()

    def _step(self, step: int) -> None:
        if self._session.blind.refuses("Agreement"):
            return
        if self._session.comparing.found is None and not (
            self._agreement is not None and self._agreement.isVisible()
        ):
            self._show_agreement()
            return
        self._session.comparing.step(step)

    def _toggle_blind(self, on: bool) -> None:
        blind, banner = self._session.blind, self._window.banner
        if on and blind.begin():
            if self._agreement is not None:
                self._agreement.hide()
            self._say_that_it_is_blind()
        elif not on:
            blind.end()
            if not blind.on and banner.name == _BANNER:
                banner.hide()
        if self._actions["blind"].isChecked() != blind.on:
            with QSignalBlocker(self._actions["blind"]):
                self._actions["blind"].setChecked(blind.on)

    def _say_that_it_is_blind(self) -> None:
        number, keys = len(self._session.blind.hands), ", ".join(self._actions.keys("blind"))
        hands = "1 hand" if number == 1 else f"{number} hands"
        ends = f" {keys} ends the pass." if keys else ""
        self._window.banner.say(
            _BANNER,
            f"<b>Blind pass</b>: {hands} that others decided. What they said is hidden; what you say is kept "
            f"beside it, as {escape(self._session.who)}.{ends}",
            "mdi6.eye-off-outline",
        )

    def _banner_closed(self, name: str) -> None:
        """What stood in its place is closed: the pass goes on."""
        if self._session.blind.on and name != _BANNER:
            self._say_that_it_is_blind()

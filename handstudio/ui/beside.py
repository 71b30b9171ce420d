"""The windows beside the window: keys, manual, sessions, hold-out; each is made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QWidget

    from handstudio.review.session import ReviewSession
    from handstudio.ui.help.window import HelpWindow
    from handstudio.ui.hold_out_dialog import HoldOutDialog
    from handstudio.ui.services import Services
    from handstudio.ui.shortcuts import ShortcutList
    from handstudio.ui.sittings import Sittings


class Beside:
    """Shows them for the actions of their names; none is modal."""

    def __init__(self, session: ReviewSession, services: Services, window: QWidget) -> None:
        self._session, self._services, self._window = session, services, window
        self._keys: ShortcutList | None = None
        self._help: HelpWindow | None = None
        self._sittings: Sittings | None = None
        self._hold_out: HoldOutDialog | None = None
        actions = services.actions
        actions.on("shortcuts", lambda: _show(self.keys))
        actions.on("help", lambda: _show(self.help))
        actions.on("sessions", lambda: _show(self.sittings))
        actions.on("draw_hold_out", lambda: _show(self.hold_out))

    @property
    def keys(self) -> ShortcutList:
        """The list of keys."""
        if self._keys is None:
            from handstudio.ui.shortcuts import ShortcutList

            self._keys = ShortcutList(self._services.actions, self._window)
        return self._keys

    @property
    def help(self) -> HelpWindow:
        """The manual."""
        if self._help is None:
            from handstudio.ui.help.window import HelpWindow

            self._help = HelpWindow(self._services.actions, self._services.theme, self._window)
        return self._help

    @property
    def sittings(self) -> Sittings:
        """Who decided how much."""
        if self._sittings is None:
            from handstudio.ui.sittings import Sittings

            self._sittings = Sittings(self._session, self._services, self._window)
        return self._sittings

    @property
    def hold_out(self) -> HoldOutDialog:
        """A hold-out by lot."""
        if self._hold_out is None:
            from handstudio.ui.hold_out_dialog import HoldOutDialog

            self._hold_out = HoldOutDialog(self._session, self._services, self._window)
        return self._hold_out

    def close(self) -> None:
        """Read no more."""
        for reading in (self._sittings, self._hold_out):
            if reading is not None:
                reading.shutdown()


def _show(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()

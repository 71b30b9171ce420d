"""A widget's ear on the session, by way of the window's bridge where there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services


class Listener:
    """Connects a part of the window to the session's signals and lets go of all of them at once."""

    def __init__(self, session: ReviewSession, services: Services) -> None:
        self._source: Any = services.bridge if services.bridge is not None else session
        self._pairs: list[tuple[Any, Callable[..., object]]] = []

    def on(self, name: str, slot: Callable[..., object]) -> None:
        """Call ``slot`` with what the session's signal ``name`` carries."""
        signal = getattr(self._source, name, None)
        if signal is None:
            return
        signal.connect(slot)
        self._pairs.append((signal, slot))

    def close(self) -> None:
        """Hear nothing any more."""
        for signal, slot in self._pairs:
            try:
                signal.disconnect(slot)
            except (RuntimeError, ValueError, KeyError):
                continue
        self._pairs = []

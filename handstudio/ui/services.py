"""What the window lends to each of its docks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

    from handstudio.jobs.process import JobRunner
    from handstudio.jobs.worker import ProposalWorker
    from handstudio.ui.actions import Actions
    from handstudio.ui.bridge import SessionBridge
    from handstudio.ui.job_board import JobBoard
    from handstudio.ui.loading import FrameLoader
    from handstudio.ui.maps.source import ModelMaps
    from handstudio.ui.player import Player
    from handstudio.ui.theme import Theme


@dataclass
class Services:
    """One window's shared objects. A dock is built as ``Dock(session, services)``.

    ``jobs`` and ``worker`` are ``None`` in a read-only window and in tests that start no process.
    ``loader`` gives decoded frames without blocking; ``bridge`` carries the session's signals into
    Qt's event loop from whatever thread they came; ``board`` starts jobs (around ``jobs``) and tells every
    dock of them by Qt signals; ``settings`` remembers what the user arranged; ``maps``, which the window
    makes, asks the model what it shows of hands, for the canvas and the docks alike; ``player``, also the
    window's, plays the sequence.
    """

    theme: Theme
    actions: Actions
    jobs: JobRunner | None
    worker: ProposalWorker | None
    loader: FrameLoader | None
    settings: QSettings
    bridge: SessionBridge | None = None
    board: JobBoard | None = None
    maps: ModelMaps | None = None
    player: Player | None = None

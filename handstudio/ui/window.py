"""The window of one project: canvas, docks, tool bar, menus, status line; it decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from handstudio.errors import HandStudioError
from handstudio.ui import layout, menus, rubbish
from handstudio.ui.banner import Banner
from handstudio.ui.beside import Beside
from handstudio.ui.bridge import LateBridge
from handstudio.ui.canvas import Canvas
from handstudio.ui.docks import Docks
from handstudio.ui.focus_keys import FocusKeys
from handstudio.ui.large_steps import LargeStepRunner
from handstudio.ui.maps.source import ModelMaps
from handstudio.ui.measure_choice import MeasureChoice
from handstudio.ui.panes import Panes
from handstudio.ui.place import describe_hand, describe_place
from handstudio.ui.player import Player
from handstudio.ui.queue_ahead import QueueAhead
from handstudio.ui.refit_choice import RefitChoice
from handstudio.ui.remarks import Remarks
from handstudio.ui.rest import RestReminder
from handstudio.ui.reveal import reveal
from handstudio.ui.room import resize_within_screen
from handstudio.ui.second_look import SecondLook
from handstudio.ui.status_line import StatusLine
from handstudio.ui.theme import SCHEMES
from handstudio.ui.two_annotators import TwoAnnotators
from handstudio.ui.wiring import Wiring
from handstudio.ui.work import Work

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession
    from handstudio.ui.command_palette import CommandPalette
    from handstudio.ui.services import Services

FIRST_SIZE = QSize(1440, 900)
POLL_MS = 250
"""How often the window asks what jobs wrote; the asking costs microseconds."""

Result = TypeVar("Result")


class MainWindow(QMainWindow):
    """Shows one review session. Everything it was lent is given back when it closes."""

    painted = Signal()
    """The window has been painted for the first time."""
    closed = Signal()
    wants_project = Signal(object)
    """Another project is to be opened: its folder."""

    _jobs_ended = Signal()

    def __init__(self, session: ReviewSession, services: Services, fill_docks: bool = True) -> None:
        super().__init__()
        self.session = session
        self.maps = ModelMaps(session, services.worker, services.settings, self)
        self.services = services = replace(services, maps=self.maps)
        self.setObjectName("window")
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        resize_within_screen(self, FIRST_SIZE)
        self.status = StatusLine(services)
        self.setStatusBar(self.status)
        self.canvas = Canvas(session, services)
        self.banner = Banner(services.theme)
        self._build_centre()
        self.steps = LargeStepRunner(session, services.actions, self.status)
        self.work = Work(session, services, self.status)
        self.wiring = Wiring(session, services.actions, self.canvas, self.status)
        self.measures = MeasureChoice(session, services.actions, services.settings, self.status)
        self.refit = RefitChoice(session, services.actions, services.settings, self.status)
        decides = self.wiring.deciding
        self.remarks = Remarks(session, services.actions, services.settings, self, decides)
        self.rest = RestReminder(session, services, self.banner)
        self.view_menu = menus.add_menus(self, services.actions)
        self.tools = menus.add_tool_bar(self, services.actions)
        self.late = LateBridge(services.bridge, self)
        if services.loader is not None:
            self.queue_ahead = QueueAhead(session, services.loader, self.late)
        self.player = Player(
            session, services.actions, services.settings, self._frame_is_seen, self.status.say_error, self
        )
        self.wiring.pause = self.player.pause
        self.docks = Docks(self, session, replace(services, bridge=self.late, player=self.player))
        for dock in self.docks.by_name.values():
            self.view_menu.addAction(dock.toggleViewAction())
        self.panes = Panes(self)
        self.second_look = SecondLook(self)
        self.two_annotators = TwoAnnotators(self)
        self.beside = Beside(session, replace(services, bridge=self.late), self)
        self._palette: CommandPalette | None = None
        self._fill_docks = fill_docks
        self._painted_once = False
        self._said = 0
        self._aside = self._closing = self._closes_after_step = False
        self._closer: Thread | None = None
        self._jobs_ended.connect(self._give_back)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._ask_what_changed)
        for action in services.actions.all():
            self.addAction(action)
        services.actions.added.connect(self.addAction)
        self.focus_keys = FocusKeys(self)
        self._connect()
        services.actions.refresh_icons()
        self._paint_tools()
        layout.restore(self)
        self._show_title()

    def _build_centre(self) -> None:
        centre = QWidget()
        centre.setObjectName("centre")
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.canvas, 1)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        bridge, actions = self.services.bridge, self.services.actions
        bridge.hand_changed.connect(self._refresh_actions)
        bridge.changed.connect(self._refresh_actions)
        bridge.placing_changed.connect(self._refresh_actions)
        self.canvas.view.painted.connect(self.late.canvas_painted)
        self.late.frame_changed.connect(self._refresh_status)
        self.late.hand_changed.connect(self._refresh_status)
        self.late.changed.connect(self._refresh_status)
        self.late.expectation_changed.connect(self._refresh_status)
        bridge.message.connect(self.status.say)
        self.status.failed.connect(self._say_error)
        self.canvas.zoomed.connect(self.status.show_zoom)
        self.canvas.view.turned.connect(self.status.show_angle)
        self.canvas.depth.told.connect(self.status.show_depth)
        self.canvas.box_drawn.connect(self._box_drawn)
        self.work.imported.connect(self._imported)
        actions.on("propose", self.work.propose)
        actions.on("finetune", self.work.finetune)
        actions.on("cancel_job", self.work.cancel)
        actions.on("propose_hand", lambda: self.trying(self._propose_hand))
        actions.on("palette", lambda: self.palette_overlay.open())
        actions.on("about", self._say_about)
        actions.on("reset_layout", self.docks.arrange)
        actions.on("show_maps", lambda: reveal(self.docks.by_name["maps"].widget()))
        actions.on("show_acceptance", lambda: reveal(self.docks.by_name["acceptance"].widget()))
        actions.on("full_screen", lambda on: self.showFullScreen() if on else self.showNormal())
        actions.on("quit", self.close)
        for scheme in SCHEMES:
            actions.on(f"theme_{scheme}", lambda scheme=scheme: self.services.theme.set_scheme(scheme))
        self.services.theme.changed.connect(self._paint_tools)
        self.docks.failed.connect(lambda title, why: self.status.say_error(f"{title} cannot be shown: {why}"))

    # --- showing ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Show what the session is at."""
        if self.session.frame_id is None:
            self.session.open()
        self.canvas.show_session()
        self._refresh_actions()
        self._refresh_status()
        self._say_what_was_found("mdi6.lock-outline")
        self._poll.start()

    def _say_what_was_found(self, icon: str = "mdi6.alert-outline") -> None:
        """What the project found while it was opened, and since: each is said once."""
        messages = self.session.project.messages
        if len(messages) > self._said:
            fresh, self._said = messages[self._said :], len(messages)
            self.banner.say("messages", escape(" ".join(fresh)), icon)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for seen in self._seen_first():
            seen.installEventFilter(self)
        self.canvas.view.setFocus()

    def _seen_first(self) -> tuple[QWidget, QWidget]:
        """The canvas, or what stands in its place where there is no frame."""
        return self.canvas.view.viewport(), self.canvas.pages.notice

    def eventFilter(self, watched, event: QEvent) -> bool:  # noqa: ANN001
        """The docks are made after the canvas has been seen."""
        if event.type() == QEvent.Type.Paint and not self._painted_once:
            self._painted_once = True
            QTimer.singleShot(0, self, self._first_paint_done)
        return super().eventFilter(watched, event)

    def _first_paint_done(self) -> None:
        for seen in self._seen_first():
            seen.removeEventFilter(self)
        self.painted.emit()
        if self._fill_docks:
            self.docks.filled.connect(rubbish.resume)
            self.docks.start_filling()
        else:
            rubbish.resume()
        if self.services.worker is not None:
            QTimer.singleShot(1500, self, self.work.warm_up)

    def _refresh_actions(self, *_what: object) -> None:
        self.wiring.refresh()

    def _refresh_status(self, *_what: object) -> None:
        self.status.show_place(describe_place(self.session))
        self.status.show_hand(*describe_hand(self.session))

    def _say_error(self, text: str) -> None:
        """What the status line has no room for stands over the canvas until something else is said."""
        if text:
            self.banner.say("error", escape(text).replace("\n", "<br>"), "mdi6.alert-outline")
        elif self.banner.name == "error":
            self.banner.hide()

    def _paint_tools(self) -> None:
        self.tools.show_more_by(self.services.theme.icon("mdi6.chevron-double-right"))

    def _show_title(self) -> None:
        name = Path(self.session.project.path).name
        self.setWindowTitle(f"{name} · for reading only" if self.session.project.read_only else name)

    def _ask_what_changed(self) -> None:
        self.session.poll()
        self._say_what_was_found()

    def _frame_is_seen(self) -> bool:
        """Whether the frame that is shown, or why it cannot be, is on the screen: nothing is loading."""
        return self.canvas.seen in ("frame", "failure")

    # --- acting ----------------------------------------------------------------------------------------

    def _box_drawn(self, rect) -> None:  # noqa: ANN001
        from handstudio.ui.canvas.mapping import box_of

        wanted = self.canvas.placing.wanted
        if self.trying(lambda: self.wiring.take_box(box_of(rect))) is None:
            return
        if wanted:
            self.session.placing.begin()
        else:
            self.trying(self._propose_hand)

    def _propose_hand(self) -> None:
        if self.session.hand_id is not None:
            self.work.propose_hand(self.session.hand_id)

    def trying(self, act: Callable[[], Result]) -> Result | None:
        """Do something; why it cannot be done is said in the status line."""
        try:
            return act()
        except HandStudioError as error:
            self.status.say_error(str(error))
            return None

    def _imported(self, result: dict[str, object]) -> None:
        self.session.poll()
        if self.session.frame_id is None:
            self.session.open()

    def _say_about(self) -> None:
        from handstudio import __version__

        self.banner.say(
            "about",
            f"<b>HandStudio {__version__}</b>: proposes hand poses, says how far each can be trusted, and "
            "learns from what you decide. Apache License 2.0.",
        )

    @property
    def palette_overlay(self) -> CommandPalette:
        """The command palette, made when it is first wanted."""
        if self._palette is None:
            from handstudio.ui.command_palette import CommandPalette

            self._palette = CommandPalette(self.services.actions, self.services.theme, self)
        return self._palette

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and not self.session.project.read_only:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        projects = [path for path in paths if (path / "project.db").exists()]
        if projects:
            self.wants_project.emit(projects[0])
        elif paths:
            self.work.import_paths(paths)

    # --- closing ---------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.steps.running:
            event.ignore()
            self._close_after_step()
            return
        super().closeEvent(event)
        if self._closing:
            return
        self._closing = True
        layout.keep(self)
        self._poll.stop()
        self.trying(self.session.commit_edit)
        self.canvas.cancel()
        self.hide()
        self.docks.close()
        for asking in (self.canvas.heatmaps, self.maps):
            asking.close()
        self.focus_keys.close()
        self.player.close()
        self.rest.close()
        self.steps.close()
        self.beside.close()
        self.two_annotators.close()
        self.late.close()
        self.services.bridge.close()
        self._closer = Thread(target=self._end_jobs, name="closing")
        self._closer.start()
        if not self._aside:
            self._wait_for_jobs()

    def _close_after_step(self) -> None:
        """Close once the large step is done; who closes the window again does not want to wait for it."""
        if self._closes_after_step:
            self.steps.cancel()
            return
        self._closes_after_step = True
        self.session.large.then(self.close)
        doing = escape(f"{self.session.large.doing}. Close it again to cancel that.")
        self.banner.say("closing", f"The window closes after this: {doing}", "mdi6.timer-sand")

    def close_aside(self) -> None:
        """Close while another window is at work, which does not wait until this one's jobs have ended."""
        self._aside = True
        self.close()

    def _end_jobs(self) -> None:
        try:
            for lent in (self.services.board, self.services.worker):
                if lent is not None:
                    lent.close()
        finally:
            self._jobs_ended.emit()

    def close_and_wait(self) -> None:
        """Close, and wait for a large step and for the jobs of a window that closes aside."""
        self.steps.finish()
        self.close()
        self._wait_for_jobs()

    def _wait_for_jobs(self) -> None:
        if self._closer is not None:
            self._closer.join()
            self._give_back()

    def _give_back(self) -> None:
        if self._closer is None:
            return
        self._closer = None
        if self.services.loader is not None:
            self.services.loader.close()
        self.closed.emit()

"""The training monitor: runs, live curves, cancel and resume."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QSplitter, QVBoxLayout, QWidget

from handstudio.errors import HandStudioError
from handstudio.ui.actions import ActionSpec
from handstudio.ui.background import Background
from handstudio.ui.listening import Listener
from handstudio.ui.pages import Pages
from handstudio.ui.reveal import in_front, reveal
from handstudio.ui.theme import tabular
from handstudio.ui.training.detail import RunDetail
from handstudio.ui.training.entries import LOG_NAME, Curves, Entry, read_curves, read_log
from handstudio.ui.training.run_list import RunList

if TYPE_CHECKING:
    from handstudio.jobs.events import Event
    from handstudio.jobs.process import Job
    from handstudio.project.records import Change, RunRecord
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

RESUME = ActionSpec(
    *("resume_run", "Resume the run", "Machine", (), "mdi6.play-outline"),
    "Go on where the run that is chosen in Training stopped",
)
_DRAW_MS = 250
"""Progress moves at least twice a second."""
_LOG_EVERY = 4
_MOST_RUNS = 200


class Training(QWidget):
    """Lists runs and shows the chosen one; a run that starts is chosen."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._entries: list[Entry] = []
        self._chosen: Entry | None = None
        self._stale, self._dirty, self._ticks = True, False, 0
        self._runs, self._files = Background(self), Background(self)
        self.model = RunList(services.theme, self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName("Runs")
        self.list.setFont(tabular(self.list.font()))
        self.list.setIconSize(QSize(16, 16))
        self.list.setUniformItemSizes(True)
        self.list.setMinimumWidth(90)
        self.detail = RunDetail(services.theme)
        content = QSplitter(Qt.Orientation.Horizontal)
        content.addWidget(self.list)
        content.addWidget(self.detail)
        content.setStretchFactor(1, 1)
        content.setSizes([200, 800])
        content.setChildrenCollapsible(False)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(content)
        self.pages = Pages(holder, services.theme)
        self.setMinimumHeight(12 * self.fontMetrics().height())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self._tick = QTimer(self, interval=_DRAW_MS)
        self._tick.timeout.connect(self._draw)
        self._connect()

    def _connect(self) -> None:
        self._services.actions.add(RESUME, self._press_resume)
        self.list.selectionModel().currentChanged.connect(self._row_chosen)
        self.detail.cancel_asked.connect(self._cancel)
        self.detail.resume_asked.connect(self._resume)
        self.detail.log_toggled.connect(lambda _on: self._read_files())
        self._services.theme.changed.connect(self._restyle)
        self._listener = Listener(self._session, self._services)
        self._listener.on("changed", self._changed)
        board = self._services.board
        if board is not None:
            board.started.connect(self._started)
            board.told.connect(self._told)
            board.ended.connect(self._ended)

    def shutdown(self) -> None:
        """Stop listening, timing and reading."""
        self._listener.close()
        self._tick.stop()
        for reading in (self._runs, self._files):
            reading.close()

    def refresh(self) -> None:
        """Read the project's runs anew."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        project = self._session.project
        self._runs.run(lambda: project.runs()[:_MOST_RUNS], self._take_runs, self._failed)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            if not self._entries:
                self.pages.show_loading("Reading the runs")
            self.refresh()
        self._time()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is timed while hidden."""
        self._tick.stop()
        super().hideEvent(event)

    # What runs tell

    def _started(self, job: Job) -> None:
        entry = Entry(job.kind, job=job, started_at=time.time())
        self._entries.insert(0, entry)
        self._list()
        self._choose(entry)
        self._time()

    def _told(self, job: Job, event: Event) -> None:
        entry = self._of(job)
        if entry is None:
            return
        entry.take_event(event)
        if event.kind == "started" and event.run is not None:
            self._merge(entry)
        self._dirty = True
        self._time()

    def _ended(self, job: Job) -> None:
        entry = self._of(job)
        if entry is None:
            return
        entry.take_end(job)
        self.model.touch(entry)
        self._dirty = True
        self._draw()
        self.refresh()

    def _changed(self, change: Change) -> None:
        if change.runs or change.everything:
            self.refresh()

    def _take_runs(self, records: list[RunRecord]) -> None:
        known = {entry.run_id: entry for entry in self._entries if entry.run_id is not None}
        entries = [entry for entry in self._entries if entry.run_id is None]
        for record in records:
            entry = known.get(record.id) or Entry(record.kind)
            entry.take_record(record)
            entries.append(entry)
        entries.sort(key=lambda entry: entry.started_at, reverse=True)
        self._entries = entries
        self._list()
        if self._chosen not in entries:
            trained = [entry for entry in entries if entry.trains]
            self._choose((trained or entries or [None])[0])
        else:
            self._show()
        self._time()

    def _merge(self, entry: Entry) -> None:
        """A resumed run has an entry already: the job's takes its place and its curves."""
        for other in [one for one in self._entries if one is not entry and one.run_id == entry.run_id]:
            entry.curves, entry.record = other.curves, other.record
            self._entries.remove(other)
        self._list()
        self._choose(entry)

    def _failed(self, problem: Exception) -> None:
        self.pages.show_failed(f"The runs could not be read: {problem}")

    # What is shown

    def _list(self) -> None:
        self.model.set_entries(self._entries)
        if self._entries:
            self.pages.show_content()
        else:
            text = "No run yet. Finetune adapts the model to what has been decided, while you go on."
            self.pages.show_empty(text, self._services.actions["finetune"], "mdi6.school-outline")

    def _choose(self, entry: Entry | None) -> None:
        self._chosen = entry
        if entry is None:
            return
        row = self._entries.index(entry)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.list.selectionModel().setCurrentIndex(self.model.index(row), flags)
        self._show()
        self._read_files()

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and self.model.entries[current.row()] is not self._chosen:
            self._chosen = self.model.entries[current.row()]
            self._show()
            self._read_files()

    def _show(self) -> None:
        if self._chosen is not None:
            self.detail.show_entry(self._chosen, self._session.project.read_only)

    def _read_files(self) -> None:
        """Read the chosen run's curves (once) and log, off this thread."""
        entry = self._chosen
        if entry is None:
            return
        needs_curves = entry.trains and not entry.curves_read and entry.run_id is not None
        log = entry.log_path if self.detail.log_button.isChecked() else None
        if not needs_curves and log is None:
            return
        folder = Path(self._session.project.path) / "runs" / str(entry.run_id)

        def read() -> tuple[Entry, Curves | None, str | None]:
            curves = read_curves(folder / LOG_NAME) if needs_curves else None
            return entry, curves, read_log(log) if log is not None else None

        self._files.run(read, self._take_files, self._failed)

    def _take_files(self, found: tuple[Entry, Curves | None, str | None]) -> None:
        entry, curves, log = found
        if curves is not None:
            entry.curves_read = True
            for name, (steps, values) in curves.items():
                told = entry.curves.get(name, ([], []))
                later = [place for place, step in enumerate(told[0]) if not steps or step > steps[-1]]
                entry.curves[name] = (
                    steps + [told[0][place] for place in later],
                    values + [told[1][place] for place in later],
                )
        if entry is self._chosen:
            self._show()
            if log is not None:
                self.detail.show_log(log)

    def _draw(self) -> None:
        entry = self._chosen
        if self._dirty and entry is not None and self.isVisible():
            self._dirty = False
            self.model.touch(entry)
            self._show()
        self._ticks += 1
        if self._ticks % _LOG_EVERY == 0:
            if entry is not None and entry.running and entry.job is None:
                entry.curves_read = False  # another process writes them
            self._read_files()
        if not any(one.running for one in self._entries):
            self._tick.stop()

    def _time(self) -> None:
        """Draw in time while something runs and can be seen."""
        wanted = self.isVisible() and any(entry.running for entry in self._entries)
        if wanted and not self._tick.isActive():
            self._tick.start()
        elif not wanted:
            self._tick.stop()

    # What is asked for

    def _cancel(self) -> None:
        if self._chosen is not None and self._chosen.job is not None:
            self._chosen.job.cancel()
            self._chosen.message = "stops at its next safe point"
            self._show()

    def _press_resume(self) -> None:
        if not in_front(self):
            reveal(self)
            self._session.message.emit("Choose the run to resume")
        elif self._chosen is not None and self._chosen.resumable and not self._session.project.read_only:
            self._resume()
        else:
            self._session.message.emit("The chosen run is none that can be gone on with")

    def _resume(self) -> None:
        board, entry = self._services.board, self._chosen
        if board is None or entry is None or entry.run_id is None:
            return
        if any(job.kind == entry.kind for job in board.running):
            self._session.message.emit(f"{entry.title} is running already")
            return
        try:
            board.start(entry.kind, [self._session.project.path, "--resume", str(entry.run_id)])
        except HandStudioError as problem:
            self._session.message.emit(str(problem))

    def _of(self, job: Job) -> Entry | None:
        return next((entry for entry in self._entries if entry.job is job), None)

    def _restyle(self) -> None:
        self.detail.restyle()
        self.list.viewport().update()

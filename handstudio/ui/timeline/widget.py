"""The timeline dock: the session's sequence, frame by frame."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from handstudio.errors import HandStudioError
from handstudio.ui.actions import ActionSpec
from handstudio.ui.background import Background
from handstudio.ui.elided import ElidedLabel
from handstudio.ui.listening import Listener
from handstudio.ui.moved_tau import MovedTau
from handstudio.ui.pages import Pages
from handstudio.ui.reveal import reveal
from handstudio.ui.theme import tabular
from handstudio.ui.timeline.plot import TimelinePlot
from handstudio.ui.timeline.series import NO_HAND, STATES, Series, series_of
from handstudio.ui.timeline.transport import FrameNumber, Transport
from handstudio.ui.timeline.trust import Trust

if TYPE_CHECKING:
    from handstudio.project.records import Change, ModelRecord
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

DEFAULT_TAU = 1.5
"""While no model is adopted, or its method has none."""
RESET_TAU = ActionSpec(
    "reset_tau",
    "Put τ back",
    "Machine",
    (),
    "mdi6.restore",
    "Let the model's own threshold on C count again; also by a double click on the timeline's dashed line",
)
_TRUSTED = (
    "Pseudo-labels of this sequence that a finetune trusts: those whose C, as the finetune weighs its terms, "
    "is at most τ, and at least a share, the least doubtful, which grows from the first epoch to the last. "
    "Drag the dashed line, or use the up and down keys on it, to move τ: the next finetune takes it. "
    "A double click on the line puts it back to the model's"
)
_MEDIAN = (
    "Expected error of half of this sequence's hands, at most; those of twice as much stand out. What a "
    "finetune trusts goes by C: choose the method's C (View, Measure of confidence) to see it and to move τ"
)
_FEW_HANDS = 512
"""So many changed hands are read by themselves: what a job proposes between two looks is not more."""
_RELOAD_MS = 400
Found = tuple[str, int, "Series", "ModelRecord | None", dict[int, str]]
"""Name and id of a sequence, its series, the model that is adopted, and marks by the index of their frame."""
_READ_SHARE = 20.0
"""A sequence that took s seconds to read is read anew at most every 20 s."""


class Timeline(QWidget):
    """Expected errors and states of the session's sequence; click or drag goes to a frame. Where the
    method's C is the measure, it is drawn instead, and tau can be grabbed."""

    def __init__(self, session: ReviewSession, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._series: Series | None = None
        self._sequence: int | None = None
        self._wanted: int | None = None
        self._stale = True
        self._seconds = 0.0
        self._blind = False
        self._model: ModelRecord | None = None
        self._moved = MovedTau(services.settings, session.project)
        self._background = Background(self)
        self.plot = TimelinePlot(services.theme)
        self.plot.setAccessibleName("Timeline")
        self.plot.setAccessibleDescription(
            "Expected error, or C, and state of each frame. Click to go to a frame; "
            "plus, minus and 0 zoom, up and down move tau where C is drawn."
        )
        self.title, self.trusted, self.here = (ElidedLabel(wants_room=True) for _ in range(3))
        self.transport, self.number = Transport(services.actions, services.player), FrameNumber()
        self.pages = Pages(self._build(), services.theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self._go = QTimer(self, singleShot=True, interval=0)
        self._go.timeout.connect(self._go_now)
        self._reload = QTimer(self, singleShot=True, interval=_RELOAD_MS)
        self._reload.timeout.connect(self._load)
        self.plot.pointed.connect(self._pointed)
        self.plot.tau_moved.connect(self._tau_moved)
        self.plot.tau_reset.connect(self.reset_tau)
        services.actions.add(RESET_TAU, self.reset_tau)
        services.actions.on("go_to_frame", self._ask_frame)
        self.number.chosen.connect(self._pointed)
        self.number.left.connect(self._give_back_the_keys)
        services.theme.changed.connect(self._restyle)
        self._listener = Listener(session, services)
        self._listener.on("frame_changed", lambda _frame: self.refresh())
        self._listener.on("changed", self._changed)
        self._listener.on("expectation_changed", self._expected_otherwise)
        self._put_tau(DEFAULT_TAU)
        self.refresh()

    @property
    def tau(self) -> float:
        """The threshold on C that the line shows."""
        return self.plot.tau

    def shutdown(self) -> None:
        """Stop listening, timing and reading."""
        self._listener.close()
        self._go.stop()
        self._reload.stop()
        self._background.close()

    def refresh(self) -> None:
        """Show the session's sequence and frame."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        if self._session.sequence_id is None:
            self._sequence = self._series = None
            self._background.drop()
            self.pages.show_empty("No frames yet.", self._services.actions["import_folder"], "mdi6.filmstrip")
            return
        if self._session.sequence_id != self._sequence:
            self._sequence, self._series = self._session.sequence_id, None
            self.pages.show_loading("Reading the sequence")
            self._load()
        self._show_here()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def hideEvent(self, event: QShowEvent) -> None:
        """Nothing is timed while hidden."""
        if self._reload.isActive():
            self._stale, self._sequence = True, None
        self._go.stop()
        self._reload.stop()
        super().hideEvent(event)

    def _build(self) -> QWidget:
        content = QWidget()
        self.title.setProperty("heading", True)
        self.trusted.setProperty("secondary", True)
        for label in (self.trusted, self.here):
            label.setFont(tabular(label.font()))
        self.here.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 0)
        head.setSpacing(16)
        head.addWidget(self.transport)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.trusted)
        head.addWidget(self.number)
        head.addWidget(self.here)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.plot, 1)
        return content

    def _load(self) -> None:
        sequence_id, session = self._sequence, self._session
        project, expected = session.project, session.expected
        if sequence_id is None:
            return

        def read() -> Found:
            started = time.monotonic()
            record = project.sequence(sequence_id)
            adopted = project.adopted_model()
            series = series_of(session.confidences(sequence_id), record.frame_count, expected)
            marks = project.marks(sequence_id)
            self._seconds = time.monotonic() - started
            return record.name, sequence_id, series, adopted, marks

        self._background.run(read, self._loaded, self._failed)

    def _loaded(self, found: Found) -> None:
        name, sequence_id, series, self._model, marks = found
        if sequence_id != self._sequence:
            return
        by_c = self._session.measure == "C"
        self._put_tau(self._wanted_tau())
        fresh = (
            self._series is None
            or self.plot.by_c != by_c
            or self._series.frames != series.frames
            or self._series.tracks != series.tracks
        )
        self._series = series
        self.plot.set_by_c(by_c)
        self.trusted.setToolTip(_TRUSTED if by_c else _MEDIAN)
        self.title.set_full_text(name)
        if fresh:
            self.plot.set_series(series)
        else:
            self.plot.replace_series(series)
        self.plot.flags.set_marks(marks, series.frames)
        self.pages.show_content()
        self._show_here()
        self._count_under()

    def _expected_otherwise(self) -> None:
        if not self.isVisible():
            self._stale, self._sequence = True, None
        elif self._sequence is not None:
            self._load()

    def _failed(self, problem: Exception) -> None:
        self.pages.show_failed(f"The timeline could not be read: {problem}")

    def _changed(self, change: Change) -> None:
        if not self.isVisible():
            self._stale, self._sequence = True, None
            return
        if self._session.blind.on != self._blind:  # nothing that is hidden now is seen for a moment
            self._blind, self._sequence = self._session.blind.on, None
            self.refresh()
            return
        if self._series is None:
            return
        if (
            not (change.everything or change.hands or change.models)
            and self._sequence not in change.sequences
        ):
            return
        if change.frames and not change.hands and not change.everything:
            self._show_marks()
        elif not change.everything and 0 < len(change.hands) <= _FEW_HANDS and self._take(change):
            self.plot.replace_series(self._series)
            self._show_here()
            self._count_under()
        elif not self._reload.isActive():
            self._reload.start(max(_RELOAD_MS, round(1000 * _READ_SHARE * self._seconds)))

    def _show_marks(self) -> None:
        if self._series is not None and self._sequence is not None:
            marks = self._session.project.marks(self._sequence)
            self.plot.flags.set_marks(marks, self._series.frames)
            self._show_here()

    def _take(self, change: Change) -> bool:
        """Take over a few hands; ``False`` when hands came or went, and all must be read again."""
        series = self._series
        assert series is not None
        try:
            records = self._session.records(sorted(change.hands))
        except HandStudioError as problem:
            self._session.message.emit(str(problem))
            return False
        return series.replace(record for record in records if record.sequence_id == self._sequence)

    # The frame and tau

    def _ask_frame(self) -> None:
        reveal(self)
        self.number.ask()

    def _give_back_the_keys(self) -> None:
        """To where they were of most use: the canvas."""
        self._services.actions["to_canvas"].trigger()

    def _pointed(self, index: int) -> None:
        self._wanted = index
        self.plot.set_here(index)
        if not self._go.isActive():
            self._go.start()

    def _go_now(self) -> None:
        if self._wanted is not None and self._sequence is not None:
            wanted, self._wanted = self._wanted, None
            try:
                self._session.go_to_frame(self._sequence, wanted)
            except HandStudioError as problem:
                self._session.message.emit(str(problem))

    def _show_here(self) -> None:
        index, series = self._session.frame_index, self._series
        if series is None or index is None or index >= series.frames:
            return
        self.plot.set_here(index)
        self.number.show_frame(index, series.frames)
        mark = self.plot.flags.marks.get(index)
        parts = [f"Marked {mark}"] if mark else []
        for track in range(series.tracks):
            code = int(series.code[index, track])
            if code == NO_HAND:
                continue
            title = self._services.theme.state(STATES[code]).title
            value = float(series.figure[index, track])
            figure = f"C {value:.2f}" if self.plot.by_c else f"{value:.1f} px"
            parts.append(title if np.isnan(value) else f"{figure}  {title}")
        self.here.set_full_text("   ·   ".join(parts))

    def _put_tau(self, tau: float) -> None:
        """Put the line without remembering it as moved by a person."""
        with QSignalBlocker(self.plot):
            self.plot.set_tau(tau)
        self._count_under()

    def _wanted_tau(self) -> float:
        """Where a person moved it for this project and model, else the model's own."""
        moved = self._moved.of(self._model_id)
        if moved is not None:
            return moved
        own = self._model.tau if self._model is not None else None
        return DEFAULT_TAU if own is None else own

    @property
    def _model_id(self) -> str | None:
        return None if self._model is None else self._model.id

    def reset_tau(self) -> None:
        """Let the model's own threshold count again."""
        self._moved.forget(self._model_id)
        self._put_tau(self._wanted_tau())

    def _tau_moved(self, tau: float) -> None:
        self._moved.move(self._model_id, tau)
        self._count_under()

    def _count_under(self) -> None:
        if self._series is None:
            return
        self.plot.set_tau_text(f"τ {self.tau:.2f}")
        if self.plot.by_c:
            trust = Trust.of(self._model)
            within = trust.within(self._series, self.tau)
            self.trusted.set_full_text("" if within is None else trust.words(within))
            return
        known = self._series.figure[~np.isnan(self._series.figure)]
        self.trusted.set_full_text(f"median {float(np.median(known)):.1f} px" if len(known) else "")

    def _restyle(self) -> None:
        self.plot.restyle()

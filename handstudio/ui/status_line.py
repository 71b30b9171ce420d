"""The status line: where one is, what the current hand is, what runs, and what was said last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from handstudio.ui.canvas.framing import degrees
from handstudio.ui.elided import ElidedLabel
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from handstudio.methods.computing import Computing
    from handstudio.ui.services import Services

MESSAGE_MS = 6000


class JobStrip(QWidget):
    """One thing that takes a while: what it is, how far it is, and a button that ends it."""

    def __init__(self, cancel: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ElidedLabel(wants_room=True)
        self.text.setFont(tabular(self.text.font()))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(120, 8)
        self.cancel = QToolButton()
        self.cancel.setDefaultAction(cancel)
        self.cancel.setIconSize(QSize(16, 16))
        self.cancel.setAutoRaise(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.text, self.bar, self.cancel):
            layout.addWidget(widget)

    def show_progress(self, title: str, done: float, total: float | None, details: str) -> None:
        """Say how far it is; without a total the bar is busy."""
        self.text.set_full_text(f"{title} · {details}" if details else title)
        self.bar.setRange(0, 1000 if total else 0)
        if total:
            self.bar.setValue(round(1000 * min(done / total, 1.0)))


class StatusLine(QStatusBar):
    """Messages at the left; what takes a while, the hand, the place, what computes and the view at right."""

    failed = Signal(str)
    """What went wrong, where there is no room here to say all of it; empty when it is over."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self.message = ElidedLabel()
        self.state_icon = QLabel()
        self.message.setMinimumWidth(20 * self.fontMetrics().averageCharWidth())
        self.hand = ElidedLabel(wants_room=True)
        self.place = ElidedLabel(wants_room=True)
        self.depth, self.zoom = QLabel(), QLabel()
        self.computing = ElidedLabel(wants_room=True)
        self.step = JobStrip(services.actions["cancel_step"])
        self.job = JobStrip(services.actions["cancel_job"])
        self.step.hide()
        self.job.hide()
        for label in (self.depth, self.hand, self.place, self.computing, self.zoom):
            label.setFont(tabular(label.font()))
            label.setContentsMargins(0, 0, 12, 0)
        self.depth.setMinimumWidth(self.depth.fontMetrics().horizontalAdvance("00000 mm") + 12)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.addWidget(self.message, 1)
        self.depth.hide()
        for widget in (self.step, self.job, self.depth, self.state_icon, self.hand, self.place):
            self.addPermanentWidget(widget)
        for widget in (self.computing, self.zoom):
            self.addPermanentWidget(widget)
        self._fade = QTimer(self, singleShot=True, interval=MESSAGE_MS)
        self._fade.timeout.connect(self._forget)
        self._error = False
        self._scale, self._angle = 1.0, 0.0
        self._state: str | None = None
        self.state_icon.hide()
        self.computing.hide()
        services.theme.changed.connect(self._paint)

    def say(self, text: str) -> None:
        """A message that goes by itself."""
        self._error = False
        self.message.set_full_text(text)
        self.failed.emit("")
        self._paint()
        self._fade.start()

    def say_error(self, text: str) -> None:
        """What went wrong; stays until something else is said."""
        self._error = True
        self.message.set_full_text(text.replace("\n", "  "))
        self.failed.emit(text if self.message.is_cut or "\n" in text else "")
        self._paint()
        self._fade.stop()

    def show_place(self, text: str) -> None:
        """The sequence and the frame."""
        self.place.set_full_text(text)

    def show_computing(self, computing: Computing | None) -> None:
        """What computes proposals, once that is known."""
        self.computing.setVisible(computing is not None)
        if computing is not None:
            self.computing.set_full_text(computing.label)
            self.computing.setToolTip(computing.details)

    def show_zoom(self, scale: float) -> None:
        """Screen pixels per frame pixel, as a percentage."""
        self._scale = scale
        self._show_view()

    def show_depth(self, text: str) -> None:
        """The depth under the mouse; nothing while there is none to be told."""
        self.depth.setVisible(bool(text))
        self.depth.setText(text)

    def show_angle(self, angle: float) -> None:
        """How far the view is turned, degrees clockwise; nothing is said of an upright one."""
        self._angle = angle
        self._show_view()

    def _show_view(self) -> None:
        angle = f" · {degrees(self._angle)}" if self._angle else ""
        self.zoom.setText(f"{100 * self._scale:.0f} %{angle}")
        least = self.zoom.fontMetrics().horizontalAdvance("0000 %") + 12
        self.zoom.setMinimumWidth(max(least, self.zoom.sizeHint().width()))

    def show_hand(self, state: str | None, text: str) -> None:
        """The current hand: its state's icon and a few words."""
        self.hand.set_full_text(text)
        if state != self._state:
            self._state = state
            self._paint_state()

    def _forget(self) -> None:
        self.message.set_full_text("")

    def _paint(self) -> None:
        theme = self.services.theme
        palette = self.message.palette()
        colour = theme.colour("error" if self._error else "text")
        palette.setColor(self.message.foregroundRole(), colour)
        self.message.setPalette(palette)
        self._paint_state()

    def _paint_state(self) -> None:
        theme = self.services.theme
        self.state_icon.setVisible(self._state is not None)
        if self._state is not None:
            pixmap = theme.state_icon(self._state).pixmap(QSize(16, 16), self.devicePixelRatioF())
            self.state_icon.setPixmap(pixmap)

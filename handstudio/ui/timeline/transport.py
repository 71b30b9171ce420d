"""What plays the sequence and goes to a frame by its number: buttons at the left, the number at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from handstudio.review.playback import SPEEDS
from handstudio.ui.captioned import spoken
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.ui.actions import Actions
    from handstudio.ui.player import Player


class Transport(QWidget):
    """Play, loop and speed.

    Args:
        actions: the registry.
        player: plays; without one (a dock by itself) nothing can be played.
    """

    def __init__(self, actions: Actions, player: Player | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.play, self.loop, self.speed = (QToolButton() for _ in range(3))
        self.play.setDefaultAction(actions["play"])
        self.loop.setDefaultAction(actions["loop"])
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.speed.setMenu(QMenu(self.speed))
        self.speed.setToolTip("Speed of playing: multiples of the footage's own")
        self.speed.setProperty("plain", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for button in (self.play, self.loop, self.speed):
            button.setAutoRaise(True)
            button.setIconSize(QSize(16, 16))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            layout.addWidget(button)
        if player is None:
            self.hide()
            return
        self.speed.setFont(tabular(self.speed.font()))
        self.speed.setMinimumWidth(self.speed.fontMetrics().horizontalAdvance("0.25×") + 12)
        for speed in SPEEDS:
            action = self.speed.menu().addAction(words_of(speed))
            action.setCheckable(True)
            action.setData(speed)
            action.triggered.connect(lambda _on=False, speed=speed: player.playback.set_speed(speed))
        player.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        assert self._player is not None
        speed = self._player.playback.speed
        self.speed.setText(words_of(speed))
        self.speed.setAccessibleName(spoken("Speed of playing", words_of(speed)))
        for action in self.speed.menu().actions():
            action.setChecked(action.data() == speed)


class FrameNumber(QWidget):
    """The number of the frame, which can be typed, and how many there are."""

    chosen = Signal(int)
    """Index of the frame to go to."""
    left = Signal()
    """The keys belong elsewhere again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = _Number()
        self.field.setAccessibleName("Frame")
        self.field.setToolTip(
            "Frame: type a number and press Enter to go there; up and down go frame by frame"
        )
        self.of = QLabel()
        for widget in (self.field, self.of):
            widget.setFont(tabular(widget.font()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.of)
        self._index, self._count = 0, 1
        self.field.stepped.connect(lambda steps: self._choose(self._index + steps))
        self.field.returnPressed.connect(self._entered)
        self.field.given_up.connect(self._give_up)

    def show_frame(self, index: int, count: int) -> None:
        """Say which frame is shown, unless another number is being typed."""
        self._index, self._count = index, count
        digits = "0" * max(len(str(count)), 3)
        self.field.setFixedWidth(self.fontMetrics().horizontalAdvance(digits) + 24)
        if not self.field.isModified():
            self.field.setText(str(index + 1))
        self.of.setText(f"of {count:,}".replace(",", "\u202f"))

    def ask(self) -> None:
        """Have a number typed."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _choose(self, index: int) -> None:
        index = min(max(index, 0), self._count - 1)
        self.field.setText(str(index + 1))
        self.chosen.emit(index)

    def _entered(self) -> None:
        text = self.field.text()
        self._choose(int(text) - 1 if text else self._index)
        self.left.emit()

    def _give_up(self) -> None:
        self.field.setText(str(self._index + 1))
        self.left.emit()


class _Number(QLineEdit):
    stepped = Signal(int)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,9}"), self))

    def event(self, event: QEvent) -> bool:
        """Escape, which is an action of the window, belongs to the number that is being typed."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go to the next frame at once; Escape puts the number back."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(event.key())
        if steps is not None:
            self.stepped.emit(steps)
        elif event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


def words_of(speed: float) -> str:
    """A speed as it is shown."""
    return f"{speed:g}×"

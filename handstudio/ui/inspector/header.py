"""The hand's own lines above the joints: side and state, expected error, C and its terms, the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from handstudio.ui.captioned import NOTHING, CaptionedLabel
from handstudio.ui.clock import moment
from handstudio.ui.theme import Theme, tabular

if TYPE_CHECKING:
    from handstudio.review.hand_view import HandView

_SHOWN = {"edit": "Being edited", "label": "Label", "sent back": "Earlier label", "proposal": "Proposal"}


def sentence(words: str) -> str:
    """With a capital at the front, whatever follows."""
    return words[:1].upper() + words[1:]


def decided_words(view: HandView) -> str:
    """Who decided when, and who verified it; a dash where nobody did."""
    record, parts = view.record, []
    if record.decided_by and record.decided_at is not None:
        parts.append(f"by {record.decided_by}, {moment(record.decided_at)}")
    if view.sent_back is not None and view.sent_back.label is not None:
        earlier = view.sent_back.label
        parts.append(f"by {earlier.decided_by}, {moment(earlier.decided_at)}, before it was sent back")
    if view.verification is not None:
        parts.append(f"verified by {view.verification.who}, {moment(view.verification.at)}")
    return "; ".join(parts) or NOTHING


class HandHeader(QWidget):
    """Says which hand it is and how far it can be trusted."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: HandView | None = None
        self.icon, self.title = QLabel(), QLabel()
        self.title.setProperty("heading", True)
        self.shown = QLabel()
        self.shown.setProperty("secondary", True)
        self.shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.icon)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.shown)
        grid.addLayout(head, 0, 0, 1, 2)
        self.error, self.confidence, self.model, self.decided = (
            self._line(grid, row, name)
            for row, name in enumerate(("Expected error", "The method's C", "Model", "Decided"), start=1)
        )
        self.sent_back = QLabel()
        self.sent_back.setWordWrap(True)
        self.sent_back.setTextFormat(Qt.TextFormat.PlainText)
        self.sent_back.setObjectName("banner")
        self.sent_back.setContentsMargins(8, 4, 8, 4)
        grid.addWidget(self.sent_back, 5, 0, 1, 2)

    def show_hand(self, view: HandView, model: str) -> None:
        """Fill in a hand; ``model`` names what proposed it."""
        self._view = view
        record = view.record
        style = self._theme.state(record.state)
        state_icon = self._theme.state_icon(record.state, record.verified)
        self.icon.setPixmap(state_icon.pixmap(QSize(16, 16), self.devicePixelRatioF()))
        self.icon.setToolTip(style.title)
        side = "Left hand" if record.side == "left" else "Right hand"
        self.title.setText(f"{side} · {style.title.lower()}")
        together = view.views if view.shown == "proposal" and view.views > 1 else 0
        self.shown.setText(_SHOWN.get(view.shown or "", "") + (f" · {together} views" if together else ""))
        self.shown.setToolTip(
            f"One hand in space, on which {together} calibrated cameras agree" if together else ""
        )
        if view.expected_error_px is None:
            self.error.setText(NOTHING)
        else:
            self.error.setText(f"{view.expected_error_px:.1f} px")
        self.error.setToolTip(sentence(view.expected_error_basis))
        if record.confidence is None:
            self.confidence.setText(NOTHING)
        else:
            self.confidence.setText(
                f"{record.confidence:.2f} = {record.c_stability:.2f} stability + "
                f"{record.c_plausibility:.2f} plausibility"
            )
        self.confidence.setToolTip(
            "A distance: smaller is better. Stability: what changes when the frame is perturbed; "
            "plausibility: what the correction changes."
        )
        self.decided.setText(decided_words(view))
        self.sent_back.setVisible(view.sent_back is not None)
        if view.sent_back is not None:
            self.sent_back.setText(f"{view.sent_back.who} sent it back: {view.sent_back.reason}")
        self.model.setText(model or NOTHING)
        self.model.setToolTip(model)

    def restyle(self) -> None:
        """Take the colours in force."""
        if self._view is not None:
            self.show_hand(self._view, self.model.text())

    def _line(self, grid: QGridLayout, row: int, name: str) -> CaptionedLabel:
        caption, value = QLabel(name), CaptionedLabel(name)
        caption.setProperty("secondary", True)
        value.setFont(tabular(value.font()))
        value.setWordWrap(True)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(caption, row, 0)
        grid.addWidget(value, row, 1)
        return value

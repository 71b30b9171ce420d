"""The widgets of the acceptance dock and how they lie: terms, sample, slider, promise, checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from handstudio.ui.acceptance.saying import Saying, Sayings
from handstudio.ui.acceptance.terms import TermsRow
from handstudio.ui.captioned import CaptionedLabel
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.ui.services import Services


class Sheet(QScrollArea):
    """From top to bottom in the order in which one goes through it."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = services.theme
        self.terms = TermsRow(services.settings)
        self.sample = CaptionedLabel("Random sample", "")
        self.draw, self.review = QPushButton(), QPushButton()
        self.review.setCheckable(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Largest expected error to accept")
        self.slider.setPageStep(5)
        self.reach = CaptionedLabel("Expected error up to", "")
        self.count = CaptionedLabel("Hands that would be accepted", "")
        self.error = CaptionedLabel(
            "Mean error of these, from the sample; the model's own before a review", ""
        )
        self.found = CaptionedLabel(
            "Reviewed hands up to here that were worse, rejected, skipped or removed, of all of them", ""
        )
        self.promise = Saying(theme)
        self.next = Saying(theme)
        self.warnings = Sayings(theme)
        self.accept, self.check = QPushButton(), QPushButton()
        self.accept.setProperty("primary", True)
        self.check.setCheckable(True)
        self.standing = Saying(theme)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._lay_out())

    def restyle(self) -> None:
        """Take the colours in force."""
        for one in (self.promise, self.next, self.warnings, self.standing):
            one.restyle()

    def _lay_out(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addLayout(_headed("To promise"))
        column.addWidget(self.terms)
        column.addLayout(_headed(self.sample.caption, self.sample))
        column.addLayout(_row(self.draw, self.review))
        column.addLayout(_headed(self.reach.caption, self.reach))
        column.addWidget(self.slider)
        column.addLayout(self._figures())
        for widget in (self.promise, self.next, self.warnings):
            column.addWidget(widget)
        column.addLayout(_row(self.accept, self.check))
        column.addWidget(self.standing)
        column.addStretch(1)
        return inside

    def _figures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        figures = (("Hands", self.count), ("Mean error", self.error), ("Worse", self.found))
        for column, (name, value) in enumerate(figures):
            label = QLabel(name)
            label.setProperty("secondary", True)
            value.setFont(tabular(value.font()))
            for widget, row in ((label, 0), (value, 1)):
                widget.setToolTip(value.caption)
                grid.addWidget(widget, row, column)
            grid.setColumnStretch(column, 1)
        return grid


def _headed(text: str, value: QLabel | None = None) -> QHBoxLayout:
    """A heading and, at the right, its figure."""
    label = QLabel(text)
    label.setProperty("heading", True)
    row = QHBoxLayout()
    row.addWidget(label, 1)
    if value is not None:
        value.setFont(tabular(value.font()))
        row.addWidget(value)
    return row


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for button in buttons:
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(button)
    return row

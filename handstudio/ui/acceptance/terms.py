"""What is to be promised: three figures, which stand once a sample was drawn for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QWidget

from handstudio.project.promise_records import Terms
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

_KEYS: Final = ("share", "worse_than", "confidence")
_SAID: Final = "Said before the sample was drawn: whoever chooses it afterwards promises nothing"


class TermsRow(QWidget):
    """At most so many worse than so much, at a confidence; remembered."""

    def __init__(self, settings: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.share = self._field(
            " %", 0.1, 50.0, 1.0, "At most, percent", "This share of the accepted hands…"
        )
        self.worse_than = self._field(
            " px", 0.5, 200.0, 0.5, "Worse than, pixels", "…is off by more than this, mean over the joints…"
        )
        self.confidence = self._field(
            " %", 50.0, 99.9, 1.0, "Confidence, percent", "…and the promise is kept with this probability"
        )
        self.fields = (self.share, self.worse_than, self.confidence)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for column, (words, field) in enumerate(
            zip(("At &most", "&Worse than", "&Confidence"), self.fields, strict=True)
        ):
            label = QLabel(words)
            label.setProperty("secondary", True)
            label.setBuddy(field)
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 1)
        stored = {name: float(str(settings.value(f"promise/{name}", 0) or 0)) for name in _KEYS}
        known = all(0.0 < value < 1000.0 for value in stored.values())
        self.show_terms(Terms(**stored) if known else Terms(), fixed=False)
        for field in self.fields:
            field.valueChanged.connect(self._remember)

    def terms(self) -> Terms:
        """What the fields say."""
        share, worse_than, confidence = (field.value() for field in self.fields)
        return Terms(round(share / 100, 6), worse_than, round(confidence / 100, 6))

    def show_terms(self, terms: Terms, fixed: bool) -> None:
        """Show what a sample was drawn for (``fixed``), or what may still be chosen."""
        values = (100 * terms.share, terms.worse_than, 100 * terms.confidence)
        for field, value in zip(self.fields, values, strict=True):
            field.setEnabled(not fixed)
            if not field.hasFocus() or fixed:
                blocked = field.blockSignals(True)
                field.setValue(value)
                field.blockSignals(blocked)
        self.setToolTip(_SAID if fixed else "")

    def _remember(self) -> None:
        terms = self.terms()
        for name in _KEYS:
            self._settings.setValue(f"promise/{name}", getattr(terms, name))

    def _field(
        self, unit: str, least: float, most: float, step: float, name: str, tip: str
    ) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        field.setDecimals(1)
        field.setRange(least, most)
        field.setSingleStep(step)
        field.setSuffix(unit)
        field.setAccessibleName(name)
        field.setToolTip(tip)
        field.setFont(tabular(field.font()))
        field.lineEdit().setTextMargins(4, 0, 4, 0)
        return field

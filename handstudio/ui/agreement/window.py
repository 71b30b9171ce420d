"""The window about two annotators: who, how far apart, and hand by hand. Not modal."""

from __future__ import annotations

import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from handstudio.jobs.agreeing import Compared, between_people, compared_with
from handstudio.review.agreement import two_sets
from handstudio.ui.agreement.tables import DisagreementTable, PartsTable, StatesTable
from handstudio.ui.background import Background
from handstudio.ui.canvas.pair_item import COLOURS
from handstudio.ui.models.plots import bare_plot, wipe
from handstudio.ui.room import resize_within_screen

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

    from handstudio.review.agreement import Agreement
    from handstudio.review.comparing import TwoSets
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

MOST: Final = 1000
"""Disagreements that are listed."""
_STEPS: Final = ("next_disagreement", "previous_disagreement")
_NOBODY: Final = (
    "No two people decided the same hand yet. Let a second one annotate hands of the first blind ({}), or "
    "compare with another project on the same footage."
)


class AgreementWindow(QDialog):
    """Compares on a thread; a disagreement that is chosen is drawn over its frame."""

    def __init__(self, session: ReviewSession, services: Services, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Agreement")
        self.setModal(False)
        self._session, self._services = session, services
        self._settings: QSettings = services.settings
        self._background = Background(self)
        self._other: Path | None = None
        self._syncing = False
        self.found: Agreement | None = None
        self._sets: TwoSets | None = None
        self.people = QComboBox()
        self.people.setAccessibleName("Two annotators")
        self.people.setToolTip("Two people of this project, and how many hands both decided")
        self.people.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.people.setMinimumContentsLength(28)
        self.project, self.file = QPushButton("&Project…"), QPushButton("&File…")
        for button in (self.project, self.file):
            button.setAutoDefault(False)
        self.project.setToolTip("Compare with another project on the same footage")
        self.file.setToolTip("Compare with an export of labels of the same footage")
        self.figures = QLabel(wordWrap=True)
        self.figures.setTextFormat(Qt.TextFormat.RichText)
        self.parts, self.states, self.listed = PartsTable(), StatesTable(), DisagreementTable()
        self.curve = bare_plot(
            "PCK curve", "Joints within a distance of each other, in percent of the side of the hand's box"
        )
        self._lay_out()
        self.people.activated.connect(self._choose)
        self.project.clicked.connect(self._ask_project)
        self.file.clicked.connect(self._ask_file)
        self.listed.view.itemSelectionChanged.connect(self._row_chosen)
        self.listed.view.itemClicked.connect(lambda _item: self._row_chosen())
        for name in _STEPS:  # keys of the window are not those of one before it
            self.addAction(services.actions[name])
        session.comparing.changed.connect(self._mark)
        services.theme.changed.connect(self._draw_curve)

    def shutdown(self) -> None:
        """Read no more."""
        self._session.comparing.changed.disconnect(self._mark, missing_ok=True)
        self._background.close()

    def showEvent(self, event: QShowEvent) -> None:
        """Look who decided what."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Look again who decided what, and compare the same two again."""
        project = self._session.project
        self.figures.setText("Reading who decided what…")
        self._background.run(project.annotator_pairs, self._take_people, self._failed)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.people, 1)
        head.addWidget(QLabel("or with"))
        head.addWidget(self.project)
        head.addWidget(self.file)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.parts.view, "Joints")
        self.tabs.addTab(self.curve, "PCK")
        self.tabs.addTab(self.states.view, "States")
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.tabs)
        split.addWidget(self.listed.view)
        self.hint = QLabel(wordWrap=True)
        self.hint.setProperty("secondary", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.figures)
        layout.addWidget(split, 1)
        layout.addWidget(self.hint)
        em = self.fontMetrics().averageCharWidth()
        resize_within_screen(self, QSize(96 * em, 100 * em))
        split.setSizes([45 * em, 45 * em])

    # Who

    def _take_people(self, pairs: list[tuple[str, str, int]]) -> None:
        before = self.people.currentData()
        self.people.clear()
        for one, other, number in pairs:
            hands = "1 hand" if number == 1 else f"{number:,} hands".replace(",", "\u202f")
            self.people.addItem(f"{one} and {other}: {hands}", (one, other))
        self.people.setEnabled(bool(pairs))
        known = [(one, other) for one, other, _ in pairs]
        if before in known:
            self.people.setCurrentIndex(known.index(before))
        if self._other is not None:
            self._compare_with(self._other)
        elif pairs:
            self._choose()
        else:
            self._show(None)
            keys = ", ".join(self._services.actions.keys("blind"))
            self.figures.setText(_NOBODY.format(keys))

    def _choose(self, *_row: int) -> None:
        people = self.people.currentData()
        if people is not None:
            self._other = None
            project = self._session.project
            self._start(lambda: Compared(between_people(project, tuple(people))))

    def _ask_project(self) -> None:
        from handstudio.ui.dialogs import ask_folder

        ask_folder(self, self._settings, "Another project", lambda paths: self._compare_with(paths[0]))

    def _ask_file(self) -> None:
        from handstudio.ui.dialogs import ask_labels

        title = "Labels of the same footage"
        ask_labels(self, self._settings, title, lambda paths: self._compare_with(paths[0]))

    def _compare_with(self, other: Path) -> None:
        self._other = other
        project = self._session.project
        self._start(lambda: compared_with(project, other))

    def _start(self, compare) -> None:  # noqa: ANN001
        self.figures.setText("Comparing…")
        self._background.run(compare, self._take, self._failed)

    def _failed(self, problem: Exception) -> None:
        self._show(None)
        self.figures.setText(str(problem).replace("\n", "<br>"))

    # What

    def _take(self, compared: Compared) -> None:
        self._show(compared.found, compared.problems)

    def _show(self, found: Agreement | None, problems: tuple[str, ...] = ()) -> None:
        self.found = found
        sets = None if found is None else two_sets(found)
        if sets is not None or self._session.comparing.found is self._sets:
            self._session.comparing.take(sets)
        self._sets = sets
        names = {record.id: record.name for record in self._session.project.sequences()}
        self._syncing = True
        self.parts.show(found)
        self.states.show(found)
        self.listed.show(found, names, MOST)
        self._syncing = False
        self._draw_curve()
        keys = " and ".join("/".join(self._services.actions.keys(name)) for name in _STEPS)
        count = 0 if found is None else len(found.disagreements)
        shown = f"the first {MOST} of {count}" if count > MOST else str(count)
        hint = f"{shown} hands, the largest disagreement first; {keys} go through them."
        self.hint.setText(hint if count else "")
        if found is not None:
            self.figures.setText("<br>".join([words_of(found), *problems]))

    def _draw_curve(self) -> None:
        theme = self._services.theme
        wipe(self.curve, theme, self.font())
        evaluation = None if self.found is None else self.found.evaluation
        if evaluation is None:
            return
        plot = self.curve.getPlotItem()
        pen = pg.mkPen(COLOURS[0], width=2 * self.devicePixelRatioF())
        plot.plot(100 * evaluation.thresholds, 100 * evaluation.curve, pen=pen)
        plot.setYRange(0, 100, padding=0.02)
        plot.setLabel("left", "joints, %")
        plot.setLabel("bottom", "distance, % of the hand's box")

    # Hand by hand

    def _row_chosen(self) -> None:
        row = self.listed.view.currentRow()
        if not self._syncing and row >= 0 and self.listed.view.selectedItems():
            if self._session.comparing.found is not self._sets:
                self._session.comparing.take(self._sets)
            self._session.comparing.go_to(row)

    def _mark(self) -> None:
        place = self._session.comparing.place_in(self._sets)
        view = self.listed.view
        self._syncing = True
        if place is not None and place < view.rowCount():
            view.selectRow(place)
            view.scrollToItem(view.item(place, 0))
        else:
            view.clearSelection()
        self._syncing = False


def words_of(found: Agreement) -> str:
    """The agreement in a sentence or two."""
    one, other = map(escape, found.names)
    blind = f", {found.blind} of them blind" if found.blind else ""
    parts = [f"<b>{one}</b> and <b>{other}</b>: {found.hands} hands{blind}"]
    evaluation = found.evaluation
    if evaluation is not None:
        mm = f", {evaluation.epe_mm:.1f} mm" if math.isfinite(evaluation.epe_mm) else ""
        parts.append(
            f"{evaluation.epe_px:.2f} px apart{mm} (mean over joints); "
            f"{100 * evaluation.pck_005:.1f} % of the joints within 0.05 of the box"
        )
    states = found.states
    if states.count:
        kappa = f", Cohen's κ {states.kappa:.2f}".replace("-", "−") if math.isfinite(states.kappa) else ""
        parts.append(f"Usable or not: {100 * states.observed:.0f} % alike{kappa}")
    return ". ".join(parts) + "."

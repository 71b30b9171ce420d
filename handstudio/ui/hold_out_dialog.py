"""A hold-out by lot: what would be held out, before it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from handstudio.errors import HandStudioError
from handstudio.review.hold_out import SHARE, Group, Plan, groups_of, plan
from handstudio.ui.background import Background
from handstudio.ui.listening import Listener
from handstudio.ui.room import resize_within_screen
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from handstudio.project.records import Change
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

COLUMNS: Final = ("Sequence", "Subject", "Side", "Hands", "Hold-out", "Learnt from by")
WARNED: Final = 3
"""Warnings that are shown; of others only how many there are."""
WIDEST: Final = 24
"""Letters of a subject or a model's name."""
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_EXPLAINED: Final = (
    "No training learns from what is held out, so that models can be judged on it. Whole sequences are "
    "drawn, people and sides in turn; what you chose yourself stays."
)


class HoldOutDialog(QDialog):
    """Draws, shows what it drew, and holds it out when told so: one step of undo. Not modal."""

    def __init__(self, session: ReviewSession, services: Services, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Hold out by lot")
        self.setModal(False)
        self._session, self._services = session, services
        self._background = Background(self)
        self._groups: tuple[Group, ...] = ()
        self.found: Plan | None = None
        self.seed = 0
        explained = QLabel(_EXPLAINED, wordWrap=True)
        explained.setProperty("secondary", True)
        self.share = QSpinBox()
        self.share.setRange(1, 90)
        self.share.setValue(round(100 * SHARE))
        self.share.setSuffix(" % of the hands")
        self.share.lineEdit().setTextMargins(4, 0, 4, 0)
        self.share.setAccessibleName("Share of the hands to hold out")
        label = QLabel("Hold &out")
        label.setBuddy(self.share)
        self.again = QPushButton("&Draw again")
        self.again.setToolTip("Draw other sequences")
        self.table = self._build_table()
        self.sentence = QLabel(wordWrap=True)
        self.warnings = QLabel(wordWrap=True)
        self.warnings.setTextFormat(Qt.TextFormat.PlainText)
        self.warnings.setProperty("error", True)
        self.warnings.hide()
        self.go, self.cancel = QPushButton("Hold out"), QPushButton("Cancel")
        self.go.setDefault(True)
        self.cancel.setAutoDefault(False)
        head, foot = QHBoxLayout(), QHBoxLayout()
        for widget in (label, self.share, self.again):
            head.addWidget(widget)
        head.addStretch(1)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(explained)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.sentence)
        layout.addWidget(self.warnings)
        layout.addLayout(foot)
        em = self.fontMetrics().averageCharWidth()
        resize_within_screen(self, QSize(110 * em, 70 * em))
        self.share.valueChanged.connect(self._draw)
        self.again.clicked.connect(self._draw_again)
        self.go.clicked.connect(self._hold_out)
        self.cancel.clicked.connect(self.reject)
        services.theme.changed.connect(self._draw)
        self._listener = Listener(session, services)
        self._listener.on("changed", self._changed)

    def shutdown(self) -> None:
        """Read no more."""
        self._listener.close()
        self._background.close()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the sequences."""
        super().showEvent(event)
        self._read()
        self.share.setFocus()

    def _build_table(self) -> QTableWidget:
        table = QTableWidget(0, len(COLUMNS))
        table.setAccessibleName("Sequences")
        table.setHorizontalHeaderLabels(COLUMNS)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setFont(tabular(table.font()))
        heads = table.horizontalHeader()
        heads.setDefaultAlignment(_LEFT)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        table.horizontalHeaderItem(COLUMNS.index("Hands")).setTextAlignment(right)
        heads.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        heads.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        return table

    def _changed(self, change: Change) -> None:
        if self.isVisible() and (change.everything or (change.sequences and not change.hands)):
            self._read()

    def _read(self) -> None:
        project = self._session.project
        self._background.run(lambda: groups_of(project), self._take, self._failed)

    def _take(self, groups: tuple[Group, ...]) -> None:
        self._groups = groups
        self._draw()

    def _draw_again(self) -> None:
        self.seed += 1
        self._draw()

    def _draw(self, *_what: object) -> None:
        try:
            self.found = plan(self._groups, self.share.value() / 100, self.seed)
        except HandStudioError as problem:
            self.found = None
            self._failed(problem)
            self._list(self._groups, frozenset())
            return
        self._show(self.found)

    def _list(self, groups: Sequence[Group], keys: frozenset[int]) -> None:
        """A row for each group; ``keys`` are those of the drawn ones."""
        theme = self._services.theme
        self.table.setRowCount(len(groups))
        for row, group in enumerate(groups):
            drawn = group.key in keys
            said = "drawn" if drawn else "yes" if group.held else "by hand: no" if group.fixed else ""
            cells = (
                *(group.name, group.subject or "–", group.side, f"{group.hands:,}".replace(",", "\u202f")),
                *(said, group.learners(1)),
            )
            tips = {0: group.name, 1: group.subject or "", 5: "\n".join(group.learnt_by)}
            for column, text in enumerate(cells):
                item = QTableWidgetItem(self._shortened(text) if column else text)
                item.setToolTip(tips.get(column, ""))
                side = Qt.AlignmentFlag.AlignRight if column == 3 else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                if drawn:
                    font = self.table.font()
                    font.setBold(True)
                    item.setFont(font)
                if column == 0 and (drawn or group.held):
                    item.setIcon(theme.icon("mdi6.lock-plus-outline" if drawn else "mdi6.lock-outline"))
                self.table.setItem(row, column, item)

    def _show(self, found: Plan) -> None:
        self._list(found.groups, found.drawn_keys)
        before, after = (f"{100 * share:.0f} %" for share in (found.share_before, found.share_after))
        nothing = "nothing more has to be drawn." if found.share_after else "nothing can be drawn."
        would_be = f"{after} would be." if found.drawn else nothing
        self.sentence.setText(f"{before} of the hands are held out now, {would_be}")
        more = len(found.warnings) - WARNED
        said = [*found.warnings[:WARNED], *([f"and {more} more like this"] if more > 0 else [])]
        self.warnings.setText("\n".join(said))
        self.warnings.setToolTip("\n".join(found.warnings) if more > 0 else "")
        self.warnings.setVisible(bool(said))
        self._offer(found)

    def _offer(self, found: Plan | None) -> None:
        """What the button does, where it can do anything."""
        number = 0 if found is None else found.sequences
        count = {0: "Hold out", 1: "Hold 1 sequence out"}.get(number, f"Hold {number} sequences out")
        self.go.setText(count)
        bold = QFont(self.go.font())
        bold.setBold(True)
        self.go.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(count) + 36)
        self.go.setEnabled(number > 0 and not self._session.project.read_only)

    def _shortened(self, text: str) -> str:
        metrics = self.table.fontMetrics()
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, WIDEST * metrics.averageCharWidth())

    def _failed(self, problem: Exception) -> None:
        self.table.setRowCount(0)
        self.sentence.setText(str(problem))
        self.warnings.hide()
        self._offer(None)

    def _hold_out(self) -> None:
        if self.found is not None and self._session.apply(self.found.command()) is not None:
            keys = self._services.actions.keys("undo")
            back = f". {keys[0]} takes it back" if keys else ""
            self._session.message.emit(f"{self.found.command().title}{back}")
            self.accept()

"""The agreement of two annotators in figures: joints and fingers, states, and the list of disagreements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from handstudio.hand.skeleton import JOINT_NAMES
from handstudio.scoring.evaluation import GROUPS
from handstudio.ui.inspector.model import swatch
from handstudio.ui.theme import tabular

if TYPE_CHECKING:
    from handstudio.review.agreement import Agreement
    from handstudio.scoring.evaluation import Part

_PARTS: Final = ("Joint", "px", "within 0.05", "mm")
NAME_EM: Final = 18
"""Letters of a person's name in a head."""
_LISTED: Final = ("Hand", "Sequence", "Frame", "px", "mm", "", "")


def table(heads: Sequence[str], name: str) -> QTableWidget:
    """A table that is only looked at, a row chosen at a time."""
    found = QTableWidget(0, len(heads))
    found.setAccessibleName(name)
    found.setHorizontalHeaderLabels(list(heads))
    found.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    found.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    found.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    found.verticalHeader().hide()
    found.verticalHeader().setDefaultSectionSize(found.fontMetrics().height() + 6)
    found.setShowGrid(False)
    found.setFont(tabular(found.font()))
    found.setTabKeyNavigation(False)
    heads_of = found.horizontalHeader()
    heads_of.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    heads_of.setHighlightSections(False)
    return found


def fill(of: QTableWidget, rows: Sequence[Sequence[str]], left: frozenset[int] = frozenset({0})) -> None:
    """Put rows of text into a table; columns that are not ``left`` are figures, under heads at the right."""
    for column in range(of.columnCount()):
        side = Qt.AlignmentFlag.AlignLeft if column in left else Qt.AlignmentFlag.AlignRight
        of.horizontalHeaderItem(column).setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    of.setRowCount(len(rows))
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            item = QTableWidgetItem(text)
            side = Qt.AlignmentFlag.AlignLeft if column in left else Qt.AlignmentFlag.AlignRight
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            of.setItem(row, column, item)


def short(of: QTableWidget, name: str, em: int = NAME_EM) -> str:
    """A name as a head of a table has room for it, in letters; all of it stands over the tables."""
    metrics = of.fontMetrics()
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, em * metrics.averageCharWidth())


class PartsTable:
    """A line for each finger and each of its joints."""

    def __init__(self) -> None:
        self.view = table(_PARTS, "Agreement by finger and joint")
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)

    def show(self, found: Agreement | None) -> None:
        """Fill it."""
        evaluation = None if found is None else found.evaluation
        if evaluation is None:
            fill(self.view, [])
            return
        rows, joints = [], []
        for name, group in GROUPS.items():
            if len(group) > 1:
                rows.append(_part(name.capitalize(), evaluation.per_finger[name]))
                joints.append(None)
            for joint in group:
                label = JOINT_NAMES[joint]
                indent = "    " if len(group) > 1 else ""
                title = f"{indent}{label}" if indent else label.capitalize()
                rows.append(_part(title, evaluation.per_joint[label]))
                joints.append(joint)
        fill(self.view, rows)
        for row, joint in enumerate(joints):
            item = self.view.item(row, 0)
            if joint is None or joint == 0:
                font = self.view.font()
                font.setBold(True)
                item.setFont(font)
            if joint is not None:
                item.setIcon(swatch(joint))


class DisagreementTable:
    """A line for each hand, the largest disagreement first."""

    def __init__(self) -> None:
        self.view = table(_LISTED, "Hands about which they disagree")
        self.view.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def show(self, found: Agreement | None, sequences: dict[int, str], most: int) -> None:
        """Fill it with the first ``most``."""
        if found is None:
            fill(self.view, [])
            return
        names = [short(self.view, name) for name in found.names]
        self.view.setHorizontalHeaderLabels([*_LISTED[:5], *names])
        fill(
            self.view,
            [
                (
                    "R" if one.record.side == "right" else "L",
                    sequences.get(one.record.sequence_id, ""),
                    f"{one.record.frame_index + 1:,}".replace(",", "\u202f"),
                    *(_number(one.px), _number(one.mm)),
                    *(str(state).replace("_", " ") for state in one.pair.states),
                )
                for one in found.disagreements[:most]
            ],
            frozenset({0, 1, 5, 6}),
        )


class StatesTable:
    """Who finds what usable: rows as the first says, columns as the second."""

    def __init__(self) -> None:
        self.view = table(("", "", "", ""), "States by the two annotators")
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)

    def show(self, found: Agreement | None) -> None:
        """Fill it."""
        if found is None:
            fill(self.view, [])
            return
        one, other = (short(self.view, name, NAME_EM - 6) for name in found.names)
        states = found.states
        self.view.setHorizontalHeaderLabels(["", *(f"{other}: {name}" for name in states.categories), "both"])
        rows = [
            (f"{one}: {name}", *map(str, counts), str(sum(counts)))
            for name, counts in zip(states.categories, states.table.tolist(), strict=True)
        ]
        fill(self.view, [*rows, ("both", *map(str, states.table.sum(axis=0).tolist()), str(states.count))])


def _part(name: str, part: Part) -> tuple[str, ...]:
    share = f"{100 * part.pck_005:.1f} %" if math.isfinite(part.pck_005) else "–"
    return name, _number(part.epe_px), share, _number(part.epe_mm)


def _number(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "–"

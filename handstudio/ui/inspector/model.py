"""The 21 joints of the hand on view as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon, QPixmap

from handstudio.hand.skeleton import JOINT_COUNT, JOINT_NAMES
from handstudio.ui.theme import Theme, joint_colours

if TYPE_CHECKING:
    from handstudio.review.hand_view import JointRow

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
DOUBT_ROLE = Qt.ItemDataRole.UserRole + 1
"""Whether a cell's figure is out of the ordinary."""
_DISPLAY, _DECORATION, _FOREGROUND, _ALIGNMENT, _TIP, _SPOKEN = (
    int(role)
    for role in (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.DecorationRole,
        Qt.ItemDataRole.ForegroundRole,
        Qt.ItemDataRole.TextAlignmentRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
    )
)
_ROLES = frozenset((_DISPLAY, _DECORATION, _FOREGROUND, _TIP, _SPOKEN, int(DOUBT_ROLE)))
"""Plain numbers: a table of 21 joints asks a thousand times for each hand, and Qt's enumerations are slow."""

MARK: Final = "▲"
"""Before an angle beyond its limits."""
BONE_TOLERANCE: Final = 15.0
"""Percent off the template's length that are still ordinary."""
ERROR_RATIO: Final = 2.0
"""An expected error this many times the hand's median stands out."""


@dataclass(frozen=True)
class Column:
    """A column's heading, its unit for the tool tip, and a wide sample that sets its width."""

    title: str
    meaning: str
    sample: str


JOINT, ERROR, SHIFT, BONE, FLEXION, ABDUCTION, SEEN = range(7)
COLUMNS: Final = (
    Column("Joint", "The joint, in its finger's colour", "middle MCP"),
    Column("Error\npx", "Expected error of the proposal, in px", "888.8"),
    Column("Shift\npx", "How far the correction moves the joint, in px", "888.8"),
    Column("Bone\n%", "Length of the bone that ends here against the template's, in percent", "+188"),
    Column("Flex\n°", "Flexion of the joint, in degrees; marked where it is beyond its limits", "▲ −188"),
    Column("Abd\n°", "Abduction of the joint, in degrees; marked where it is beyond its limits", "▲ −188"),
    Column("", "Visibility: visible, occluded or outside", "MM"),
)
_MEANINGS: Final = {
    ERROR: ("expected error", "px"),
    SHIFT: ("moved by the correction", "px"),
    BONE: ("bone against the template", "%"),
}
_ALIGNMENTS: Final = tuple(
    (
        Qt.AlignmentFlag.AlignLeft
        if column == JOINT
        else Qt.AlignmentFlag.AlignHCenter
        if column == SEEN
        else Qt.AlignmentFlag.AlignRight
    )
    | Qt.AlignmentFlag.AlignVCenter
    for column in range(len(COLUMNS))
)
VISIBILITY: Final = (
    ("Visible", "mdi6.eye"),
    ("Occluded", "mdi6.eye-off-outline"),
    ("Outside", "mdi6.arrow-expand-right"),
)


class JointTable(QAbstractTableModel):
    """One row per joint; empty rows keep their place while there is no pose."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: Sequence[JointRow] = ()
        self._usual_error = math.inf

    def set_rows(self, rows: Sequence[JointRow]) -> None:
        """Show these joints' figures."""
        self._rows = rows
        errors = sorted(row.expected_error_px for row in rows if row.expected_error_px is not None)
        self._usual_error = errors[len(errors) // 2] if errors else math.inf
        self.dataChanged.emit(self.index(0, 0), self.index(JOINT_COUNT - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """21 joints."""
        return 0 if parent.isValid() else JOINT_COUNT

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """The columns of ``COLUMNS``."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.meaning
        return _ALIGNMENTS[section] if role == _ALIGNMENT else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """A cell's text, mark, colour and words."""
        column = index.column()
        if role == _ALIGNMENT:
            return _ALIGNMENTS[column]
        if role not in _ROLES:
            return None
        joint = index.row()
        if column == JOINT:
            return self._name(joint, role)
        if joint >= len(self._rows):
            return None
        row = self._rows[joint]
        if role == _DISPLAY:
            return text_of(row, column, self._doubtful(row, column))
        if role == _FOREGROUND:
            return self._theme.colour("warning") if self._doubtful(row, column) else None
        if role == _DECORATION:
            return self._seen(row.visibility) if column == SEEN else None
        if role == DOUBT_ROLE:
            return self._doubtful(row, column)
        return words_of(row, column)

    def _seen(self, visibility: int) -> QIcon:
        colour = self._theme.colour("secondary" if visibility == 0 else "text")
        return self._theme.icon(VISIBILITY[visibility][1], colour)

    def _name(self, joint: int, role: int) -> Any:
        if role == _DISPLAY:
            return JOINT_NAMES[joint]
        return swatch(joint) if role == _DECORATION else None

    def _doubtful(self, row: JointRow, column: int) -> bool:
        if column == ERROR and row.expected_error_px is not None:
            return row.expected_error_px > ERROR_RATIO * self._usual_error
        if column == BONE and row.bone_percent is not None:
            return abs(row.bone_percent - 100.0) > BONE_TOLERANCE
        if column in (FLEXION, ABDUCTION) and row.beyond is not None:
            return abs(row.beyond[column - FLEXION]) > 1e-3
        return False


def text_of(row: JointRow, column: int, doubtful: bool = False) -> str:
    """A cell's text, with its unit; a triangle marks an angle beyond its limits."""
    if column in (ERROR, SHIFT):
        value = row.expected_error_px if column == ERROR else row.shift_px
        return "" if value is None or not math.isfinite(value) else f"{value:.1f}"
    if column == BONE:
        value = row.bone_percent
        return "" if value is None or not math.isfinite(value) else signed(value - 100.0, plus=True)
    if column in (FLEXION, ABDUCTION):
        value = row.flexion if column == FLEXION else row.abduction
        if value is None or not math.isfinite(value):
            return ""
        return f"{MARK} {signed(math.degrees(value))}" if doubtful else signed(math.degrees(value))
    return ""


def words_of(row: JointRow, column: int) -> str:
    """A cell in words, for tool tips and screen readers."""
    if column == SEEN:
        return f"{row.name}: {VISIBILITY[row.visibility][0].lower()}"
    text = text_of(row, column)
    if not text:
        return ""
    if column in (FLEXION, ABDUCTION) and row.limits is not None:
        kind = column - FLEXION
        low, high = row.limits[kind]
        name = ("flexion", "abduction")[kind]
        return f"{row.name}: {name} {text}°, limits {_degrees(low)} to {_degrees(high)}"
    meaning, unit = _MEANINGS[column]
    return f"{row.name}: {meaning} {text} {unit}"


def signed(value: float, plus: bool = False) -> str:
    """A whole number with a true minus sign, and a plus sign where wanted."""
    whole = round(value)
    if whole < 0:
        return f"−{-whole}"
    return f"+{whole}" if plus and whole else f"{whole}"


def _degrees(radians: float) -> str:
    return f"{signed(math.degrees(radians))}°"


@cache
def swatch(joint: int) -> QIcon:
    """A joint's colour; a chosen row keeps it, which a plain colour would have tinted."""
    picture = QPixmap(32, 32)
    picture.fill(joint_colours()[joint])
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon

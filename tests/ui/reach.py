"""Which controls of a window there are, which the keyboard reaches, and what a screen reader calls them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollBar,
    QSplitterHandle,
    QTabBar,
    QTextEdit,
    QWidget,
)

from handstudio.ui.reveal import dock_of, in_front

Key, Mod = Qt.Key, Qt.KeyboardModifier
KINDS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)
_PARTS = (QAbstractSpinBox, QComboBox, QKeySequenceEdit, QLineEdit, QTabBar, QAbstractItemView)
"""What is inside of these is theirs: fields of spin boxes, lists of combo boxes, crosses of fields."""
_OF_THE_STYLE = "qt_dockwidget"
"""Buttons in the titles of docks: the View menu shows, hides and floats docks."""
MOST = 300
"""Presses of Tab."""


def controls(window: QWidget) -> list[QWidget]:
    """Every control that can be seen and used now."""
    found = []
    for kind in KINDS:
        for control in window.findChildren(kind):
            part = isinstance(control, QScrollBar | QHeaderView | QSplitterHandle)
            part = part or _is_part(control) or control.objectName().startswith(_OF_THE_STYLE)
            if not part and control.window() is window and _is_seen(control) and control.isEnabled():
                found.append(control)
    return found


def _is_part(control: QWidget) -> bool:
    above = control.parentWidget()
    while above is not None and not above.isWindow():
        if isinstance(above, _PARTS):
            return True
        above = above.parentWidget()
    return isinstance(control.parentWidget(), _PARTS)


def _is_seen(control: QWidget) -> bool:
    """Docks behind tabs are shown, too, but outside of their window."""
    dock = dock_of(control)
    return control.isVisible() and (dock is None or in_front(dock.widget()))


def press(window: QWidget, key: Key, keys: Mod = Mod.NoModifier) -> None:
    QTest.keyClick(window.windowHandle(), key, keys)
    QApplication.processEvents()


def tab_through(window: QWidget, known: set[QWidget]) -> None:
    """Press Tab from where the keys are until that leads to nothing new; ``known`` is what had the keys."""
    for _ in range(MOST):
        holder = QApplication.focusWidget()
        if holder is None or holder in known:
            return
        known.add(holder)
        if hasattr(holder, "STEPS_JOINTS"):
            return
        press(window, Key.Key_Tab)
    raise AssertionError("Tab never comes back")


def missed(wanted: Iterable[QWidget], known: set[QWidget]) -> list[str]:
    """The controls that were not reached. Of radio buttons that belong together one is: arrows go on."""
    radios = {one.parentWidget() for one in known if isinstance(one, QRadioButton)}
    return [
        described(control)
        for control in wanted
        if control not in known
        and control.focusProxy() not in known
        and not (isinstance(control, QRadioButton) and control.parentWidget() in radios)
    ]


def described(control: QWidget) -> str:
    above = type(control.parentWidget()).__name__
    return f"{type(control).__name__} {control.objectName()!r} {name_of(control)!r} in {above}"


def name_of(widget: QWidget) -> str:
    """What a screen reader calls a widget."""
    found = QAccessible.queryAccessibleInterface(widget)
    return "" if found is None else found.text(QAccessible.Text.Name)

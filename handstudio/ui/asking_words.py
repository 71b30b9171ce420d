"""A small window in which a word is chosen or a sentence typed; it stops nothing and calls back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QInputDialog, QPushButton, QWidget

from handstudio.ui.room import resize_within_screen


def ask_word(
    window: QWidget,
    title: str,
    label: str,
    words: Sequence[str],
    now: str,
    done: Callable[[str], object],
) -> QInputDialog:
    """Have one of some words chosen, or another one typed."""
    dialog = _dialog(window, title, label)
    dialog.setComboBoxItems(list(words))
    dialog.setComboBoxEditable(True)
    dialog.setTextValue(now)
    return _open(dialog, done)


def ask_sentence(
    window: QWidget, title: str, label: str, now: str, done: Callable[[str], object]
) -> QInputDialog:
    """Have a sentence typed."""
    dialog = _dialog(window, title, label)
    dialog.setInputMode(QInputDialog.InputMode.TextInput)
    dialog.setTextValue(now)
    return _open(dialog, done)


def _dialog(window: QWidget, title: str, label: str) -> QInputDialog:
    dialog = QInputDialog(window)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setModal(False)
    wide = 60 * dialog.fontMetrics().averageCharWidth()
    resize_within_screen(dialog, QSize(wide, dialog.sizeHint().height()))
    return dialog


def _open(dialog: QInputDialog, done: Callable[[str], object]) -> QInputDialog:
    dialog.textValueSelected.connect(done)
    for button in dialog.findChildren(QPushButton):
        button.setIcon(QIcon())  # the style's own are of another kind than the window's
    dialog.show()
    return dialog

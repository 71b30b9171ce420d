"""File dialogs that do not stop the window: they call back when something was chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from handstudio.ui.room import resize_within_screen

VIDEOS = "Videos (*.mp4 *.avi *.mov *.mkv *.webm *.m4v *.mpg *.mpeg);;All files (*)"

EXPORTS: dict[str, tuple[str, str, bool]] = {
    "COCO keypoints (*.json)": ("coco", ".json", False),
    "HDF5 (*.h5)": ("hdf5", ".h5", False),
    "COCO keypoints, only verified hands (*.json)": ("coco", ".json", True),
    "HDF5, only verified hands (*.h5)": ("hdf5", ".h5", True),
}
"""What the export dialog offers: format and ending of each, and whether only verified hands are written."""


def ask_folder(
    window: QWidget, settings: QSettings, title: str, chosen: Callable[[list[Path]], object]
) -> None:
    """Have a folder chosen."""
    dialog = _dialog(window, settings, title, QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    _open(dialog, settings, chosen)


def ask_videos(
    window: QWidget, settings: QSettings, title: str, chosen: Callable[[list[Path]], object]
) -> None:
    """Have one or more videos chosen."""
    dialog = _dialog(window, settings, title, QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilter(VIDEOS)
    _open(dialog, settings, chosen)


def ask_new_folder(
    window: QWidget, settings: QSettings, title: str, chosen: Callable[[list[Path]], object]
) -> None:
    """Have the name of a folder to be made chosen."""
    dialog = _dialog(window, settings, title, QFileDialog.FileMode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Create")
    _open(dialog, settings, chosen)


def ask_labels(
    window: QWidget, settings: QSettings, title: str, chosen: Callable[[list[Path]], object]
) -> None:
    """Have a file with labels chosen."""
    dialog = _dialog(window, settings, title, QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter("Labels (*.json);;All files (*)")
    _open(dialog, settings, chosen)


def ask_export(window: QWidget, settings: QSettings, chosen: Callable[[str, Path, bool], object]) -> None:
    """Have a format and a file chosen, and whether only verified hands are to be in it."""
    dialog = _dialog(window, settings, "Export labels", QFileDialog.FileMode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(EXPORTS))

    def done(paths: list[Path]) -> None:
        form, ending, verified = EXPORTS[dialog.selectedNameFilter()]
        path = paths[0] if paths[0].suffix else paths[0].with_suffix(ending)
        chosen(form, path, verified)

    _open(dialog, settings, done)


def _dialog(window: QWidget, settings: QSettings, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
    dialog = QFileDialog(window, title, str(settings.value("dialogs/folder", str(Path.home()))))
    dialog.setFileMode(mode)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    resize_within_screen(dialog, dialog.sizeHint())
    return dialog


def _open(dialog: QFileDialog, settings: QSettings, chosen: Callable[[list[Path]], object]) -> None:
    def accepted() -> None:
        paths = [Path(name) for name in dialog.selectedFiles()]
        if paths:
            settings.setValue("dialogs/folder", str(paths[0].parent))
            chosen(paths)

    dialog.accepted.connect(accepted)
    dialog.show()

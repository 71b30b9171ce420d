"""Start of the window: ``handstudio window [P]`` or ``handstudio-window [P]``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from handstudio.errors import HandStudioError
from handstudio.ui import rubbish


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed; the exit code."""
    words = list(sys.argv if argv is None else argv)
    app = application(words[:1])
    from handstudio.ui.desk import Desk
    from handstudio.ui.faults import Faults, log_path

    settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "HandStudio", "window")
    desk = Desk(settings)
    try:
        desk.open_first(Path(words[1]) if len(words) > 1 else None)
    except HandStudioError as error:
        print(error, file=sys.stderr)
        return 1
    _close_on_signals(app)
    faults = Faults(desk.say_fault, log_path(), desk)
    faults.watch()
    code = app.exec()
    for window in list(desk.windows):
        window.close_and_wait()
    faults.stop()
    return code


def application(words: Sequence[str]) -> QApplication:
    """The Qt application, named."""
    rubbish.pause()
    _paint_on_one_thread()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(list(words))
    app.setApplicationName("HandStudio")
    app.setApplicationDisplayName("HandStudio")
    app.setOrganizationName("HandStudio")
    app.setDesktopFileName("handstudio")
    return app


def _paint_on_one_thread() -> None:
    """Let nobody share a picture among threads.

    Qt would do so with the blending of a translucent line, OpenCV with a frame's resampling and software
    OpenGL with the 3D view. At these sizes that costs more than it brings and, while every core is busy, the
    window would wait until the other threads had their turn.
    """
    import cv2

    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    os.environ.setdefault("LP_NUM_THREADS", "0")
    cv2.setNumThreads(1)


def _close_on_signals(app: QApplication) -> None:
    """Ctrl+C in the terminal and a polite kill close the windows as a person would."""

    def close(_number: int, _frame: object) -> None:
        app.closeAllWindows()

    signal.signal(signal.SIGINT, close)
    signal.signal(signal.SIGTERM, close)
    heartbeat = QTimer(app, interval=200)
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start()


if __name__ == "__main__":
    sys.exit(main())

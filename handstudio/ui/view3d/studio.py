"""Makes the scene off the window's thread: importing vispy, the driver and its compiler take a second."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QOpenGLContext

from handstudio.ui.view3d.target import NoOpenGLError, Target

if TYPE_CHECKING:
    from handstudio.ui.view3d.scene import Scene


class Studio(QObject):
    """Owns the context and, once ``ready`` was sent, the scene; frees both in ``close``."""

    ready = Signal()
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self._target: Target | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def start(self) -> None:
        """Begin; returns at once where the platform allows OpenGL on a second thread."""
        if self._target is not None or self._closed:
            return
        self._target = Target()
        if QOpenGLContext.supportsThreadedOpenGL():
            self._thread = threading.Thread(target=self._build, name="3D view", daemon=True)
            self._thread.start()
        else:
            self._build()

    def close(self) -> None:
        """Wait for what is under way and free everything."""
        if self._closed:
            return
        self._closed = True
        if self._thread is not None:
            self._thread.join()
        self.scene = None
        if self._target is not None:
            self._target.close()
            self._target = None

    def _build(self) -> None:
        target, scene = self._target, None
        assert target is not None
        try:
            target.start()
            from handstudio.ui.view3d.scene import Scene

            scene = Scene(target)
            scene.warm_up()
        except NoOpenGLError as problem:
            trouble = str(problem)
        except Exception as problem:  # a driver's compiler may refuse anything; the window goes on without 3D
            trouble, scene = f"{type(problem).__name__}: {problem}", None
        target.hand_to(self.thread())
        if scene is None:
            self.failed.emit(trouble)
        else:
            self.scene = scene
            self.ready.emit()

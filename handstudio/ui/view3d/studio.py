"""Makes the scene off the window's thread: importing vispy, the driver and its compiler take a second."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QOpenGLContext

from handstudio.ui.view3d.target import NoOpenGLError, Target

if TYPE_CHECKING:
    from handstudio.ui.view3d.scene import Scene


class Studio(QObject):
    """Owns the context and, once ``ready`` was sent, the scene; frees both in ``close``."""

    ready = Signal()
    failed = Signal(str)

    _built = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self._target: Target | None = None
        self._made: Scene | None = None
        self._trouble: str | None = None
        self._thread: threading.Thread | None = None
        self._awaited = threading.Event()
        self._closed = False
        self._built.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin; returns at once where the platform allows OpenGL on a second thread."""
        if self._target is not None or self._closed:
            return
        self._target = Target()
        if QOpenGLContext.supportsThreadedOpenGL():
            self._thread = threading.Thread(target=self._build_aside, name="3D view", daemon=True)
            self._thread.start()
        else:
            self._build()
            self._take()

    def close(self) -> None:
        """Wait for what is under way and free everything."""
        if self._closed:
            return
        self._closed = True
        self._wait()
        self.scene = self._made = None
        if self._target is not None:
            self._target.close()
            self._target = None

    def _wait(self) -> None:
        """Let the thread hand over what it made, and end."""
        if self._thread is not None:
            self._awaited.set()
            self._thread.join()
            self._thread = None

    def _build_aside(self) -> None:
        """On the thread: the context is handed over once the window's thread waits for it.

        ``moveToThread`` asks for locks of Qt's while it has Python's; a window that deletes widgets meanwhile
        has them the other way round, and both would wait for ever.
        """
        assert self._target is not None
        self._build()
        self._built.emit()
        self._awaited.wait()
        self._target.hand_to(self.thread())

    def _build(self) -> None:
        target = self._target
        assert target is not None
        try:
            target.start()
            from handstudio.ui.view3d.scene import Scene

            scene = Scene(target)
            scene.warm_up()
            self._made = scene
        except NoOpenGLError as problem:
            self._trouble = str(problem)
        except Exception as problem:  # a driver's compiler may refuse anything; the window goes on without 3D
            self._trouble = f"{type(problem).__name__}: {problem}"

    def _take(self) -> None:
        """In the window's thread: the scene is there, or why there is none."""
        if self._closed:
            return
        self._wait()
        self.scene, self._made = self._made, None
        if self._trouble is None:
            self.ready.emit()
        else:
            self.failed.emit(self._trouble)

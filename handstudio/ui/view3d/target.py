"""An OpenGL context of our own that draws into a picture instead of a window.

A ``QOpenGLWidget`` makes Qt compose the whole window with OpenGL: on a software renderer each repaint of the
frame beside it then takes 60 ms instead of 4, and the window is made anew when the widget first appears. So
vispy's commands draw into a framebuffer here, and the view paints the picture.
"""

from __future__ import annotations

from PySide6.QtCore import QThread
from PySide6.QtGui import QImage, QOffscreenSurface, QOpenGLContext, QSurfaceFormat
from PySide6.QtOpenGL import QOpenGLFramebufferObject


class NoOpenGLError(Exception):
    """This platform gives no OpenGL context, or the driver is too old."""


class Target:
    """A context with a framebuffer; the current canvas of vispy's gloo while it is bound.

    Made on the window's thread, where its surface must live; ``start`` may run on another one.
    """

    def __init__(self) -> None:
        self._format = QSurfaceFormat()
        self._format.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
        self._surface = QOffscreenSurface()
        self._surface.setFormat(self._format)
        self._surface.create()
        self._qt: QOpenGLContext | None = None
        self._framebuffer: QOpenGLFramebufferObject | None = None
        self._backend = self  # where vispy asks for the framebuffer
        self._closed = False

    def start(self) -> None:
        """Create the context on this thread.

        Raises:
            NoOpenGLError: where there is none.
        """
        self._qt = QOpenGLContext()
        self._qt.setFormat(self._format)
        if not self._surface.isValid() or not self._qt.create():
            raise NoOpenGLError("no OpenGL context could be made on this display")
        if not self._qt.makeCurrent(self._surface):
            raise NoOpenGLError("the OpenGL context cannot be used on this display")
        if self._qt.format().majorVersion() < 2:
            raise NoOpenGLError("the display's OpenGL is older than 2.1")
        from vispy.gloo.context import GLContext

        self.context = GLContext()

    def hand_to(self, thread: QThread) -> None:
        """Give the context from this thread, which made it, to another one."""
        if self._qt is not None:
            if self._qt.isValid():
                self._qt.doneCurrent()
            self._qt.moveToThread(thread)

    def bind(self, width: int, height: int) -> None:
        """Draw into a picture of this size from now on."""
        from vispy.gloo.context import set_current_canvas

        assert self._qt is not None
        self._qt.makeCurrent(self._surface)
        kept = self._framebuffer
        if kept is None or (kept.width(), kept.height()) != (width, height):
            depth = QOpenGLFramebufferObject.Attachment.Depth
            kept = self._framebuffer = QOpenGLFramebufferObject(width, height, depth)
        kept.bind()
        set_current_canvas(self)

    def picture(self) -> QImage:
        """What was drawn since ``bind``."""
        assert self._framebuffer is not None
        return self._framebuffer.toImage()

    def close(self) -> None:
        """Free the framebuffer and the context. Nothing can be drawn any more."""
        if self._closed:
            return
        self._closed = True
        if self._qt is not None and hasattr(self, "context"):
            from vispy.gloo.context import forget_canvas

            self._qt.makeCurrent(self._surface)
            forget_canvas(self)
            self._framebuffer = None
            self._qt.doneCurrent()
        self._qt = None
        self._surface.destroy()

    def _vispy_get_fb_bind_location(self) -> int:
        return self._framebuffer.handle() if self._framebuffer is not None else 0

"""The canvas: a frame, its hands in every layer, and the tools that change them."""

from handstudio.ui.canvas.panel import Canvas

__all__ = ["Canvas"]

"""The hands to review, in an order."""

from handstudio.ui.queue.widget import Queue

__all__ = ["Queue"]

"""Confidence and states along a sequence, to look at and to go by."""

from handstudio.ui.timeline.widget import Timeline

__all__ = ["Timeline"]

"""Every joint of the hand in figures."""

from handstudio.ui.inspector.widget import Inspector

__all__ = ["Inspector"]

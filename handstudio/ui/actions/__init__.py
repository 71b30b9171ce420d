"""Every action of the window: a table for each topic, and the registry that makes them work."""

from handstudio.ui.actions.registry import SPECS, Actions, tooltip
from handstudio.ui.actions.spec import ActionSpec

__all__ = ["SPECS", "ActionSpec", "Actions", "tooltip"]

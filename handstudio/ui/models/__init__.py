"""Models: where they come from, how they compare, which one is adopted."""

from handstudio.ui.models.widget import Models

__all__ = ["Models"]

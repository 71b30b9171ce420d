"""The footage and how far its review has come."""

from handstudio.ui.sequences.widget import Sequences

__all__ = ["Sequences"]

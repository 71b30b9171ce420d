"""The dock of acceptance with a promise."""

from handstudio.ui.acceptance.widget import Acceptance

__all__ = ["Acceptance"]

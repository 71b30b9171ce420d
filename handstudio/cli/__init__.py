"""The same jobs from a shell, with the same words as the window.

One module a command: it parses the command's words, hands them to one module of :mod:`handstudio.jobs`, and
shows what came back. Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from handstudio.cli.app import app, main
from handstudio.cli.words import spread

__all__ = ["app", "main", "spread"]

"""What was decided: the project folder, its database, decisions, history and dense maps.

``Project`` is loaded when it is first asked for, so that records and commands cost no database library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handstudio.project.project import Project

__all__ = ["Project"]


def __getattr__(name: str) -> Any:
    if name == "Project":
        from handstudio.project.project import Project

        return Project
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""A small project for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handstudio.project import Project

from .made import new_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Six frames with a proposed hand each, held by a window."""
    with new_project(tmp_path / "project") as project:
        yield project

"""The floors of the house: imports never go up, Qt lives in the window alone, torch in few rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
FLOORS = {
    "errors": 0,
    "progress": 0,
    "user_cache": 0,
    "hand": 0,
    "media": 1,
    "project": 1,
    "synthesis": 1,
    "scoring": 1,
    "methods": 2,
    "review": 3,
    "jobs": 3,
    "exchange": 3,
    "experiments": 3,
    "ui": 4,
    "cli": 4,
    "__main__": 5,
}
QT = {"PySide6", "pyqtgraph", "vispy", "qtawesome"}
TORCH = {"torch", "lightning_fabric", "lightning"}
ROOMS_WITH_TORCH = {"hand", "synthesis", "methods"}


def sources(folder: str) -> Iterator[Path]:
    yield from (path for path in sorted((HOUSE / folder).rglob("*.py")))


def imported_modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "handstudio" and len(parts) > 1 and parts[1] in FLOORS else None


@pytest.mark.parametrize("path", list(sources("handstudio")), ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_import_goes_up(path: Path) -> None:
    inside = path.relative_to(HOUSE / "handstudio")
    room = inside.parts[0].removesuffix(".py")
    if room == "__init__":
        return
    assert room in FLOORS, f"{room} is no room of the house"
    rooms = {found for module in imported_modules(path) if (found := room_of(module))}
    assert {found for found in rooms if FLOORS[found] > FLOORS[room]} == set()


@pytest.mark.parametrize("folder", ["handstudio", "plugins"])
def test_qt_is_imported_by_the_window_alone(folder: str) -> None:
    found = {
        str(path.relative_to(HOUSE))
        for path in sources(folder)
        if "ui" not in path.relative_to(HOUSE).parts
        and {module.split(".")[0] for module in imported_modules(path)} & QT
    }
    assert found == set()


def test_torch_is_imported_by_methods_synthesis_hand_and_plugins_alone() -> None:
    found = {
        str(path.relative_to(HOUSE))
        for path in sources("handstudio")
        if path.relative_to(HOUSE).parts[1] not in ROOMS_WITH_TORCH
        and {module.split(".")[0] for module in imported_modules(path)} & TORCH
    }
    assert found == set()


def test_no_method_is_named_outside_its_plugin() -> None:
    found = {
        str(path.relative_to(HOUSE))
        for path in sources("handstudio")
        if any(module.startswith("plugins") for module in imported_modules(path))
    }
    assert found == set()


def test_the_window_starts_without_heavy_libraries() -> None:
    program = (
        "import sys, handstudio.ui.start, handstudio.ui.window; "
        "import handstudio.jobs.worker, handstudio.jobs.process; "
        "heavy = {'torch', 'open3d', 'lightning_fabric', 'alembic', 'matplotlib', 'scipy', 'ray'}; "
        "print(','.join(sorted(heavy & set(sys.modules))))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""

"""The toy method installed, and a project of small photographs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import cv2
import numpy as np
import pytest

from handstudio.hand.box import Box
from handstudio.methods import registry
from handstudio.methods.weights import Lineage, save_model
from handstudio.project.project import Project
from handstudio.project.records import FrameImport, HandImport, ModelRecord, SequenceImport

from .toy import Toy, ToyNetwork


@pytest.fixture(autouse=True)
def _toy_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's plugin among the entry points."""
    found = registry.entry_points

    def with_toy(group: str) -> list[EntryPoint]:
        return [*found(group=group), EntryPoint("toy", f"{__package__}.toy:Toy", group)]

    def load(self: EntryPoint) -> object:
        return Toy if self.name == "toy" else real(self)

    real = EntryPoint.load
    monkeypatch.setattr(registry, "entry_points", with_toy)
    monkeypatch.setattr(EntryPoint, "load", load)
    Toy.made.clear()


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A model of the toy method."""
    folder = tmp_path / "toy-model"
    save_model(folder, ToyNetwork(), Lineage("toy", "only", {"steps": 4}))
    return folder


def picture(number: int, width: int = 128, height: int = 96) -> np.ndarray:
    """A dark picture with one bright spot, further right in each picture."""
    image = np.full((height, width, 3), 30, np.uint8)
    image[40:44, 20 + 4 * number : 24 + 4 * number] = 255
    return image


Made = Callable[..., tuple[Project, ModelRecord]]


@pytest.fixture
def made(tmp_path: Path, model_folder: Path) -> Iterator[Made]:
    """Makes a project of two folders of pictures, with the toy model adopted."""
    projects: list[Project] = []

    def make(count: int = 5, side: str = "right") -> tuple[Project, ModelRecord]:
        project = Project.create(tmp_path / f"project-{len(projects)}", "job")
        projects.append(project)
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            for number in range(count):
                cv2.imwrite(str(folder / f"{number:02}.png"), picture(number))
            frames = [FrameImport(f"{number:02}.png", 128, 96) for number in range(count)]
            hands = [HandImport(number, side, Box(0, 0, 128, 96)) for number in range(count)]  # type: ignore[arg-type]
            project.add_sequence(SequenceImport(name, "folder", str(folder), frames, hands))
        model = project.add_model(
            "toy-1", "toy", "toy", "only", source="shipped", path=model_folder, adopted=True
        )
        return project, model

    yield make
    for project in projects:
        project.close()

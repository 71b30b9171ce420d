"""Models as files: safetensors, and beside them a JSON that says where they come from."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from handstudio import __version__
from handstudio.errors import HandStudioError
from handstudio.methods import registry
from handstudio.methods.calibrating import of_figures
from handstudio.methods.contract import Method, Proposer
from handstudio.methods.device import Engine

FILE_NAME = "model.safetensors"


@dataclass(frozen=True)
class Lineage:
    """Where a model comes from.

    Attributes:
        method, profile: what it is.
        settings: all settings it was trained with.
        parents: ids of the models it started from, the nearest first.
        data: what it learned from, in words and numbers.
        figures: what was measured.
        source: ``pretrain``, ``finetune`` or ``shipped``.
        created: seconds since 1970.
        version: of HandStudio.
    """

    method: str
    profile: str
    settings: dict[str, Any]
    parents: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    source: str = "pretrain"
    created: float = field(default_factory=time.time)
    version: str = __version__

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Lineage:
        """The lineage that :meth:`to_dict` wrote; names of later versions are ignored."""
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in values.items() if name in known})


@dataclass(frozen=True)
class Model:
    """A model in memory: its method, settings, network and lineage."""

    method: Method
    settings: BaseModel
    network: nn.Module
    lineage: Lineage
    path: Path

    def proposer(self, engine: Engine, settings: BaseModel | None = None) -> Proposer:
        """The model ready to propose, with what its figures say of its doubt.

        Args:
            engine: where it computes.
            settings: other ones than the model's own.
        """
        ready = self.method.proposer(self.network, settings or self.settings, engine)
        ready.error_of_doubt = of_figures(self.lineage.figures)
        return ready


def save_model(folder: Path, network: nn.Module, lineage: Lineage, file_name: str = FILE_NAME) -> Path:
    """Write a model's weights and lineage, each whole or not at all; returns the path of the weights.

    Raises:
        HandStudioError: when the folder cannot be written.
    """
    path = folder / file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        tensors = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
        save_file(tensors, part, metadata={"method": lineage.method, "profile": lineage.profile})
        beside = path.with_suffix(".json.part")
        beside.write_text(json.dumps(lineage.to_dict(), indent=1, default=str), encoding="utf-8")
        part.replace(path)
        beside.replace(path.with_suffix(".json"))
    except OSError as error:
        raise HandStudioError(
            f"The model could not be written ({error})", path, "Free space or choose another place"
        ) from None
    return path


def weights_file(path: Path) -> Path:
    """The weights of a model's folder, or the file itself.

    A project remembers where the shipped weights lay when it first used them. Copied to another machine, or
    after HandStudio was installed anew, it finds those of the same name that were shipped here.
    """
    if path.is_dir():
        return path / FILE_NAME
    if not path.exists() and path.suffix == Path(FILE_NAME).suffix:
        here = _shipped(path.name)
        if here.exists():
            return here
    return path


def digest(path: Path) -> str:
    """Tells weights from others: the same numbers have the same digest, however their file was written.

    (The header of a safetensors file lists what it was told of the model in any order.)
    """
    tensors = load_file(path)
    said = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name].contiguous()
        said.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        said.update(value.flatten().view(torch.uint8).numpy().tobytes())
    return said.hexdigest()


def read_lineage(path: Path) -> Lineage:
    """The lineage beside a model's weights.

    Raises:
        HandStudioError: when it is missing or damaged.
    """
    place = weights_file(path).with_suffix(".json")
    try:
        return Lineage.from_dict(json.loads(place.read_text(encoding="utf-8")))
    except OSError:
        raise HandStudioError(
            "The model's lineage is missing", place, "Copy the .json beside the weights"
        ) from None
    except (ValueError, TypeError, AttributeError):
        raise HandStudioError(
            "The model's lineage is damaged", place, "Restore the file or choose another model"
        ) from None


def save_fresh_model(
    folder: Path, method: Method, profile: str, changes: Mapping[str, Any], seed: int
) -> Lineage:
    """Save a model of a method that has learnt nothing yet; returns its lineage.

    Args:
        folder: of the model.
        profile, changes: its settings.
        seed: of its weights.
    """
    settings = method.settings(profile, changes)
    torch.manual_seed(seed)
    lineage = Lineage(method.name, profile, settings.model_dump(), source="chance")
    save_model(folder, method.build_network(settings), lineage)
    return lineage


def load_model(path: Path) -> Model:
    """Load a model; nothing in its files is executed.

    Args:
        path: its folder, or its weights with the lineage beside them.

    Raises:
        HandStudioError: when files are missing or damaged, or its method is not installed.
    """
    weights = weights_file(path)
    lineage = read_lineage(weights)
    method = registry.load(lineage.method)
    settings = method.settings_of_model(lineage.profile, lineage.settings)
    network = method.build_network(settings)
    if not weights.exists():
        raise HandStudioError(
            "The model's weights are missing", weights, "Restore the file or choose another model"
        )
    try:
        network.load_state_dict(load_file(weights))
    except (SafetensorError, RuntimeError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise HandStudioError(
            f"The model's weights are damaged or of another network ({reason})",
            weights,
            "Choose another model",
        ) from None
    return Model(method, settings, network.eval(), lineage, weights)


def take_over(network: nn.Module, model: Model) -> None:
    """Gives a network the weights of a model. What the network has beyond the model's keeps its own: parts
    that were added to a network later begin as nothing.

    Raises:
        HandStudioError: when the model's network has other parts, or other sizes of them.
    """
    try:
        found = network.load_state_dict(model.network.state_dict(), strict=False)
        why = f"{found.unexpected_keys[0]} is none of its parts" if found.unexpected_keys else ""
    except RuntimeError as error:
        why = str(error).splitlines()[-1].strip()
    if why:
        raise HandStudioError(
            f"The model's network cannot become the one that is asked for ({why})",
            model.path,
            "Change the settings back, or start without a model",
        )


def shipped_weights(method: Method, profile: str | None = None) -> Path:
    """The weights that came with HandStudio.

    Args:
        method: whose.
        profile: which; the first one shipped by default.

    Raises:
        HandStudioError: when none were shipped.
    """
    name = method.shipped.get(profile) if profile is not None else next(iter(method.shipped.values()), None)
    if name is not None:
        path = _shipped(f"{name}.safetensors")
        if path.exists():
            return path
    raise HandStudioError(
        f"There are no shipped weights of {method.title}" + (f" ({profile})" if profile else ""),
        None,
        "Train some with handstudio pretrain, and bring them in with handstudio models P --add",
    )


def _shipped(file_name: str) -> Path:
    return Path(str(files("resources").joinpath("weights", file_name)))

"""What a method is to HandStudio: a network, a way to propose, to pretrain and to finetune; no method is
named here."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ValidationError
from torch import nn

from handstudio.errors import HandStudioError
from handstudio.hand.peaks import KEPT
from handstudio.hand.registration import register_pose
from handstudio.hand.shape import ANYBODY, HandShape
from handstudio.hand.skeleton import JOINT_COUNT
from handstudio.methods.computing import Computing
from handstudio.methods.described import nearest
from handstudio.methods.device import Engine
from handstudio.methods.training import Training

if TYPE_CHECKING:
    from handstudio.methods.moments import Moments
    from handstudio.synthesis.scene import SceneSettings

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class HandProposals:
    """What a method says about a batch of crops of right hands, in cells of the 64 x 64 grid over the crop.

    Attributes:
        uv, depth: (B, 21, 2) cells and (B, 21) reference bones.
        mask: (B, 64, 64) probability that a cell shows the hand.
        perturbed_uv, perturbed_depth: the second opinion that the confidence comes from, such as the
            prediction on the perturbed crop, mapped back, or that of another branch.
        corrected_uv, corrected_depth: the pose moved to a hand that can exist.
        c_stability, c_plausibility: (B,) the two terms of the confidence, squared cells; smaller is better.
        joint_doubt: (B, 21) cells: the method's best measure of how far each joint may be off; where it has
            none of its own, half the way that the second opinion and the correction are away
            (:func:`distance_doubt`).
        peaks: (B, 21, K, 4) of the heatmaps (:func:`handstudio.hand.peaks.packed`), cells; of methods without
            heatmaps all 0.
    """

    uv: Floats
    depth: Floats
    mask: Floats
    perturbed_uv: Floats
    perturbed_depth: Floats
    corrected_uv: Floats
    corrected_depth: Floats
    c_stability: Floats
    c_plausibility: Floats
    joint_doubt: Floats = field(default_factory=lambda: np.zeros((0, JOINT_COUNT), np.float32))
    peaks: Floats = field(default_factory=lambda: np.zeros((0, JOINT_COUNT, KEPT, 4), np.float32))

    def __post_init__(self) -> None:
        if len(self.joint_doubt) != len(self.uv):
            doubt = distance_doubt(self.uv, self.perturbed_uv, self.corrected_uv)
            object.__setattr__(self, "joint_doubt", doubt)
        if len(self.peaks) != len(self.uv):
            object.__setattr__(self, "peaks", np.zeros((len(self.uv), JOINT_COUNT, KEPT, 4), np.float32))

    def __len__(self) -> int:
        return len(self.uv)

    def rows(self, which: slice) -> HandProposals:
        """Some of the hands."""
        return HandProposals(*(getattr(self, one.name)[which] for one in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[HandProposals]) -> HandProposals:
        """All hands of several batches."""
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))


def distance_doubt(uv: Floats, perturbed_uv: Floats, corrected_uv: Floats) -> Floats:
    """Doubt (B, 21) from what every method has: the mean distance of second opinion and correction, cells."""
    apart = [np.linalg.norm(other - uv, axis=-1) for other in (perturbed_uv, corrected_uv)]
    return np.asarray((apart[0] + apart[1]) / 2.0, dtype=np.float32)


@dataclass(frozen=True)
class ShownMap:
    """A map for a reviewer to look at.

    Attributes:
        values: (B, h, w) over the crops, 0 to 1; NaN where it says nothing.
        low, high: what 0 and 1 mean, a word each.
        about: what it shows, in a sentence.
    """

    values: Floats
    low: str = "0"
    high: str = "1"
    about: str = ""


class Proposer(ABC):
    """A model ready to propose; safe to call from several threads."""

    passes: int = 1
    """How often the network looks at each crop."""
    filled: float | None = None
    """Share of the crop that a hand should fill: crops are cut anew about what a glance finds. ``None``
    proposes from the crop of the hand's box."""
    error_of_doubt: float = 1.0
    """Mean error of the model's joints per cell of their doubt, as measured when its weights were made
    (:mod:`handstudio.methods.calibrating`)."""
    smoothing: float = 0.0
    """Spread, in frames, of the weights that smooth the proposals of a filmed hand over time; 0 does not."""
    across_views: bool = False
    """Whether proposals of one hand that several calibrated cameras see at once are made one
    (:mod:`handstudio.methods.moments`)."""
    shape: HandShape = ANYBODY
    """What is known of the hands that are proposed: corrections give them these bones."""
    computing: Computing | None = None
    """What computes, for people; ``None`` where a method does not tell."""

    def of_person(self, shape: HandShape) -> Self:
        """The same model, proposing hands of a shape."""
        if shape is self.shape:
            return self
        other = copy.copy(self)
        other.shape = shape
        return other

    def glance(self, crops: Pixels) -> Floats:
        """Where the joints are, roughly: (B, 21, 2) cells. Methods with a quicker way take it."""
        return self.propose(crops).uv

    @abstractmethod
    def propose(self, crops: Pixels) -> HandProposals:
        """Proposals for crops (B, S, S, 3) uint8 RGB of right hands, ``S`` the method's ``crop_size``."""

    def corrected(self, uv: Floats, depth: Floats) -> tuple[Floats, Floats]:
        """The correction of poses of right hands, (B, 21, 2) in any unit and (B, 21), as of a proposal."""
        moved: tuple[Floats, Floats] = register_pose(uv, depth, self.shape.bone_lengths)
        return moved

    def doubts(self, crops: Pixels) -> Mapping[str, Floats]:
        """Measures of how unsure the method is of crops, by names for people: (B,) each, 0 where quite sure,
        growing with the error in cells. Methods that know more than the terms of C add to them."""
        found = self.propose(crops)
        return {
            "doubt": found.joint_doubt.mean(axis=-1),
            "C": np.sqrt(found.c_stability + found.c_plausibility),
            "stability": np.sqrt(found.c_stability),
            "plausibility": np.sqrt(found.c_plausibility),
        }

    def heatmaps(self, crops: Pixels) -> Floats | None:
        """Heatmaps (B, 21, h, w) for a reviewer to look at; ``None`` for methods without."""
        return None

    def maps(self, crops: Pixels) -> Mapping[str, ShownMap]:
        """What else a method can show of crops (a mask, a depth map, where it looked), by names for people,
        in the order in which they are read; none for methods without."""
        return {}


@dataclass(frozen=True)
class EpochLabels:
    """The pseudo-labels of an epoch of a finetune; cells, all (N, ...) in the order of the data.

    Attributes:
        epoch: 0 before the first epoch.
        uv, depth, corrected_uv, corrected_depth, c_stability, c_plausibility: as in :class:`HandProposals`.
        trusted: (N,) whether the next epoch learns from it.
    """

    epoch: int
    uv: Floats
    depth: Floats
    corrected_uv: Floats
    corrected_depth: Floats
    c_stability: Floats
    c_plausibility: Floats
    trusted: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FinetuneData:
    """The footage of a finetune.

    Attributes:
        crops: (N, S, S, 3) uint8 RGB, left hands mirrored.
        uv: (N, 21, 2) labels in cells; NaN where a hand or joint has none.
        depth: (N, 21) labels in reference bones; NaN where not known.
        labelled: (N,) whether a label stands behind the hand.
        keep_labels: is given each epoch's pseudo-labels.
        shape: what is known of the hands, bones (N, 20) where they differ from hand to hand.
        moments: finds which of them are one hand seen by several cameras at once; ``None`` where none is.
        by_machine: (N,) whether nobody has looked at the hand's label: accepted with a promise, carried
            forward or interpolated. ``None`` where somebody has looked at all of them.
    """

    crops: Pixels
    uv: Floats
    depth: Floats
    labelled: npt.NDArray[np.bool_]
    keep_labels: Callable[[EpochLabels], None] | None = None
    shape: HandShape = ANYBODY
    moments: Callable[[], Moments | None] = lambda: None
    by_machine: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.crops)


@dataclass(frozen=True)
class TrainingPlan:
    """How and where a training runs.

    Attributes:
        engine: device, precision, replicas.
        folder: where the training may keep what it can make again (rendered hands); ``None`` keeps all in
        memory.
        seed: of everything random.
        epochs: instead of the settings' epochs.
        budget_seconds: train for this long instead (pretraining).
        scene: how the rendered hands of a pretraining look; ``None`` as those of every training.
    """

    engine: Engine = field(default_factory=Engine)
    folder: Path | None = None
    seed: int = 0
    epochs: int | None = None
    budget_seconds: float | None = None
    scene: SceneSettings | None = None


class Method(ABC):
    """The system of a paper. One class per plugin, found by its entry point; it keeps no state."""

    name: ClassVar[str]
    """As typed on the command line."""
    title: ClassVar[str]
    paper: ClassVar[str]
    profiles: ClassVar[Mapping[str, type[BaseModel]]]
    """Named sets of settings, the defaults of each model being the profile's values."""
    input_size: ClassVar[int] = 64
    """Side of a crop, px, where the settings do not say otherwise (:meth:`crop_size`)."""
    shipped: ClassVar[Mapping[str, str]] = {}
    """Per profile the name of the weights under ``resources/weights`` that come with HandStudio."""

    def settings(self, profile: str, changes: Mapping[str, Any] | None = None) -> BaseModel:
        """The settings of a profile with some of them changed.

        Args:
            profile: one of ``profiles``.
            changes: nested as the settings are, or with dotted names (``{"finetuning.epochs": 3}``).

        Raises:
            HandStudioError: for a profile, setting or value that does not exist.
        """
        values: dict[str, Any] = self._validated(profile, {}).model_dump()
        for name, value in (changes or {}).items():
            if not _put(values, name.split("."), value):
                raise self._no_setting(name)
        return self._validated(profile, values)

    def settings_of_model(
        self, profile: str, kept: Mapping[str, Any], changes: Mapping[str, Any] | None = None
    ) -> BaseModel:
        """The settings of a stored model with some of them changed.

        What a section does not name was not there yet when the model was made: it is as its class has it, as
        published, and not as the profile has it today.

        Args:
            profile: of the model.
            kept: its settings, sections and all.
            changes: as :meth:`settings` takes them.

        Raises:
            HandStudioError: as :meth:`settings` does.
        """
        whole = self._validated(profile, kept).model_dump()
        return self.settings(profile, {**whole, **(changes or {})})

    def _validated(self, profile: str, values: Mapping[str, Any]) -> BaseModel:
        if profile not in self.profiles:
            known = ", ".join(self.profiles)
            raise HandStudioError(f"{self.title} has no profile {profile!r}", None, f"It has: {known}")
        try:
            return self.profiles[profile].model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            if first["type"] == "extra_forbidden":
                raise self._no_setting(place) from None
            raise HandStudioError(
                f"The setting {place} of {self.title} is not usable: {first['msg']}"
            ) from None

    def _no_setting(self, name: str) -> HandStudioError:
        meant = " or ".join(nearest(name, self.profiles))
        everything = "handstudio plugins --settings lists all"
        return HandStudioError(
            f"{self.title} has no setting {name!r}",
            None,
            f"Is it {meant}? {everything}" if meant else everything,
        )

    def default_profile(self, engine: Engine) -> str:
        """The profile for a device; the first one unless a method knows better."""
        return next(iter(self.profiles))

    def crop_size(self, settings: BaseModel) -> int:
        """Side of a crop with these settings, px."""
        return self.input_size

    @abstractmethod
    def build_network(self, settings: BaseModel) -> nn.Module:
        """The network with fresh weights."""

    @abstractmethod
    def proposer(self, network: nn.Module, settings: BaseModel, engine: Engine) -> Proposer:
        """The network made ready to propose; it is not changed."""

    @abstractmethod
    def pretraining(self, network: nn.Module, settings: BaseModel, plan: TrainingPlan) -> Training:
        """Training of ``network`` on rendered hands."""

    @abstractmethod
    def finetuning(
        self, parent: nn.Module, settings: BaseModel, data: FinetuneData, plan: TrainingPlan
    ) -> Training:
        """Training of a copy of ``parent`` on footage; ``parent`` itself is not changed."""


def _put(values: dict[str, Any], path: list[str], value: Any) -> bool:
    """Puts a value where a dotted name says; whether there can be such a place."""
    for name in path[:-1]:
        inner = values.setdefault(name, {})
        if not isinstance(inner, dict):
            return False
        values = inner
    last = path[-1]
    if isinstance(value, Mapping) and isinstance(values.get(last), dict):
        for name, inner_value in value.items():
            _put(values[last], [name], inner_value)
    else:
        values[last] = value
    return True

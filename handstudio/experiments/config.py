"""What an experiment is: a target domain, rows that differ in how a model is adapted to it, seeds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from handstudio.errors import HandStudioError
from handstudio.methods import DEFAULT_METHOD

Share = Annotated[float, Field(gt=0.0, le=1.0)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Made(_Strict):
    """Footage that an experiment renders for itself."""

    frames: int = Field(ge=1)
    """Pictures in all."""
    size: int = Field(default=160, ge=16, le=1024)
    """Side of a picture, px."""
    seed: int = 0
    """Of everything random."""
    views: int = Field(default=1, ge=1, le=8)
    """Cameras."""
    frames_per_sequence: int = Field(default=20, ge=1)
    """Instants of a sequence; each shows another person."""
    scene: dict[str, Any] = {}
    """Changes to :class:`handstudio.synthesis.scene.SceneSettings`, nested as they are."""


class Domain(_Strict):
    """Footage with known poses, cut into a part to learn from and a part to measure on."""

    name: str
    """What it is called in the table."""
    footage: tuple[Path, ...] = ()
    """Folders or files as ``handstudio import`` takes them, relative to the configuration's folder."""
    made: Made | None = None
    """Instead: footage that is rendered for the experiment."""
    reference: str = "truth"
    """A file of landmarks, relative likewise, or a layer of the footage itself."""
    group: Literal["subject", "name"] = "subject"
    """What must not be on both sides of the cut: subjects of recordings, or numbers in names of frames."""
    pattern: str = r"^(\d+)"
    """Finds the number in a frame's name where ``group`` is ``name``."""
    per_group: int = Field(default=1, ge=1)
    """So many consecutive numbers, counted from 1, belong together."""
    learn_share: Share = 0.5
    """Share of the groups that is learnt from."""

    @model_validator(mode="after")
    def _one_source(self) -> Domain:
        if bool(self.footage) == (self.made is not None):
            raise ValueError("give either footage or made")
        if re.compile(self.pattern).groups != 1:
            raise ValueError("pattern needs exactly one group, the number")
        return self


class Rendered(_Strict):
    """Training on rendered hands, before anything else that a row does."""

    hands: int = Field(ge=1)
    """Seen in all."""
    scene: dict[str, Any] = {}
    """Changes to how hands of trainings look (:class:`handstudio.synthesis.scene.SceneSettings`), nested as
    they are."""


class Row(_Strict):
    """One way to come to a model."""

    name: str
    """As the table says it."""
    finetune: bool = True
    """``False`` measures the model as it is."""
    start: Literal["shipped", "nothing"] | Path = "shipped"
    """``nothing`` begins with weights by chance; anything else is a model's folder or weights, relative to
    the configuration's folder."""
    model_of: str | None = None
    """The model that another row came to with the same seed: measured in another way as it is, or, with
    ``finetune``, where this row begins, as after a round of review."""
    rendered: Rendered | None = None
    """Trains further on rendered hands first; ``None`` does not."""
    learn_from: Literal["learn", "measured", "both"] = "learn"
    """``measured`` adapts to the very hands that are measured, without their labels."""
    share: Share = 1.0
    """Share of the hands to learn from."""
    labels: Literal["none", "all"] | Annotated[int, Field(ge=1)] = "none"
    """Hands that are labelled from the reference, as a person would."""
    labels_first: Literal["chance", "doubt"] = "chance"
    """Which of them come first: those drawn by lot, or those that the model is least sure of, as the
    queue shows them."""
    settings: dict[str, Any] = {}
    """Changes to the method's settings, by dotted names."""
    epochs: int | None = Field(default=None, ge=1)
    """Instead of the settings'."""
    bounded: bool = True
    """Whether the experiment's bound is one for this row as well: not where it sees more than that does."""
    seeds: int | None = Field(default=None, ge=1)
    """So many of the experiment's seeds, the first ones; all by default."""

    @model_validator(mode="after")
    def _no_leak(self) -> Row:
        if self.learn_from != "learn" and self.labels != "none":
            raise ValueError(f"the row {self.name!r} would learn the labels that it is measured on")
        return self

    @model_validator(mode="after")
    def _one_way(self) -> Row:
        if self.model_of is not None and (self.rendered or self.start != "shipped"):
            raise ValueError(f"the row {self.name!r} begins with another row's model: no start, no rendered")
        return self


class Doubt(_Strict):
    """Which rows say what their measures of doubt are worth."""

    rows: tuple[str, ...]
    """Of which the doubt is measured."""
    calibrated_on: int = Field(default=100, ge=8)
    """Reviewed hands that a calibration sees."""
    drawn: tuple[str, ...] = ()
    """Measures whose risk-coverage curves are drawn; the four best by default."""


class Experiment(_Strict):
    """A table: rows by figures, one domain, the same seeds for all rows."""

    title: str
    """Heading of its page."""
    method: str = DEFAULT_METHOD
    profile: str = "lite"
    seeds: tuple[int, ...] = Field(default=(0,), min_length=1)
    """Of the cut into parts and of everything random in training."""
    domain: Domain
    settings: dict[str, Any] = {}
    """Changes to the method's settings in all rows."""
    baseline: str
    """The row that the others are compared with."""
    bound: str | None = None
    """The row that is taken for the best that can be reached."""
    curves: tuple[str, ...] = ()
    """Rows whose PCK curves are drawn together (Fig. 7 of SemiHand)."""
    components: tuple[str, ...] = ()
    """Rows that are drawn as bars (Fig. 6)."""
    shares: tuple[str, ...] = ()
    """Rows that are drawn over their share of the footage (Fig. 10)."""
    doubt: Doubt | None = None
    """Compares measures of doubt as well."""
    remarks: str = ""
    """What the page says below the table."""
    rows: tuple[Row, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rows_exist(self) -> Experiment:
        names = [row.name for row in self.rows]
        if len(set(names)) < len(names):
            raise ValueError("two rows have one name")
        mentioned = {self.baseline, *self.curves, *self.components, *self.shares}
        mentioned |= set(self.doubt.rows if self.doubt else ())
        missing = (mentioned | ({self.bound} if self.bound else set())) - set(names)
        if missing:
            raise ValueError(f"no row is called {', '.join(sorted(missing))}")
        for row in self.rows:
            self._has_a_model(row)
        return self

    def _has_a_model(self, row: Row) -> None:
        passed = {row.name}
        while row.model_of is not None:
            found = [one for one in self.rows if one.name == row.model_of and (one.finetune or one.rendered)]
            if not found or row.model_of in passed:
                raise ValueError(
                    f"no row {row.model_of!r} comes to a model that {row.name!r} could begin with"
                )
            row = found[0]
            passed.add(row.name)

    def row(self, name: str) -> Row:
        """The row of a name."""
        return next(row for row in self.rows if row.name == name)

    def seeds_of(self, row: Row) -> tuple[int, ...]:
        """The seeds that a row is run with."""
        return self.seeds[: row.seeds]


def read_experiment(path: Path) -> Experiment:
    """The experiment of a configuration file (TOML).

    With ``base`` it begins with the keys of another file, beside it, that several experiments share; its own
    rows follow that file's.

    Raises:
        HandStudioError: when there is none, or it is none.
    """
    own = _read(path)
    base = own.pop("base", None)
    shared = _read(path.parent / str(base)) if base else {}
    if isinstance(shared.get("rows"), list) and isinstance(own.get("rows"), list):
        own["rows"] = shared["rows"] + own["rows"]
    try:
        return Experiment.model_validate({**shared, **own})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HandStudioError(
            f"The configuration is not usable: {place or 'the whole'}: {first['msg']}", path
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise HandStudioError(
            "The configuration cannot be read", path, error.strerror or "Check the path"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HandStudioError("This is no TOML", path, str(error)) from error

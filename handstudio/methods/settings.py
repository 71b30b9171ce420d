"""What the settings of methods have in common, and those of the augmentation."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Settings(BaseModel):
    """Immutable settings that refuse names they do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class DiversitySettings(Settings):
    """The strong augmentation of labelled and trusted data (Sec. 3.4; strengths unpublished, chosen here).

    Grey, noise and blur are ours."""

    rotation_degrees: float = Field(default=30.0, ge=0.0)
    """Turned by at most so much, either way."""
    scale: tuple[PositiveFloat, PositiveFloat] = (0.8, 1.2)
    """Sizes between which all are scaled."""
    translation_cells: float = Field(default=5.0, ge=0.0)
    """Moved by at most so much, along each axis."""
    brightness: float = Field(default=0.3, ge=0.0)
    """Its factor lies within so much of 1."""
    contrast: float = Field(default=0.3, ge=0.0)
    """Its factor lies within so much of 1."""
    saturation: float = Field(default=0.4, ge=0.0)
    """Its factor lies within so much of 1."""
    tint: float = Field(default=0.1, ge=0.0)
    """Each colour's factor lies within so much of 1."""
    gamma: float = Field(default=0.3, ge=0.0)
    """The exponent lies within so much of 1."""
    grey_share: float = Field(default=0.1, ge=0.0, le=1.0)
    """Share of hands without colour."""
    noise: float = Field(default=0.03, ge=0.0)
    """Spread of the noise at most."""
    blur_share: float = Field(default=0.15, ge=0.0, le=1.0)
    """Share of hands that are blurred."""
    erase_share: float = Field(default=0.3, ge=0.0, le=1.0)
    """Share of hands of which a rectangle is erased."""
    erase_side: tuple[Share, Share] = (0.1, 0.4)
    """Sides of the erased rectangle as shares of the crop's."""
    flat_share: float = Field(default=0.0, ge=0.0, le=1.0)
    """Ours: share of rendered hands whose inside loses contrast, down to a bare silhouette: where palm and
    back always differ by creases and shading, a network learns to tell them by nothing else."""
    shade_share: float = Field(default=0.0, ge=0.0, le=1.0)
    """Ours: share of rendered hands that are lit unevenly: smooth patches, middle against rim."""
    shade: float = Field(default=0.3, ge=0.0)
    """Strength of that light, as the logarithm of its gain."""


class PerturbationSettings(Settings):
    """The weak augmentation of unlabelled data (Sec. 3.4, as published)."""

    translation_cells: float = Field(default=5.0, ge=0.0)
    """Moved by at most so much, along each axis."""
    rotation_degrees: float = Field(default=2.0, ge=0.0)
    """Turned by at most so much, either way."""
    quarter_turn_share: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share turned by 90, 180 or 270 degrees instead (the share is unpublished, chosen here)."""
    scale: tuple[PositiveFloat, PositiveFloat] = (1.0, 1.0)
    """Ours: sizes between which all are scaled; published: none is."""

"""What the settings of methods have in common, and those of the augmentation."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Decay = Annotated[float, Field(ge=0.0, lt=1.0)]


class Settings(BaseModel):
    """Immutable settings that refuse names they do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PoseLossSettings(Settings):
    """How far apart two poses are."""

    lambda_d: float = Field(default=50.0, ge=0.0)
    """Weight of the depth in the distance of two poses (SemiHand's Eq. 2)."""
    linear_beyond_cells: float | None = Field(default=None, gt=0.0)
    """Beyond this distance Eq. 2 grows linearly per joint; ``None`` is the published square."""
    heat_weight: float = Field(default=0.0, ge=0.0)
    """Ours: weight of the heatmaps' divergence from a Gaussian about the joint, on supervised hands."""
    heat_cells: float = Field(default=2.0, gt=0.0)
    """Spread of that Gaussian."""


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


GENTLE: Final = DiversitySettings(
    rotation_degrees=10.0,
    scale=(0.9, 1.1),
    translation_cells=2.0,
    brightness=0.15,
    contrast=0.15,
    saturation=0.2,
    tint=0.05,
    gamma=0.15,
    grey_share=0.05,
    noise=0.01,
    blur_share=0.05,
    erase_share=0.1,
    erase_side=(0.1, 0.3),
    flat_share=0.5,
    shade_share=0.6,
)
"""Of trainings whose hands are rendered anew all the time: little is needed beside what rendering varies."""


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


class RenderedTrainingSettings(Settings):
    """Training on rendered hands."""

    batch: int = Field(default=32, ge=1)
    """Hands of a step."""
    epochs: int = Field(default=100, ge=1)
    """Passes."""
    epoch_hands: int = Field(default=41258, ge=1)
    """Hands of an epoch; published: the training part of RHD."""
    learning_rate: float = Field(default=1e-3, gt=0.0)
    """Of the optimiser, at first."""
    momentum: tuple[Decay, Decay] = (0.9, 0.999)
    """Of the optimiser (Adam): decays of the gradient's running mean and of its square's."""
    drops: tuple[Share, ...] = ()
    """Shares of the training after which the learning rate falls tenfold."""
    cosine: bool = False
    """Fall along a cosine to nothing instead of in steps."""
    warm_up: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the training in which the learning rate rises to its value."""
    clip_norm: float | None = Field(default=None, gt=0.0)
    """Limit on the gradient's norm; ``None`` sets none."""
    average: float | None = Field(default=None, gt=0.0, lt=1.0)
    """Decay of a running average of the weights, which is then the model; ``None`` keeps the last weights."""
    pool_hands: int = Field(default=41258, ge=1)
    """Rendered hands kept to draw batches from."""
    fresh_share: float = Field(default=0.2, ge=0.0)
    """Hands rendered anew for each hand trained on, while the oldest leave the pool (ours; RHD is fixed)."""


class SelfTrainingSettings(Settings):
    """Finetuning on pseudo-labels beside rendered hands; what our own experience added is marked *ours*."""

    epochs: int = Field(default=10, ge=1)
    """Passes."""
    batch: int = Field(default=128, ge=2)
    """Hands of a step: footage and rendered hands together."""
    rendered_share: float = Field(default=0.5, ge=0.0, lt=1.0)
    """Share of rendered hands in a batch (unpublished, chosen here); 0 learns from the footage alone."""
    rendered_hands: int = Field(default=41258, ge=1)
    """Rendered hands to draw from."""
    learning_rate: float = Field(default=1e-4, gt=0.0)
    """Of the optimiser, at first."""
    momentum: tuple[Decay, Decay] = (0.9, 0.999)
    """Of the optimiser (Adam): decays of the gradient's running mean and of its square's."""
    unlabelled_rate: float | None = Field(default=None, gt=0.0)
    """Ours: the learning rate where no hand of the footage is curated; ``None`` takes the other. Labels want
    a quick learner, pseudo-labels a slow one that does not run after its own mistakes."""
    drop_epoch: int = Field(default=5, ge=0)
    """The first epoch with a tenth of the learning rate."""
    tau: float = Field(default=1.5, ge=0.0)
    """Threshold on C in squared cells."""
    labels_first: int = Field(default=0, ge=0)
    """Ours: first epochs in which no pseudo-label is trusted where hands are curated, so that pseudo-labels
    come from a model that has seen where this person puts the joints; a quarter of the epochs at most."""
    least_trusted: tuple[Share, Share] = (0.0, 0.0)
    """Ours: share of hands, those of the smallest C, that is trusted at least in the first and in the last
    epoch: a model far from the footage finds no hand under a fixed tau."""
    self_paced: tuple[Share, Share] | None = None
    """Ours: tau follows the footage, in the place of ``tau`` and of ``least_trusted``. In the first epoch it
    is the C under which this share of the first pseudo-labels lay, in the last that of the second share,
    evenly between; so it grows from epoch to epoch, and the better the model becomes the more hands come
    under it. ``least_trusted`` is the other way to pace, by how many are trusted instead of by how good they
    are."""
    by_joint: bool = False
    """Ours: joints are trusted instead of hands. The shares of ``least_trusted`` are then of joints, those
    whose views lie closest together; ``tau`` and ``self_paced`` play no part."""
    teacher: float | None = Field(default=None, gt=0.0, lt=1.0)
    """Ours: decay per step of a mean teacher that makes pseudo-labels and consistency targets and is the
    model."""
    first_views: int = Field(default=1, ge=1)
    """Ours: views, the plain one and perturbed ones, whose median makes the first pseudo-labels and whose
    mean distance from it is part of the stability of C; 1 takes one view (published)."""
    views: int = Field(default=1, ge=1)
    """Ours: the same for each later prediction."""
    plausibility_share: float = Field(default=1.0, ge=0.0, le=1.0)
    """Ours: share of C's second term that counts when hands are chosen; published: all of it. It measures the
    distance from the template's proportions too, which says nothing of a hand with others."""
    labelled_weight: int = Field(default=1, ge=1)
    """Ours: how often a curated hand comes in a pass over the footage; less where curated hands would be more
    than half of it, since few hands that come again and again are learnt by heart."""
    curated_weight: float = Field(default=1.0, gt=0.0)
    """Ours: weight of a curated hand's loss, that of an unlabelled one being 1."""
    least_steps: int = Field(default=1, ge=1)
    """Ours: steps of an epoch at least; small footage is gone through again."""
    most_passes: int | None = Field(default=None, ge=1)
    """Ours: passes over the footage in an epoch at most, however many steps are wanted at least."""
    pseudo_heat: float = Field(default=0.0, ge=0.0)
    """Ours: weight of the heatmaps' loss on trusted pseudo-labels, that of labels being 1; 0 moves their
    expectation alone."""
    matched_share: float = Field(default=0.0, ge=0.0, le=1.0)
    """Ours: share of rendered hands that take pose, size and place from the footage's labels and first
    pseudo-labels."""
    backdrop_share: float = Field(default=0.0, ge=0.0, le=1.0)
    """Ours: share of those that stand before the footage's own background, their colours drawn towards those
    of its hands."""
    across_views: bool = False
    """Ours: pseudo-labels of one hand that several calibrated cameras see at one moment are put together to
    one hand in space before they are learnt from."""
    clip_norm: float | None = Field(default=None, gt=0.0)
    """Ours: limit on the gradient's norm."""


class ProposingSettings(Settings):
    """How footage is proposed."""

    views: int = Field(default=1, ge=1)
    """Ours: views, the plain one and perturbed ones, whose median a proposal is; published: the plain one."""
    view_turn: float = Field(default=0.0, ge=0.0, le=180.0)
    """Ours: instead of perturbed at random, views are turned evenly, the outermost by so many degrees either
    way; 0 perturbs. No view is mirrored: a mirrored right hand is a left one, which networks never see."""
    smoothing: float = Field(default=0.0, ge=0.0)
    """Ours: spread, in frames, of the weights with which proposals of a filmed hand are smoothed over time
    (videos and recordings; folders of photographs stay as they are); 0 smooths nothing."""
    across_views: bool = False
    """Ours: what several calibrated cameras see of a hand at one moment is put together: one hand in space,
    on which their heatmaps agree, becomes the proposal of every view."""
    filled: float | None = Field(default=None, gt=0.0, le=1.0)
    """Ours: share of the crop that a hand should fill when it is looked at again, closer (footage of a
    finetune likewise); published: the given box alone."""

"""Every number of SemiHand by name: as published (``paper``), and for a CPU (``lite``)."""

from __future__ import annotations

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from handstudio.methods.settings import (
    GENTLE,
    DiversitySettings,
    PerturbationSettings,
    PoseLossSettings,
    ProposingSettings,
    RenderedTrainingSettings,
    SelfTrainingSettings,
    Settings,
    Share,
)


class NetworkSettings(Settings):
    """The stacked hourglass. Published: two stacks, 64 x 64 in and out; the rest after Newell et al.
    (2016)."""

    stacks: int = Field(default=2, ge=1)
    """Hourglasses one behind the other."""
    channels: tuple[PositiveInt, ...] = Field(default=(256, 256, 256, 256, 256), min_length=2)
    """Channels of each level, the finest first."""
    stem_channels: int = Field(default=64, ge=1)
    """Channels behind the stem."""
    stem_kernel: int = Field(default=7, ge=1)
    """Side of the first convolution, px."""
    stem_stride: int = Field(default=1, ge=1, le=2)
    """2 halves the maps: 32 x 32 cells, read in the units of the 64 x 64 grid."""
    stem_blocks: int = Field(default=3, ge=0)
    """Residual modules of the stem."""
    wide_norm: bool = True
    """Norm and activation at the full width of each residual module."""
    finest_skip: bool = True
    """A residual module on the finest level's way across; without it the map is handed across as it is."""
    deep_blocks: tuple[NonNegativeInt, ...] = ()
    """Ours: further residual modules of each level on the way down, the finest first; none where the tuple
    ends. On small maps they cost little, and it is there that fingers are told apart."""
    deep_width: tuple[PositiveFloat, ...] = ()
    """Channels of their 3 x 3 convolutions as shares of the level's; 1 where the tuple ends."""
    crop: int = Field(default=64, ge=64)
    """Side of a crop, px: 64, 128, 256; what is finer than 64 x 64 goes through ``detail_channels``."""
    detail_channels: int = Field(default=0, ge=0)
    """Ours: channels of a second stem that sees crops larger than 64 px as they are; what it finds is added
    to the first one's features. 0 has none."""

    @model_validator(mode="after")
    def _detail_is_there_to_be_seen(self) -> NetworkSettings:
        if self.crop not in (64, 128, 256) or (self.detail_channels and self.crop == 64):
            raise ValueError("crops are of 64, 128 or 256 px, and a second stem wants more than 64")
        return self


class LossSettings(PoseLossSettings):
    """Weights of Eq. 1-14."""

    lambda_w: float = Field(default=100.0, ge=0.0)
    """Weight of the mask's loss on rendered hands."""
    lambda_c: float = Field(default=0.1, ge=0.0)
    """Weight of the consistency of views and of pose and mask."""


class PretrainingSettings(RenderedTrainingSettings):
    """Training on rendered hands alone (Sec. 4.1)."""

    drops: tuple[Share, ...] = (0.6, 0.9)
    """Shares of the training after which the learning rate falls tenfold."""
    diversity: DiversitySettings = DiversitySettings()
    """Strengths of the augmentation; where hands are rendered anew all the time, little is needed."""


class FinetuningSettings(SelfTrainingSettings):
    """Algorithm 1, and what our own experience added to it (marked *ours*; off in ``paper``)."""

    correction_share: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of r' in Eq. 7's solution, the rest being p'; published: the mean. The template is nobody's hand:
    where proportions differ, r' is 1 to 2 px off even for a perfect pose (ours, on 100 px photographs)."""
    correction_weight: float = Field(default=1.0, ge=0.0)
    """Weight of Eq. 6's second term, the distance to the correction."""
    untrusted_weight: float = Field(default=1.0, ge=0.0)
    """Ours: weight of that term for hands whose pseudo-label is not trusted; published: 1."""
    view_weight: float = Field(default=1.0, ge=0.0)
    """Weight of Eq. 10; published: 1, and 0 where the consistency of views is left out."""
    mask_weight: float = Field(default=100.0, ge=0.0)
    """Weight of the masks' mean L1 in Eq. 10; there the norm has no unit, here it has that of Eq. 3."""
    fitting_weight: float = Field(default=1.0, ge=0.0)
    """Weight of Eq. 11's sums over the grid, each as a mean over its 4096 cells."""
    fitting_grid: int = Field(default=64, ge=1, le=64)
    """Cells on a side of the grid on which Eq. 12-14 are computed."""


class SemiHandSettings(Settings):
    """All of SemiHand's settings; the defaults are the paper's."""

    network: NetworkSettings = NetworkSettings()
    losses: LossSettings = LossSettings()
    diversity: DiversitySettings = DiversitySettings()
    perturbation: PerturbationSettings = PerturbationSettings()
    pretraining: PretrainingSettings = PretrainingSettings()
    finetuning: FinetuningSettings = FinetuningSettings()
    proposing: ProposingSettings = ProposingSettings()


class PaperSettings(SemiHandSettings):
    """As published; wants a GPU."""


class LiteSettings(SemiHandSettings):
    """For a CPU: a 5.5 M-parameter network on crops of 128 px and 32 x 32 maps, and a gentler objective; each
    difference is a setting."""

    network: NetworkSettings = NetworkSettings(
        channels=(64, 96, 160, 224),
        stem_channels=32,
        stem_kernel=3,
        stem_stride=2,
        stem_blocks=1,
        wide_norm=False,
        finest_skip=False,
        deep_blocks=(0, 0, 3, 3),
        deep_width=(1.0, 1.0, 0.5, 1.0),
        crop=128,
        detail_channels=32,
    )
    losses: LossSettings = LossSettings(linear_beyond_cells=1.5, heat_weight=3.0)
    perturbation: PerturbationSettings = PerturbationSettings(
        rotation_degrees=28.0, quarter_turn_share=0.0, scale=(0.85, 1.15)
    )
    pretraining: PretrainingSettings = PretrainingSettings(
        epochs=1,
        epoch_hands=300_000,
        cosine=True,
        warm_up=0.02,
        clip_norm=20.0,
        average=0.998,
        pool_hands=60_000,
        learning_rate=2e-3,
        diversity=GENTLE,
    )
    proposing: ProposingSettings = ProposingSettings(views=3, filled=0.8, across_views=True)
    finetuning: FinetuningSettings = FinetuningSettings(
        epochs=9,
        batch=32,
        rendered_share=0.375,
        rendered_hands=3072,
        learning_rate=1e-3,
        unlabelled_rate=3e-4,
        drop_epoch=7,
        least_trusted=(0.35, 0.9),
        correction_share=0.0,
        correction_weight=0.05,
        untrusted_weight=0.3,
        fitting_weight=10.0,
        fitting_grid=32,
        teacher=0.99,
        first_views=8,
        views=3,
        plausibility_share=0.2,
        labels_first=2,
        labelled_weight=12,
        curated_weight=4.0,
        least_steps=70,
        most_passes=4,
        matched_share=0.7,
        clip_norm=20.0,
        across_views=True,
    )

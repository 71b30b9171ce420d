"""Every number of the Dual-Modality Network by name: as published (``paper``), and for a CPU (``lite``)."""

from __future__ import annotations

import math

from pydantic import Field, PositiveInt, model_validator

from handstudio.hand.box import GRID
from handstudio.methods.settings import (
    GENTLE,
    Decay,
    DiversitySettings,
    PerturbationSettings,
    PoseLossSettings,
    ProposingSettings,
    RenderedTrainingSettings,
    SelfTrainingSettings,
    Settings,
    Share,
)

Four = tuple[PositiveInt, PositiveInt, PositiveInt, PositiveInt]
Three = tuple[PositiveInt, PositiveInt, PositiveInt]


class NetworkSettings(Settings):
    """Encoders, attention and decoder. Published: ResNet-101, 256 x 256 in, 64 x 64 out, three
    deconvolutions; the decoder's widths, unpublished, after Xiao et al. (ECCV 2018)."""

    crop: int = Field(default=256, ge=16)
    """Side of a crop, px."""
    first_channels: int = Field(default=64, ge=1)
    """Channels of conv1."""
    first_kernel: int = Field(default=7, ge=1)
    """Side of conv1, px."""
    first_stride: int = Field(default=2, ge=1)
    """Stride of conv1."""
    pool: bool = True
    """A pooling behind conv1 that halves the maps."""
    channels: Four = (256, 512, 1024, 2048)
    """Channels behind conv2_x to conv5_x."""
    blocks: Four = (3, 4, 23, 3)
    """Residual blocks of conv2_x to conv5_x."""
    strides: Four = (1, 2, 2, 2)
    """Strides of conv2_x to conv5_x."""
    bottleneck: bool = True
    """Blocks of three convolutions, the middle one a quarter as wide; else of two of full width."""
    decoder_channels: Three = (256, 256, 256)
    """Channels of the deconvolutions."""
    decoder_strides: Three = (2, 2, 2)
    """By how much each deconvolution enlarges the maps: 1 or 2."""
    features: int = Field(default=128, ge=1)
    """Numbers of the normalised feature that the contrastive loss compares."""
    stop_gradient: bool = True
    """No gradient goes from the fusion branch into the attention and the depth maps' encoder."""
    depth_range: float = Field(default=4.0, gt=0.0)
    """Reference bones before and behind the root that a depth map tells apart (unpublished, chosen here: a
    hand that points at the camera reaches about so far)."""

    @model_validator(mode="after")
    def _maps_fit(self) -> NetworkSettings:
        if not set(self.decoder_strides) <= {1, 2}:
            raise ValueError("decoder_strides are 1 or 2")
        narrowest, rest = divmod(self.crop, self.reduction)
        if rest or not narrowest or self.map_side > GRID or GRID % self.map_side:
            raise ValueError(
                f"a crop of {self.crop} px, {self.reduction} times reduced, gives no maps that fit the grid"
            )
        return self

    @property
    def reduction(self) -> int:
        """How many px of the crop a cell of conv5_x spans along a side."""
        return self.first_stride * (2 if self.pool else 1) * math.prod(self.strides)

    @property
    def map_side(self) -> int:
        """Side of the decoder's maps, cells."""
        return self.crop // self.reduction * math.prod(self.decoder_strides)


class LossSettings(PoseLossSettings):
    """Weights of Eq. 7.1 to 7.10."""

    lambda_m: float = Field(default=100.0, ge=0.0)
    """Weight of the mask's mean L1 in Eq. 7.1."""
    lambda_map: float = Field(default=50.0, ge=0.0)
    """Weight of the depth map's mean L1 in Eq. 7.1 (there lambda_d, as is SemiHand's weight of joints'
    depth)."""
    lambda_c: float = Field(default=0.1, ge=0.0)
    """Weight of the contrastive loss in Eq. 7.7; 0 is the baseline without it."""
    lambda_f: float = Field(default=0.2, ge=0.0)
    """Weight of the self-distillation in Eq. 7.10; 0 leaves it out."""
    lambda_l: float = Field(default=1.0, ge=0.0)
    """Weight of the pseudo-labels in Eq. 7.10."""


class ContrastSettings(Settings):
    """The contrastive loss (Eq. 7.3 to 7.5): which pairs count, and how much. Table 7.2 (b) varies them."""

    temperature: float = Field(default=0.5, gt=0.0)
    """Of Eq. 7.3."""
    rgb: float = Field(default=1.0, ge=0.0)
    """Weight of a crop against the same crop with another texture."""
    depth_map: float = Field(default=1.0, ge=0.0)
    """Weight of a depth map against the same with other faults."""
    fusion: float = Field(default=1.0, ge=0.0)
    """Weight of a crop against its fusion with its depth map, in both textures."""
    across: float = Field(default=0.0, ge=0.0)
    """Weight of a crop against its depth map, which the paper tried and left ("RGB & DM*")."""


class DepthFaultSettings(Settings):
    """The texture augmentation of depth maps (Sec. 7.4.3; strengths unpublished, chosen here)."""

    erase_share: float = Field(default=0.3, ge=0.0, le=1.0)
    """Share of hands of which a rectangle is erased."""
    erase_side: tuple[Share, Share] = (0.1, 0.4)
    """Sides of the erased rectangle as shares of the crop's."""
    salt_share: float = Field(default=0.02, ge=0.0, le=1.0)
    """Share of cells that are as near as can be, at most; it differs from hand to hand."""
    pepper_share: float = Field(default=0.02, ge=0.0, le=1.0)
    """Share of cells without depth, likewise."""


class PretrainingSettings(RenderedTrainingSettings):
    """Training on rendered hands with their depth maps (Sec. 7.3.4)."""

    batch: int = Field(default=140, ge=1)
    """Hands of a step; with the contrastive loss each is seen twice. Where memory is short, fewer."""
    epochs: int = Field(default=60, ge=1)
    """Passes (unpublished, chosen here: the last drop comes after 50)."""
    learning_rate: float = Field(default=2.5e-4, gt=0.0)
    """Of the optimiser, at first."""
    momentum: tuple[Decay, Decay] = (0.9, 0.99)
    """Of the optimiser (Adam)."""
    drops: tuple[Share, ...] = (40 / 60, 50 / 60)
    """Shares of the training after which the learning rate falls tenfold."""
    pool_hands: int = Field(default=8192, ge=1)
    """Rendered hands kept to draw batches from (RHD has 41,258; crops of 256 px take 0.2 MB each)."""
    predicted_share: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of hands whose depth map comes from the RGB branch instead of from the rendering (the paper uses
    both; the share is unpublished, chosen here)."""
    diversity: DiversitySettings = DiversitySettings(
        rotation_degrees=180.0, scale=(0.8, 1.0), translation_cells=5.0
    )
    """Move and texture of the augmentation; published: 20 of 256 px."""
    depth_faults: DepthFaultSettings = DepthFaultSettings()
    """Texture of the depth maps' augmentation."""


class CorrectionSettings(Settings):
    """The correction of poses in bone lengths and joint angles (Sec. 7.3.5)."""

    bone_tolerance: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Ours: share by which a bone may be longer or shorter than the template's before it is corrected;
    published: none. The template is nobody's hand."""
    share: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of the corrected poses in a pseudo-label, the rest being the poses before; published: the
    mean."""


class FinetuningSettings(SelfTrainingSettings):
    """Finetuning with noisy pseudo-labels (Sec. 7.3.5), and what our own experience added to it (marked
    *ours*; off in ``paper``)."""

    epochs: int = Field(default=6, ge=1)
    """Passes."""
    batch: int = Field(default=20, ge=2)
    """Hands of a step: footage and rendered hands together."""
    rendered_hands: int = Field(default=8192, ge=0)
    """Rendered hands to draw from."""
    learning_rate: float = Field(default=2.5e-5, gt=0.0)
    """Of the optimiser, at first."""
    momentum: tuple[Decay, Decay] = (0.9, 0.99)
    """Of the optimiser (Adam)."""
    drop_epoch: int = Field(default=7, ge=0)
    """The first epoch with a tenth of the learning rate; published: none."""
    tau: float = Field(default=1.5, ge=0.0)
    """Threshold on C in squared cells (the paper's epsilon; its Eq. 7.8, not the sentence after it)."""


class DualModalitySettings(Settings):
    """All of the method's settings; the defaults are the paper's."""

    network: NetworkSettings = NetworkSettings()
    losses: LossSettings = LossSettings()
    contrast: ContrastSettings = ContrastSettings()
    correction: CorrectionSettings = CorrectionSettings()
    diversity: DiversitySettings = DiversitySettings(
        rotation_degrees=180.0, scale=(0.8, 1.0), translation_cells=5.0
    )
    perturbation: PerturbationSettings = PerturbationSettings(translation_cells=2.0)
    pretraining: PretrainingSettings = PretrainingSettings()
    finetuning: FinetuningSettings = FinetuningSettings()
    proposing: ProposingSettings = ProposingSettings()


class PaperSettings(DualModalitySettings):
    """As published; wants a GPU."""


class LiteSettings(DualModalitySettings):
    """For a CPU: narrow encoders of plain blocks on crops of 64 px, and a gentler objective; each difference
    is a setting."""

    network: NetworkSettings = NetworkSettings(
        crop=64,
        first_channels=16,
        first_kernel=3,
        pool=False,
        channels=(24, 48, 96, 320),
        blocks=(1, 1, 2, 1),
        bottleneck=False,
        decoder_channels=(96, 64, 48),
    )
    losses: LossSettings = LossSettings(linear_beyond_cells=1.5, heat_weight=3.0)
    correction: CorrectionSettings = CorrectionSettings(bone_tolerance=0.25)
    diversity: DiversitySettings = DiversitySettings()
    perturbation: PerturbationSettings = PerturbationSettings(
        rotation_degrees=28.0, quarter_turn_share=0.0, scale=(0.85, 1.15)
    )
    pretraining: PretrainingSettings = PretrainingSettings(
        batch=16,
        epochs=1,
        epoch_hands=300_000,
        learning_rate=2e-3,
        cosine=True,
        warm_up=0.02,
        clip_norm=20.0,
        average=0.998,
        pool_hands=40_000,
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
        teacher=0.99,
        first_views=5,
        views=3,
        labels_first=2,
        labelled_weight=12,
        curated_weight=4.0,
        least_steps=70,
        most_passes=4,
        matched_share=0.7,
        clip_norm=20.0,
        across_views=True,
    )

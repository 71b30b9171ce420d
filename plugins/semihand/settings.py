"""Every number of SemiHand by name: as published (``paper``), and for a CPU (``lite``)."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from handstudio.methods.settings import DiversitySettings, PerturbationSettings, Settings, Share


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


class LossSettings(Settings):
    """Weights of Eq. 1-14."""

    lambda_d: float = Field(default=50.0, ge=0.0)
    """Weight of the depth in the distance of two poses (Eq. 2)."""
    lambda_w: float = Field(default=100.0, ge=0.0)
    """Weight of the mask's loss on rendered hands."""
    lambda_c: float = Field(default=0.1, ge=0.0)
    """Weight of the consistency of views and of pose and mask."""
    linear_beyond_cells: float | None = Field(default=None, gt=0.0)
    """Beyond this distance Eq. 2 grows linearly per joint; ``None`` is the published square."""
    heat_weight: float = Field(default=0.0, ge=0.0)
    """Ours: weight of the heatmaps' divergence from a Gaussian about the joint, on supervised hands."""
    heat_cells: float = Field(default=2.0, gt=0.0)
    """Spread of that Gaussian."""


class PretrainingSettings(Settings):
    """Training on rendered hands alone (Sec. 4.1)."""

    batch: int = Field(default=32, ge=1)
    """Hands of a step."""
    epochs: int = Field(default=100, ge=1)
    """Passes."""
    epoch_hands: int = Field(default=41258, ge=1)
    """Hands of an epoch; published: the training part of RHD."""
    learning_rate: float = Field(default=1e-3, gt=0.0)
    """Of the optimiser, at first."""
    drops: tuple[Share, ...] = (0.6, 0.9)
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
    diversity: DiversitySettings = DiversitySettings()
    """Strengths of the augmentation; where hands are rendered anew all the time, little is needed."""


class FinetuningSettings(Settings):
    """Algorithm 1, and what our own experience added to it (marked *ours*; off in ``paper``)."""

    epochs: int = Field(default=10, ge=1)
    """Passes."""
    batch: int = Field(default=128, ge=2)
    """Hands of a step: footage and rendered hands together."""
    rendered_share: float = Field(default=0.5, ge=0.0, lt=1.0)
    """Share of rendered hands in a batch (unpublished, chosen here); 0 learns from the footage alone."""
    rendered_hands: int = Field(default=41258, ge=0)
    """Rendered hands to draw from."""
    learning_rate: float = Field(default=1e-4, gt=0.0)
    """Of the optimiser, at first."""
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
    teacher: float | None = Field(default=None, gt=0.0, lt=1.0)
    """Ours: decay per step of a mean teacher that makes pseudo-labels and consistency targets and is the
    model."""
    first_views: int = Field(default=1, ge=1)
    """Ours: views, the plain one and perturbed ones, whose median makes the first pseudo-labels and whose
    mean distance from it is the stability of C; 1 takes the plain prediction and one distance (published)."""
    views: int = Field(default=1, ge=1)
    """Ours: the same for each later prediction p' of Eq. 7."""
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
    matched_share: float = Field(default=0.0, ge=0.0, le=1.0)
    """Ours: share of rendered hands that take pose, size and place from the footage's labels and first
    pseudo-labels."""
    clip_norm: float | None = Field(default=None, gt=0.0)
    """Ours: limit on the gradient's norm."""


class ProposingSettings(Settings):
    """How footage is proposed."""

    views: int = Field(default=1, ge=1)
    """Ours: views, the plain one and perturbed ones, whose median a proposal is; published: the plain one."""
    filled: float | None = Field(default=None, gt=0.0, le=1.0)
    """Ours: share of the crop that a hand should fill when it is looked at again, closer (footage of a
    finetune likewise); published: the given box alone."""


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
    """For a CPU: a 1.6 M-parameter network on 32 x 32 maps and a gentler objective; each difference is a
    setting."""

    network: NetworkSettings = NetworkSettings(
        channels=(64, 96, 160, 224),
        stem_channels=32,
        stem_kernel=3,
        stem_stride=2,
        stem_blocks=1,
        wide_norm=False,
        finest_skip=False,
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
        diversity=DiversitySettings(
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
        ),
    )
    proposing: ProposingSettings = ProposingSettings(views=3, filled=0.8)
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
    )

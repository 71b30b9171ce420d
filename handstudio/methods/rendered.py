"""A pool of rendered hands that grows and renews itself while a method trains."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import accumulate
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from handstudio.hand.box import GRID
from handstudio.hand.skeleton import JOINT_COUNT, ROOT
from handstudio.synthesis.scene import RenderedHands, SceneSettings, render_batch

Mapper = Callable[[Callable[[int], "LabelledHands"], list[int]], list["LabelledHands"]]


@dataclass(frozen=True)
class LabelledHands:
    """Right hands with everything that a label says; small enough to keep many.

    Attributes:
        images: (N, 3, S, S) uint8 RGB.
        uv: (N, 21, 2) cells of the 64 x 64 grid over the image.
        depth: (N, 21) relative to the root, in reference bones.
        mask: (N, 1, 64, 64) uint8, 0 to 255.
        surface: (N, 1, 64, 64) float16, depth of the first visible surface relative to the root in reference
            bones, 0 where there is no hand; ``None`` where nobody asked for it.
    """

    images: Tensor
    uv: Tensor
    depth: Tensor
    mask: Tensor
    surface: Tensor | None = None

    def __len__(self) -> int:
        return int(self.images.shape[0])

    def __getitem__(self, rows: Tensor | slice) -> LabelledHands:
        surface = None if self.surface is None else self.surface[rows]
        return LabelledHands(self.images[rows], self.uv[rows], self.depth[rows], self.mask[rows], surface)

    def floats(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Images and masks in [0, 1] beside uv and depth: images, uv, depth, mask."""
        return self.images.float() / 255.0, self.uv, self.depth, self.mask.float() / 255.0

    def tensors(self) -> dict[str, Tensor]:
        """By name, for a file."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> LabelledHands:
        """The inverse of :meth:`tensors`."""
        return cls(**{field.name: tensors.get(field.name) for field in fields(cls)})  # type: ignore[arg-type]

    @classmethod
    def joined(cls, parts: list[LabelledHands]) -> LabelledHands:
        """All hands of several batches."""
        surfaces = [part.surface for part in parts if part.surface is not None]
        return cls(
            torch.cat([part.images for part in parts]),
            torch.cat([part.uv for part in parts]),
            torch.cat([part.depth for part in parts]),
            torch.cat([part.mask for part in parts]),
            torch.cat(surfaces) if surfaces else None,
        )


@dataclass(frozen=True)
class RenderedBatch:
    """Rendered hands of a training step.

    Attributes:
        images: (B, 3, S, S) in [0, 1].
        uv: (B, 21, 2) cells.
        depth: (B, 21) in reference bones.
        mask: (B, 1, 64, 64) in [0, 1].
        surface: (B, 1, 64, 64) as in :class:`LabelledHands`, in 32 bits.
    """

    images: Tensor
    uv: Tensor
    depth: Tensor
    mask: Tensor
    surface: Tensor | None = None

    def __len__(self) -> int:
        return int(self.images.shape[0])

    @classmethod
    def of(cls, hands: LabelledHands) -> RenderedBatch:
        """From the pool's compact form."""
        return cls(*hands.floats(), None if hands.surface is None else hands.surface.float())

    @classmethod
    def none(cls, size: int = GRID, surface: bool = False) -> RenderedBatch:
        """No hand at all."""
        empty = torch.zeros(0, 1, GRID, GRID)
        return cls(
            torch.zeros(0, 3, size, size),
            torch.zeros(0, JOINT_COUNT, 2),
            torch.zeros(0, JOINT_COUNT),
            empty,
            empty if surface else None,
        )

    def to(self, device: torch.device) -> RenderedBatch:
        """The same on another device."""
        surface = None if self.surface is None else self.surface.to(device)
        return RenderedBatch(
            self.images.to(device), self.uv.to(device), self.depth.to(device), self.mask.to(device), surface
        )


def labelled(hands: RenderedHands, surface: bool = False) -> LabelledHands:
    """Rendered hands as labels for training: mask and surface without the forearm, uv in cells.

    Args:
        hands: pictures of any size.
        surface: whether the depth of the surface is wanted too.
    """
    size = hands.rgb.shape[-1]
    return LabelledHands(
        (hands.rgb * 255.0).round().to(torch.uint8),
        hands.uv * (GRID / size),
        hands.depth,
        (_in_cells(hands.hand_mask) * 255.0).round().to(torch.uint8),
        _surface(hands) if surface else None,
    )


def _in_cells(maps: Tensor) -> Tensor:
    """Means of maps (N, 1, S, S) over the cells of the 64 x 64 grid."""
    if maps.shape[-1] == GRID:
        return maps
    return torch.nn.functional.interpolate(maps, size=(GRID, GRID), mode="area")


def _surface(hands: RenderedHands) -> Tensor:
    """(N, 1, 64, 64) of :class:`LabelledHands`: the mean over what of a cell the hand covers."""
    root = hands.xyz_mm[:, ROOT, 2].view(-1, 1, 1, 1)
    depth = (hands.depth_mm - root) / hands.reference_mm.view(-1, 1, 1, 1)
    covered = _in_cells(hands.hand_mask)
    mean = _in_cells(depth * hands.hand_mask) / covered.clamp_min(1e-6)
    return torch.where(covered > 0.0, mean, 0.0).half()


def render_chunk(
    number: int, count: int, seed: int, settings: SceneSettings, size: int = GRID, surface: bool = False
) -> LabelledHands:
    """Chunk ``number`` of the endless series of ``seed``: ``count`` random right hands, ``size`` px."""
    return labelled(render_batch(count, (seed << 32) + number, size, settings), surface)


class HandPool:
    """The newest chunks of an endless, numbered series of rendered chunks.

    Args:
        render: renders the chunk of a number; the same number gives the same hands.
        chunks: how many of the newest chunks are held.
        folder: where chunks are kept for a resumed training; ``None`` keeps none.
    """

    def __init__(
        self, render: Callable[[int], LabelledHands], chunks: int, folder: Path | None = None
    ) -> None:
        self._render = render
        self._chunks = chunks
        self._folder = folder
        self._held: deque[tuple[int, LabelledHands]] = deque()

    def __len__(self) -> int:
        return sum(len(hands) for _, hands in self._held)

    def grow(self, until: int, mapper: Mapper | None = None) -> int:
        """Hold the newest chunks with numbers below ``until``; returns how many were rendered.

        Args:
            until: number of chunks in the series so far.
            mapper: renders several chunks at once.
        """
        first = max(until - self._chunks, 0, self._held[-1][0] + 1 if self._held else 0)
        missing = list(range(first, until))
        if not missing:
            return 0
        made = mapper(self._chunk, missing) if mapper else [self._chunk(number) for number in missing]
        self._held.extend(zip(missing, made, strict=True))
        while len(self._held) > self._chunks:
            gone, _ = self._held.popleft()
            if self._folder is not None:
                self._path(gone).unlink(missing_ok=True)
        return len(missing)

    def draw(self, count: int, generator: torch.Generator) -> LabelledHands:
        """``count`` hands at random, with replacement."""
        ends = list(accumulate(len(hands) for _, hands in self._held))
        parts: list[LabelledHands] = []
        for row in torch.randint(0, ends[-1], (count,), generator=generator).tolist():
            chunk = bisect_right(ends, row)
            start = row - (ends[chunk - 1] if chunk else 0)
            parts.append(self._held[chunk][1][start : start + 1])
        return LabelledHands.joined(parts)

    def _path(self, number: int) -> Path:
        assert self._folder is not None
        return self._folder / f"chunk-{number:06d}.safetensors"

    def _chunk(self, number: int) -> LabelledHands:
        if self._folder is None:
            return self._render(number)
        path = self._path(number)
        if path.exists():
            try:
                return LabelledHands.from_tensors(load_file(path))
            except Exception:
                path.unlink(missing_ok=True)
        hands = self._render(number)
        self._folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        save_file(hands.tensors(), part)
        part.replace(path)
        return hands

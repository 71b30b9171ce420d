"""Where discs of skin fall in the picture."""

from __future__ import annotations

import torch

from handstudio.synthesis.render import depth_buffer
from handstudio.synthesis.surface import RestSurface

SIZE = 64


def test_a_disc_a_hair_within_the_last_pixel_stays_in_the_picture() -> None:
    edge = torch.tensor(float(SIZE)).nextafter(torch.tensor(0.0))
    assert float(edge) < SIZE
    assert float(edge + 1.0) == SIZE + 1.0  # rounding, not arithmetic
    K = torch.tensor([[[64.0, 0.0, 0.5], [0.0, 64.0, 0.5], [0.0, 0.0, 1.0]]])
    surface = RestSurface((), torch.zeros(1, 1), torch.zeros(1), torch.zeros(1, dtype=torch.bool))
    places = torch.stack((edge, edge, torch.tensor(64.0)))[None, :, None]
    normals = torch.tensor([[[0.0], [0.0], [-1.0]]])
    buffer = depth_buffer(places, normals, K, SIZE, surface).view(SIZE, SIZE)
    assert int(buffer[-1, -1]) < 2**62

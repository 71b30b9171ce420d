"""The skin of a base shape is sampled once, and is the same whether it was sampled or read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from platformdirs import user_cache_path

from handstudio.synthesis import surface

COUNT = 4_000


@pytest.fixture(autouse=True)
def _own_skins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    surface._rest_surface.cache_clear()
    yield
    surface._rest_surface.cache_clear()


def kept() -> list[Path]:
    return list((user_cache_path("handstudio") / "skins").glob("*"))


def forgotten() -> None:
    surface._rest_surface.cache_clear()


def test_a_skin_is_read_where_it_was_sampled_before(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled = surface.rest_surface(0, COUNT)
    assert len(kept()) == 1
    forgotten()
    with monkeypatch.context() as patch:
        patch.setattr(surface, "_sample", lambda *_: pytest.fail("it was sampled again"))
        read = surface.rest_surface(0, COUNT)
    assert torch.equal(sampled.attributes, read.attributes)
    assert torch.equal(sampled.lining, read.lining)
    for one, other in zip(sampled.blocks, read.blocks, strict=True):
        assert torch.equal(one.rest, other.rest)
        assert torch.equal(one.turn, other.turn)


def test_shapes_and_finenesses_are_kept_apart() -> None:
    surface.rest_surface(0, COUNT)
    surface.rest_surface(1, COUNT)
    surface.rest_surface(0, COUNT // 2)
    assert len(kept()) == 3


@pytest.mark.parametrize("damage", [b"", b"no tensors at all", b"\0" * 64])
def test_a_damaged_file_is_made_anew(damage: bytes) -> None:
    sampled = surface.rest_surface(0, COUNT)
    kept()[0].write_bytes(damage)
    forgotten()
    assert torch.equal(surface.rest_surface(0, COUNT).attributes, sampled.attributes)
    assert len(kept()[0].read_bytes()) > 1000

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.exchange import hdf5_reading
from handstudio.exchange.exported_hand import ExportedFrame, Provenance
from handstudio.exchange.hdf5 import write_hdf5
from handstudio.exchange.hdf5_reading import read_hdf5
from handstudio.media.source import Frame, FrameProblem

from .hands import CAMERA, assert_same, frame, hand


def decoded(where: ExportedFrame) -> Frame:
    return Frame(
        np.full((6, 8, 3), where.index, dtype=np.uint8), np.full((6, 8), where.index * 10.5, dtype=np.float32)
    )


def test_a_round_trip_loses_nothing(tmp_path: Path) -> None:
    shared = frame(3, camera=CAMERA, view="cam1", recording="r", subject="s", kind="recording", hold_out=True)
    hands = [hand(seed, shared if seed % 5 == 0 else frame(seed, f"take {seed % 2}")) for seed in range(2100)]
    hands[1] = hand(1, frame(1, "take 1"), depth=None, xyz_mm=None, provenance=Provenance(), box_source=None)
    hands[3].uv[2] = np.nan
    assert write_hdf5(tmp_path / "a.h5", hands).hands == 2100
    read = read_hdf5(tmp_path / "a.h5")
    for before, after in zip(hands, read, strict=True):
        assert_same(before, after)


def test_no_hands_are_a_file_too(tmp_path: Path) -> None:
    write_hdf5(tmp_path / "a.h5", [])
    assert read_hdf5(tmp_path / "a.h5") == []


def test_frames_travel_with_the_labels_where_they_are_wanted(tmp_path: Path) -> None:
    write_hdf5(tmp_path / "a.h5", [hand(0, frame(4)), hand(1, frame(9)), hand(2, frame(4))], decoded)
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["images"].shape == (2, 6, 8, 3)
        assert file["images"][:, 0, 0, 0].tolist() == [4, 9]
        assert file["depth"][:, 0, 0].tolist() == [42.0, 94.5]
        assert file["hands/frame"][:].tolist() == [0, 1, 0]


def test_a_damaged_frame_is_black_and_listed(tmp_path: Path) -> None:
    def partly(where: ExportedFrame) -> Frame:
        if where.index in (0, 2):
            raise FrameProblem("The image is cut short")
        return decoded(where)

    written = write_hdf5(tmp_path / "a.h5", [hand(0), hand(1), hand(2), hand(3)], partly)
    assert written.problems == (
        "take/0000.jpg: The image is cut short",
        "take/0002.jpg: The image is cut short",
    )
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["images"][:, 0, 0, 0].tolist() == [0, 1, 0, 3]
        assert len(file["hands/uv"]) == 4


_FULL = """
import resource, sys
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from handstudio.errors import HandStudioError
from handstudio.exchange.hdf5 import write_hdf5
from tests.exchange.hands import hand
from tests.exchange.test_hdf5 import decoded
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    write_hdf5(Path(sys.argv[1]), (hand(number) for number in range(6000)), decoded)
except HandStudioError as error:
    print(error.what)
"""


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="needs a system that sets room aside")
@pytest.mark.parametrize("limit", [100_000, 1_600_000, 3_000_000])
def test_a_disk_that_refuses_is_a_clear_error_and_leaves_nothing(tmp_path: Path, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path / "a.h5"), str(limit)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "cannot become as large" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_before_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_000_000))
    with pytest.raises(HandStudioError, match="disk is full"):
        write_hdf5(tmp_path / "a.h5", [hand(0)])
    assert not list(tmp_path.iterdir())


def test_a_small_export_is_a_small_file(tmp_path: Path) -> None:
    write_hdf5(tmp_path / "a.h5", [hand(0)], decoded)
    assert (tmp_path / "a.h5").stat().st_size < 200_000


def test_all_columns_together_fit_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.h5"
    write_hdf5(path, [hand(seed) for seed in range(200)])
    monkeypatch.setattr(hdf5_reading, "BYTES_LIMIT", 60_000)
    with pytest.raises(HandStudioError, match="claims more data"):
        read_hdf5(path)


def test_many_rows_cannot_share_one_long_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.h5"
    write_hdf5(path, [hand(seed) for seed in range(200)])
    with h5py.File(path, "a") as file:
        file["hands/note"][:] = np.asarray(["x" * 10_000] * 200, dtype=object)
    monkeypatch.setattr(hdf5_reading, "BYTES_LIMIT", 1_000_000)
    with pytest.raises(HandStudioError, match="hands/note"):
        read_hdf5(path)


def test_frames_of_different_sizes_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    def growing(where: ExportedFrame) -> Frame:
        return Frame(np.zeros((6, 8 + where.index, 3), dtype=np.uint8))

    with pytest.raises(HandStudioError, match="differ in size"):
        write_hdf5(tmp_path / "a.h5", [hand(0), hand(1)], growing)
    assert not list(tmp_path.iterdir())


def test_only_earlier_exports_are_replaced(tmp_path: Path) -> None:
    out = tmp_path / "a.h5"
    with h5py.File(out, "w") as file:
        file["precious"] = 1
    with pytest.raises(HandStudioError, match="no earlier export"):
        write_hdf5(out, [hand(0)])
    write_hdf5(out, [hand(0)], overwrite=True)
    write_hdf5(out, [hand(0), hand(1)])
    assert len(read_hdf5(out)) == 2


def test_what_points_to_other_files_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["uv"] = np.zeros((1, 21, 2), dtype=np.float32)
    raw = tmp_path / "raw.bin"
    raw.write_bytes(bytes(4 * 21 * 2))

    def external_link(group: h5py.Group) -> None:
        group["uv"] = h5py.ExternalLink(str(secret), "/uv")

    def soft_link(group: h5py.Group) -> None:
        group["uv"] = h5py.SoftLink("/hands/depth")

    def virtual(group: h5py.Group) -> None:
        layout = h5py.VirtualLayout((1, 21, 2), dtype=np.float32)
        layout[:] = h5py.VirtualSource(str(secret), "uv", shape=(1, 21, 2))
        group.create_virtual_dataset("uv", layout)

    def external_data(group: h5py.Group) -> None:
        group.create_dataset("uv", (1, 21, 2), np.float32, external=[(str(raw), 0, 4 * 21 * 2)])

    def references(group: h5py.Group) -> None:
        group.create_dataset("uv", (1,), dtype=h5py.ref_dtype)

    def a_group(group: h5py.Group) -> None:
        group.create_group("uv")

    def enormous(group: h5py.Group) -> None:
        group.create_dataset("uv", (1 << 40, 21, 2), np.float32, chunks=(1, 21, 2), compression="gzip")

    for number, forge in enumerate(
        (external_link, soft_link, virtual, external_data, references, a_group, enormous)
    ):
        path = tmp_path / f"{number}.h5"
        write_hdf5(path, [hand(0)])
        with h5py.File(path, "a") as file:
            del file["hands/uv"]
            forge(file["hands"])
        with pytest.raises(HandStudioError, match=r"hands/uv"):
            read_hdf5(path)


def test_damaged_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.h5"
    with pytest.raises(HandStudioError, match=r"labels\.h5"):
        read_hdf5(path)
    write_hdf5(path, [hand(0)])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(HandStudioError, match=r"labels\.h5"):
        read_hdf5(path)
    path.write_bytes(b"no HDF5 at all")
    with pytest.raises(HandStudioError, match=r"labels\.h5"):
        read_hdf5(path)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(HandStudioError, match="no export"):
        read_hdf5(path)


def test_columns_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.h5"
    write_hdf5(path, [hand(0), hand(1)])
    with h5py.File(path, "a") as file:
        file["hands/depth"].resize(1, axis=0)
    with pytest.raises(HandStudioError, match="differ in length"):
        read_hdf5(path)
    write_hdf5(path, [hand(0), hand(1)])
    with h5py.File(path, "a") as file:
        file["hands/frame"][0] = 99
    with pytest.raises(HandStudioError, match="no frame 99"):
        read_hdf5(path)

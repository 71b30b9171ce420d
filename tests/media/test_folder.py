from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handstudio.errors import HandStudioError
from handstudio.media.folder import FolderSource
from handstudio.media.image import check_whole, read_image, read_reduced, read_values, upright
from handstudio.media.image_header import read_header
from handstudio.media.natural_order import natural_key
from handstudio.media.opening import open_sequences, open_source
from handstudio.media.source import FrameProblem

from .footage import number_of, numbered, write_image


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of_size(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def exif(orientation: int) -> bytes:
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def with_exif(jpeg: bytes, orientation: int) -> bytes:
    body = b"Exif\0\0" + exif(orientation)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("ending", [".jpg", ".png", ".bmp", ".tif"])
def test_every_format_is_read_as_rgb(tmp_path: Path, ending: str) -> None:
    image = np.zeros((60, 90, 3), dtype=np.uint8)
    image[:, :45] = (220, 40, 10)
    image[:, 45:] = (10, 60, 200)
    read = read_image(write_image(tmp_path / f"a{ending}", image))
    assert read.dtype == np.uint8
    assert np.abs(read.astype(int) - image)[:, 10:35].max() <= 6
    assert np.abs(read.astype(int) - image)[:, 55:80].max() <= 6


def test_frames_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (1, 2, 10, 100):
        write_image(tmp_path / f"frame{number}.png", numbered(number))
    sequence = open_sequences(tmp_path).sequences[0]
    assert sequence.frame_names == ["frame1.png", "frame2.png", "frame10.png", "frame100.png"]
    source = open_source(sequence.kind, sequence.path, sequence.view, sequence.frame_names)
    assert [number_of(source.read(index).rgb) for index in range(source.count)] == [1, 2, 10, 100]


@settings(deadline=None)
@given(st.lists(st.text()))
def test_natural_order_is_an_order_for_any_names(names: list[str]) -> None:
    ordered = sorted(names, key=natural_key)
    shuffled = names[1::2] + names[::2]
    assert sorted(shuffled, key=natural_key) == ordered


def test_files_added_later_shift_no_frame(tmp_path: Path) -> None:
    for number in (5, 7):
        write_image(tmp_path / f"{number}.png", numbered(number))
    stored = open_sequences(tmp_path).sequences[0]
    write_image(tmp_path / "6.png", numbered(6))
    source = open_source(stored.kind, stored.path, None, stored.frame_names)
    assert [number_of(source.read(index).rgb) for index in range(source.count)] == [5, 7]


def test_a_frame_whose_file_is_gone_is_one_problem(tmp_path: Path) -> None:
    for number in (0, 1):
        write_image(tmp_path / f"{number}.png", numbered(number))
    source = FolderSource(tmp_path, ["0.png", "1.png"])
    (tmp_path / "0.png").unlink()
    with pytest.raises(FrameProblem, match="missing"):
        source.read(0)
    assert number_of(source.read(1).rgb) == 1


def test_a_stored_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    write_image(tmp_path / "secret.png", numbered(1))
    (tmp_path / "frames").mkdir()
    with pytest.raises(FrameProblem):
        FolderSource(tmp_path / "frames", ["../secret.png"]).read(0)


def tiff(image: np.ndarray, orientation: int, order: str = "<") -> bytes:
    """An uncompressed TIFF of 8 or 16 bits."""
    height, width = image.shape[:2]
    channels = image.shape[2] if image.ndim == 3 else 1
    pixels = image.astype(image.dtype.newbyteorder(order)).tobytes()
    bits = struct.pack(order + "HHH", *[image.dtype.itemsize * 8] * 3)
    depth = 8 if channels == 3 else image.dtype.itemsize * 8
    fields = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, depth), (259, 3, 1, 1)),
        *((262, 3, 1, 2 if channels == 3 else 1), (273, 4, 1, 14), (274, 3, 1, orientation)),
        *((277, 3, 1, channels), (278, 4, 1, height), (279, 4, 1, len(pixels))),
    ]
    directory = struct.pack(order + "H", len(fields))
    for tag, kind, count, value in fields:
        form = "HHIHH" if kind == 3 and count == 1 else "HHII"
        directory += struct.pack(order + form, tag, kind, count, value, *([0] if form == "HHIHH" else []))
    start = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 14 + len(pixels))
    return start + bits + pixels + directory + bytes(4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"], ids=["little end first", "big end first"])
def test_a_tiff_stands_upright_once(tmp_path: Path, orientation: int, order: str) -> None:
    image = numbered(1234)
    deep = image[..., 0].astype(np.uint16) * 7
    path = tmp_path / "turned.tif"
    path.write_bytes(tiff(image, orientation, order))
    np.testing.assert_array_equal(read_image(path), upright(image, orientation))
    assert read_header(path).size == read_image(path).shape[1::-1]
    path.write_bytes(tiff(deep, orientation, order))
    np.testing.assert_array_equal(read_values(path), deep)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_frames_stand_upright_whatever_their_exif_orientation(
    tmp_path: Path, orientation: int, ending: str
) -> None:
    image = numbered(1234)
    plain = write_image(tmp_path / f"plain{ending}", image).read_bytes()
    if ending == ".jpg":
        turned = with_exif(plain, orientation)
    else:
        turned = plain[:33] + chunk(b"eXIf", exif(orientation)) + plain[33:]
    path = tmp_path / f"turned{ending}"
    path.write_bytes(turned)
    read = read_image(path)
    assert read_header(path).size == (read.shape[1], read.shape[0])
    expected = upright(read_image(tmp_path / f"plain{ending}"), orientation)
    np.testing.assert_array_equal(read, expected)
    assert (read.shape[0] > read.shape[1]) == (orientation >= 5)


def picture(width: int, height: int) -> np.ndarray:
    """Something smooth, of which a reduced copy shows as much."""
    across, down = np.meshgrid(np.linspace(0, 6, width), np.linspace(0, 4, height))
    waves = np.stack([np.sin(across), np.cos(down), np.sin(across + down)], axis=-1)
    return (127.5 + 120 * waves).astype(np.uint8)


@pytest.mark.parametrize(("wanted", "divided"), [(1, 1), (2, 2), (3, 2), (4, 4), (7, 4), (8, 8), (100, 8)])
def test_a_jpeg_is_decoded_at_a_part_of_its_size(tmp_path: Path, wanted: int, divided: int) -> None:
    path = write_image(tmp_path / "a.jpg", picture(1003, 602))
    frame = read_reduced(path, wanted)
    assert frame.reduction == divided
    assert frame.size == (-(-1003 // divided), -(-602 // divided))
    whole = read_image(path)
    even = whole[: 602 // divided * divided, : 1003 // divided * divided]
    mean = even.reshape(602 // divided, divided, 1003 // divided, divided, 3).mean(axis=(1, 3))
    rows, columns = mean.shape[:2]
    assert np.abs(frame.rgb[:rows, :columns] - mean).mean() < 1.0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_reduced_jpeg_stands_upright_with_its_pixels_where_those_of_the_whole_are(
    tmp_path: Path, orientation: int
) -> None:
    for width, divided in (
        (640, 4),
        (642, 4 if orientation == 1 else 2),
        (641, 4 if orientation == 1 else 1),
    ):
        path = write_image(tmp_path / f"{width}.jpg", picture(width, 480))
        path.write_bytes(with_exif(path.read_bytes(), orientation))
        frame, whole = read_reduced(path, 4), read_image(path)
        assert frame.reduction == divided
        small = cv2.resize(whole, frame.size, interpolation=cv2.INTER_AREA)
        assert np.abs(frame.rgb.astype(int) - small).mean() < 2.0


@pytest.mark.parametrize("ending", [".png", ".bmp", ".tif"])
def test_other_images_are_whole_since_nothing_is_gained(tmp_path: Path, ending: str) -> None:
    frame = read_reduced(write_image(tmp_path / f"a{ending}", picture(320, 240)), 8)
    assert (frame.size, frame.reduction) == ((320, 240), 1)


def test_a_damaged_jpeg_is_refused_when_it_is_reduced_as_well(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.jpg", picture(320, 240))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FrameProblem, match="cut short"):
        read_reduced(path, 4)


def test_orientations_are_those_of_the_standard() -> None:
    corners = np.array([[1, 2], [3, 4]], dtype=np.uint8)
    turned = {number: upright(corners, number).ravel().tolist() for number in range(1, 9)}
    assert turned == {
        1: [1, 2, 3, 4],
        2: [2, 1, 4, 3],
        3: [4, 3, 2, 1],
        4: [3, 4, 1, 2],
        5: [1, 3, 2, 4],
        6: [3, 1, 4, 2],
        7: [4, 2, 3, 1],
        8: [2, 4, 1, 3],
    }


def test_grey_alpha_palette_and_16_bit_images_become_rgb(tmp_path: Path) -> None:
    grey = np.full((20, 30), 200, dtype=np.uint8)
    deep = np.full((20, 30), 200 << 8, dtype=np.uint16)
    alpha = np.dstack([np.full((20, 30), value, dtype=np.uint8) for value in (10, 20, 30, 0)])
    palette = chunk(b"PLTE", bytes((9, 8, 7, 200, 100, 50)))
    rows = zlib.compress((b"\0" + b"\x01" * 4) * 3)
    head = struct.pack(">IIBBBBB", 4, 3, 8, 3, 0, 0, 0)
    parts = chunk(b"IHDR", head) + palette + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    (tmp_path / "palette.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    assert (read_image(write_image(tmp_path / "grey.png", grey)) == 200).all()
    assert (read_image(write_image(tmp_path / "deep.png", deep)) == 200).all()
    assert (read_image(write_image(tmp_path / "deep.tif", deep)) == 200).all()
    assert (read_image(write_image(tmp_path / "alpha.png", alpha)) == (30, 20, 10)).all()
    assert (read_image(tmp_path / "palette.png") == (200, 100, 50)).all()


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".bmp"])
def test_a_file_that_ends_early_is_refused(tmp_path: Path, ending: str) -> None:
    path = write_image(tmp_path / f"a{ending}", numbered(3))
    data = path.read_bytes()
    for share in (0.02, 0.3, 0.6, 0.95):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(FrameProblem):
            read_image(path)


def test_absurd_sizes_are_refused_before_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of_size(60_000, 60_000))
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(FrameProblem, match="60000 x 60000"):
        read_image(path)


@pytest.mark.skipif(os.name == "nt", reason="needs files with holes")
def test_a_file_of_nothing_behind_its_image_fills_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_image(tmp_path / "a.png", numbered(1))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 8)
        file.truncate(3 << 30)
    monkeypatch.setattr(np, "fromfile", lambda *_, **__: pytest.fail("read as a whole"))
    assert "larger than its image" in str(check_whole(path, read_header(path)))
    with pytest.raises(FrameProblem, match="larger than its image"):
        read_image(path)


def test_the_end_of_an_image_is_found_wherever_it_is(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.png", numbered(1))
    whole = path.read_bytes()
    for behind in (0, 10_000, (1 << 20) - len(whole) + 6, 3 << 20):
        path.write_bytes(whole + bytes(behind))
        assert check_whole(path, read_header(path)) is None
        path.write_bytes(whole[:-8] + bytes(behind))
        assert check_whole(path, read_header(path)) == "the image is cut short"


@settings(deadline=None)
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0"]),
)
def test_any_bytes_give_a_header_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jpg"
    path.write_bytes(start + data)
    try:
        header = read_header(path)
    except FrameProblem:
        return
    assert header.width > 0
    assert header.height > 0


def test_damaged_frames_keep_their_place_and_the_rest_goes_on(tmp_path: Path) -> None:
    for number in range(4):
        write_image(tmp_path / f"{number}.jpg", numbered(number))
    cut = tmp_path / "1.jpg"
    cut.write_bytes(cut.read_bytes()[:-200])
    (tmp_path / "2.jpg").write_bytes(b"no image at all")
    (tmp_path / "notes.txt").write_text("hello")
    opened = open_sequences(tmp_path)
    sequence = opened.sequences[0]
    assert sequence.frame_names == ["0.jpg", "1.jpg", "3.jpg"]
    assert list(sequence.problems) == [1]
    assert {problem.path.name for problem in opened.problems} == {"2.jpg", "notes.txt"}


def test_each_nested_folder_is_one_sequence(tmp_path: Path) -> None:
    root = tmp_path / "take"
    for folder, number in (("", 1), ("b10", 2), ("b2", 3), ("b2/deep", 4)):
        write_image(root / folder / "a.png", numbered(number))
    opened = open_sequences(root)
    assert [each.name for each in opened.sequences] == ["take", "take/b2", "take/b2/deep", "take/b10"]
    assert not opened.problems


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write_image(tmp_path / "a" / "x.png", numbered(1))
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "lost.png").symlink_to(tmp_path / "nowhere.png")
    opened = open_sequences(tmp_path)
    assert [each.count for each in opened.sequences] == [1]
    assert [problem.path.name for problem in opened.problems] == ["lost.png"]


def test_a_folder_that_may_not_be_read_is_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_image(tmp_path / "open" / "a.png", numbered(1))
    locked = tmp_path / "locked"
    locked.mkdir()
    stat, scan = os.stat, os.scandir

    def refuse(path: Any, *options: Any, **more: Any) -> Any:
        if locked in Path(path).parents:
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *options, **more)

    def refuse_to_list(path: Any = ".") -> Any:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "stat", refuse)
    monkeypatch.setattr(os, "scandir", refuse_to_list)
    opened = open_sequences(tmp_path)
    assert [each.count for each in opened.sequences] == [1]
    assert [(problem.path, "Permission denied" in problem.reason) for problem in opened.problems] == [
        (locked, True)
    ]


def test_names_of_any_script_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "руки 手 ✋"
    write_image(folder / "Ärmel – 1.png", numbered(9))
    sequence = open_sequences(folder).sequences[0]
    assert sequence.name == "руки 手 ✋"
    assert number_of(open_source("folder", sequence.path, None, sequence.frame_names).read(0).rgb) == 9


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HandStudioError, match="no image, video or recording") as error:
        open_sequences(tmp_path)
    assert error.value.where == tmp_path
    assert error.value.remedy


def test_missing_paths_and_unknown_formats_are_named(tmp_path: Path) -> None:
    with pytest.raises(HandStudioError, match="nowhere"):
        open_sequences(tmp_path / "nowhere")
    for name in ("~nobody-of-this-name/x", "x" * 5000):
        with pytest.raises(HandStudioError, match="no such file"):
            open_sequences(Path(name))
    with pytest.raises(HandStudioError, match="recording"):
        open_sequences(tmp_path, "betamax")


def test_one_image_is_a_sequence_of_one_frame(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", numbered(1))
    write_image(tmp_path / "b.png", numbered(2))
    sequence = open_sequences(tmp_path / "b.png").sequences[0]
    assert sequence.frame_names == ["b.png"]


def test_many_other_files_are_summed_up(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", numbered(1))
    for number in range(30):
        (tmp_path / f"{number}.txt").touch()
    problems = open_sequences(tmp_path).problems
    assert len(problems) == 11
    assert "20 more" in problems[-1].reason


def test_the_photographs_open(shared_data: Path) -> None:
    opened = open_sequences(shared_data / "signs" / "images")
    assert [each.count for each in opened.sequences] == [1383]
    assert set(opened.sequences[0].sizes) == {(100, 100)}

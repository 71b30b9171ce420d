from __future__ import annotations

import random
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from platformdirs import user_cache_path

from handstudio.errors import HandStudioError
from handstudio.media import video_index as indexing
from handstudio.media.opening import open_sequences, open_source
from handstudio.media.source import FrameProblem, read_stored
from handstudio.media.video import VideoSource, open_video

from .footage import number_of, write_video

PYRAMID = "bframes=8:b-pyramid=normal:keyint=50:b-adapt=0"
OPEN_GROUPS = "open-gop=1:keyint=24:min-keyint=24:bframes=4:scenecut=0"
CODINGS = {
    "B-frames": ("a.mp4", "libx264", {"bf": "3", "g": "40"}),
    "pyramid of B-frames": ("a.mkv", "libx264", {"x264-params": PYRAMID}),
    "open groups": ("a.mp4", "libx264", {"x264-params": OPEN_GROUPS}),
    "one key frame": ("a.mp4", "libx264", {"g": "9999", "sc_threshold": "0"}),
    "no references outside": ("a.mp4", "libx264", {"g": "1"}),
    "transport stream": ("a.ts", "libx264", {"bf": "2", "g": "30"}),
    "HEVC": ("a.mp4", "libx265", {"x265-params": "log-level=none:keyint=30:bframes=3:pools=none"}),
    "MPEG-4 in AVI": ("a.avi", "mpeg4", {"g": "25", "bf": "2"}),
    "MPEG-4 without B-frames": ("a.avi", "mpeg4", {"g": "25"}),
    "MPEG-2": ("a.mpg", "mpeg2video", {"g": "15", "bf": "2"}),
    "MJPEG": ("a.avi", "mjpeg", {}),
    "VP9": ("a.webm", "libvpx-vp9", {"g": "30", "deadline": "realtime", "cpu-used": "8"}),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_every_frame_is_the_one_asked_for(tmp_path: Path, coding: str) -> None:
    name, codec, options = CODINGS[coding]
    if codec not in av.codecs_available:
        pytest.skip(f"no encoder {codec} here")
    source = VideoSource(write_video(tmp_path / name, 130, codec, options))
    assert source.count == 130
    jumps = random.Random(3).sample(range(130), 25)
    asked = [*range(10), *jumps, 129, 0, 129, *range(120, 108, -1), 75, 76, 74]
    assert [number_of(source.read(index).rgb) for index in asked] == asked
    source.close()


def test_random_and_sequential_reading_give_the_same_pixels(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", 130, options={"bf": "3", "g": "60"})
    straight, jumping = VideoSource(path), VideoSource(path)
    expected = [straight.read(index).rgb for index in range(130)]
    for index in (0, 100, 3, 129, 64, 7, 125, 1, 99, 30):
        np.testing.assert_array_equal(jumping.read(index).rgb, expected[index])
    straight.close()
    jumping.close()


def test_a_variable_frame_rate_shifts_nothing(tmp_path: Path) -> None:
    steps = random.Random(1).choices((500, 3000, 3003, 9000, 45000), k=89)
    ticks = [0]
    for step in steps:
        ticks.append(ticks[-1] + step)
    source = VideoSource(write_video(tmp_path / "a.mp4", 90, options={"bf": "2", "g": "20"}, ticks=ticks))
    asked = random.Random(2).sample(range(90), 30)
    assert [number_of(source.read(index).rgb) for index in asked] == asked
    source.close()


RATES = (Fraction(30000, 1001), Fraction(24000, 1001), Fraction(25), Fraction(359, 12))


@pytest.mark.parametrize("rate", RATES)
def test_odd_frame_rates_shift_nothing(tmp_path: Path, rate: Fraction) -> None:
    path = write_video(tmp_path / "a.mp4", 100, options={"g": "30"}, rate=rate)
    assert open_video(path, "a").fps == pytest.approx(float(rate), rel=1e-3)
    source = VideoSource(path)
    asked = [99, 50, 98, 0, 61, 60, 59]
    assert [number_of(source.read(index).rgb) for index in asked] == asked
    source.close()


def test_a_stream_that_starts_late_shifts_nothing(tmp_path: Path) -> None:
    ticks = [90000 * 3 + 3000 * number for number in range(60)]
    source = VideoSource(write_video(tmp_path / "a.mp4", 60, options={"g": "20", "bf": "2"}, ticks=ticks))
    asked = [0, 59, 1, 30]
    assert [number_of(source.read(index).rgb) for index in asked] == asked
    source.close()


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_video_stands_upright(tmp_path: Path, degrees: int) -> None:
    path = write_video(tmp_path / "a.mp4", 5)
    plain = VideoSource(path)
    expected = plain.read(2).rgb
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 4 + 40
    one, zero = (0x00010000).to_bytes(4, "big"), bytes(4)
    minus = (-0x00010000).to_bytes(4, "big", signed=True)
    matrices = {90: (zero, one, minus, zero), 180: (minus, zero, zero, minus), 270: (zero, minus, one, zero)}
    a, b, c, d = matrices[degrees]
    data[place : place + 36] = a + b + zero + c + d + zero + zero + zero + (0x40000000).to_bytes(4, "big")
    turned_path = tmp_path / "turned.mp4"
    turned_path.write_bytes(data)
    turned = VideoSource(turned_path)
    read = turned.read(2).rgb
    assert turned.size(2) == (read.shape[1], read.shape[0])
    # the matrix turns clockwise
    np.testing.assert_array_equal(read, np.rot90(expected, -degrees // 90))
    plain.close()
    turned.close()


def test_threads_may_share_a_video(tmp_path: Path) -> None:
    source = VideoSource(write_video(tmp_path / "a.mp4", 100, options={"g": "25"}))
    wrong: list[int] = []

    def read(seed: int) -> None:
        for index in random.Random(seed).sample(range(100), 25):
            if number_of(source.read(index).rgb) != index:
                wrong.append(index)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    source.close()
    assert not wrong


def test_a_damaged_stretch_gives_problems_and_no_wrong_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", 120, options={"g": "30", "bf": "0"})
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    middle = start + (len(data) - start) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(data)
    source = VideoSource(path)
    outcomes: dict[int, bool] = {}
    for index in (*range(120), 119, 5, 80, 0):
        try:
            outcomes[index] = number_of(source.read(index).rgb) == index
        except FrameProblem:
            continue
    source.close()
    assert all(outcomes.values())
    assert len(outcomes) >= 50


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_video_cut_short_is_refused_or_ends_early(tmp_path: Path, share: float) -> None:
    for name in ("a.mp4", "a.mkv"):
        path = write_video(tmp_path / name, 60, options={"g": "10"})
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        try:
            source = VideoSource(path)
        except HandStudioError:
            continue
        assert 0 < source.count < 60
        for index in range(source.count - 1):
            try:
                assert number_of(source.read(index).rgb) == index
            except FrameProblem:
                assert index > source.count - 5
        source.close()


def test_playlists_and_scripts_are_not_followed(tmp_path: Path) -> None:
    secret = write_video(tmp_path / "secret.ts", 5)
    lists = {
        "list.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        "script.mkv": f"ffconcat version 1.0\nfile '{secret}'\n",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(HandStudioError, match="cannot be opened"):
            VideoSource(tmp_path / name)


def test_a_folder_of_videos_is_one_sequence_each(tmp_path: Path) -> None:
    write_video(tmp_path / "v10.mp4", 3)
    write_video(tmp_path / "v2.mp4", 4)
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    opened = open_sequences(tmp_path)
    assert [(each.path.name, each.count) for each in opened.sequences] == [("v2.mp4", 4), ("v10.mp4", 3)]
    assert [problem.path.name for problem in opened.problems] == ["broken.mp4"]
    stored = opened.sequences[0]
    source = open_source(stored.kind, stored.path)
    assert stored.frame_names == list(source.frame_names) == ["000000", "000001", "000002", "000003"]
    assert source.size(0) == stored.sizes[0] == (192, 128)
    source.close()


def test_the_index_of_a_long_video_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_KEPT_FROM", 10)
    path = write_video(tmp_path / "a.mp4", 20)
    first = indexing.video_index(path)
    monkeypatch.setattr(indexing, "build_index", lambda _: pytest.fail("built again"))
    again = indexing.video_index(path)
    np.testing.assert_array_equal(first.pts, again.pts)
    assert (first.width, first.height, first.fps) == (again.width, again.height, again.fps)


@pytest.mark.parametrize("damage", [b"", b"PK damaged"])
def test_a_damaged_index_is_built_again(
    damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_KEPT_FROM", 0)
    path = write_video(tmp_path / "a.mp4", 20)
    first = indexing.video_index(path)
    next((user_cache_path("handstudio") / "videos").glob("*.npz")).write_bytes(damage)
    np.testing.assert_array_equal(first.pts, indexing.video_index(path).pts)


def test_a_stored_frame_of_a_video_that_became_shorter_is_a_problem_of_that_frame(tmp_path: Path) -> None:
    source = VideoSource(write_video(tmp_path / "a.mp4", 3))
    assert read_stored(source, 2).size == source.size(2)
    with pytest.raises(FrameProblem, match=r"a\.mp4 has no frame 3 any more"):
        read_stored(source, 3)
    source.close()


def test_indices_beyond_the_end_are_refused(tmp_path: Path) -> None:
    source = VideoSource(write_video(tmp_path / "a.mp4", 3))
    for index in (-1, 3):
        with pytest.raises(IndexError):
            source.read(index)
    source.close()
    with pytest.raises(FrameProblem, match="closed"):
        source.read(1)


def test_the_recorded_videos_have_all_their_frames(shared_data: Path) -> None:
    opened = open_sequences(shared_data / "videos")
    assert sorted(each.count for each in opened.sequences) == [58, 378, 378]
    clip = next(each for each in opened.sequences if each.count == 58)
    assert clip.fps == pytest.approx(29.917, abs=1e-3)
    source, again = (open_source(clip.kind, clip.path) for _ in range(2))
    expected = [source.read(index).rgb for index in range(58)]
    for index in (57, 0, 31, 30, 56):
        np.testing.assert_array_equal(again.read(index).rgb, expected[index])
    source.close()
    again.close()

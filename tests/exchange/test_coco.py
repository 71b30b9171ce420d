from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handstudio.errors import HandStudioError
from handstudio.exchange import replacing as replacing_module
from handstudio.exchange.coco import shortest, write_coco
from handstudio.exchange.coco_reading import parse_coco, read_coco
from handstudio.exchange.exported_hand import ExportedHand, Provenance
from handstudio.hand.box import Box

from .hands import CAMERA, assert_same, frame, hand


def labelled(pose: ExportedHand) -> list[bool]:
    """(21,) which joints have a place."""
    return np.isfinite(pose.uv).all(axis=-1).tolist()  # type: ignore[no-any-return]


def test_a_round_trip_loses_nothing(tmp_path: Path) -> None:
    shared = frame(3, camera=CAMERA, view="cam1", recording="r", subject="s", kind="recording", hold_out=True)
    hands = [hand(0), hand(1), hand(2, shared), hand(3, shared), hand(4, depth=None, xyz_mm=None)]
    hands.append(hand(5, provenance=Provenance(), box_source=None))
    assert write_coco(tmp_path / "a.json", hands).hands == 6
    read = read_coco(tmp_path / "a.json")
    assert not read.problems
    for before, after in zip(hands, read.hands, strict=True):
        assert_same(before, after)


def test_joints_that_nobody_labelled_stay_unlabelled(tmp_path: Path) -> None:
    partly = hand(0)
    partly.uv[7] = np.nan
    write_coco(tmp_path / "a.json", [partly])
    read = read_coco(tmp_path / "a.json").hands[0]
    assert_same(partly, read)
    assert labelled(read) == [joint != 7 for joint in range(21)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-3e5, 3e5, width=32), min_size=42, max_size=42), st.integers(0, 2))
def test_any_pose_survives_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, values: list[float], seen: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    uv = np.asarray(values, dtype=np.float32).reshape(21, 2)
    uv[np.abs(uv) < 1e-6] = 0.0  # a millionth of a pixel from the edge is the edge
    pose = hand(0, uv=uv, visibility=np.full(21, seen, dtype=np.uint8))
    write_coco(path, [pose])
    assert_same(pose, read_coco(path).hands[0])


def test_keypoints_count_from_the_first_pixels_centre(tmp_path: Path) -> None:
    uv = np.full((21, 2), 0.5, dtype=np.float32)
    uv[1] = (10.0, 20.0)
    write_coco(
        tmp_path / "a.json", [hand(0, uv=uv, visibility=np.zeros(21, dtype=np.uint8), box=Box(0, 0, 64, 48))]
    )
    annotation = json.loads((tmp_path / "a.json").read_text())["annotations"][0]
    assert annotation["keypoints"][:6] == [0.0, 0.0, 2, 9.5, 19.5, 2]
    assert annotation["bbox"] == [0, 0, 64, 48]
    assert annotation["num_keypoints"] == 21


def test_visibility_is_translated_and_joints_outside_are_not_in_the_image(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [hand(0)])
    annotation = json.loads((tmp_path / "a.json").read_text())["annotations"][0]
    flags = annotation["keypoints"][2::3]
    assert flags[4] == 0
    assert annotation["keypoints"][12:15] == [0.0, 0.0, 0]
    assert flags[8] == 1
    assert flags[0] == 2
    assert annotation["num_keypoints"] == 20
    assert annotation["handstudio"]["outside"]["4"] == pytest.approx([-17.3, 500.25])


def test_the_side_is_an_attribute_or_a_category(tmp_path: Path) -> None:
    hands = [hand(0), hand(1)]
    write_coco(tmp_path / "a.json", hands)
    write_coco(tmp_path / "b.json", hands, side_as="category")
    plain, apart = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))
    assert [each["name"] for each in plain["categories"]] == ["hand"]
    assert [each["attributes"]["side"] for each in plain["annotations"]] == ["right", "left"]
    assert {each["id"]: each["name"] for each in apart["categories"]} == {1: "right hand", 2: "left hand"}
    assert [each["category_id"] for each in apart["annotations"]] == [1, 2]
    assert {each["supercategory"] for each in apart["categories"]} == {"hand"}
    assert len(plain["categories"][0]["keypoints"]) == 21
    assert plain["categories"][0]["skeleton"][0] == [1, 2]
    assert [each.side for each in read_coco(tmp_path / "b.json").hands] == ["right", "left"]


def test_provenance_stands_with_every_label(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [hand(0)])
    kept = json.loads((tmp_path / "a.json").read_text())["annotations"][0]["handstudio"]
    assert {key: kept[key] for key in ("state", "origin", "decided_by", "decided_at", "model")} == {
        "state": "fixed",
        "origin": "dragged",
        "decided_by": "Åsa",
        "decided_at": 1763900000.123456,
        "model": "m-7",
    }


def test_frames_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [hand(0, frame(0, "one")), hand(1, frame(0, "two"))])
    write_coco(tmp_path / "b.json", [hand(0, frame(0, "one")), hand(1, frame(1, "one"))])
    names = [
        [image["file_name"] for image in json.loads((tmp_path / name).read_text())["images"]]
        for name in ("a.json", "b.json")
    ]
    assert names == [["one/0000.jpg", "two/0000.jpg"], ["0000.jpg", "0001.jpg"]]


def test_nothing_is_still_a_valid_file(tmp_path: Path) -> None:
    assert write_coco(tmp_path / "a.json", []).hands == 0
    assert read_coco(tmp_path / "a.json").hands == []


def test_only_earlier_exports_are_replaced(tmp_path: Path) -> None:
    out = tmp_path / "labels.json"
    out.write_text('{"mine": "for years"}')
    with pytest.raises(HandStudioError, match="no earlier export"):
        write_coco(out, [hand(0)])
    assert out.read_text() == '{"mine": "for years"}'
    write_coco(out, [hand(0)], overwrite=True)
    write_coco(out, [hand(0), hand(1)])
    assert len(read_coco(out).hands) == 2
    with pytest.raises(HandStudioError, match="folder"):
        write_coco(tmp_path, [])


def test_a_failed_export_leaves_the_earlier_one_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "labels.json"
    write_coco(out, [hand(0)])
    before = out.read_bytes()

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(replacing_module, "_flush", full)
    with pytest.raises(HandStudioError, match="No space left"):
        write_coco(out, [hand(0), hand(1)])

    def broken() -> Any:
        yield hand(0)
        raise HandStudioError("the project is gone")

    with pytest.raises(HandStudioError, match="gone"):
        write_coco(out, broken())
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["labels.json"]


def test_a_name_that_no_disk_takes_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(HandStudioError, match="could not be written"):
        write_coco(tmp_path / ("x" * 300), [])


def test_files_of_others_are_read(tmp_path: Path) -> None:
    content = {
        "images": [{"id": "a", "file_name": "deep/er/1.jpg", "width": 10, "height": 20}],
        "annotations": [
            {"image_id": "a", "keypoints": [1, 2, 2] * 20 + [0, 0, 0], "bbox": [0, 0, 5, 5], "is_left": 1},
            {"image_id": "a", "keypoints": [1, 2, 1] * 21, "category_id": 3},
            {"image_id": "a", "keypoints": [1, 2, 1] * 17, "category_id": 3},
            {"image_id": "b", "keypoints": [1, 2, 1] * 21},
            {"image_id": "a", "keypoints": [0, 0, 0] * 21},
            7,
        ],
        "categories": [{"id": 3, "name": "LeftHand"}],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    read = read_coco(tmp_path / "a.json")
    assert len(read.hands) == 2
    assert len(read.problems) == 3
    first, second = read.hands
    assert (first.frame.sequence, first.frame.name) == ("deep/er", "1.jpg")
    assert first.side == second.side == "left"
    np.testing.assert_array_equal(first.uv[0], (1.5, 2.5))
    assert not labelled(first)[20]
    assert second.visibility.tolist() == [1] * 21


POSE = [1.0, 2.0, 2] * 21


@pytest.mark.parametrize(
    ("image", "annotation"),
    [
        ({}, {"handstudio": {"outside": {"21": [1, 2]}}}),
        ({}, {"handstudio": {"outside": {"-1": [1, 2]}}}),
        ({}, {"handstudio": {"visibility": [7] * 21}}),
        ({}, {"handstudio": {"visibility": [-1] * 21}}),
        ({"handstudio": {"index": float("inf")}}, {}),
        ({"width": 10**400}, {}),
    ],
)
def test_a_number_out_of_range_is_one_entry_that_is_not_usable(
    image: dict[str, Any], annotation: dict[str, Any]
) -> None:
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", **image}, {"id": 2, "file_name": "b.jpg"}],
        "annotations": [{"image_id": 1, "keypoints": POSE, **annotation}, {"image_id": 2, "keypoints": POSE}],
    }
    read = parse_coco(content, Path("any.json"))
    assert [each.frame.name for each in read.hands] == ["b.jpg"]
    assert read.problems


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "images": st.lists(
                st.fixed_dictionaries({"id": JSON, "file_name": JSON, "handstudio": JSON}) | JSON, max_size=3
            ),
            "annotations": st.lists(
                st.fixed_dictionaries(
                    {
                        "image_id": JSON,
                        "keypoints": JSON | st.just([1.0] * 63),
                        "bbox": JSON,
                        "attributes": JSON,
                        "handstudio": JSON
                        | st.fixed_dictionaries({"outside": JSON, "track": JSON, "depth": JSON}),
                    }
                )
                | JSON,
                max_size=3,
            ),
            "categories": JSON,
        }
    )
    | JSON
)
def test_any_content_is_read_or_refused(content: Any) -> None:
    try:
        read = parse_coco(content, Path("any.json"))
    except HandStudioError:
        return
    assert all(isinstance(each, ExportedHand) for each in read.hands)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"images": {}}', "\x00", "[" * 100_000])
def test_damaged_files_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(text)
    with pytest.raises(HandStudioError, match=r"labels\.json"):
        read_coco(path)


@settings(deadline=None)
@given(st.floats(width=32, allow_infinity=False))
def test_short_decimals_read_back_as_the_same_number(value: float) -> None:
    kept = np.asarray([value], dtype=np.float32)
    (text,) = shortest(kept)
    assert text is None if np.isnan(value) else np.float32(text) == kept[0]


def test_the_samples_of_others_open(shared_data: Path) -> None:
    found = {
        path.name: read_coco(path) for path in (shared_data / "samples").glob("[fop]*_mmpose/test_*.json")
    }
    assert {name: len(read.hands) for name, read in found.items()} == {
        "test_freihand.json": 5,
        "test_onehand10k.json": 2,
        "test_panoptic.json": 2,
    }
    assert [sum(labelled(each)) for each in found["test_onehand10k.json"].hands] == [20, 15]

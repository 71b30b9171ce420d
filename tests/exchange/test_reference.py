from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.exchange.coco import write_coco
from handstudio.exchange.reference import read_reference

from .hands import frame, hand


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_landmarks_are_found_by_the_names_of_their_frames(tmp_path: Path) -> None:
    uv = np.arange(42.0).reshape(21, 2).tolist()
    images = {
        "a.jpg": {"uv": uv},
        "b.jpg": [{"uv": uv, "side": "left"}, {"uv": uv}],
        "c.jpg": {"uv": [[1, 2]]},
    }
    reference = read_reference(write(tmp_path / "r.json", {"images": images}))
    assert len(reference) == 3
    np.testing.assert_array_equal(reference.of_name("a.jpg")[0].uv, uv)
    assert [pose.side for pose in reference.of_name("b.jpg")] == ["left", None]
    assert reference.of_name("z.jpg") == []
    assert "c.jpg" in reference.problems[0]


def test_an_export_is_a_reference_by_frame_and_sequence(tmp_path: Path) -> None:
    hands = [hand(0, frame(0, "one")), hand(1, frame(0, "two")), hand(2, frame(5, "two"))]
    write_coco(tmp_path / "r.json", hands)
    reference = read_reference(tmp_path / "r.json")
    assert len(reference) == 3
    np.testing.assert_array_equal(reference.of_place("two", "0000.jpg")[0].uv, hands[1].uv)
    assert reference.of_name("0000.jpg") == [], "a name of two frames says nothing without the sequence"
    np.testing.assert_array_equal(reference.of_name("0005.jpg")[0].uv, hands[2].uv)
    assert reference.of_place("one", "0005.jpg") == []


@pytest.mark.parametrize(
    "content", [[], {}, {"images": {}}, {"images": {"a": 3}}, {"images": [], "annotations": []}]
)
def test_what_is_no_reference_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(HandStudioError, match=r"r\.json"):
        read_reference(write(tmp_path / "r.json", content))


def test_the_photographs_have_a_reference(shared_data: Path) -> None:
    reference = read_reference(shared_data / "signs" / "reference.json")
    assert len(reference) == 1071
    assert reference.of_name("1118_digit0.jpg")[0].uv[0].tolist() == pytest.approx([62.348, 60.174])

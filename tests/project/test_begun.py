"""Joints that were placed so far, beside the database."""

from __future__ import annotations

import pytest

from handstudio.errors import HandStudioError
from handstudio.project.begun import FILE_NAME, keep_begun, read_begun


def test_what_was_begun_comes_back_hand_by_hand(tmp_path):
    keep_begun(tmp_path, 3, [(1.5, 2.25), None])
    keep_begun(tmp_path, 4, [(7.0, 8.0)])
    assert read_begun(tmp_path, 3) == [(1.5, 2.25), None]
    keep_begun(tmp_path, 3, [])
    assert read_begun(tmp_path, 3) == []
    assert read_begun(tmp_path, 4) == [(7.0, 8.0)]
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    "text", ["", "[]", '{"3": [[1]]}', '{"3": [["a", 2]]}', '{"3": [[NaN, 1]]}', '{"3": 7}']
)
def test_a_damaged_file_says_nothing(tmp_path, text):
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    assert read_begun(tmp_path, 3) == []
    keep_begun(tmp_path, 3, [(1.0, 2.0)])
    assert read_begun(tmp_path, 3) == [(1.0, 2.0)]


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(HandStudioError, match="cannot be kept"):
        keep_begun(tmp_path / "missing", 3, [(1.0, 2.0)])


def test_nothing_is_written_where_nothing_was_begun(tmp_path):
    keep_begun(tmp_path, 3, [])
    assert not (tmp_path / FILE_NAME).exists()

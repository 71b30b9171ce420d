"""What takes long to compute is kept, and what cannot be kept is computed again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from handstudio.user_cache import Shelf, key_of

SHELF = Shelf("things", ".bin", most=3)


def test_what_was_kept_is_found_again() -> None:
    assert SHELF.read("a") is None
    SHELF.keep("a", b"much work")
    assert SHELF.read("a") == b"much work"


def test_what_was_not_used_for_longest_is_thrown_away() -> None:
    for age, key in enumerate("abc"):
        SHELF.keep(key, key.encode())
        os.utime(SHELF.place(key), (1000 + age, 1000 + age))
    assert SHELF.read("a") == b"a"
    SHELF.keep("d", b"d")
    assert [SHELF.read(key) for key in "abcd"] == [b"a", None, b"c", b"d"]


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    SHELF.keep("a", b"much work")
    assert SHELF.read("a") is None


def test_nothing_half_written_is_left_behind() -> None:
    SHELF.keep("a", b"much work")
    assert [path.name for path in SHELF.place("a").parent.iterdir()] == ["a.bin"]


def test_a_full_disk_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    SHELF.keep("a", b"first")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        SHELF.keep("a", b"second")
    assert SHELF.read("a") == b"first"
    assert len(list(SHELF.place("a").parent.iterdir())) == 1


def test_facts_that_run_into_each_other_have_keys_of_their_own() -> None:
    assert key_of(["ab", "c"]) != key_of(["a", "bc"])
    assert key_of(["ab", "c"]) == key_of([b"ab", b"c"])

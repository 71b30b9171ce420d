"""``KEY=VALUE`` words become the values that they look like."""

from __future__ import annotations

import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs.assignments import settings_from


def test_a_value_is_read_as_json_where_it_can_be_and_as_text_else() -> None:
    assert settings_from(["a.b=3", "c = 0.5", "d=[1, 2]", "e=null", "f=rendered", "g=x=y", "h="]) == {
        "a.b": 3,
        "c": 0.5,
        "d": [1, 2],
        "e": None,
        "f": "rendered",
        "g": "x=y",
        "h": "",
    }
    assert settings_from(None) == {}


@pytest.mark.parametrize("word", ["epochs", "=3", " =3"])
def test_a_word_that_sets_nothing_is_refused(word: str) -> None:
    with pytest.raises(HandStudioError, match="sets nothing"):
        settings_from([word])

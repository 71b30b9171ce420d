"""Filters as text: what is typed is understood, written again, explained when it is not, and completed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handstudio.project import Project
from handstudio.project.commands import SetNote, SetSide, SetState
from handstudio.project.conditions import HAS, Condition, Range
from handstudio.project.mark_commands import SetMark
from handstudio.project.records import UNDECIDED, HandQuery, State
from handstudio.project.second_commands import SendBack, Verify
from handstudio.review.expected_error import ExpectedError
from handstudio.review.filter_completion import complete
from handstudio.review.filter_text import FilterError, conditions_of, parse, to_text, with_conditions
from handstudio.review.filter_words import CHOICES, TERMS, Names
from handstudio.review.session import ReviewSession

from .made import add_sequence, new_project

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: value + 0.0)
texts = st.text(st.characters(exclude_characters='"', exclude_categories=("Cs",)), min_size=1, max_size=12)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low, high = sorted((draw(numbers), draw(numbers)))
    return draw(
        st.sampled_from(
            [
                Range(low, high),
                Range(low, low),
                *(Range(least=low, without_least=open_end) for open_end in (True, False)),
                *(Range(most=high, without_most=open_end) for open_end in (True, False)),
            ]
        )
    )


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    negated = draw(st.booleans())
    term = draw(st.sampled_from([None, *TERMS]))
    if term is None:
        return Condition("name", tuple(draw(st.lists(texts, min_size=1, max_size=3))), negated=negated)
    if term.kind == "figure":
        found = draw(st.lists(ranges(), min_size=1, max_size=3))
        return Condition(term.field, ranges=tuple(found), negated=negated)
    several = st.lists(
        st.sampled_from([*map(str, State)] if term.field == "state" else CHOICES[term.field])
        if term.kind == "choice"
        else texts,
        min_size=1,
        max_size=3,
        unique=True,
    )
    values = tuple(draw(several))
    numbered = tuple(draw(st.lists(ranges(), max_size=2))) if term.kind == "frame" else ()
    return Condition(term.field, values, numbered, negated)


@given(st.lists(conditions(), max_size=4))
def test_what_is_written_is_read_as_the_same(found: list[Condition]) -> None:
    once = parse(to_text(found))
    assert [set(one.values) for one in once] == [set(one.values) for one in found]
    assert [(one.field, one.ranges, one.negated) for one in once] == [
        (one.field, one.ranges, one.negated) for one in found
    ]
    assert parse(to_text(once)) == once


def _error_of(text: str) -> FilterError | None:
    try:
        parse(text)
    except FilterError as error:
        return error
    return None


@given(
    st.text(max_size=40) | st.from_regex(r"(-?(state|error|frame|x)?:?[\",a>.<2 ]{0,5}){1,4}", fullmatch=True)
)
def test_any_text_is_either_understood_or_pointed_at(text: str) -> None:
    error = _error_of(text)
    assert error is None or (0 <= error.start <= error.end <= len(text) and error.remedy)
    for cursor in range(len(text) + 1):
        found = complete(text, cursor, Names(seq=("kitchen",)))
        assert 0 <= found.start <= found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("state:proposed side:left", (Condition("state", ("proposed",)), Condition("side", ("left",)))),
        ("-seq:kitchen", (Condition("seq", ("kitchen",), negated=True),)),
        ("state:undecided", (Condition("state", ("none", "proposed", "sent_back")),)),
        ("State:auto-accepted", (Condition("state", ("auto_accepted",)),)),
        ("c:<=2,9..", (Condition("C", ranges=(Range(most=2), Range(9))),)),
        ("error:>6px", (Condition("error", ranges=(Range(6, without_least=True),)),)),
        ("frame:12,20..30,img_7", (Condition("frame", ("img_7",), (Range(12, 12), Range(20, 30))),)),
        ('"table top" walk,run', (Condition("name", ("table top",)), Condition("name", ("walk", "run")))),
    ],
)  # fmt: skip
def test_terms_mean_what_they_say(text: str, found: tuple[Condition, ...]) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    ("text", "pointed_at", "better"),
    [
        ("side:left stat:proposed", "stat:proposed", "side:left state:proposed"),
        ("state:propsed,fixed", "propsed", "state:proposed,fixed"),
        ("error:6 side:left", "6", "error:>6 side:left"),
        ("seq:kitchn", "kitchn", "seq:kitchen"),
        ("by:an", "an", "by:ann"),
        ("error:", "error:", None),
        ("zzz:1", "zzz:1", None),
        ("error:9..2", "9..2", None),
        ("has:zzz", "zzz", None),
        ("mark:blured", "blured", "mark:blurred"),
        ("state:proposed -", "-", None),
    ],
)
def test_what_is_not_understood_is_pointed_at(text: str, pointed_at: str, better: str | None) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, Names(seq=("kitchen", "walk"), by=("ann",), mark=("blurred",)))
    assert text[caught.value.start : caught.value.end] == pointed_at
    assert caught.value.better == better


@pytest.mark.parametrize(
    ("text", "offered", "then"),
    [
        ("", "state:", "state:"),
        ("sta", "state:", "state:"),
        ("state:pro", "proposed", "state:proposed "),
        ("state:proposed,fi", "fixed", "state:proposed,fixed "),
        ("kitch", "seq:kitchen", "seq:kitchen "),
        ("-side:l", "left", "-side:left "),
        ("seq:top", '"table top"', 'seq:"table top" '),
        ("error:", ">", "error:>"),
        ("note:", "any", "note:any "),
        ("mark:a", "any", "mark:any "),
    ],
)
def test_what_could_come_next_is_offered(text: str, offered: str, then: str) -> None:
    found = complete(text, len(text), Names(seq=("kitchen", "table top")))
    choice = next(one for one in found.choices if one.text == offered)
    assert found.taken(text, choice) == (then, len(then))


@pytest.fixture
def mixed(tmp_path: Path) -> Project:
    """Hands 1-6 proposed, C 0.1 to 0.6; 7 and 8 in another sequence, not proposed; some decided; three chosen
    as useful."""
    project = new_project(tmp_path / "p")
    add_sequence(project, 2, "Table top")
    project.history.apply(SetState(4, State.REJECTED), "Ann")
    project.history.apply(SetSide(3, "left"), "bob")
    project.history.apply(SetState(6, State.REJECTED), "bob")
    project.history.apply(SendBack(6, "elbow, not a hand"), "Ann")
    project.history.apply(Verify(4), "bob")
    project.history.apply(SetNote(5, "100% blurred"), "bob")
    project.history.apply(SetMark(2, "blurred"), "bob")
    project.history.apply(SetMark(7, "cut off"), "bob")
    project.store_compared("useful", np.array([1, 3, 5]), np.array([0.5, 0.2, 0.25]))
    yield project
    project.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("state:proposed side:right", [1, 2, 5]),
        ("-state:proposed", [4, 6, 7, 8]),
        ("state:sent-back", [6]),
        ("by:bob state:undecided", [6]),
        ("note:elbow", [6]),
        ("verified:yes", [4]),
        ("verified:bob", [4]),
        ("verified:ann", []),
        ("state:decided verified:no", []),
        ("-verified:yes", [1, 2, 3, 5, 6, 7, 8]),
        ("C:0.15..0.45", [2, 3, 4]),
        ("C:>0.2", [3, 4, 5, 6]),
        ("-C:>0.2", [1, 2, 7, 8]),
        ("C:<0.2,>0.5", [1, 6]),
        ("seq:table", [7, 8]),
        ("-seq:walk", [7, 8]),
        ("seq:walk,table frame:2", [2, 8]),
        ("frame:5..", [5, 6]),
        ("frame:003.jpg", [4]),
        ("has:note", [5]),
        ("note:any", [5, 6]),
        ("note:BLUR,thumb", [5]),
        ("note:thumb", []),
        ("-note:any side:right", [1, 2, 4, 7, 8]),
        ("mark:blurred", [2]),
        ('mark:"cut off",blur', [2, 7]),
        ("mark:any", [2, 7]),
        ("-mark:any state:proposed", [1, 3, 5]),
        ("mark:cut*", [7]),
        ("mark:unclear", []),
        ("has:note,truth", [5]),
        ("-has:proposal", [7, 8]),
        ("by:ann", [4]),
        ("blurred", [5]),
        ("tab 001", [8]),
        ("correction:>1000", []),
        ("useful:>0.2", [1, 5]),
        ("useful:..0.2 side:left", [3]),
        ("-useful:>0.2", [2, 3, 4, 6, 7, 8]),
        ("subject:nobody", []),
        ("model:lite", []),
    ],
)
def test_a_filter_finds_its_hands_in_any_order(mixed: Project, text: str, expected: list[int]) -> None:
    asked = HandQuery(where=parse(text))
    assert mixed.hand_ids(asked).tolist() == expected
    assert mixed.count_hands(asked) == len(expected)
    for order in ("worst", "random"):
        ordered = HandQuery(where=parse(text), order=order)  # type: ignore[arg-type]
        assert sorted(mixed.in_order(ordered).first(20).tolist()) == expected


@pytest.mark.parametrize("measure", ["doubt", "C"])
@pytest.mark.parametrize("kind", ["factor", "curve"])
def test_the_database_expects_the_errors_that_are_shown(mixed: Project, measure: str, kind: str) -> None:
    mixed._store.connection().exec_driver_sql("UPDATE hand SET box_width = 64.0 * id, box_height = 10.0")
    curve = (np.array([0.1, 0.4, 0.6]), np.array([0.3, 0.5, 2.0])) if kind == "curve" else (None, None)
    expected = ExpectedError(measure, kind, 90, 1.7, *curve)  # type: ignore[arg-type]
    shown = {record.id: expected.of_hand(record) for record in mixed.hands(range(1, 7))}
    for limit in np.linspace(0.05, 6.0, 40):
        asked = HandQuery(where=parse(f"error:>{limit}"), error_scale=expected.scale, order="worst")
        wanted = {hand_id for hand_id, error in shown.items() if error is not None and error > limit}
        assert set(mixed.hand_ids(asked).tolist()) == wanted


def test_a_query_is_said_in_the_words_of_filters() -> None:
    query = HandQuery((1,), UNDECIDED, "left", "table top", "worst", min_doubt=2.0)
    found = conditions_of(query)
    assert to_text(found) == 'state:undecided side:left doubt:>=2 "table top"'
    again = with_conditions(query, found)
    assert conditions_of(again) == found
    assert again.sequences == (1,)


def test_a_filter_of_errors_follows_what_is_expected(session: ReviewSession) -> None:
    errors = {hand.id: session.expected.of_hand(hand) for hand in session.project.hands(range(1, 7))}
    limit = sorted(errors.values())[3]
    session.set_query(HandQuery(where=parse(f"error:>={limit}"), order="worst"))
    assert session.queue.ids.tolist() == [6, 5, 4]
    assert CHOICES["has"] == HAS

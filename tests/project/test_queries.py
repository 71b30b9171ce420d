"""The queue is sorted and filtered by what the store knows of each hand."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from handstudio.project import Project, condition_sql
from handstudio.project.commands import SetLabel, SetNote, SetSide, SetState
from handstudio.project.lots import Lots
from handstudio.project.records import HandQuery, Order, State

from .made import add_sequence, batch, hand_pose


@pytest.fixture
def mixed(project: Project) -> Project:
    """Hands 1-6 proposed with C 3 1 2 6 5 4; 7 and 8 in another sequence, not proposed; some decided."""
    project.store_proposals(None, None, batch([1, 2, 3, 4, 5, 6], [3.0, 1.0, 2.0, 6.0, 5.0, 4.0]))
    add_sequence(project, 2, "Table top")
    project.history.apply(SetState(4, State.REJECTED), "me")
    project.history.apply(SetLabel(2, hand_pose(), State.FIXED, "dragged"), "me")
    project.history.apply(SetSide(3, "left"), "me")
    project.history.apply(SetNote(5, "100% blurred"), "me")
    return project


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (HandQuery(), [1, 2, 3, 4, 5, 6, 7, 8]),
        (HandQuery(order="worst"), [4, 5, 6, 1, 3, 2, 7, 8]),
        (HandQuery(order="best"), [2, 3, 1, 6, 5, 4, 7, 8]),
        (HandQuery(order="recent"), [2, 4, 1, 3, 5, 6, 7, 8]),
        (HandQuery(states=(State.NONE, State.PROPOSED), order="worst"), [5, 6, 1, 3, 7, 8]),
        (HandQuery(states=(State.FIXED,)), [2]),
        (HandQuery(states=()), []),
        (HandQuery(side="left"), [3]),
        (HandQuery(sequences=(2,)), [7, 8]),
        (HandQuery(sequences=(1, 2), order="worst", side="right"), [4, 5, 6, 1, 2, 7, 8]),
        (HandQuery(min_confidence=2.0, max_confidence=4.0, order="worst"), [6, 1, 3]),
        (HandQuery(min_confidence=2.0, max_confidence=4.0, order="worst", measure="C"), [6, 1, 3]),
        (HandQuery(min_confidence=2.0, max_confidence=4.0), [1, 3, 6]),
        (HandQuery(text="table"), [7, 8]),
        (HandQuery(text="005.JPG"), [6]),
        (HandQuery(text="100%"), [5]),
        (HandQuery(text="0_0"), []),
    ],
)
def test_a_query_finds_hands_in_its_order(mixed: Project, query: HandQuery, expected: list[int]) -> None:
    assert mixed.hand_ids(query).tolist() == expected
    assert mixed.count_hands(query) == len(expected)
    assert [hand.id for hand in mixed.hands(query, offset=1, limit=2)] == expected[1:3]
    for limit in range(1, 9):
        assert mixed.hand_ids(query, limit).tolist() == expected[:limit]


@pytest.mark.parametrize("order", get_args(Order))
@pytest.mark.parametrize("text", ["", "00", "nowhere"])
@pytest.mark.parametrize("listed", [True, False])
def test_pages_from_anywhere_make_up_the_whole_order(
    mixed: Project, monkeypatch: pytest.MonkeyPatch, order: Order, text: str, listed: bool
) -> None:
    if not listed:
        monkeypatch.setattr(condition_sql, "FEW", -1)
    asked = HandQuery(text=text, order=order, states=(State.NONE, State.PROPOSED))
    whole = mixed.hand_ids(asked).tolist()
    ordered = mixed.in_order(asked)
    assert ordered.first(3).tolist() == whole[:3]
    assert ordered.count() == len(whole)
    for place, hand_id in enumerate(whole):
        assert ordered.after(hand_id, 2).tolist() == whole[place + 1 : place + 3]
        assert ordered.before(hand_id, 2).tolist() == whole[max(place - 2, 0) : place]
    for hand_id in range(1, 9):
        assert ordered.holds(hand_id) == (hand_id in whole)
    undecided = [hand_id for hand_id in whole if mixed.hand(hand_id).state is State.NONE]
    assert ordered.first(9, (State.NONE,)).tolist() == undecided


def test_a_hand_that_left_the_filter_still_has_a_place_in_the_order(mixed: Project) -> None:
    ordered = mixed.in_order(HandQuery(states=(State.PROPOSED,), order="worst"))
    assert ordered.first(9).tolist() == [5, 6, 1, 3]
    mixed.history.apply(SetState(6, State.REJECTED), "me")
    assert not ordered.holds(6)
    assert ordered.after(6, 9).tolist() == [1, 3]
    assert ordered.before(6, 9).tolist() == [5]


@pytest.mark.parametrize("highest", [0, 1, 6, 100, 5000])
def test_lots_deal_every_number_once(highest: int) -> None:
    lots = Lots(5, highest)
    dealt = np.concatenate([lots.at(first, 7) for first in range(0, lots.size, 7)])
    assert np.array_equal(np.sort(dealt), np.arange(lots.size))
    assert lots.size > highest
    assert np.array_equal(lots.places(dealt), np.arange(lots.size))


def test_a_page_by_lot_is_a_fair_sample() -> None:
    lots, highest = Lots(1, 9_999), 10_000
    first = lots.shuffled(np.arange(highest))[:1000]
    assert abs(first.mean() - highest / 2) < 4 * highest / np.sqrt(12 * 1000)
    neighbours = np.isin(first + 1, first).mean()
    assert abs(neighbours - 0.1) < 0.04


def test_the_random_order_is_that_of_its_seed(mixed: Project) -> None:
    first = mixed.hand_ids(HandQuery(order="random", seed=3)).tolist()
    assert first == mixed.hand_ids(HandQuery(order="random", seed=3)).tolist()
    assert first != mixed.hand_ids(HandQuery(order="random", seed=4)).tolist()
    assert sorted(first) == list(range(1, 9))


def test_the_largest_correction_comes_first(mixed: Project) -> None:
    far = batch([6])
    mixed.store_proposals(None, None, type(far)(**{**vars(far), "corrected_uv": far.uv + 30.0}))  # type: ignore[operator]
    assert mixed.hand_ids(HandQuery(order="correction")).tolist()[0] == 6


def test_counts_by_state_add_up(mixed: Project) -> None:
    counts = mixed.state_counts()
    assert (counts[State.PROPOSED], counts[State.NONE]) == (4, 2)
    assert (counts[State.REJECTED], counts[State.FIXED], counts[State.SKIPPED]) == (1, 1, 0)
    assert mixed.state_counts(2)[State.NONE] == 2


def test_a_timeline_has_every_hand_in_the_order_of_frames(mixed: Project) -> None:
    table = mixed.confidences(1)
    assert table.frame_index.tolist() == [0, 1, 2, 3, 4, 5]
    assert (table.c_stability + table.c_plausibility).tolist() == pytest.approx([3, 1, 2, 6, 5, 4])
    assert table.state[3] == State.REJECTED
    assert len(mixed.confidences(99)) == 0


@pytest.mark.parametrize(
    "query",
    [
        *(HandQuery(order=order) for order in get_args(Order) if order != "random"),
        HandQuery(order="worst", measure="C"),
        HandQuery(order="worst", min_doubt=0.1, max_doubt=90.0),
        HandQuery(order="worst", measure="C", max_doubt=90.0),
        HandQuery(order="correction", max_doubt=90.0),
        HandQuery(order="worst", max_confidence=9.0),
    ],
)
@pytest.mark.parametrize("states", [None, (State.NONE, State.PROPOSED)])
def test_the_queue_is_read_from_an_index_alone(
    mixed: Project, query: HandQuery, states: tuple[State, ...] | None
) -> None:
    statements: list[str] = []
    with mixed._store.reading() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(statements.append)
        mixed.hand_ids(replace(query, states=states))
        raw.set_trace_callback(None)
        first = next(text for text in statements if "json_group_array" in text)
        plan = " ".join(str(row[3]) for row in raw.execute(f"EXPLAIN QUERY PLAN {first}"))
    assert "COVERING INDEX" in plan
    assert "TEMP B-TREE" not in plan


def test_hands_are_sorted_and_chosen_by_the_doubt_of_their_joints(mixed: Project) -> None:
    doubt = np.array([4.0, 1.0, 6.0, 2.0, 5.0, 3.0])
    told = replace(batch([1, 2, 3, 4, 5, 6]), joint_doubt=np.repeat(doubt[:, None], 21, axis=1))
    mixed.store_proposals(None, None, told, include_decided=True)
    assert mixed.hand_ids(HandQuery(order="worst")).tolist() == [3, 5, 1, 6, 4, 2, 7, 8]
    assert mixed.hand_ids(HandQuery(order="best")).tolist() == [2, 4, 6, 1, 5, 3, 7, 8]
    assert mixed.hand_ids(HandQuery(order="worst", min_doubt=2.0, max_doubt=4.5)).tolist() == [1, 6, 4]
    assert mixed.hand_ids(HandQuery(max_doubt=2.0)).tolist() == [2, 4]
    assert mixed.confidences(1).doubt.tolist() == doubt.tolist()

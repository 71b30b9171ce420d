"""Filters by clicks: the same conditions as the text's, changed one value at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from handstudio.project.conditions import Condition, Field, Range

Conditions = tuple[Condition, ...]


def values_of(conditions: Sequence[Condition], field: Field) -> tuple[str, ...]:
    """The values that are wanted of a field; none where all are."""
    wanted = [one for one in conditions if one.field == field and not one.negated]
    return tuple(value for one in wanted for value in one.values)


def range_of(conditions: Sequence[Condition], field: Field) -> Range:
    """The one range that is wanted of a figure; open at both ends where it is not just one."""
    wanted = [one for one in conditions if one.field == field and not one.negated]
    found = [one for condition in wanted for one in condition.ranges]
    return found[0] if len(found) == 1 else Range()


def with_values(conditions: Sequence[Condition], field: Field, values: Collection[str]) -> Conditions:
    """Only hands with one of these values of a field; with none, of all values."""
    return _with(conditions, field, Condition(field, tuple(values)) if values else None)


def with_range(conditions: Sequence[Condition], field: Field, wanted: Range) -> Conditions:
    """Only hands whose figure is in a range; of all figures where it is open at both ends."""
    is_open = wanted.least is None and wanted.most is None
    return _with(conditions, field, None if is_open else Condition(field, ranges=(wanted,)))


def _with(conditions: Sequence[Condition], field: Field, fresh: Condition | None) -> Conditions:
    """The new condition in the place of those that wanted something of its field, else at the end."""
    found: list[Condition] = []
    for one in conditions:
        if one.field != field or one.negated:
            found.append(one)
        elif fresh is not None:
            found.append(fresh)
            fresh = None
    return (*found, fresh) if fresh is not None else tuple(found)

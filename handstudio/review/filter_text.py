"""Filters as text: ``state:proposed error:>6 side:left -seq:kitchen "two words"``.

Terms stand side by side and must all be fulfilled; values behind one colon, separated by commas, are
alternatives; a minus before a term wants the others. A word without a colon is a part of the name of the
sequence or the frame, or of the note.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from handstudio.errors import HandStudioError
from handstudio.project.conditions import Condition, Range
from handstudio.project.records import HandQuery
from handstudio.review.filter_words import BY_FIELD, CHOICES, GROUPS, TERMS, Names, Term

_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_COMPARED: Final = re.compile(rf"(>=|<=|>|<|=)({_NUMBER})(?:px)?")
_BETWEEN: Final = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?(?:px)?")
_WHOLE: Final = re.compile(r"\d+")
_WORD: Final = re.compile(r"[A-Za-z]+(?=:)")
_FREE: Final = re.compile(r'[^\s",]+')
"""What needs no quotes as a value."""
NOTHING_KNOWN: Final = Names()


class FilterError(HandStudioError):
    """A term that is not understood.

    Args:
        what: what is wrong with it.
        start, end: where it stands in the text.
        remedy: what could be written instead.
        better: the whole text with the nearest word in its place; ``None`` where none is near.
    """

    def __init__(self, what: str, start: int, end: int, remedy: str, better: str | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.start, self.end, self.better = start, end, better


@dataclass(frozen=True)
class Piece:
    """A value as it was typed."""

    text: str
    start: int
    end: int
    quoted: bool = False


@dataclass(frozen=True)
class Token:
    """A term as it was typed; ``word`` is ``None`` for one without a colon.

    ``colon`` is the place behind the colon, where the values begin.
    """

    start: int
    end: int
    negated: bool
    word: str | None
    colon: int
    pieces: tuple[Piece, ...]


def tokens(text: str) -> list[Token]:
    """The terms of a text, whatever they mean; quotes that are open reach to the end."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        start = place
        negated = text[place] == "-"
        place += negated
        word = _WORD.match(text, place)
        place = place if word is None else word.end() + 1
        colon = place
        pieces: list[Piece] = []
        while True:
            piece = _piece(text, place)
            pieces.append(piece)
            place = piece.end
            if place >= len(text) or text[place].isspace():
                break
            place += text[place] == ","
        found.append(Token(start, place, negated, word and word.group(), colon, tuple(pieces)))
    return found


def _piece(text: str, start: int) -> Piece:
    if text.startswith('"', start):
        end = text.find('"', start + 1)
        return Piece(
            text[start + 1 : end if end > 0 else None], start, end + 1 if end > 0 else len(text), True
        )
    plain = _FREE.match(text, start)
    return Piece(plain.group(), start, plain.end()) if plain is not None else Piece("", start, start)


def parse(text: str, names: Names = NOTHING_KNOWN) -> tuple[Condition, ...]:
    """What a filter says.

    Args:
        text: any.
        names: what there is, so that a name that fits nothing is noticed.

    Raises:
        FilterError: for the first term that is not understood; it says where, and what could be meant.
    """
    return tuple(_condition(text, token, names) for token in tokens(text))


def begins_term(text: str, cursor: int) -> bool:
    """Whether the word before the cursor may become the word of a term, its colon still to come."""
    for token in tokens(text):
        if token.start < cursor == token.end and token.word is None and len(token.pieces) == 1:
            typed = token.pieces[0]
            begun = typed.text.lower()
            return not typed.quoted and any(word.startswith(begun) for word in BY_FIELD)
    return False


def to_text(conditions: Sequence[Condition]) -> str:
    """The filter that says just this; :func:`parse` makes the same conditions of it."""
    return " ".join(map(_written, conditions))


def conditions_of(query: HandQuery) -> tuple[Condition, ...]:
    """All that a query asks for but its sequences, in the words of filters."""
    asked: list[Condition] = []
    if query.states is not None:
        asked.append(Condition("state", tuple(str(state) for state in query.states)))
    if query.side is not None:
        asked.append(Condition("side", (query.side,)))
    if query.min_doubt is not None or query.max_doubt is not None:
        asked.append(Condition("doubt", ranges=(Range(query.min_doubt, query.max_doubt),)))
    if query.min_confidence is not None or query.max_confidence is not None:
        asked.append(Condition("C", ranges=(Range(query.min_confidence, query.max_confidence),)))
    if query.text.strip():
        asked.append(Condition("name", (query.text.strip(),)))
    return (*asked, *query.where)


def with_conditions(query: HandQuery, conditions: Sequence[Condition]) -> HandQuery:
    """The query with these conditions in the place of all that it asked for but its sequences."""
    return replace(
        query,
        states=None,
        side=None,
        text="",
        min_doubt=None,
        max_doubt=None,
        min_confidence=None,
        max_confidence=None,
        only=None,
        where=tuple(conditions),
    )


# One term


def _condition(text: str, token: Token, names: Names) -> Condition:
    pieces = [piece for piece in token.pieces if piece.text or piece.quoted]
    if token.word is None:
        if not any(piece.text for piece in pieces):
            raise FilterError("There is nothing to look for here", token.start, token.end, "Write a name")
        return Condition("name", tuple(piece.text for piece in pieces if piece.text), negated=token.negated)
    term = BY_FIELD.get(token.word.lower())
    if term is None:
        raise _unknown_word(text, token)
    if not pieces:
        raise FilterError(
            f"{term.field}: needs a value", token.start, token.end, f"For example {term.example}"
        )
    values: list[str] = []
    ranges: list[Range] = []
    for piece in pieces:
        between = None if piece.quoted or term.kind not in ("figure", "frame") else _range(piece, term)
        if between is not None:
            ranges.append(between)
        elif term.kind == "figure":
            raise _no_range(text, piece, term)
        else:
            values += _values(text, piece, term, names)
    return Condition(term.field, tuple(dict.fromkeys(values)), tuple(ranges), token.negated)


def _range(piece: Piece, term: Term) -> Range | None:
    compared = _COMPARED.fullmatch(piece.text)
    if compared is not None:
        sign, number = compared.group(1), float(compared.group(2))
        if sign == "=":
            return Range(number, number)
        if sign[0] == ">":
            return Range(least=number, without_least=sign == ">")
        return Range(most=number, without_most=sign == "<")
    between = _BETWEEN.fullmatch(piece.text)
    if between is not None and between.group(1, 2) != (None, None):
        least, most = (None if end is None else float(end) for end in between.group(1, 2))
        if least is not None and most is not None and least > most:
            raise FilterError(
                f"{piece.text} is empty: it begins above its end",
                piece.start,
                piece.end,
                "Write the smaller number first",
            )
        return Range(least, most)
    if term.kind == "frame" and _WHOLE.fullmatch(piece.text):
        return Range(float(piece.text), float(piece.text))
    return None


def _values(text: str, piece: Piece, term: Term, names: Names) -> list[str]:
    value = piece.text
    if term.kind == "choice":
        value = value.lower().replace("-", "_")
        if value not in CHOICES[term.field]:
            raise _unknown_value(text, piece, term, CHOICES[term.field])
        return [str(state) for state in GROUPS[value]] if value in GROUPS else [value]
    known = names.of_field(term.field)
    if known and term.kind == "name" and not _fits(value, known, whole=term.field in ("by", "verified")):
        raise _unknown_value(text, piece, term, known)
    return [value]


def _fits(value: str, known: Sequence[str], whole: bool) -> bool:
    pattern = ".*".join(re.escape(part) for part in value.casefold().split("*"))
    look = re.fullmatch if whole or "*" in value else re.search
    return any(look(pattern, name.casefold()) for name in known)


# What is wrong, and what could be meant


def _unknown_word(text: str, token: Token) -> FilterError:
    assert token.word is not None
    end = token.colon - 1
    start = end - len(token.word)
    near = difflib.get_close_matches(token.word.lower(), BY_FIELD, 1, 0.5)
    if near:
        field = BY_FIELD[near[0]].field
        better = f"{text[:start]}{field}{text[end:]}"
        return FilterError(f"There is no term {token.word}:", start, token.end, f"Try {field}:", better)
    words = ", ".join(term.field for term in TERMS)
    return FilterError(f"There is no term {token.word}:", start, token.end, f"There are: {words}")


def _unknown_value(text: str, piece: Piece, term: Term, known: Sequence[str]) -> FilterError:
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(piece.text.casefold(), folded, 1, 0.5)
    what = f"{term.field}: knows no {piece.text!r}"
    if not near:
        more = ", …" if len(known) > 8 else ""
        return FilterError(what, piece.start, piece.end, f"There are: {', '.join(known[:8])}{more}")
    meant = quoted(folded[near[0]])
    better = f"{text[: piece.start]}{meant}{text[piece.end :]}"
    return FilterError(what, piece.start, piece.end, f"Try {term.field}:{meant}", better)


def _no_range(text: str, piece: Piece, term: Term) -> FilterError:
    number = re.fullmatch(rf"({_NUMBER})(?:px)?", piece.text)
    what = f"{term.field}: wants numbers such as >6, <=2 or 2..5"
    if number is None:
        return FilterError(what, piece.start, piece.end, f"For example {term.example}")
    better = f"{text[: piece.start]}>{text[piece.start :]}"
    return FilterError(what, piece.start, piece.end, f"Try {term.field}:>{piece.text}", better)


# Writing


def _written(condition: Condition) -> str:
    minus = "-" if condition.negated else ""
    if condition.field == "name":
        return minus + ",".join(quoted(value, name=True) for value in condition.values)
    values = list(condition.values)
    if condition.field == "state":
        for word, states in GROUPS.items():
            if set(map(str, states)) == set(values):
                values = [word]
    frame = condition.field == "frame"
    written = [quoted(value, number=frame) for value in values] + [
        _range_written(one, frame) for one in condition.ranges
    ]
    return f"{minus}{condition.field}:{','.join(written)}"


def quoted(value: str, *, name: bool = False, number: bool = False) -> str:
    """A value as it is written: in quotes where it would be taken for something else without."""
    looks = (name and (value.startswith("-") or _WORD.match(value) is not None)) or (
        number and any(form.fullmatch(value) for form in (_COMPARED, _BETWEEN, _WHOLE))
    )
    plain = _FREE.fullmatch(value) is not None
    return value if plain and not looks else f'"{value}"'


def _range_written(one: Range, frame: bool) -> str:
    least, most = one.least, one.most
    if frame and least is not None and least == most and _WHOLE.fullmatch(_number(least)):
        return _number(least)
    if least is not None and most is not None:
        return f"={_number(least)}" if least == most else f"{_number(least)}..{_number(most)}"
    if least is not None:
        return f"{'>' if one.without_least else '>='}{_number(least)}"
    return f"{'<' if one.without_most else '<='}{_number(most or 0.0)}"


def number_text(value: float) -> str:
    """A number in a few digits."""
    return f"{value:.3g}"


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)

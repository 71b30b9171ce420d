"""What could be typed next in a filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from handstudio.project.conditions import ANY
from handstudio.project.records import State
from handstudio.review.filter_text import Token, quoted, tokens
from handstudio.review.filter_words import BY_FIELD, GROUPS, TERMS, Names, Term

MOST: Final = 12
"""Choices that are offered at once."""
_FIGURES: Final = ((">", "more than"), ("<", "less than"), ("2..5", "from 2 to 5"))
_OF_GROUPS: Final = {"undecided": "nobody has decided yet", "decided": "accepted, fixed, rejected or skipped"}


@dataclass(frozen=True)
class Choice:
    """What would be written, and what it means; ``whole`` when the term is complete with it."""

    text: str
    meaning: str
    whole: bool = True


@dataclass(frozen=True)
class Completion:
    """Choices for the text from ``start`` to ``end``."""

    start: int
    end: int
    choices: tuple[Choice, ...]

    def taken(self, text: str, choice: Choice) -> tuple[str, int]:
        """The text with a choice in its place, and where the cursor stands then."""
        space = " " if choice.whole and self.end >= len(text) else ""
        return text[: self.start] + choice.text + space + text[self.end :], self.start + len(
            choice.text + space
        )


def complete(text: str, cursor: int, names: Names) -> Completion:
    """The choices at a place of a text: terms and sequences for a word, values behind a colon."""
    token = next((one for one in tokens(text) if one.start < cursor <= one.end), None)
    if token is None:
        return Completion(cursor, cursor, _words("", names))
    if token.word is None:
        start = token.start + token.negated
        return Completion(start, token.end, _words(text[start:cursor].strip('"'), names))
    term = BY_FIELD.get(token.word.lower())
    if cursor < token.colon:
        start = token.start + token.negated
        return Completion(start, token.colon, _words(text[start:cursor], names))
    if term is None:
        return Completion(cursor, cursor, ())
    return _values(token, term, cursor, names)


def _words(typed: str, names: Names) -> tuple[Choice, ...]:
    wanted = typed.casefold()
    terms = [
        Choice(f"{term.field}:", term.meaning, whole=False)
        for term in TERMS
        if term.field.casefold().startswith(wanted)
    ]
    found = [name for name in names.seq if wanted and wanted in name.casefold()]
    sequences = [Choice(f"seq:{quoted(name)}", "hands of this sequence") for name in found]
    return (*terms, *sequences)[:MOST]


def _values(token: Token, term: Term, cursor: int, names: Names) -> Completion:
    piece = next((one for one in token.pieces if one.start <= cursor <= one.end), token.pieces[-1])
    typed = piece.text.casefold()
    if term.kind in ("figure", "frame"):
        figures = _FIGURES if term.kind == "figure" and not typed else ()
        return Completion(
            piece.start, piece.end, tuple(Choice(text, why, text[-1] == "5") for text, why in figures)
        )
    known_names = names.of_field(term.field) or term.offered
    known = [name for name in known_names if typed in name.casefold()]
    known.sort(key=lambda name: not name.casefold().startswith(typed))
    if known == [piece.text]:
        known = []
    return Completion(
        piece.start,
        piece.end,
        tuple(Choice(quoted(name), _meaning(term, name)) for name in known[:MOST]),
    )


def _meaning(term: Term, name: str) -> str:
    if term.field == "state":
        return _OF_GROUPS[name] if name in GROUPS else _OF_STATES[State(name)]
    if name in term.offered:
        return f"any {term.field}" if name == ANY else _OF_VERIFIED[name]
    return _OF_NAMES.get(term.field, "")


_OF_VERIFIED: Final = {"yes": "a second person verified it", "no": "nobody verified it yet"}
_OF_NAMES: Final = {
    "seq": "sequence",
    "by": "decided",
    "model": "model",
    "subject": "subject",
    "mark": "frames marked so",
    "verified": "verified by",
}
_OF_STATES: Final = {
    State.NONE: "nothing is proposed yet",
    State.PROPOSED: "a method proposed a pose",
    State.SENT_BACK: "a second reviewer wants it decided anew",
    State.ACCEPTED: "the proposal or its correction stands",
    State.FIXED: "a person moved joints",
    State.REJECTED: "of no use",
    State.SKIPPED: "left for later",
    State.AUTO_ACCEPTED: "by the machine: with a promise, carried forward or interpolated",
}

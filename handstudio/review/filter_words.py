"""The words of filters: what each term is about, for the parser, for completion and for the help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from handstudio.project import Project
from handstudio.project.conditions import ANY, HAS, Field
from handstudio.project.records import DECIDED, UNDECIDED, State

Kind = Literal["choice", "name", "figure", "frame"]


@dataclass(frozen=True)
class Term:
    """One word of the filter.

    Attributes:
        field: the word, which is written before a colon.
        kind: ``choice`` of a few words, ``name`` (or a part of one, or a pattern with ``*``), ``figure``
            (``>6``, ``<=2``, ``2..5``) or ``frame`` (a number, a range of numbers or a part of a name).
        meaning: in a few words.
        example: a term.
        offered: values that are offered beside the names that there are.
    """

    field: Field
    kind: Kind
    meaning: str
    example: str
    offered: tuple[str, ...] = ()


TERMS: Final = (
    Term("state", "choice", "where the hand stands", "state:proposed,skipped"),
    Term("error", "figure", "expected error, px", "error:>6"),
    Term("side", "choice", "left or right hand", "side:left"),
    Term("seq", "name", "name of the sequence, or a part of it", "seq:kitchen"),
    Term("subject", "name", "whose hand it is", "subject:s03"),
    Term("correction", "figure", "how far the correction moves the joints, px", "correction:>4"),
    Term("jump", "figure", "how far the pose is from the frames before and after, px", "jump:>10"),
    Term(
        "mismatch",
        "figure",
        "circles against the predicted mask, spheres against depth, 0 (alike) to 1",
        "mismatch:>0.3",
    ),
    Term("apart", "figure", "how far two models' proposals are apart, px", "apart:>5"),
    Term("useful", "figure", "how much it would teach a model, of the hands chosen for that", "useful:>0.01"),
    Term("doubt", "figure", "the model's own doubt, before it is calibrated, px", "doubt:2..5"),
    Term("C", "figure", "The method's C: smaller is better", "C:<1.5"),
    Term("model", "name", "which model made the latest proposal", "model:lite*"),
    Term("by", "name", "who decided", "by:ann"),
    Term(
        "frame", "frame", "numbers of frames, counted from 1, or a part of a frame's name", "frame:100..200"
    ),
    Term("mark", "name", "how the frame is marked", "mark:blurred", (ANY,)),
    Term("note", "name", "what the hand's note says", "note:thumb", (ANY,)),
    Term("verified", "name", "whether a second person verified it, or who", "verified:no", ("yes", "no")),
    Term("has", "choice", "what is stored of the hand", "has:note"),
)
BY_FIELD: Final = {term.field.lower(): term for term in TERMS}

KINDS: Final = ("blurred", "occluded", "cut off", "unclear", "example")
"""Marks that are offered for frames; any other word does as well."""
GROUPS: Final[dict[str, tuple[State, ...]]] = {"undecided": UNDECIDED, "decided": DECIDED}
"""Words that stand for several states."""
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "state": (*(str(state) for state in State), *GROUPS),
    "side": ("left", "right"),
    "has": HAS,
}


@dataclass(frozen=True)
class Names:
    """What names there are in a project; an empty tuple: not known, so that any name may be right."""

    seq: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    mark: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()

    @classmethod
    def of(cls, project: Project) -> Names:
        """Those of an open project; any thread may ask."""
        sequences = project.sequences()
        models = project.models()
        return cls(
            _each_once([record.name for record in sequences]),
            _each_once([record.subject for record in sequences if record.subject]),
            _each_once([name for record in models for name in (record.name, record.id)]),
            _each_once(project.people()),
            _each_once((*KINDS, *project.mark_words())),
            _each_once((*project.people(), *project.verifiers())),
        )

    def of_field(self, field: str) -> tuple[str, ...]:
        """The names that a term may have; none where they are not known."""
        known = CHOICES.get(field) or tuple(getattr(self, field, ()))
        return (*BY_FIELD[field.lower()].offered, *known) if known else ()


def _each_once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))

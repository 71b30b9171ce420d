"""Decisions for many hands at once, for the shell: the same commands as the window's, as one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.bulk_commands import TITLES
from handstudio.project.commands import Bulk, Command
from handstudio.project.records import Change, HandBundle, HandQuery
from handstudio.project.second_commands import Verify
from handstudio.review import decisions
from handstudio.review.expected_error import ExpectedError, fit_project
from handstudio.review.second_review import refused

ACTIONS: Final[dict[str, Callable[[HandBundle], Command]]] = {
    "accept": decisions.accept,
    "take-correction": decisions.take_correction,
    "reject": decisions.reject,
    "skip": decisions.skip,
    "reset": decisions.reset,
    "flip-side": decisions.flip_side,
    "verify": lambda hand: Verify(hand.record.id),
}


@dataclass(frozen=True)
class QueueRow:
    """One hand of the queue as the shell lists it."""

    hand_id: int
    sequence: str
    frame_index: int
    frame: str
    side: str
    state: str
    confidence: float | None
    expected_error_px: float | None
    correction_px: float | None
    mismatch: float | None
    jump_px: float | None
    apart_px: float | None
    note: str
    mark: str | None
    decided_by: str | None
    verified: bool

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return dict(vars(self))


@dataclass(frozen=True)
class BatchResult:
    """What a batch did: its change, the hands it decided, and why it passed over the others."""

    change: Change | None
    hands: tuple[int, ...]
    passed_over: dict[int, str]


def list_queue(
    project: Project,
    query: HandQuery,
    offset: int = 0,
    limit: int = 50,
    expected: ExpectedError | None = None,
) -> list[QueueRow]:
    """A page of the queue, as the window's queue shows it."""
    expected = fit_project(project, query.measure) if expected is None else expected
    names = {sequence.id: sequence.name for sequence in project.sequences()}
    rows = []
    hands = project.hands(query, offset, limit)
    marks = project.marks_of_frames({hand.frame_id for hand in hands})
    for hand in hands:
        rows.append(
            QueueRow(
                hand.id,
                names[hand.sequence_id],
                hand.frame_index,
                project.frame(hand.frame_id).name,
                hand.side,
                str(hand.state),
                hand.confidence,
                expected.of_hand(hand),
                hand.correction_px,
                hand.mismatch,
                hand.jump,
                hand.apart,
                hand.note,
                marks.get(hand.frame_id),
                hand.decided_by,
                hand.verified,
            )
        )
    return rows


def decide(project: Project, action: str, hand_ids: Sequence[int], who: str) -> BatchResult:
    """Do one thing to many hands, as one command.

    Hands to which it cannot be done (no proposal, removed, unknown) are passed over, with the reason.

    Args:
        project: an open project.
        action: one of :data:`ACTIONS`.
        hand_ids: in any order; each once.
        who: who decides.

    Raises:
        HandStudioError: for an unknown action, or when nothing can be stored.
    """
    make = ACTIONS.get(action)
    if make is None:
        raise HandStudioError(f"There is no decision {action!r}", remedy=f"Choose from: {', '.join(ACTIONS)}")
    commands: list[Command] = []
    decided: list[int] = []
    passed_over: dict[int, str] = {}
    for hand_id in dict.fromkeys(int(value) for value in hand_ids):
        try:
            bundle = project.bundle(hand_id)
            if bundle.record.removed:
                raise HandStudioError(f"Hand {hand_id} was removed")
            if action == "verify" and (why := refused(project, bundle, who)) is not None:
                raise why
            commands.append(make(bundle))
            decided.append(hand_id)
        except HandStudioError as error:
            passed_over[hand_id] = error.what
    if not commands:
        return BatchResult(None, (), passed_over)
    hands = "1 hand" if len(commands) == 1 else f"{len(commands)} hands"
    command = commands[0] if len(commands) == 1 else Bulk(tuple(commands), f"{TITLES[action]} {hands}")
    return BatchResult(project.history.apply(command, who), tuple(decided), passed_over)

"""Where one is and what the current hand is, in the few words of the status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handstudio.ui.colours import STATES

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession


def describe_place(session: ReviewSession) -> str:
    """Sequence, frame and count, for example ``walk · frame 12 of 340``, and by what it is marked."""
    if session.frame_id is None:
        return ""
    sequence = session.sequence(session.sequence_id)
    mark = session.marks.current
    marked = f" · marked {mark}" if mark else ""
    return f"{sequence.name} · frame {session.frame_index + 1} of {sequence.frame_count}{marked}"


def describe_hand(session: ReviewSession) -> tuple[str | None, str]:
    """The current hand's state, and its side, state and expected error."""
    if session.hand_id is None:
        return None, "no hand: draw a box (B)" if session.frame_id is not None else ""
    view = session.hand_view(session.hand_id)
    record = view.record
    words = [record.side, STATES[record.state.value].title.lower()]
    if view.verification is not None:
        words.append(f"verified by {view.verification.who}")
    if view.sent_back is not None:
        words.append(f"“{view.sent_back.reason}” ({view.sent_back.who})")
    if view.expected_error_px is not None:
        words.append(f"expected error {view.expected_error_px:.1f} px")
    elif record.confidence is not None:
        words.append(f"C {record.confidence:.2f}")
    return record.state.value, " · ".join(words)

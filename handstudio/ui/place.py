"""Where one is and what the current hand is, in the few words of the status line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handstudio.ui.colours import STATES

if TYPE_CHECKING:
    from handstudio.review.session import ReviewSession


LONGEST: Final = 48
"""Letters of what somebody wrote that there is room for: all of it stands in the inspector."""


def cut(text: str, longest: int = LONGEST) -> str:
    """A text that ends in an ellipsis where it is longer than so many letters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def describe_place(session: ReviewSession) -> str:
    """Sequence, frame and count, for example ``walk · frame 12 of 340``, by what it is marked, and whether
    a blind pass goes on."""
    if session.frame_id is None:
        return ""
    sequence = session.sequence(session.sequence_id)
    mark = session.marks.current
    marked = f" · marked {mark}" if mark else ""
    blind = "blind pass · " if session.blind.on else ""
    return f"{blind}{sequence.name} · frame {session.frame_index + 1} of {sequence.frame_count}{marked}"


def describe_hand(session: ReviewSession) -> tuple[str | None, str]:
    """The current hand's state, and its side, state and expected error."""
    if session.hand_id is None:
        return None, "no hand: draw a box (B)" if session.frame_id is not None else ""
    view = session.hand_view(session.hand_id)
    record = view.record
    words = [record.side, STATES[record.state.value].title.lower()]
    if view.verification is not None:
        words.append(f"verified by {cut(view.verification.who, 20)}")
    if view.sent_back is not None:
        words.append(f"“{cut(view.sent_back.reason)}” ({cut(view.sent_back.who, 20)})")
    if view.expected_error_px is not None:
        words.append(f"expected error {view.expected_error_px:.1f} px")
    elif record.confidence is not None:
        words.append(f"C {record.confidence:.2f}")
    return record.state.value, " · ".join(words)

"""What was found out about acceptance, said in the dock's sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handstudio.review.advice import refusal, warnings
from handstudio.review.survey import hands_words, sentence

if TYPE_CHECKING:
    from handstudio.project.promise_records import Terms
    from handstudio.review.expected_error import ExpectedError
    from handstudio.review.session import ReviewSession
    from handstudio.review.spot_checks import SpotChecks
    from handstudio.review.survey import Survey
    from handstudio.ui.acceptance.sheet import Sheet


@dataclass(frozen=True)
class Seen:
    """All that the dock shows."""

    survey: Survey
    standing: tuple[SpotChecks, ...]
    models: dict[str, str]
    sequences: dict[int, str]

    @classmethod
    def read(cls, session: ReviewSession, expected: ExpectedError, terms: Terms) -> Seen:
        """Look at samples and promises now; any thread may."""
        project, acceptance = session.project, session.acceptance
        return cls(
            acceptance.survey(expected, terms),
            tuple(acceptance.standing()),
            {model.id: model.name for model in project.models()},
            {sequence.id: sequence.name for sequence in project.sequences()},
        )


class Showing:
    """Says in a sheet what was seen.

    Args:
        sheet: where.
        may_write: whether buttons that store something can be pressed now.

    Attributes:
        seen: what is shown; ``None`` where nothing could be read yet.
        moved: whether somebody has put the slider where it stands.
    """

    def __init__(self, sheet: Sheet, may_write: Callable[[], bool]) -> None:
        self._sheet, self._may_write = sheet, may_write
        self.seen: Seen | None = None
        self.moved = False

    def show(self, seen: Seen) -> None:
        """Say it all."""
        self.seen = seen
        sheet, found = self._sheet, seen.survey
        sheet.terms.show_terms(found.terms, fixed=found.sample is not None and found.stage != "outdated")
        self._show_sample(found)
        blocked = sheet.slider.blockSignals(True)
        sheet.slider.setRange(0, max(len(found.positions) - 1, 0))
        if not self.moved:
            best = found.best
            sheet.slider.setValue(len(found.positions) - 1 if best is None else best)
        sheet.slider.blockSignals(blocked)
        sheet.slider.setEnabled(bool(found.positions))
        self.show_position()
        self._show_standing()

    @property
    def more(self) -> int | None:
        """How many further hands of the sample would help; ``None`` where none would."""
        found = None if self.seen is None else self.seen.survey
        if found is None or found.stage != "refused":
            return None
        why = refusal(found)
        return None if why is None else why.more

    def show_position(self) -> None:
        """Say what the slider reaches."""
        if self.seen is None or not self.seen.survey.positions:
            self._show_nothing()
            return
        sheet, found = self._sheet, self.seen.survey
        place = min(sheet.slider.value(), len(found.positions) - 1)
        position = found.positions[place]
        reach = f"{position.expected_px:.1f} px"
        sheet.slider.setToolTip(f"Accept hands with an expected error of at most {reach} (arrow keys)")
        sheet.reach.setText(f"≤ {reach}")
        sheet.count.setText(f"{position.count:,}".replace(",", "\u202f"))
        sheet.error.setText("—" if position.error_px is None else f"{position.error_px:.1f} px")
        sheet.found.setText(f"{position.wrong} of {position.reviewed}" if position.reviewed else "—")
        why = refusal(found, self.seen.models)
        if position.holds:
            sheet.promise.say("good", f"{sentence(position, found.terms)}.")
            sheet.next.say("plain", "")
        elif why is not None:
            sheet.promise.say("refused", f"No promise: {_small(why.reason)}.")
            sheet.next.say("plain", f"{why.remedy}.")
        else:
            best = found.positions[found.best]
            sheet.promise.say("refused", f"No promise for {hands_words(position.count)}.")
            sheet.next.say("plain", f"It holds up to an expected error of {best.expected_px:.1f} px.")
        sheet.warnings.say(warnings(found, place, self.seen.sequences) if position.holds else [])
        hands = f"Accept {hands_words(position.count)}" if position.holds else "Accept"
        sheet.accept.setText(hands)
        sheet.accept.setEnabled(position.holds and self._may_write())

    def _show_sample(self, found: Survey) -> None:
        sheet, drawn = self._sheet, found.stage not in ("nothing", "no sample", "outdated")
        sheet.sample.setText(f"{found.reviewed} of {found.size} reviewed" if drawn else "")
        sheet.review.setEnabled(drawn)
        more = self.more
        first = "Draw another" if drawn else f"Draw {hands_words(found.suggested)}"
        sheet.draw.setText(f"Draw {more} more" if more else first)
        anew = not drawn or bool(found.withdrawn) or not found.total
        sheet.draw.setEnabled(self._may_write() and (anew or bool(more)))

    def _show_nothing(self) -> None:
        sheet = self._sheet
        for label in (sheet.reach, sheet.count, sheet.error, sheet.found):
            label.setText("—")
        why = None if self.seen is None else refusal(self.seen.survey)
        sheet.promise.say("refused", "" if why is None else f"No promise: {_small(why.reason)}.")
        sheet.next.say("plain", "" if why is None else f"{why.remedy}.")
        sheet.warnings.say([])
        sheet.accept.setText("Accept")
        sheet.accept.setEnabled(False)

    def _show_standing(self) -> None:
        standing = self.seen.standing if self.seen is not None else ()
        self._sheet.check.setEnabled(bool(standing) and self._may_write())
        told = [_standing_words(checks) for checks in standing]
        kind = "warning" if any(checks.failed for checks in standing) else "good"
        self._sheet.standing.say(kind, "\n".join(told))


def _standing_words(checks: SpotChecks) -> str:
    hands = hands_words(len(checks.promise.hands))
    return f"Promise {checks.promise.id} stands: {hands} accepted, {checks.words()}."


def _small(text: str) -> str:
    """Inside a sentence."""
    return text[:1].lower() + text[1:]

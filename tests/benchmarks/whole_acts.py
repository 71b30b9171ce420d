"""What drags make of a hand that was turned, scaled and moved as a whole before.

Plays a person on mesh hands, through the session that the window uses. Where that would make a proposal
better by an eighth or more, the person does so; then the pinky's tip is dragged by less than a pixel, which
shows what a refit makes of the act; then the joint that is farthest off is dragged to its right place (missed
by 2 px), four times. Compared are three ways to take the peaks of the heatmaps: those on which a joint stood
come along (as the program does), all come along, none do. Prints one JSON object a line.

    python tests/benchmarks/whole_acts.py --subjects s01 s02
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from annotator import WHO, chosen, prepared, tell

from handstudio.hand.peaks import Peaks
from handstudio.hand.skeleton import WRIST
from handstudio.project.project import Project
from handstudio.review.decisions import shown_pose
from handstudio.review.session import ReviewSession
from handstudio.review.whole_acts import Moved

DRAGS = 4
PINKY_TIP = 20
BETTER, WRONG = 0.88, 0.03
"""Share of its error that an act leaves, and of the box that a hand is off, from which a person acts."""


_OWN = Moved.peaks


def _all(act: Moved, peaks: Peaks) -> Peaks:
    return _OWN(act, Peaks(peaks.uv, peaks.share, np.full_like(peaks.spread, 1e6)))._replace(
        spread=peaks.spread
    )


WAYS: dict[str, Callable[[Moved, Peaks], Peaks]] = {
    "those stood on": _OWN,
    "all": _all,
    "none": lambda act, peaks: peaks,
}


class Person:
    """Acts on the session's hands, of which the right places are known."""

    def __init__(self, session: ReviewSession, seed: int) -> None:
        self._session, self._rng = session, np.random.default_rng(seed)

    def play(self, hand_id: int, right: np.ndarray) -> list[float] | None:
        """Mean errors before, after the act, after a small drag, after each drag; then px from the proposal
        after the act and after the small drag. ``None`` for a hand that no act makes better."""
        session = self._session
        proposed = self._uv(hand_id)
        first = proposed - proposed.mean(axis=0)
        z, w = first @ (1, 1j), (right - right.mean(axis=0)) @ (1, 1j)
        factor = (z.conj() * w).sum() / (np.abs(z) ** 2).sum()
        off, left = np.linalg.norm(proposed - right, axis=1).mean(), np.abs(factor * z - w).mean()
        side = session.bundle(hand_id).record.box.side
        if left > BETTER * off or off < WRONG * side:
            return None
        session.go_to_hand(hand_id)
        session.begin_edit()
        session.transform_hand(float(np.angle(factor)), abs(factor), proposed[WRIST])
        session.commit_edit()
        turned = self._uv(hand_id)
        self._drag(WRIST, turned[WRIST] + (right - turned).mean(axis=0))
        acted = self._uv(hand_id)
        found = [off, self._error(hand_id, right)]
        self._drag(PINKY_TIP, acted[PINKY_TIP] + 0.5)
        moved = [float(np.linalg.norm(uv - proposed, axis=1).mean()) for uv in (acted, self._uv(hand_id))]
        found.append(self._error(hand_id, right))
        for _ in range(DRAGS):
            joint = int(np.linalg.norm(self._uv(hand_id) - right, axis=1).argmax())
            self._drag(joint, right[joint] + self._rng.normal(0.0, 2.0, 2), free=joint == WRIST)
            found.append(self._error(hand_id, right))
        return found + moved

    def _drag(self, joint: int, to: np.ndarray, free: bool = False) -> None:
        self._session.begin_edit()
        self._session.move_joint(joint, to, free=free)
        self._session.commit_edit()

    def _uv(self, hand_id: int) -> np.ndarray:
        pose = shown_pose(self._session.bundle(hand_id))
        assert pose is not None
        return pose.uv.astype(np.float64)

    def _error(self, hand_id: int, right: np.ndarray) -> float:
        return float(np.linalg.norm(self._uv(hand_id) - right, axis=1).mean())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", nargs="+", default=["s01", "s02"])
    parser.add_argument("--hands", type=int, default=0, help="by lot; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--across-views", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = prepared("meshhands", Path(folder), arguments)
        for way, peaks in WAYS.items():
            Moved.peaks = peaks  # type: ignore[method-assign]
            copy = Path(folder) / way
            shutil.copytree(place, copy)
            with Project.open(copy, "window") as project:
                session = ReviewSession(project, WHO)
                session.open()
                person, reference = Person(session, arguments.seed), chosen(project, "meshhands", arguments)
                rights = zip(reference.hand_ids.tolist(), reference.uv, strict=True)
                played = [found for hand, right in rights if (found := person.play(hand, right)) is not None]
            means = np.mean(played, axis=0)
            names = ["proposed", "acted", "small_drag", *(f"drag_{count + 1}" for count in range(DRAGS))]
            for name, value in zip(names, means, strict=False):
                tell(f"error_{name}", float(value), "px", peaks=way, hands=len(played))
            for name, value in zip(("acted", "small_drag"), means[-2:], strict=True):
                tell(f"from_proposal_{name}", float(value), "px", peaks=way, hands=len(played))


if __name__ == "__main__":
    main()

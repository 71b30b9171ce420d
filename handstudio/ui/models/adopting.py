"""Adopting a model, going back from one, and what has to be done before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton

from handstudio.errors import HandStudioError
from handstudio.project.commands import AdoptModel
from handstudio.project.conditions import Condition
from handstudio.project.records import UNDECIDED
from handstudio.ui.actions import ActionSpec

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from handstudio.project.records import ModelRecord, SequenceRecord
    from handstudio.review.adoption import Obstacle
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

ADOPT: Final = ActionSpec(
    *("adopt_model", "Adopt the model", "Machine", (), "mdi6.check-decagram-outline"),
    "Let the model that is chosen in Models make the proposals from now on",
)
JUDGE: Final = ActionSpec(
    *("judge_model", "Judge on the hold-out", "Machine", ("Ctrl+Shift+J",), "mdi6.scale-balance"),
    "Judge the model that is chosen in Models, and the adopted one, on reviewed hands of the hold-out",
)
ROLL_BACK: Final = ActionSpec(
    *("roll_back", "Roll back the model", "Machine", (), "mdi6.history"),
    "Adopt the model again that the adopted one started from",
)
_BY_ACTION: Final = {
    "judge": JUDGE.name,
    "draw": "draw_hold_out",
    "hold": "hold_out",
    "import": "import_folder",
}
"""What the next step is called among the actions."""
Step = tuple[str, Callable[[], object], str]
"""A button: its text, what it does, its tip."""


class Adopting(QObject):
    """The buttons of Models that change which model proposes.

    Args:
        session: whose project.
        services: actions and jobs.
        parent: the dock.

    Attributes:
        adopt, roll_back: the buttons.
    """

    def __init__(self, session: ReviewSession, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._services = session, services
        self._records: Sequence[ModelRecord] = ()
        self._obstacles: Mapping[str, Obstacle | None] = {}
        self._record: ModelRecord | None = None
        self.adopt, self.roll_back = QPushButton("Adopt"), QPushButton("Roll back")
        self.adopt.setToolTip(ADOPT.tip)
        self.roll_back.setToolTip(ROLL_BACK.tip)
        self.adopt.setProperty("primary", True)
        self.adopt.clicked.connect(self._adopt)
        self.roll_back.clicked.connect(self._roll_back)

    @property
    def adopted(self) -> ModelRecord | None:
        """The model that makes the proposals."""
        return next((record for record in self._records if record.adopted), None)

    def take(self, records: Sequence[ModelRecord], obstacles: Mapping[str, Obstacle | None]) -> None:
        """These are the models now, and what stands in the way of each."""
        self._records, self._obstacles = records, obstacles

    def obstacle(self, record: ModelRecord) -> Obstacle | None:
        """What stands in the way of a model."""
        return self._obstacles.get(record.id)

    def waits_for_review(self) -> bool:
        """Whether a decision may be what is missing."""
        return any(one is not None and one.step == "review" for one in self._obstacles.values())

    def offer(self, record: ModelRecord) -> None:
        """Let the buttons be about this model; they say why they cannot be pressed."""
        self._record = record
        writes = not self._session.project.read_only
        why = self.obstacle(record)
        self.adopt.setEnabled(why is None and not record.adopted and writes)
        if record.adopted:
            self.adopt.setToolTip("It makes the proposals already")
        elif why is not None:
            self.adopt.setToolTip(f"Not yet: {words_of(why)}")
        else:
            self.adopt.setToolTip(f"Let {record.name} make the proposals from now on")
        adopted, parent = self.adopted, self._parent()
        self.roll_back.setEnabled(parent is not None and writes)
        self.roll_back.setToolTip(
            f"Adopt {parent.name} again, which {adopted.name} started from"
            if parent is not None and adopted is not None
            else "The adopted model started from no other one"
        )

    def next_step(self, why: Obstacle) -> Step:
        """The button of what is missing."""
        if why.step == "review":
            return "Review the hold-out", lambda: self._review(why.sequences), "Let the queue hold its hands"
        action: QAction = self._services.actions[_BY_ACTION[why.step]]
        return action.text(), action.trigger, action.toolTip()

    def judge(self, model_ids: Sequence[str]) -> None:
        """Judge models on the hold-out, as a job."""
        board, said = self._services.board, self._session.message
        if board is None:
            said.emit("This window is for reading only: jobs are started by the one that holds the project")
        elif any(job.kind == "judge" for job in board.running):
            said.emit("Models are being judged already")
        else:
            words = [word for model_id in model_ids for word in ("--model", model_id)]
            try:
                board.start("judge", [self._session.project.path, *words])
            except HandStudioError as problem:
                said.emit(str(problem))

    def _review(self, sequences: Sequence[SequenceRecord]) -> None:
        names = tuple(sequence.name for sequence in sequences)
        where = (Condition("seq", names), Condition("state", tuple(str(state) for state in UNDECIDED)))
        self._session.set_query(
            replace(self._session.query, only=None, states=None, sequences=None, where=where)
        )
        self._session.queue.position = -1
        self._session.next_undecided()

    def _adopt(self) -> None:
        if self._record is not None:
            self._session.adopt_model(self._record.id)

    def _roll_back(self) -> None:
        parent = self._parent()
        if parent is not None:
            self._session.apply(AdoptModel(parent.id))

    def _parent(self) -> ModelRecord | None:
        adopted = self.adopted
        if adopted is None:
            return None
        return next((record for record in self._records if record.id == adopted.parent), None)


def words_of(why: Obstacle) -> str:
    """What is missing, and what to do, in two sentences."""
    return f"{why.reason}. {why.remedy}."

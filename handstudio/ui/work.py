"""What the window has done by jobs: import, propose, finetune, export; and proposals for single hands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from handstudio.errors import HandStudioError
from handstudio.methods.masks import store_masks
from handstudio.project.records import Change, HandRecord
from handstudio.ui.services import MOVED_TAU
from handstudio.ui.status_line import StatusLine

if TYPE_CHECKING:
    from handstudio.jobs.events import Event
    from handstudio.jobs.process import Job
    from handstudio.jobs.worker import ProposedPose
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services

TITLES = {
    "import": "Importing",
    "propose": "Proposing",
    "finetune": "Finetuning",
    "pretrain": "Pretraining",
    "evaluate": "Evaluating",
    "export": "Exporting",
    "synth": "Rendering hands",
}

SLOW = 0.2
"""Under so many a second it is said how long each takes."""

VIDEO_ENDINGS = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg")


class Work(QObject):
    """Starts jobs for one session and tells of them in the status line."""

    imported = Signal(object)
    """The result of an import that is through."""

    _proposed = Signal(object, object)

    def __init__(self, session: ReviewSession, services: Services, status: StatusLine) -> None:
        super().__init__(status)
        self._session = session
        self._services = services
        self._status = status
        self._proposed.connect(self._take_proposal)
        board = services.board
        if board is not None:
            board.started.connect(self._show_job)
            board.told.connect(self._told)
            board.ended.connect(self._ended)
        services.actions["cancel_job"].setEnabled(False)

    @property
    def project_path(self) -> Path:
        """The folder of the session's project."""
        return Path(self._session.project.path)

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Read footage into the project."""
        self._start("import", [*paths, "--project", self.project_path])

    def propose(self) -> None:
        """Propose poses for every hand that is not decided."""
        self._start("propose", [self.project_path])

    def finetune(self) -> None:
        """Adapt the adopted model to this project's footage, with the threshold on C that was chosen."""
        words: list[Any] = [self.project_path]
        adopted = self._session.project.adopted_model()
        moved = self._services.settings.value(MOVED_TAU)
        if moved is not None and adopted is not None and adopted.tau is not None:
            words += ["--set", f"finetuning.tau={float(moved):.4g}"]
        self._start("finetune", words)

    def export(self, form: str, out: Path) -> None:
        """Write the labels in a format."""
        self._start("export", [self.project_path, "--format", form, "--out", out])

    def cancel(self) -> None:
        """Ask the latest job to stop."""
        board = self._services.board
        if board is not None and board.running:
            board.cancel_latest()
            self._status.say("Cancelling: the job stops at its next safe point")

    def propose_hand(self, hand_id: int) -> None:
        """Ask the resident worker for one hand's proposal; it appears when it comes."""
        worker = self._services.worker
        if worker is None:
            return
        from handstudio.jobs.worker import FrameAddress

        project = self._session.project
        hand = project.hand(hand_id)
        address = FrameAddress.of(project.sequence(hand.sequence_id), project.frame(hand.frame_id))
        adopted = project.adopted_model()
        model_id = adopted.id if adopted is not None else None
        if adopted is not None:
            worker.use_model(adopted.path)
        worker.submit(address, hand.box, hand.side, lambda answer: self._store(hand, model_id, answer))

    def _store(self, hand: HandRecord, model_id: str | None, answer: ProposedPose | HandStudioError) -> None:
        """Called in the worker's thread, where waiting for the disk holds nobody up.

        A decided hand gets the proposal beside its label, which stays.
        """
        if not isinstance(answer, HandStudioError):
            try:
                self._keep(hand, model_id, answer)
            except HandStudioError as error:
                answer = error
        self._proposed.emit(hand, answer)

    def _keep(self, hand: HandRecord, model_id: str | None, answer: ProposedPose) -> None:
        project = self._session.project
        if not len(project.store_proposals(None, model_id, answer.batch(hand.id), include_decided=True)):
            raise HandStudioError(
                f"The proposal for hand {hand.id} was not stored: it was removed, or its pose is not finite",
                remedy="Undo the removal, or draw another box, and propose again",
            )
        if answer.mask is not None:
            store_masks(project, [hand.id], [hand.box], answer.mask[None])

    def _take_proposal(self, hand: HandRecord, answer: ProposedPose | HandStudioError) -> None:
        if isinstance(answer, HandStudioError):
            self._status.say_error(str(answer))
            return
        self._session.noticed(
            Change(
                frozenset({hand.id}),
                frozenset({hand.frame_id}),
                frozenset({hand.sequence_id}),
                title="Propose",
            )
        )
        stays = "; the label stays" if self._session.bundle(hand.id).label is not None else ""
        self._status.say(f"Proposed in {1000 * answer.seconds:.0f} ms{stays}")

    def _start(self, kind: str, argv: Sequence[str | Path]) -> None:
        board = self._services.board
        if board is None:
            self._status.say_error(
                "This window is for reading only: jobs are started by the one that holds the project"
            )
            return
        if any(job.kind == kind for job in board.running):
            self._status.say(f"{TITLES.get(kind, kind)} is running already")
            return
        try:
            board.start(kind, argv)
        except HandStudioError as problem:
            self._status.say_error(str(problem))

    def _show_job(self, job: Job) -> None:
        self._services.actions["cancel_job"].setEnabled(True)
        self._status.job.show_progress(TITLES.get(job.kind, job.kind), 0, None, "starting")
        self._status.job.show()

    def _told(self, job: Job, event: Event) -> None:
        if event.kind != "progress":
            return
        total = event.total
        parts = []
        if total:
            parts.append(f"{event.done:,.0f} of {total:,.0f} {event.unit}")
        elif event.message:
            parts.append(event.message)
        if event.rate:
            slow = event.rate < SLOW
            parts.append(f"{duration(1 / event.rate)} each" if slow else f"{event.rate:.1f}/s")
        if event.eta_s is not None:
            parts.append(f"{duration(event.eta_s)} left")
        self._status.job.show_progress(TITLES.get(job.kind, job.kind), event.done, total, " · ".join(parts))

    def _ended(self, job: Job) -> None:
        board = self._services.board
        running = bool(board is not None and board.running)
        self._services.actions["cancel_job"].setEnabled(running)
        self._status.job.setVisible(running)
        title = TITLES.get(job.kind, job.kind)
        if job.state == "failed":
            self._status.say_error(job.error or f"{title} failed: {job.log_path}")
        elif job.state == "finished":
            self._status.say(outcome(job.kind, job.result or {}))
            if job.kind == "import":
                self.imported.emit(job.result)
        else:
            self._status.say(f"{title} was cancelled; what was done is kept")


def outcome(kind: str, result: dict[str, object]) -> str:
    """One sentence about a job that is through."""
    if kind == "import":
        problems = len(result.get("problems") or ())
        more = f"; {problems} files could not be used" if problems else ""
        return f"Imported {result.get('frames', 0)} frames with {result.get('hands', 0)} hands{more}"
    if kind == "propose":
        return f"Proposed poses for {result.get('hands', 0)} hands"
    if kind == "finetune":
        return f"Finetuned: the new model {result.get('model')} waits in Models to be compared and adopted"
    if kind == "export":
        return f"Exported {result.get('hands', 0)} hands to {result.get('out')}"
    return f"{TITLES.get(kind, kind)}: done"


def duration(seconds: float) -> str:
    """Seconds as people say them: ``40 s``, ``3 min``, ``1 h 10 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

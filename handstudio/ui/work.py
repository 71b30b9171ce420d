"""What the window has done by jobs: import, propose, finetune, export; and proposals for single hands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from handstudio.errors import HandStudioError
from handstudio.hand.peaks import Peaks
from handstudio.methods.masks import store_masks
from handstudio.methods.peaks import store_peaks
from handstudio.project.records import Change, HandRecord
from handstudio.ui.job_words import doing, progress_words
from handstudio.ui.moved_tau import MovedTau
from handstudio.ui.status_line import StatusLine

if TYPE_CHECKING:
    from handstudio.jobs.events import Event
    from handstudio.jobs.process import Job
    from handstudio.jobs.worker import ProposedPose
    from handstudio.review.session import ReviewSession
    from handstudio.ui.services import Services


class Work(QObject):
    """Starts jobs for one session and tells of them in the status line."""

    imported = Signal(object)
    """The result of an import that is through."""

    _proposed = Signal(object, object)
    _warmed = Signal()

    def __init__(self, session: ReviewSession, services: Services, status: StatusLine) -> None:
        super().__init__(status)
        self._session = session
        self._services = services
        self._status = status
        self._proposed.connect(self._take_proposal)
        self._warmed.connect(self._show_computing)
        board = services.board
        if board is not None:
            board.started.connect(self._started)
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
        if adopted is not None and adopted.tau is not None:
            moved = MovedTau(self._services.settings, self._session.project).of(adopted.id)
            if moved is not None:
                words += ["--set", f"finetuning.tau={moved:.4g}"]
        self._start("finetune", words)

    def export(self, form: str, out: Path, verified: bool = False) -> None:
        """Write the labels in a format; only those that a second person verified where that is wished."""
        only = ["--verified"] if verified else []
        self._start("export", [self.project_path, "--format", form, "--out", out, *only])

    def cancel(self) -> None:
        """Ask the job that the status line shows, the latest, to stop."""
        board = self._services.board
        if board is not None and board.running:
            title = doing(board.running[-1].kind)
            board.cancel_latest()
            self._status.say(f"{title} is being cancelled: it stops at its next safe point")

    def propose_hand(self, hand_id: int) -> None:
        """Ask the resident worker for one hand's proposal; it appears when it comes."""
        worker = self._services.worker
        if worker is None:
            return
        from handstudio.jobs.worker import FrameAddress

        project = self._session.project
        hand = project.hand(hand_id)
        sequence = project.sequence(hand.sequence_id)
        address = FrameAddress.of(sequence, project.frame(hand.frame_id))
        adopted = project.adopted_model()
        model_id = adopted.id if adopted is not None else None
        if adopted is not None:
            worker.use_model(adopted.path)
        worker.submit(
            address,
            hand.box,
            hand.side,
            lambda answer: self._store(hand, model_id, answer),
            project.hand_shape(sequence),
        )

    def warm_up(self) -> None:
        """Let the resident worker load its model, so that the first proposal comes at once."""
        if self._services.worker is not None:
            self._services.worker.warm_up(lambda _: self._warmed.emit())

    def _show_computing(self) -> None:
        if self._services.worker is not None:
            self._status.show_computing(self._services.worker.computing)

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
        if answer.peaks is not None and answer.look is not None:
            peaks = Peaks(*(part[None] for part in answer.peaks))
            store_peaks(project, [hand.id], answer.pose.uv[None], [answer.look], peaks)

    def _take_proposal(self, hand: HandRecord, answer: ProposedPose | HandStudioError) -> None:
        self._show_computing()
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
            self._status.say(f"{doing(kind)} is running already")
            return
        try:
            board.start(kind, argv)
        except HandStudioError as problem:
            self._status.say_error(str(problem))

    def _started(self, _job: Job) -> None:
        self._show_latest()

    def _told(self, job: Job, event: Event) -> None:
        board = self._services.board
        if event.kind == "progress" and board is not None and job is (board.running or (job,))[-1]:
            self._show_latest()

    def _show_latest(self) -> None:
        """Of several jobs the strip shows the latest, which is the one that Cancel stops."""
        board, strip = self._services.board, self._status.job
        running = board.running if board is not None else ()
        self._services.actions["cancel_job"].setEnabled(bool(running))
        strip.setVisible(bool(running))
        if not running:
            return
        told = running[-1].progress
        more = f"and {doing(running[0].kind)}" if len(running) == 2 else f"and {len(running) - 1} more"
        title = f"{doing(running[-1].kind)} ({more})" if len(running) > 1 else doing(running[-1].kind)
        if told is None:
            strip.show_progress(title, 0, None, "starting")
        else:
            strip.show_progress(title, told.done, told.total, progress_words(told))

    def _ended(self, job: Job) -> None:
        self._show_latest()
        title = doing(job.kind)
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
        return "Finetuned: the new model waits in Models to be compared and adopted"
    if kind == "judge":
        return f"Judged on {result.get('hands', 0)} hands of the hold-out: compare and adopt in Models"
    if kind == "export":
        return f"Exported {result.get('hands', 0)} hands to {result.get('out')}"
    return f"{doing(kind)}: done"

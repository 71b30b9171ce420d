"""A project: a folder with a database, dense maps, models and runs."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.project import changes, opening, pseudo_labels
from handstudio.project.annotators import Annotators
from handstudio.project.comparisons import Comparisons
from handstudio.project.dense import DenseMaps
from handstudio.project.fitted import FittedHands
from handstudio.project.footage import Footage
from handstudio.project.history import History
from handstudio.project.judged_poses import JudgedPoses
from handstudio.project.lock import Holder, WindowLock
from handstudio.project.marks import Marks
from handstudio.project.models import Models
from handstudio.project.poses import Poses
from handstudio.project.promises import Promises
from handstudio.project.proposals import Proposals
from handstudio.project.reading import Reading
from handstudio.project.records import Change, PseudoLabels
from handstudio.project.runs import Runs
from handstudio.project.schema import SCHEMA, alembic_version, counter, metadata
from handstudio.project.second_reading import SecondLooks
from handstudio.project.sides import Sides
from handstudio.project.store import PATIENT_S, Store
from handstudio.project.trails import Trails

Writer = Literal["window", "job", "cli"]


class Project(
    Reading,
    Poses,
    Trails,
    Footage,
    Proposals,
    Runs,
    Models,
    JudgedPoses,
    FittedHands,
    Promises,
    Comparisons,
    Marks,
    SecondLooks,
    Sides,
    Annotators,
):
    """An open project. Reading and writing work from any thread; close it, or use it in a ``with``.

    Attributes:
        path: its folder.
        read_only: whether it was opened for reading only, by wish or because it cannot be written.
        messages: sentences for the user about what was found while opening and since (such as a damaged
            file that was set aside, or who holds the project).
        history: the one way in for what people decide.
    """

    def __init__(self, path: Path, store: Store, writer: Writer, token: str) -> None:
        """Use :meth:`open` and :meth:`create`."""
        self.path = path
        self.writer = writer
        self.writer_token = token
        self.messages: list[str] = []
        self._store = store
        self._lock = WindowLock(path, token)
        self.history = History(store, token)
        self._watch = changes.Watch(store, token)
        self._dense = DenseMaps(path, read_only=store.read_only, tell=self.messages.append)

    @classmethod
    def create(cls, path: Path | str, writer: Writer = "cli") -> Project:
        """Make a new project in a folder (which is made) and open it.

        Raises:
            HandStudioError: when there is a project already, or the folder cannot be written.
        """
        folder = Path(path).absolute()
        if (folder / opening.DATABASE_NAME).exists():
            raise HandStudioError("There is a project already", folder, "Open it instead")
        try:
            for part in (folder, folder / "models", folder / "runs"):
                part.mkdir(parents=True, exist_ok=True)
            fresh = folder / f"{opening.DATABASE_NAME}.{uuid.uuid4().hex}"
            fresh.touch()
        except OSError as error:
            raise HandStudioError(
                f"The project's folder cannot be made ({error.strerror})", folder, "Choose another place"
            ) from error
        store = Store(fresh)
        try:
            with store.writing() as connection:
                metadata.create_all(connection)
                connection.execute(alembic_version.insert(), {"version_num": SCHEMA})
                connection.execute(counter.insert(), {"name": "proposal", "value": 0})
            with store.reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            store.close()
            _put_in_place(fresh, folder / opening.DATABASE_NAME)
        finally:
            store.close()
            for left in folder.glob(f"{fresh.name}*"):
                left.unlink(missing_ok=True)
        return cls.open(folder, writer)

    @classmethod
    def open(cls, path: Path | str, writer: Writer = "cli", read_only: bool = False) -> Project:
        """Open a project; an older one is migrated first, after a backup copy of its database.

        A window that finds another living window there opens for reading only; so does everybody when the
        folder cannot be written. Runs whose process died are marked as interrupted.

        Raises:
            HandStudioError: no project there, a damaged database, or a project of a newer version.
        """
        folder = Path(path).absolute()
        found: list[str] = []
        store = opening.open_store(folder, read_only, found, PATIENT_S if writer == "job" else 0.0)
        token = uuid.uuid4().hex
        lock = WindowLock(folder, token)
        try:
            if writer == "window" and not store.read_only:
                holder = _hold(store, lock)
                if holder.token != token:
                    store.close()
                    store = opening.open_store(folder, True, found)
                    found.append(f"The project is open for reading only: {lock.told(holder)}")
            project = cls(folder, store, writer, token)
            project.messages.extend(found)
            project._dense.check()
            if not store.read_only:
                project.mark_interrupted_runs()
                if writer == "window":
                    with store.writing() as connection:
                        changes.forget_old(connection)
        except BaseException:
            # a lock kept by a window that lives on would make its own next try read-only
            with contextlib.suppress(OSError):
                lock.release()
            store.close()
            raise
        return project

    @classmethod
    def open_or_create(cls, path: Path | str, writer: Writer = "cli") -> Project:
        """Open the project of a folder, or make one there (unless another process just did)."""
        database = Path(path) / opening.DATABASE_NAME
        if not database.exists():
            try:
                return cls.create(path, writer)
            except HandStudioError:
                if not database.exists():
                    raise
        return cls.open(path, writer)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written."""
        return self._store.read_only

    def hold(self) -> Holder | None:
        """Who holds the project in a window; ``None`` when nobody does."""
        return self._lock.holder()

    @property
    def held_by_me(self) -> bool:
        """Whether this very project object holds the window's lock."""
        return self._lock.is_mine(self._lock.holder())

    def poll(self) -> Change | None:
        """What other processes (or other project objects) changed since the last call."""
        return self._watch.poll()

    def store_dense(self, name: str, hand_ids: npt.ArrayLike, maps: npt.ArrayLike) -> None:
        """Store one dense map per hand: ``hand_ids`` (N,), ``maps`` (N, ...); see :class:`DenseMaps`."""
        self._dense.store(name, hand_ids, maps)

    def dense(self, name: str, hand_id: int, wait: bool = True) -> npt.NDArray[Any] | None:
        """A hand's dense map; ``None`` when it has none (or, without ``wait``, a job is writing maps)."""
        return self._dense.read(name, hand_id, wait)

    def dense_together(
        self, names: Sequence[str], hand_id: int, within_s: float | None = None
    ) -> list[npt.NDArray[Any] | None]:
        """Several dense maps of a hand at one moment; see :meth:`DenseMaps.read_together`."""
        return self._dense.read_together(names, hand_id, within_s)

    def store_pseudo_labels(
        self,
        run_id: int,
        epoch: int,
        hand_ids: npt.ArrayLike,
        uv: npt.ArrayLike,
        depth: npt.ArrayLike,
        corrected_uv: npt.ArrayLike,
        corrected_depth: npt.ArrayLike,
        c_stability: npt.ArrayLike,
        c_plausibility: npt.ArrayLike,
        trusted: npt.ArrayLike,
    ) -> None:
        """Keep the pseudo-labels of one epoch of a finetune with its run.

        Args:
            run_id: the finetune.
            epoch: counted from 0; what was kept of it before is replaced.
            hand_ids: (N,).
            uv, corrected_uv: (N, 21, 2) px.
            depth, corrected_depth: (N, 21) reference bones.
            c_stability, c_plausibility: (N,) the two terms of C.
            trusted: (N,) whether training takes it for right.

        Raises:
            HandStudioError: when the disk is full or the project is open for reading only.
        """
        if self.read_only:
            raise HandStudioError("The project is open for reading only", self.path)
        floats = {
            "uv": uv,
            "depth": depth,
            "corrected_uv": corrected_uv,
            "corrected_depth": corrected_depth,
            "c_stability": c_stability,
            "c_plausibility": c_plausibility,
        }
        pseudo_labels.write(self.run_folder(run_id), epoch, hand_ids, floats, trusted)

    def pseudo_labels(self, run_id: int) -> list[PseudoLabels]:
        """The pseudo-labels of a finetune, one entry per epoch."""
        return pseudo_labels.read(self.path / "runs" / str(run_id))

    def close(self) -> None:
        """Give the window's lock back and close every file; harmless when done twice."""
        if self.writer == "window" and not self.read_only:
            self._lock.release()
        self._dense.close()
        self._store.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _hold(store: Store, lock: WindowLock) -> Holder:
    with store.writing():
        try:
            return lock.take()
        except OSError as error:
            raise HandStudioError(
                f"The window's lock cannot be written ({error.strerror})",
                store.path.parent,
                "Free some space and open it again",
            ) from error


def _put_in_place(fresh: Path, database: Path) -> None:
    """Give a new database its name, never over one that another process put there meanwhile."""
    try:
        os.link(fresh, database)
        return
    except FileExistsError:
        taken = True
    except OSError:
        # a file system without hard links
        taken = database.exists()
    if taken:
        raise HandStudioError("There is a project already", database.parent, "Open it instead")
    fresh.rename(database)

"""Dense maps of hands (masks, depth, heatmaps) in ``dense.h5``, beside the database.

Every map can be computed again, so a damaged file is set aside with a message and a new one begins.
For a name there are two data sets: ``data`` (one row per stored map) and ``rows`` (the row of each hand id,
-1 for none). Processes take turns by a lock on ``dense.lock``; the file is opened anew when another process
has written to it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.project.space import check_room

if TYPE_CHECKING:
    import h5py

if os.name == "posix":
    import fcntl
else:
    fcntl = None  # type: ignore[assignment]

FILE_NAME: Final = "dense.h5"
_SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
_CHUNK_BYTES: Final = 32 * 1024
_REFUSALS: Final = ("No space left", "already open", "unable to lock")
"""What HDF5 says, without an error number, of a file that is whole."""
_AGAIN_S: Final = 0.002
"""Who waits a bounded time for another process asks again after this."""


class MapsBusyError(HandStudioError):
    """Maps cannot be read at once, since others are writing some."""


class _OpenFile:
    """What the readers of one file in one process share: HDF5 does not open a file twice for both ways."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.file: h5py.File | None = None
        self.stamp: tuple[int, int, int] | None = None


_OPEN: Final[WeakValueDictionary[str, _OpenFile]] = WeakValueDictionary()
_OPENING: Final = threading.Lock()


def _open_file(path: Path) -> _OpenFile:
    with _OPENING:
        return _OPEN.setdefault(os.path.realpath(path), _OpenFile())


class DenseMaps:
    """The dense maps of one project.

    Args:
        folder: the project's folder.
        read_only: never write, not even to set a damaged file aside.
        tell: called with a sentence when a damaged file was set aside.
    """

    def __init__(self, folder: Path, *, read_only: bool, tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._path = folder / FILE_NAME
        self._read_only = read_only
        self._tell = tell
        self._open = _open_file(self._path)
        self._lock = self._open.lock

    def check(self) -> None:
        """Set the file aside at once when it plainly is no HDF5 file (reads 8 bytes).

        Not while another process writes: a new file is no HDF5 file until its first maps are through.
        """
        with self._between_processes(exclusive=False, wait=False) as free:
            if not free:
                return
            try:
                with self._path.open("rb") as file:
                    start = file.read(len(_SIGNATURE))
            except FileNotFoundError:
                return
            except OSError as error:
                self._tell(f"The dense maps cannot be read ({error.strerror}): {self._path}")
                return
            if start != _SIGNATURE:
                self._set_aside("it is no HDF5 file")

    def store(self, name: str, hand_ids: npt.ArrayLike, maps: npt.ArrayLike) -> None:
        """Store one map per hand; a hand's older map of this name is replaced.

        Args:
            name: such as ``mask``, ``depth``, ``heatmaps``.
            hand_ids: (N,).
            maps: (N, ...), the same shape and type for every call with this name.

        Raises:
            HandStudioError: full disk, read-only project, or maps of another shape.
        """
        ids = np.asarray(hand_ids, dtype=np.int64).reshape(-1)
        array = np.asarray(maps)
        if len(array) != len(ids):
            raise ValueError(f"{len(ids)} hands, but {len(array)} maps")
        if len(ids) == 0:
            return
        if self._read_only:
            raise HandStudioError("The project is open for reading only", self._folder)
        check_room(self._folder, array.nbytes)
        with self._lock, self._between_processes(exclusive=True):
            self._close_file()
            try:
                self._write(name, ids, array)
            except (OSError, KeyError, RuntimeError) as error:
                if isinstance(error, OSError) and not self._is_damage(error):
                    raise self._not_written(error) from error
                self._set_aside(str(error))
                try:
                    self._write(name, ids, array)
                except (OSError, KeyError, RuntimeError) as again:
                    raise self._not_written(again) from again

    def read(self, name: str, hand_id: int, wait: bool = True) -> npt.NDArray[Any] | None:
        """The map of a hand; ``None`` when there is none.

        Args:
            name: which map.
            hand_id: of which hand.
            wait: wait while another process writes (or a thread of this one is at the file); otherwise
                answer ``None`` then.
        """
        try:
            return self.read_together((name,), hand_id, None if wait else 0.0)[0]
        except MapsBusyError:
            return None

    def read_together(
        self, names: Sequence[str], hand_id: int, within_s: float | None = None
    ) -> list[npt.NDArray[Any] | None]:
        """Several maps of a hand as they are at one moment; ``None`` for each that there is not.

        Args:
            names: which maps.
            hand_id: of which hand.
            within_s: how long to wait at most while another process writes (or a thread of this one is at
                the file); ``None`` for as long as it takes. Others hold the file for one batch of maps.

        Raises:
            MapsBusyError: others were still writing.
        """
        ends = None if within_s is None else time.monotonic() + within_s
        if not self._lock.acquire(timeout=-1 if within_s is None else within_s):
            raise MapsBusyError("The dense maps are being written", self._path)
        try:
            while True:
                with self._between_processes(exclusive=False, wait=ends is None) as free:
                    if free:
                        return self._read_all(names, hand_id)
                if ends is None or time.monotonic() >= ends:
                    raise MapsBusyError("The dense maps are being written", self._path)
                time.sleep(_AGAIN_S)
        finally:
            self._lock.release()

    def _read_all(self, names: Sequence[str], hand_id: int) -> list[npt.NDArray[Any] | None]:
        found: list[npt.NDArray[Any] | None] | None = self._carefully(
            lambda file: [_read_one(file, name, hand_id) for name in names]
        )
        return [None] * len(names) if found is None else found

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close_file()

    def _carefully(self, work: Callable[[h5py.File], Any]) -> Any:
        try:
            file = self._opened()
            return None if file is None else work(file)
        except (OSError, KeyError, RuntimeError) as error:
            self._close_file()
            if isinstance(error, OSError) and not self._is_damage(error):
                raise HandStudioError(f"The dense maps cannot be read ({error})", self._path) from error
            self._set_aside(str(error))
            return None

    def _opened(self) -> h5py.File | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._close_file()
            return None
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if self._open.file is None or stamp != self._open.stamp:
            import h5py

            self._close_file()
            self._open.file = h5py.File(self._path, "r", locking=False)
            self._open.stamp = stamp
        return self._open.file

    def _close_file(self) -> None:
        if self._open.file is not None:
            self._open.file.close()
            self._open.file = None

    def _write(self, name: str, ids: npt.NDArray[np.int64], array: npt.NDArray[Any]) -> None:
        import h5py

        with h5py.File(self._path, "a", locking=False) as file:
            if name not in file:
                _create(file, name, array)
            data, rows = file[name]["data"], file[name]["rows"]
            if data.shape[1:] != array.shape[1:]:
                raise HandStudioError(
                    f"Maps called {name!r} are {data.shape[1:]} here, not {array.shape[1:]}", self._path
                )
            if data.dtype != array.dtype:
                raise HandStudioError(
                    f"Maps called {name!r} are {data.dtype} here, not {array.dtype}",
                    self._path,
                    "Move the file away: its maps are computed again when poses are proposed",
                )
            _put(data, rows, ids, array)

    def _not_written(self, error: Exception) -> HandStudioError:
        return HandStudioError(
            f"The dense maps cannot be written ({error})", self._path, "Check the disk's space"
        )

    @staticmethod
    def _is_damage(error: OSError) -> bool:
        """Whether HDF5 itself found the content wrong, rather than the system refusing."""
        return error.errno is None and not any(reason in str(error) for reason in _REFUSALS)

    def _set_aside(self, why: str) -> None:
        self._close_file()
        if self._read_only:
            self._tell(f"The dense maps are damaged ({why}) and not shown: {self._path}")
            return
        stamp = time.strftime("%Y%m%d-%H%M%S")
        aside = self._path.with_name(f"dense-damaged-{stamp}.h5")
        try:
            self._path.replace(aside)
        except OSError as error:
            self._tell(f"The dense maps are damaged and cannot be set aside ({error}): {self._path}")
            return
        self._tell(
            f"The dense maps were damaged ({why}) and set aside as {aside.name}; "
            "propose again to make new ones"
        )

    @contextmanager
    def _between_processes(self, *, exclusive: bool, wait: bool = True) -> Iterator[bool]:
        file = self._lock_file()
        if file is None or fcntl is None:
            yield True
            return
        with file:
            how = (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB)
            try:
                fcntl.flock(file, how)
            except BlockingIOError:
                yield False
                return
            except OSError:  # a file system without locks
                pass
            yield True

    def _lock_file(self) -> IO[bytes] | None:
        path = self._folder / "dense.lock"
        try:
            return path.open("rb" if self._read_only else "ab")
        except OSError:
            return None


def _create(file: h5py.File, name: str, array: npt.NDArray[Any]) -> None:
    shape = array.shape[1:]
    row_bytes = max(int(np.prod(shape, dtype=np.int64)) * array.dtype.itemsize, 1)
    group = file.create_group(name)
    group.create_dataset(
        "data",
        shape=(0, *shape),
        maxshape=(None, *shape),
        dtype=array.dtype,
        chunks=(max(1, _CHUNK_BYTES // row_bytes), *shape),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
    )
    group.create_dataset(
        "rows", shape=(0,), maxshape=(None,), dtype="i8", chunks=(8192,), fillvalue=-1, compression="gzip"
    )


def _put(data: h5py.Dataset, rows: h5py.Dataset, ids: npt.NDArray[np.int64], array: npt.NDArray[Any]) -> None:
    _, last = np.unique(ids[::-1], return_index=True)
    order = np.sort(len(ids) - 1 - last)
    ids, array = ids[order], array[order]
    low, high = int(ids.min()), int(ids.max()) + 1
    if rows.shape[0] < high:
        rows.resize((high,))
    places = rows[low:high]
    known = places[ids - low]
    for place, one in zip(known[known >= 0].tolist(), array[known >= 0], strict=True):
        data[place] = one
    new = known < 0
    if new.any():
        start = data.shape[0]
        data.resize(start + int(new.sum()), axis=0)
        data[start:] = array[new]
        places[ids[new] - low] = np.arange(start, data.shape[0])
        rows[low:high] = places


def _read_one(file: h5py.File, name: str, hand_id: int) -> npt.NDArray[Any] | None:
    if name not in file:
        return None
    rows = file[name]["rows"]
    if not 0 <= hand_id < rows.shape[0]:
        return None
    row = int(rows[hand_id])
    return None if row < 0 else np.asarray(file[name]["data"][row])

"""Rendered hands without end, made by worker processes.

Batch ``i`` of a stream depends on the stream's seed and on ``i`` alone, so the number of workers changes
nothing but the speed. Workers end with the stream, and with the process that started them.
"""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import os
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final

import numpy as np
import torch

from handstudio.synthesis.scene import RenderedHands, SceneSettings, render_batch

_FIELDS: Final = tuple(RenderedHands.__dataclass_fields__)


def batch_seed(seed: int, index: int) -> int:
    """Seed of batch ``index`` of the stream ``seed`` (63 bits, well mixed)."""
    return int(np.random.SeedSequence((seed, index)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def to_arrays(hands: RenderedHands) -> dict[str, np.ndarray[Any, Any]]:
    """Compact arrays for pipes: pictures as uint8."""
    arrays = {name: getattr(hands, name).cpu().numpy() for name in _FIELDS}
    arrays["rgb"] = (arrays["rgb"] * 255.0 + 0.5).astype(np.uint8)
    for name in ("mask", "hand_mask"):
        arrays[name] = arrays[name].astype(np.uint8)
    return arrays


def from_arrays(arrays: dict[str, np.ndarray[Any, Any]]) -> RenderedHands:
    """The inverse of :func:`to_arrays`."""
    tensors = {name: torch.from_numpy(np.array(arrays[name])) for name in _FIELDS}
    tensors["rgb"] = tensors["rgb"].float() / 255.0
    for name in ("mask", "hand_mask"):
        tensors[name] = tensors[name].float()
    return RenderedHands(**tensors)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _work(
    pipe: Connection, settings: SceneSettings, seed: int, batch_size: int, size: int, views: int, parent: int
) -> None:
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    torch.set_num_threads(1)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while (index := pipe.recv()) is not None:
            try:
                hands = render_batch(batch_size, batch_seed(seed, index), size, settings, views=views)
                pipe.send((index, to_arrays(hands), None))
            except Exception as problem:
                pipe.send((index, None, f"{type(problem).__name__}: {problem}"))
    pipe.close()


class RenderedStream(Iterator[RenderedHands]):
    """Batches of rendered hands in order, as many as one asks for.

    Args:
        settings: what they look like.
        seed: the stream's seed.
        batch_size: hands per batch.
        workers: processes; 0 renders in the caller's thread.
        size: side of the pictures, px.
        views: cameras per hand.
        first: index of the first batch (to go on where a run stopped).
        ahead: batches per worker that are made in advance.

    Use it as a context manager or call :meth:`close`.
    """

    def __init__(
        self,
        settings: SceneSettings | None = None,
        seed: int = 0,
        batch_size: int = 32,
        workers: int = 0,
        size: int = 64,
        views: int = 1,
        first: int = 0,
        ahead: int = 2,
    ) -> None:
        self._settings = settings or SceneSettings()
        self._seed, self._batch_size, self._size, self._views = seed, batch_size, size, views
        self._next = first
        self._asked = first
        self._pipes: list[Connection] = []
        self._processes: list[mp.process.BaseProcess] = []
        context = mp.get_context("spawn")
        for _ in range(workers):
            mine, theirs = context.Pipe()
            process = context.Process(
                target=_work,
                args=(theirs, self._settings, seed, batch_size, size, views, os.getpid()),
                daemon=True,
                name="rendered-hands",
            )
            process.start()
            theirs.close()
            self._pipes.append(mine)
            self._processes.append(process)
        for _ in range(workers * ahead):
            self._ask()

    def _ask(self) -> None:
        self._pipes[self._asked % len(self._pipes)].send(self._asked)
        self._asked += 1

    @property
    def index(self) -> int:
        """Index of the batch that comes next."""
        return self._next

    def __next__(self) -> RenderedHands:
        if not self._pipes:
            hands = render_batch(
                self._batch_size,
                batch_seed(self._seed, self._next),
                self._size,
                self._settings,
                views=self._views,
            )
            self._next += 1
            return hands
        pipe = self._pipes[self._next % len(self._pipes)]
        try:
            index, arrays, problem = pipe.recv()
        except EOFError as end:
            self.close()
            raise RuntimeError("a process that renders hands has ended; start the run again") from end
        if problem is not None:
            self.close()
            raise RuntimeError(f"rendering hands failed: {problem}")
        assert index == self._next
        self._next += 1
        self._ask()
        return from_arrays(arrays)

    def close(self) -> None:
        """End the workers."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(5.0)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()
        self._pipes, self._processes = [], []

    def __enter__(self) -> RenderedStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

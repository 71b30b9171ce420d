"""Decoded frames kept in memory up to a limit, and decoded ahead of the reader in the background."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from handstudio.errors import HandStudioError
from handstudio.media.source import Frame, FrameSource

Key = tuple[int, int] | tuple[int, int, int]
"""Sequence id and frame index; and by how much the frame may be reduced, for those to whom its colours are
enough. What was reduced is kept apart from the frame itself."""
Outcome = Frame | HandStudioError
Callback = Callable[[Key, Outcome], None]

_BYTES_OF_A_PROBLEM = 1024


class Request:
    """A frame somebody waits for."""

    def __init__(self, key: Key, callback: Callback) -> None:
        self.key = key
        self._callback: Callback | None = callback
        self._lock = threading.Lock()

    @property
    def cancelled(self) -> bool:
        """Whether the callback will not be called any more."""
        return self._callback is None

    def cancel(self) -> None:
        """Stop waiting: the callback is not called unless it is running already."""
        with self._lock:
            self._callback = None

    def _answer(self, outcome: Outcome) -> None:
        with self._lock:
            callback, self._callback = self._callback, None
        if callback is not None:
            callback(self.key, outcome)


@dataclass(eq=False)
class _Opened:
    """A source in use; it is closed when nobody uses it and others need the room."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    source: FrameSource | None = None
    users: int = 0


class FrameCache:
    """Frames of many sequences, least recently used forgotten first; every method may be called from any
    thread.

    Decoding happens in a few threads of its own. What was asked for last is decoded first, since a reader
    who goes on no longer needs what he passed; frames ahead of him are decoded when nobody waits.

    Args:
        bytes_limit: bytes of decoded frames kept.
        open_source: opens a sequence by its id when it is first needed.
        workers: decoding threads.
        sources_limit: sources kept open at a time.
        videos_limit: videos among them, whose decoders hold much memory.
    """

    def __init__(
        self,
        bytes_limit: int,
        open_source: Callable[[int], FrameSource],
        workers: int = 2,
        sources_limit: int = 16,
        videos_limit: int = 3,
    ) -> None:
        self._bytes_limit = bytes_limit
        self._open_source = open_source
        self._sources_limit = sources_limit
        self._videos_limit = videos_limit
        self._condition = threading.Condition()
        self._kept: OrderedDict[Key, Outcome] = OrderedDict()
        self._bytes = 0
        self._sources: OrderedDict[int, _Opened] = OrderedDict()
        self._waiting: dict[Key, list[Request]] = {}
        self._asked: deque[Key] = deque()
        self._ahead: deque[Key] = deque()
        self._onward: list[Key] = []
        self._elsewhere: list[Key] = []
        self._decoding: set[Key] = set()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"frames {number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def byte_count(self) -> int:
        """Bytes of the frames kept now."""
        return self._bytes

    def get(self, sequence_id: int, index: int) -> Frame | None:
        """The frame if it is in memory; never waits."""
        with self._condition:
            outcome = self._kept.get((sequence_id, index))
            if outcome is None:
                return None
            self._kept.move_to_end((sequence_id, index))
            return outcome if isinstance(outcome, Frame) else None

    def request(self, key: Key, callback: Callback) -> Request:
        """Ask for a frame.

        ``callback(key, frame_or_error)`` is called once: at once and in this thread when the frame is in
        memory, otherwise later in a decoding thread. It should be quick and must not raise. A frame that
        could not be read is tried again, with its source opened anew: its file may be back.
        """
        request = Request(key, callback)
        given_up = None
        with self._condition:
            if self._closed:
                return request
            outcome = self._kept.get(key)
            if isinstance(outcome, HandStudioError):
                self._bytes -= _byte_count(self._kept.pop(key))
                outcome, given_up = None, self._give_up(key[0])
            if outcome is None:
                self._waiting.setdefault(key, []).append(request)
                if key not in self._decoding:
                    if key in self._asked:
                        self._asked.remove(key)
                    self._asked.append(key)
                    self._condition.notify()
            else:
                self._kept.move_to_end(key)
        if given_up is not None:
            given_up.close()
        if outcome is not None:
            request._answer(outcome)
        return request

    def prefetch(
        self, sequence_id: int, index: int, direction: int = 1, count: int = 8, last: int | None = None
    ) -> None:
        """Decode the next ``count`` frames in the reading direction when nobody waits for anything.

        This replaces what was to be decoded ahead before.

        Args:
            sequence_id, index: where the reader is.
            direction: 1 forward, -1 backward.
            count: how many frames ahead.
            last: the sequence's last index, so that nothing beyond it is tried.
        """
        step = 1 if direction >= 0 else -1
        ahead = [index + step * distance for distance in range(1, count + 1)]
        wanted = [each for each in ahead if each >= 0 and (last is None or each <= last)]
        with self._condition:
            self._onward = [(sequence_id, each) for each in wanted]
            self._plan()

    def prefetch_also(self, keys: Sequence[Key]) -> None:
        """Decode other frames as well when nobody waits, by turns with what :meth:`prefetch` named last.

        This replaces what was named here before.

        Args:
            keys: the likeliest first.
        """
        with self._condition:
            self._elsewhere = list(keys)
            self._plan()

    def cancel_stale(self, keep: Container[Key] = ()) -> None:
        """Drop everything that waits to be decoded, except the frames in ``keep``."""
        with self._condition:
            for key in [key for key in self._waiting if key not in keep]:
                for request in self._waiting.pop(key):
                    request.cancel()
            self._asked = deque(key for key in self._asked if key in keep)
            self._onward = [key for key in self._onward if key in keep]
            self._elsewhere = [key for key in self._elsewhere if key in keep]
            self._plan()

    def close(self) -> None:
        """Stop decoding, wait for the threads to end, close all sources; nobody is called back any more."""
        with self._condition:
            self._closed = True
            for requests in self._waiting.values():
                for request in requests:
                    request.cancel()
            self._waiting.clear()
            self._asked.clear()
            self._ahead.clear()
            self._condition.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()
        with self._condition:
            opened = [each.source for each in self._sources.values() if each.source is not None]
            self._sources.clear()
            self._kept.clear()
            self._bytes = 0
        for source in opened:
            source.close()

    def __enter__(self) -> FrameCache:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _plan(self) -> None:
        """Put in line what is to be decoded ahead, each once; the lock is held."""
        turns = zip_longest(self._elsewhere, self._onward)
        wanted = dict.fromkeys(key for turn in turns for key in turn if key is not None)
        self._ahead = deque(key for key in wanted if key not in self._kept)
        self._condition.notify_all()

    def _work(self) -> None:
        while (key := self._next()) is not None:
            outcome = self._decode(key)
            with self._condition:
                self._decoding.discard(key)
                self._keep(key, outcome)
                requests = self._waiting.pop(key, [])
            for request in requests:
                try:
                    request._answer(outcome)
                except Exception:
                    # whatever a reader does with his frame, the others get theirs
                    threading.excepthook(
                        threading.ExceptHookArgs([*sys.exc_info(), threading.current_thread()])
                    )

    def _next(self) -> Key | None:
        """Wait for a frame to decode; ``None`` when the cache is closed."""
        with self._condition:
            while not self._closed:
                while self._asked or self._ahead:
                    key = self._asked.pop() if self._asked else self._ahead.popleft()
                    if key not in self._kept and key not in self._decoding:
                        self._decoding.add(key)
                        return key
                self._condition.wait()
            return None

    def _decode(self, key: Key) -> Outcome:
        sequence_id, index = key[:2]
        with self._condition:
            opened = self._sources.setdefault(sequence_id, _Opened())
            self._sources.move_to_end(sequence_id)
            opened.users += 1
        try:
            with opened.lock:
                if opened.source is None:
                    opened.source = self._open_source(sequence_id)
            return opened.source.glance(index, key[2]) if len(key) == 3 else opened.source.read(index)
        except HandStudioError as error:
            return error
        except IndexError:
            return HandStudioError(f"The sequence has no frame {index}")
        except Exception as error:
            # whatever a decoder does, the thread goes on and the reader is told
            return HandStudioError(f"The frame cannot be shown ({type(error).__name__}: {error})")
        finally:
            with self._condition:
                opened.users -= 1
                given_up = self._sources.get(sequence_id) is not opened and opened.users == 0
                unneeded = self._take_unneeded()
                if given_up and opened.source is not None:
                    unneeded.append(opened.source)
            for source in unneeded:
                source.close()

    def _give_up(self, sequence_id: int) -> FrameSource | None:
        """Let a source be opened anew; returns it when nobody uses it, otherwise its last user closes it."""
        opened = self._sources.pop(sequence_id, None)
        return None if opened is None or opened.users else opened.source

    def _take_unneeded(self) -> list[FrameSource]:
        """Sources beyond the limits that nobody uses, least recently used first; they are to be closed."""
        taken: list[FrameSource] = []
        beyond = len(self._sources) - self._sources_limit
        videos = sum(_is_video(opened) for opened in self._sources.values()) - self._videos_limit
        for sequence_id, opened in list(self._sources.items()):
            if opened.users or not (beyond > 0 or (videos > 0 and _is_video(opened))):
                continue
            del self._sources[sequence_id]
            beyond -= 1
            videos -= _is_video(opened)
            if opened.source is not None:
                taken.append(opened.source)
        return taken

    def _keep(self, key: Key, outcome: Outcome) -> None:
        if self._closed:
            return
        replaced = self._kept.pop(key, None)
        if replaced is not None:
            self._bytes -= _byte_count(replaced)
        self._kept[key] = outcome
        self._bytes += _byte_count(outcome)
        while self._bytes > self._bytes_limit and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= _byte_count(oldest)


def _byte_count(outcome: Outcome) -> int:
    return outcome.byte_count if isinstance(outcome, Frame) else _BYTES_OF_A_PROBLEM


def _is_video(opened: _Opened) -> bool:
    return opened.source is not None and opened.source.kind == "video"

"""The child behind :class:`handstudio.jobs.residents.Resident`: answers requests until its input ends."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.hand.peaks import packed
from handstudio.hand.shape import HandShape
from handstudio.media.opening import open_source
from handstudio.media.source import Frame, FrameSource, read_stored

from . import hand_maps
from .messages import Message, read_message, write_message
from .stopping import ORPHAN_GRACE_S, ORPHANED

Answerer = Callable[[Message], Message]

_MOST_SOURCES = 4


class Sources:
    """The last few sequences that were read, kept open."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[Any, ...], FrameSource] = OrderedDict()

    def read(self, kind: str, path: str, view: str | None, index: int, name: str) -> Frame:
        """One frame; of a folder by its name alone, so that the names of all others need not be known."""
        by_name = kind == "folder"
        key = (kind, path, view, name if by_name else None)
        source = self._open.get(key)
        if source is None:
            source = open_source(kind, path, view, [name] if by_name else None)
            self._open[key] = source
            while len(self._open) > _MOST_SOURCES:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(key)
        return read_stored(source, 0 if by_name else index)


class Proposals:
    """Proposes single hands with one model, loaded once."""

    def __init__(self, model_path: str | None) -> None:
        from handstudio.methods.single import SingleProposer

        self._propose = SingleProposer(model_path)
        self._sources = Sources()
        computing = self._propose.computing
        self._computing = None if computing is None else computing.to_dict()

    def __call__(self, message: Message) -> Message:
        values = message.values
        if values["ask"] == "hello":
            return Message({"ready": True, "computing": self._computing})
        began = time.perf_counter()
        frame = self._sources.read(
            values["kind"], values["path"], values["view"], values["index"], values["name"]
        )
        hand = frame.rgb, Box.from_dict(values["box"]), values["side"]
        if values["ask"] == "heatmaps":
            maps = self._propose.heatmaps(*hand)
            return Message({}, {} if maps is None else {"heatmaps": maps})
        if values["ask"] == "maps":
            return hand_maps.message_of(self._propose.maps(*hand))
        shape = HandShape(message.arrays.get("bone_lengths"), message.arrays.get("limits"))
        found = self._propose(*hand, shape)
        arrays: dict[str, npt.NDArray[Any]] = {
            "uv": found.uv,
            "depth": found.depth,
            "corrected_uv": found.corrected_uv,
            "corrected_depth": found.corrected_depth,
            "visibility": found.visibility,
            "joint_doubt": found.joint_doubt,
            "peaks": packed(found.peaks),
        }
        optional = {
            "perturbed_uv": found.perturbed_uv,
            "perturbed_depth": found.perturbed_depth,
            "mask": found.mask,
        }
        arrays.update((name, array) for name, array in optional.items() if array is not None)
        return Message(
            {
                "c_stability": float(found.c_stability),
                "c_plausibility": float(found.c_plausibility),
                "seconds": time.perf_counter() - began,
                "computing": self._computing,
                "look": found.look.to_dict(),
            },
            arrays,
        )


def clean(message: Message) -> Message:
    """Cleans a point cloud and finds its normals."""
    from handstudio.media.pointcloud_cleaning import clean as clean_points

    if message.values["ask"] == "hello":
        return Message({"ready": True})
    points, colours, normals = clean_points(
        np.asarray(message.arrays["points"]), np.asarray(message.arrays["colours"])
    )
    return Message({}, {"points": points, "colours": colours, "normals": normals})


def answerer_for(words: Sequence[str]) -> Answerer:
    """``proposals [MODEL_PATH]`` or ``clouds``."""
    if words and words[0] == "proposals":
        return Proposals(words[1] if len(words) > 1 else None)
    if list(words) == ["clouds"]:
        return clean
    raise SystemExit("usage: python -m handstudio.jobs.resident_child proposals [MODEL_PATH] | clouds")


def serve(make: Callable[[], Answerer], grace_s: float = ORPHAN_GRACE_S) -> None:
    """Answers what comes on standard input; standard output is kept for the answers alone.

    Args:
        make: gives what answers, at the first request.
        grace_s: how long an answer may still take once the window is gone.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = _requests(os.dup(0), grace_s)
    answer: Answerer | None = None
    while (message := requests.get()) is not None:
        try:
            if answer is None:
                answer = make()
            reply = answer(message)
        except HandStudioError as error:
            reply = Message({"error": str(error)})
        except Exception as error:
            traceback.print_exc()
            reply = Message({"error": f"{type(error).__name__}: {error}"})
        write_message(answers, reply)


def _requests(descriptor: int, grace_s: float) -> queue.SimpleQueue[Message | None]:
    """What is asked, read beside the work so that the window's end is noticed in the middle of it."""
    waiting: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

    def read() -> None:
        stream = os.fdopen(descriptor, "rb")
        try:
            while (message := read_message(stream)) is not None:
                waiting.put(message)
        except (OSError, EOFError, ValueError):
            traceback.print_exc()
        finally:
            waiting.put(None)
            timer = threading.Timer(grace_s, os._exit, args=(ORPHANED,))
            timer.daemon = True
            timer.start()

    threading.Thread(target=read, name="requests", daemon=True).start()
    return waiting


if __name__ == "__main__":
    serve(lambda: answerer_for(sys.argv[1:]))

"""A resident child without any heavy library: it doubles arrays, dies, hangs or fails as it is asked."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from handstudio.errors import HandStudioError
from handstudio.jobs.messages import Message
from handstudio.jobs.resident_child import Answerer, serve


def answer(message: Message) -> Message:
    """Does as it is asked."""
    ask = message.values["ask"]
    print("a library prints what it likes")
    if ask == "die":
        print("last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if ask == "die once" and not (note := Path(message.values["note"])).exists():
        note.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if ask == "hang":
        threading.Event().wait()
    if ask == "fail":
        raise HandStudioError("The frame is damaged", "a.jpg")
    return Message(
        {"pid": os.getpid(), "words": sys.argv[1:]},
        {name: array * 2 for name, array in message.arrays.items()},
    )


def make() -> Answerer:
    """The answerer is made at the first request, as a model would be loaded."""
    return answer


if __name__ == "__main__":
    serve(make, float(os.environ.get("SMALL_GRACE_S", "60")))

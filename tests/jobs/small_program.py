"""A command line of a few small jobs, so that processes can be tested without any heavy library."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from pathlib import Path

from handstudio.errors import HandStudioError
from handstudio.jobs.command import Result, Work, perform


def count(work: Work, *words: str) -> Result:
    """Counts to a number."""
    total = int(words[0])
    for done in range(total + 1):
        work.shown.report(done, total, "things")
        work.shown.values(done, {"loss": 1.0 / (done + 1)})
    print("a library prints what it likes")
    return {"count": total}


def patient(work: Work, *words: str) -> Result:
    """Works until it is asked to stop, then leaves a note as a checkpoint would be."""
    work.shown.report(0, None, "things")
    work.say("ready")
    work.stop.wait()
    if words:
        Path(words[0]).write_text(str(work.stop.reason), "utf-8")
    return {"stopped": work.stop.reason}


def deaf(work: Work, *words: str) -> Result:
    """Never listens to a request; ends by SIGTERM's default or not even by that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in words else signal.SIG_DFL)
    work.shown.report(0, None, "things")
    threading.Event().wait()
    return {}


def fail(work: Work, *words: str) -> Result:
    """Meets bad input."""
    raise HandStudioError("The file is damaged", Path("/somewhere/a.jpg"), "Take it out of the folder")


def crash(work: Work, *words: str) -> Result:
    """Has a fault."""
    return {"never": 1 / 0}


def refused(work: Work, *words: str) -> Result:
    """Meets a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere/a.npy")


def die(work: Work, *words: str) -> Result:
    """Is killed from outside, as by the system when memory runs out."""
    print("last words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def family(work: Work, *words: str) -> Result:
    """Starts a child of its own and hangs."""
    import subprocess

    child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    Path(words[0]).write_text(str(child.pid), "utf-8")
    return deaf(work, "stubborn")


def run(work: Work, *words: str) -> Result:
    """Is a run of a project: ``run PROJECT count|patient|fail|die``."""
    from handstudio.project import Project

    with Project.open(words[0], writer="job") as project:
        return work.in_run(
            project,
            "propose",
            {"how": words[1]},
            lambda progress, run_id: globals()[words[1]](work, *words[2:]),
        )


if __name__ == "__main__":
    name, *rest = [word for word in sys.argv[1:] if word != "--json"]
    sys.exit(perform(lambda work: globals()[name](work, *rest), "--json" in sys.argv))

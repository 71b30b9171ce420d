"""Everything a review offers, with pictures: ``python tests/benchmarks/review_walk.py --out FOLDER``.

Real keys and mouse in the real window, real child processes (under ``xvfb-run`` without a display). The
bundled example is imported and proposed; then each section walks through a copy of that project: 1 drags,
2 other ways to a right pose, 3 the queue, 4 acceptance by a machine, 5 timeline and steps, 6 how the frame
is looked at, 7 people, 8 models, 9 what is beside the work. Each stage asserts what it did to the project or
the window and leaves one picture in the folder; ``walk.md`` there says of each what was pressed and what is
to be seen. Sections that are not asked for keep their pictures. Ends with 1 when a section did not get
through.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

OPENING = {
    "open": ("Nothing", "An empty project says what to do first."),
    "imported": (
        "The example's folder dropped on the window",
        "The sequences are listed, the first frame is shown.",
    ),
    "streaming": ("P", "The first proposals are there while the others are made."),
    "proposed": ("Nothing: the run ends", "Every hand has a proposal; the timeline is filled."),
}
FINETUNING = {"epochs": 1, "least_steps": 32, "learning_rate": 5e-3}
"""Too quick on purpose: some hands get clearly better or worse by it."""


def make_base(folder: Path, album, settings) -> None:
    """The example imported and proposed by the shipped model, in ``folder/project``; with pictures."""
    from PySide6.QtCore import QPoint

    from handstudio.ui.desk import Desk
    from tests.benchmarks.reviewing.reviewer import Reviewer
    from tests.ui.walk import TINY, project_with_model, shipped_model

    model = shipped_model(folder / "model", {**TINY, **FINETUNING})
    one = Reviewer(Desk(settings), project_with_model(folder / "project", model), album)
    one._picture = lambda window, stage: (one.settle(), album.take(window, stage, *OPENING[stage]))
    album.begin(0, "Opening")
    one.open()
    assert one.window.geometry().topLeft() == QPoint(0, 0)
    one.import_by_dropping(Path(__file__).parents[2] / "resources" / "example")
    one.propose()
    one.close()


def main() -> None:
    """Walks through the sections that are asked for."""
    from PySide6.QtCore import QSettings
    from PySide6.QtGui import QCursor

    from handstudio.ui.start import application
    from tests.benchmarks.reviewing import (
        beside,
        dragging,
        looking,
        models,
        people,
        poses,
        promising,
        queueing,
        stepping,
    )
    from tests.benchmarks.reviewing.album import Album

    modules = (dragging, poses, queueing, promising, stepping, looking, people, models, beside)
    sections = dict(enumerate(modules, start=1))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--scheme", choices=["dark", "light", "contrast"], default="dark")
    parser.add_argument("--sections", default=",".join(map(str, sections)), help="such as 1,4")
    parser.add_argument("--base", type=Path, help="keep the proposed project here, and take it again")
    wishes = parser.parse_args()
    wanted = [int(number) for number in wishes.sections.split(",")]
    application(["handstudio"])
    from handstudio.ui.desk import Desk
    from tests.benchmarks.reviewing.reviewer import Reviewer

    album = Album(wishes.out)
    failed = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)

        def settings(number: int) -> QSettings:
            made = QSettings(str(folder / f"window-{number}.ini"), QSettings.Format.IniFormat)
            made.setValue("theme/scheme", wishes.scheme)
            made.setValue("review/who", "Ann")
            return made

        base = wishes.base or folder / "base"
        QCursor.setPos(1599, 999)  # where it points at nothing of the window
        if not (base / "project" / "project.db").exists():
            make_base(base, album, settings(0))
        for number in wanted:
            path = folder / f"section-{number}"
            shutil.copytree(base / "project", path)
            words = sections[number].__doc__.splitlines()[0].split(": ", 1)[1]
            album.begin(number, words[:1].upper() + words[1:].rstrip("."))
            one = Reviewer(Desk(settings(number)), path, album)
            began = time.monotonic()
            one.open()
            try:
                one.settle()
                sections[number].walk(one)
            except Exception:
                failed.append(number)
                traceback.print_exc()
                album.take(one.window, "failed", "See above", "Where the walk ended")
            for window in list(one.desk.windows):
                window.close_and_wait()
            print(f"section {number}: {time.monotonic() - began:.0f} s", flush=True)
    print(f"{len(album.taken)} pictures in {wishes.out}")
    if failed:
        sys.exit(f"not walked through: {failed}")


if __name__ == "__main__":
    main()

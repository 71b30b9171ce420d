"""What keeps the window fast, as far as it can be told without a clock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]


def run(program: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, cwd=HOUSE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="Qt shares no painting on one core")
def test_painting_stays_on_one_thread() -> None:
    program = (
        "import os\n"
        "from handstudio.ui.start import application\n"
        "app = application(['handstudio'])\n"
        "from PySide6.QtGui import QColor, QImage, QPainter\n"
        "image = QImage(600, 600, QImage.Format.Format_RGB32)\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "painter = QPainter(image)\n"
        "painter.setRenderHint(QPainter.RenderHint.Antialiasing)\n"
        "painter.setBrush(QColor(10, 20, 30, 90))\n"
        "painter.drawEllipse(0, 0, 600, 600)\n"
        "painter.end()\n"
        "print(len(os.listdir('/proc/self/task')) - before)\n"
    )
    assert run(program) == "0"


OPEN = """
import gc, sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from handstudio.ui.start import application
app = application(["handstudio"])
from handstudio.ui.desk import Desk
desk = Desk(QSettings(sys.argv[2], QSettings.Format.IniFormat), jobs=False)
window = desk.open(Path(sys.argv[1]))
LATE = set({late})
def seen():
    print(",".join(sorted(LATE & set(sys.modules))), gc.isenabled(), gc.get_freeze_count() > 0)
    window.close()
    print(gc.get_freeze_count() > 0)
    app.exit()
window.{moment}.connect(lambda: QTimer.singleShot(0, seen))
app.exec()
"""


def test_the_first_paint_needs_none_of_what_the_docks_and_the_file_dialogs_need(
    project: Path, tmp_path: Path
) -> None:
    late = {
        *("torch", "open3d", "alembic", "av", "h5py", "vispy", "pyqtgraph", "qtawesome", "qtpy"),
        *("sqlalchemy.dialects.postgresql", "handstudio.ui.dialogs", "handstudio.ui.command_palette"),
    }
    program = OPEN.format(late=late, moment="painted")
    assert run(program, str(project), str(tmp_path / "start.ini")).split() == ["False", "False", "False"]


def test_what_the_start_made_is_not_looked_through_for_rubbish_while_the_window_is_open(
    project: Path, tmp_path: Path
) -> None:
    program = OPEN.format(late=set(), moment="docks.filled")
    assert run(program, str(project), str(tmp_path / "start.ini")).split() == ["True", "True", "False"]

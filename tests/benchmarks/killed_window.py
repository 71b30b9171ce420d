"""A window that presses its own keys, to be killed: ``python killed_window.py PROJECT SETTINGS SEED``.

The window is the one that ``handstudio window`` opens. A timer presses keys in it as fast as a person never
would: decisions, moved joints, undo and redo. Whatever has been stored is told in one line of JSON, after the
commit and after the window itself has heard of it: the audit's number, the hand, its state, its label.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest

from handstudio.project.project import Project
from handstudio.ui.start import application
from handstudio.ui.window import MainWindow

EVERY_MS = 5
Key, Mod = Qt.Key, Qt.KeyboardModifier
KEYS = {
    "accept": ([(Key.Key_Space, Mod.NoModifier)], 5),
    "nudge": ([(Key.Key_Tab, Mod.NoModifier), (Key.Key_Right, Mod.AltModifier)], 4),
    "correction": ([(Key.Key_Escape, Mod.NoModifier), (Key.Key_C, Mod.NoModifier)], 2),
    "reject": ([(Key.Key_R, Mod.NoModifier)], 1),
    "skip": ([(Key.Key_S, Mod.NoModifier)], 1),
    "undo": ([(Key.Key_Z, Mod.ControlModifier)], 3),
    "redo": ([(Key.Key_Z, Mod.ControlModifier | Mod.ShiftModifier)], 1),
    "next": ([(Key.Key_Right, Mod.NoModifier)], 2),
}
"""What is pressed, and how often."""


def standing(project: Project, hand_id: int) -> dict[str, object]:
    """What a hand is now, as it is compared after the kill."""
    label = project.label_of(hand_id)
    uv = None if label is None else label.pose.uv.round(3).tolist()
    return {"hand": hand_id, "state": str(project.hand(hand_id).state), "uv": uv}


def tell(window: MainWindow, hands: frozenset[int]) -> None:
    """One line for a change that is on the disk."""
    project = window.session.project
    audit = project.history.entries(1)[0].id
    print(json.dumps({"audit": audit, "hands": [standing(project, hand) for hand in hands]}), flush=True)


def main() -> None:
    """Opens the window and presses keys until it is killed."""
    project, settings, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    app = application(["handstudio"])
    from handstudio.ui.desk import Desk

    window = Desk(QSettings(settings, QSettings.Format.IniFormat)).open_first(project)
    chance = random.Random(seed)
    names = list(KEYS)
    weights = [weight for _, weight in KEYS.values()]

    def press() -> None:
        keys, _ = KEYS[chance.choices(names, weights)[0]]
        for key, keys_held in keys:
            QTest.keyClick(window.windowHandle(), key, keys_held)

    def begin() -> None:
        window.activateWindow()
        print(json.dumps({"audit": 0, "hands": []}), flush=True)
        timer.start()

    timer = QTimer(interval=EVERY_MS)
    timer.timeout.connect(press)
    window.session.changed.connect(lambda change: tell(window, change.hands))
    window.docks.filled.connect(begin)
    app.exec()


if __name__ == "__main__":
    main()

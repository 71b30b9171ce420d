"""The hold-out by lot in the window: it shows what it would do, does it by one click, undo takes it back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtTest import QTest

from handstudio.project.project import Project
from handstudio.ui.hold_out_dialog import WARNED

from .made_project import make_project


@pytest.fixture
def project(tmp_path):
    for name in ("wave", "fist", "point", "pinch"):
        path = make_project(tmp_path / "made", count=3, name=name, proposed=False)
    return path


def held(window) -> set[str]:
    return {record.name for record in window.session.project.sequences() if record.hold_out}


def test_one_click_holds_out_what_was_shown(window, qtbot):
    window.session.set_hold_out(1, True)
    QTest.keyClick(
        window.canvas.view,
        Qt.Key.Key_H,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    dialog = window.beside.hold_out
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=5_000)
    rows = [dialog.table.item(row, 4).text() for row in range(dialog.table.rowCount())]
    assert sorted(rows) == ["", "", "drawn", "yes"]
    assert dialog.go.text() == "Hold 1 sequence out"
    assert "25 %" in dialog.sentence.text()
    first = dialog.table.item(rows.index("drawn"), 0).text()
    seen = {first}
    for _ in range(8):
        QTest.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
        seen |= {group.name for group in dialog.found.drawn}
    assert seen == {"fist", "point", "pinch"}
    wanted = dialog.found.drawn[0].name
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert held(window) == {"wave", wanted}
    assert not dialog.isVisible()
    window.session.undo()
    assert held(window) == {"wave"}


def test_a_model_that_learnt_from_it_is_named(window, qtbot):
    with Project.open(window.session.project.path) as project:
        names = [record.name for record in project.sequences()]
        project.add_model(
            *("m", "Second", "semihand", "lite"), source="finetune", lineage={"data": {"sequences": names}}
        )
    window.services.actions["draw_hold_out"].trigger()
    dialog = window.beside.hold_out
    qtbot.waitUntil(lambda: dialog.warnings.isVisible(), timeout=5_000)
    assert "was learnt from by Second" in dialog.warnings.text()
    dialog.share.setValue(90)
    assert "Only 75 % can be held out" in dialog.warnings.text()
    QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()


def test_many_models_and_long_names_leave_the_dialog_as_it_is(window, qtbot):
    with Project.open(window.session.project.path) as project:
        names = [record.name for record in project.sequences()]
        for number in range(6):
            project.add_model(
                *(f"m{number}", f"Finetune on the kitchen footage {number}", "semihand", "lite"),
                source="finetune",
                lineage={"data": {"sequences": names}},
            )
    window.services.actions["draw_hold_out"].trigger()
    dialog = window.beside.hold_out
    qtbot.waitUntil(lambda: dialog.warnings.isVisible(), timeout=5_000)
    dialog.share.setValue(90)
    assert len(dialog.warnings.text().split("\n")) == WARNED + 1
    assert dialog.warnings.text().endswith("and 1 more like this")
    assert "Finetune on the kitchen footage 5" in dialog.table.item(0, 5).toolTip()
    assert dialog.table.horizontalHeader().length() <= dialog.table.viewport().width()
    dialog.reject()


def test_where_there_is_nothing_to_hold_out_it_says_why_and_its_button_is_whole(desk, tmp_path, qtbot):
    Project.create(tmp_path / "empty").close()
    window = desk.open(tmp_path / "empty")
    dialog = window.beside.hold_out
    dialog.show()
    qtbot.waitUntil(lambda: "There is no sequence yet. Import some" in dialog.sentence.text(), timeout=5_000)
    assert not dialog.go.isEnabled()
    assert dialog.table.rowCount() == 0
    assert dialog.go.text() == "Hold out"
    bold = QFont(dialog.go.font())
    bold.setBold(True)
    assert dialog.go.width() >= QFontMetrics(bold).horizontalAdvance(dialog.go.text()) + 16
    dialog.reject()

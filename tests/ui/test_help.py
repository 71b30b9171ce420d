"""The manual in the window: it is complete, its keys are those in force, its links lead somewhere."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtTest import QTest

from handstudio.ui.actions import SPECS
from handstudio.ui.help.manual import FOLDER, pages
from handstudio.ui.help.window import HelpWindow

OF_DOCKS = {"adopt_model", "judge_model", "roll_back", "reset_tau"}
"""Actions that docks bring along."""


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_mentions_actions_pictures_and_pages_that_exist(page):
    assert set(page.actions) <= {spec.name for spec in SPECS} | OF_DOCKS
    assert page.title
    for picture in page.pictures:
        assert not QImage(str(FOLDER / picture)).isNull(), picture
    for link in re.findall(r"\(page:([^)]+)\)", page.text):
        assert link in {other.name for other in pages()}


def test_every_decision_and_every_edit_is_explained():
    told = {name for page in pages() for name in page.actions}
    wanted = {spec.name for spec in SPECS if spec.group in ("Decide", "Joint", "Layers", "Machine")}
    assert wanted - told <= {"cancel", "select_all", "previous_joint"}


@pytest.fixture
def manual(window) -> HelpWindow:
    QTest.keyClick(window.canvas.view, Qt.Key.Key_F1)
    return window.beside.help


def test_f1_opens_the_manual_with_its_first_page(manual):
    assert manual.isVisible()
    assert manual.page.name == "01-one-round"
    assert "Accept (Space)" in manual.reader.toPlainText()


def test_the_manual_names_the_keys_that_are_in_force(manual, window):
    window.services.actions.set_keys("accept", ["Ctrl+7"])
    assert "Accept (Ctrl+7)" in manual.reader.toPlainText()
    window.services.actions.set_keys("accept", [])
    assert "Accept what is right" in manual.reader.toPlainText()


def test_looking_for_a_word_leaves_the_pages_that_hold_it_and_marks_it(manual):
    QTest.keyClicks(manual.field, "promise")
    shown = [row for row in range(manual.list.count()) if not manual.list.item(row).isHidden()]
    assert [manual.list.item(row).text() for row in shown] == ["Let the machine accept"]
    assert manual.page.name == "06-acceptance"
    assert len(manual.reader.extraSelections()) > 3
    manual.field.setText("no page says this")
    assert manual.page.name == "06-acceptance"


def test_a_link_turns_to_its_page(manual):
    manual.reader.anchorClicked.emit(QUrl("page:04-layers"))
    assert manual.page.name == "04-layers"
    assert "55 circles" in manual.reader.toPlainText()


def test_pictures_are_never_wider_than_the_page(manual, qtbot):
    for width in (700, 1400):
        manual.resize(width, 600)
        qtbot.waitUntil(lambda: not manual.reader._again.isActive(), timeout=3_000)
        picture = manual.reader.loadResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl("pictures/window.webp")
        )
        assert 0 < picture.width() / picture.devicePixelRatio() <= manual.reader.viewport().width()

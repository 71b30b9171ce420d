"""What a newer model made better or worse, at the real window: both models' poses side by side."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from handstudio.project.project import Project
from handstudio.review.session import ReviewSession
from handstudio.scoring.evaluation import evaluate
from handstudio.ui.canvas.pair_item import COLOURS

from .conftest import mouse_move, turn_wheel

Key, Mod, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
NO_BUTTON = Qt.MouseButton.NoButton
BEFORE, AFTER = (14.0, 14.0, 3.0, 3.0), (2.0, 4.0, 12.0, 3.0)
"""How far the models are off, px, for hands 1 to 4."""


@pytest.fixture
def project(project):
    """Four hands that are accepted, and two models that were judged on them."""
    with Project.open(project) as opened:
        session = ReviewSession(opened, "ann")
        session.open()
        for hand_id in (1, 2, 3, 4):
            session.go_to_hand(hand_id)
            session.accept()
        labels = opened.poses("label", (1, 2, 3, 4))
        sides = [record.box.side for record in opened.hands(labels.hand_ids.tolist())]
        for name, shifts, parent in (("old", BEFORE, None), ("new", AFTER, "old")):
            uv = labels.uv + np.array(shifts, np.float32)[:, None, None] * np.float32((1.0, 0.0))
            found = evaluate(uv, labels.uv, sides, hand_ids=labels.hand_ids)
            opened.add_model(
                *(name, name.title(), "semihand", "lite"),
                source="finetune",
                parent=parent,
                lineage={"hold_out": found.to_json(with_hands=True)},
                adopted=name == "old",
            )
            opened.store_judged(name, labels.hand_ids, uv, labels.depth)
    return project


@pytest.fixture
def full(full, qtbot):
    """Models is in front and compares the new model with the old."""
    full.docks.by_name["models"].raise_()
    models = full.docks.widgets["models"]
    qtbot.waitUntil(lambda: models.pages.state == "content", timeout=5_000)
    models.tree.setCurrentIndex(models.tree_model.item_of("new").index())
    return full


def choose(window, which: int, row: int) -> None:
    """A click on a row of the list of worse (0) or better (1) frames."""
    comparison = window.docks.widgets["models"].comparison
    comparison.tabs.setCurrentIndex(which + 1)
    view = comparison.lists[which]
    place = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseClick(view.viewport(), Left, pos=place)


def at_joint(view, uv, joint: int = 8) -> QColor:
    picture = view.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    at = view.viewportTransform().map(QPointF(*uv[joint].tolist()))
    return picture.pixelColor(round(at.x() * ratio), round(at.y() * ratio))


def test_each_model_has_a_view_of_the_frame_with_its_pose(full, qtbot):
    canvas = full.canvas
    choose(full, 1, 0)
    assert full.session.hand_id == 1
    qtbot.waitUntil(lambda: canvas.twin.view.isVisible() and canvas.frame is not None)
    shown = full.session.comparing.shown
    assert shown.words == ("Old: 14.0 px", "New: 2.0 px")
    views = canvas.view, canvas.twin.view
    assert abs(views[0].width() - views[1].width()) <= 1
    for which, view in enumerate(views):
        assert at_joint(view, shown.uv[which]) == QColor(COLOURS[which])
        assert at_joint(view, shown.uv[1 - which]) != QColor(COLOURS[1 - which])
        assert (
            view.viewport()
            .rect()
            .contains(view.viewportTransform().map(QPointF(*shown.uv[which][8].tolist())).toPoint())
        )
    assert not canvas.hands.overlay.markers.isVisible()
    assert canvas.inset.isHidden()


def test_both_views_show_the_same_part_whichever_is_moved(full, qtbot):
    canvas = full.canvas
    choose(full, 0, 0)
    assert full.session.hand_id == 3
    qtbot.waitUntil(lambda: canvas.twin.on and canvas.frame is not None)
    first, second = canvas.view, canvas.twin.view
    for moved, other in ((second, first), (first, second)):
        before = other.zoom
        turn_wheel(moved, QPoint(60, 50), 1)
        assert other.zoom == pytest.approx(moved.zoom)
        assert other.zoom > before
        for corner in (QPointF(0, 0), QPointF(90, 70)):
            apart = first.to_frame(corner) - second.to_frame(corner)
            assert (apart.x(), apart.y()) == pytest.approx((0.0, 0.0), abs=1.5 / first.zoom)


def test_keys_go_through_the_list_and_escape_ends_it_as_it_was_before(full, qtbot):
    canvas, models = full.canvas, full.docks.widgets["models"]
    canvas.view.zoom_by(3.0, QPointF(100, 80))
    before = canvas.view.framed
    choose(full, 1, 0)
    qtbot.waitUntil(lambda: canvas.twin.on and canvas.frame is not None)
    full.canvas.view.setFocus()
    QTest.keyClick(full.focusWidget(), Key.Key_D)
    assert full.session.hand_id == 2
    assert models.comparison.lists[1].currentIndex().row() == 1
    qtbot.waitUntil(lambda: canvas.frame is not None)
    assert canvas.twin.view.isVisible()
    QTest.keyClick(full.focusWidget(), Key.Key_D, Mod.AltModifier)
    assert full.session.hand_id == 1
    QTest.keyClick(full.focusWidget(), Key.Key_Escape)
    assert canvas.twin.view.isHidden()
    assert not models.comparison.lists[1].selectedIndexes()
    after = canvas.view.framed
    assert after.zoom == pytest.approx(before.zoom)
    assert (after.about.x(), after.about.y()) == pytest.approx(
        (before.about.x(), before.about.y()), abs=1.5 / before.zoom
    )
    assert canvas.hands.overlay.markers.isVisible()


def test_of_models_that_an_older_version_judged_the_hand_alone_is_shown(full, qtbot):
    full.session.project.store_judged("old", *no_poses())
    full.session.project.store_judged("new", *no_poses())
    choose(full, 1, 1)
    assert full.session.hand_id == 2
    assert not full.canvas.twin.on
    assert "was not kept" in full.status.message.full_text


def no_poses():
    return np.zeros(0, np.int64), np.zeros((0, 21, 2), np.float32), np.zeros((0, 21), np.float32)


def test_the_lens_enlarges_the_pose_of_its_side(full, qtbot):
    canvas = full.canvas
    choose(full, 1, 0)
    qtbot.waitUntil(lambda: canvas.twin.on and canvas.frame is not None)
    view, lens = canvas.view, canvas.magnifier.lens
    shown = full.session.comparing.shown
    at = view.viewportTransform().map(QPointF(*shown.uv[0][8].tolist())).toPoint()
    full.services.actions["magnifier"].setChecked(True)
    QApplication.sendEvent(view.viewport(), mouse_move(view.viewport(), at, NO_BUTTON, Mod.NoModifier))
    assert lens.isVisible()
    picture, transform = lens.grab().toImage(), lens.transform()
    ratio = picture.devicePixelRatio()
    for which, wanted in ((0, True), (1, False)):
        place = transform.map(QPointF(*shown.uv[which][8].tolist())) * ratio
        inside = picture.rect().contains(place.toPoint())
        found = inside and picture.pixelColor(place.toPoint()) == QColor(COLOURS[which])
        assert found == wanted
    full.services.actions["magnifier"].setChecked(False)

"""Brightness, contrast and gamma: for the eye alone, from sliders or by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from handstudio.ui.canvas.exposure import NEUTRAL, Exposure, histogram_of, stretched


def test_a_neutral_exposure_changes_nothing() -> None:
    assert (NEUTRAL.table() == np.arange(256)).all()


@given(st.floats(-1.0, 1.0), st.floats(0.25, 4.0), st.floats(0.25, 4.0))
def test_brighter_values_never_become_darker_ones(brightness: float, contrast: float, gamma: float) -> None:
    assert (np.diff(Exposure(brightness, contrast, gamma).table().astype(int)) >= 0).all()


def test_gamma_lifts_the_dark_and_keeps_both_ends() -> None:
    table = Exposure(gamma=2.0).table()
    assert (table[0], table[255]) == (0, 255)
    assert table[32] > 80


def test_a_dull_frame_is_stretched_over_the_whole_range() -> None:
    dull = np.random.default_rng(0).integers(70, 140, (50, 60, 1), dtype=np.uint8).repeat(3, axis=2)
    shown = stretched(dull).table()[dull]
    assert shown.min() < 15
    assert shown.max() > 240


def test_an_even_frame_stays_as_it_is() -> None:
    assert stretched(np.full((5, 5, 3), 90, np.uint8)) == NEUTRAL


def test_a_histogram_has_its_bars_where_the_values_are() -> None:
    half = np.zeros((40, 40, 3), np.uint8)
    half[:, 20:] = 200
    shares = histogram_of(half)
    assert set(np.flatnonzero(shares).tolist()) == {0, 200}
    assert shares.max() == 1.0


def test_auto_stretches_reset_goes_back_and_the_frame_itself_stays(window):
    strip = window.canvas.exposure
    QTest.keyClick(window.canvas.view, Qt.Key.Key_X)
    before = window.canvas.frame.rgb.copy()
    QTest.mouseClick(strip.stretch, Qt.MouseButton.LeftButton)
    assert strip.exposure().contrast == pytest.approx(stretched(before).contrast, rel=0.02)
    assert np.array_equal(window.canvas.frame.rgb, before)
    strip.gamma.setValue(50)
    assert strip.exposure().gamma == pytest.approx(2.0)
    QTest.mouseClick(strip.reset, Qt.MouseButton.LeftButton)
    assert strip.exposure() == NEUTRAL


def test_a_frame_that_cannot_be_shown_has_no_histogram_and_nothing_to_stretch(open_window, project, qtbot):
    (project.parent / "footage" / "wave" / "frame_0005.jpg").write_bytes(b"no image")
    window = open_window(project)
    strip = window.canvas.exposure
    QTest.keyClick(window.canvas.view, Qt.Key.Key_X)
    window.session.go_to_frame(1, 5)
    qtbot.waitUntil(lambda: window.canvas.seen == "failure")
    QTest.mouseClick(strip.stretch, Qt.MouseButton.LeftButton)
    assert strip.exposure() == NEUTRAL
    window.session.go_to_frame(1, 0)
    qtbot.waitUntil(lambda: window.canvas.frame is not None)
    QTest.mouseClick(strip.stretch, Qt.MouseButton.LeftButton)
    assert strip.exposure() != NEUTRAL

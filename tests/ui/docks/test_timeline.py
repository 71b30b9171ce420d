"""The timeline: what it shows, and going by it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from handstudio.project import Project
from handstudio.project.records import Change, Confidences
from handstudio.review.expected_error import ExpectedError
from handstudio.ui.moved_tau import MovedTau
from handstudio.ui.status_line import StatusLine
from handstudio.ui.timeline import Timeline
from handstudio.ui.timeline.series import NO_HAND, STATES, column_states, columns, series_of
from handstudio.ui.timeline.trust import Trust
from handstudio.ui.work import Work

from ..made_project import propose
from .conftest import drag, mouse


@pytest.fixture
def timeline(make_bench, qtbot):
    bench = make_bench(count=24)
    widget = bench.show(Timeline, 900, 170)
    widget.bench = bench
    qtbot.waitUntil(lambda: widget.pages.state == "content", timeout=10_000)
    qtbot.waitUntil(lambda: widget.plot.box.width() > 300, timeout=5_000)
    return widget


@pytest.fixture
def by_c(timeline, qtbot):
    """The method's C is the measure of confidence."""
    timeline.bench.session.use_measure("C")
    qtbot.waitUntil(lambda: timeline.plot.by_c, timeout=5_000)


def spot(timeline, frame: float, figure: float = 5.0) -> QPointF:
    """Where a frame and a figure are seen, in the plot's viewport."""
    plot = timeline.plot
    scene = plot.box.mapViewToScene(QPointF(frame, np.log10(figure)))
    return QPointF(plot.mapFromScene(scene))


def double_click(viewport, at: QPointF) -> None:
    press, release = QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease
    for kind in (press, release, QEvent.Type.MouseButtonDblClick, release):
        mouse(viewport, kind, at)


def test_a_click_goes_to_the_frame(timeline, qtbot):
    QTest.mouseClick(timeline.plot.viewport(), Qt.MouseButton.LeftButton, pos=spot(timeline, 17).toPoint())
    qtbot.waitUntil(lambda: timeline.bench.session.frame_index == 17, timeout=3_000)
    assert (timeline.number.field.text(), timeline.number.of.text()) == ("18", "of 24")


def test_dragging_scrubs_through_the_frames(timeline, qtbot):
    drag(timeline.plot.viewport(), spot(timeline, 3), spot(timeline, 20), steps=8)
    qtbot.waitUntil(lambda: timeline.bench.session.frame_index == 20, timeout=3_000)


def test_the_current_frame_is_marked_when_it_changes_elsewhere(timeline):
    timeline.bench.session.step(5)
    assert [line.value() for line in timeline.plot._here] == [5, 5]


def test_the_wheel_zooms_about_the_cursor_and_a_double_click_shows_all(timeline):
    whole = timeline.plot.box.viewRange()[0]
    timeline.plot.box.scaleBy(x=0.5, y=None)
    zoomed = timeline.plot.box.viewRange()[0]
    assert zoomed[1] - zoomed[0] < 0.6 * (whole[1] - whole[0])
    double_click(timeline.plot.viewport(), spot(timeline, 12))
    assert np.allclose(timeline.plot.box.viewRange()[0], whole, atol=0.6)


@pytest.mark.usefixtures("by_c")
def test_tau_is_dragged_says_its_value_and_is_remembered(timeline):
    start, end = spot(timeline, 9.5, timeline.tau), spot(timeline, 9.5, 0.3)
    drag(timeline.plot.viewport(), start, end, steps=6)
    assert timeline.tau == pytest.approx(0.3, rel=0.1)
    assert f"τ {timeline.tau:.2f}" in timeline.plot.tau_line.label.toPlainText()
    assert timeline.trusted.text().endswith("% trusted")
    assert timeline.plot.tau_line.isVisible()
    stored = MovedTau(timeline.bench.services.settings, timeline.bench.session.project).of(None)
    assert stored == pytest.approx(timeline.tau)


@pytest.mark.usefixtures("by_c")
def test_up_and_down_move_tau(timeline):
    before = timeline.tau
    timeline.plot.setFocus()
    QTest.keyClick(timeline.plot, Qt.Key.Key_Up)
    assert timeline.tau > before
    QTest.keyClick(timeline.plot, Qt.Key.Key_Down)
    assert timeline.tau == pytest.approx(before)


def test_a_decision_shows_at_once_without_reading_the_sequence_again(timeline, monkeypatch):
    session = timeline.bench.session
    monkeypatch.setattr(
        session.project, "confidences", lambda _id: pytest.fail("the sequence was read again")
    )
    session.accept()
    assert STATES[timeline._series.code[0, 0]] == "accepted"
    assert "Accepted" in timeline.here.text()


def test_the_strip_has_the_states_colour(timeline, qtbot):
    timeline.bench.session.accept()
    plot = timeline.plot
    at = plot.mapFromScene(plot.strip_box.mapViewToScene(QPointF(0.3, 0.5)))
    picture = plot.viewport().grab().toImage()
    seen = picture.pixelColor(QPoint(at.x(), at.y()))
    wanted = timeline._services.theme.state_colour("accepted")
    assert abs(seen.hslHue() - wanted.hslHue()) < 8


def test_a_hidden_timeline_times_and_reads_nothing(timeline, qtbot):
    timeline.hide()
    timeline.bench.session.accept()
    assert not timeline._reload.isActive()
    assert not timeline._go.isActive()
    timeline.show()
    qtbot.waitUntil(lambda: STATES[timeline._series.code[0, 0]] == "accepted" if timeline._series else False)


def test_without_frames_it_offers_to_import(make_bench):
    bench = make_bench()
    bench.session.sequence_id = None
    widget = bench.show(Timeline)
    assert widget.pages.state == "empty"
    assert widget.pages.notice.button.text() == "Import folder"


def test_columns_hold_the_extremes_of_their_frames():
    rng = np.random.default_rng(0)
    values = rng.gamma(1.0, 2.0, 100_000).astype(np.float32)
    values[rng.random(len(values)) < 0.2] = np.nan
    frames, least, largest = columns(values, 1000, 90_000, 800)
    part = values[1000:90_001]
    assert len(frames) == 800
    assert largest.max() == np.nanmax(part)
    assert least.min() == np.nanmin(part)
    assert (np.diff(frames) > 0).all()


def test_a_column_shows_the_state_that_still_needs_most_work():
    code = np.full(1000, STATES.index("accepted"), np.uint8)
    code[503] = STATES.index("proposed")
    edges, states = column_states(code, 0, 1000, 100)
    found = states[np.searchsorted(edges, 503, side="right") - 1]
    assert STATES[found] == "proposed"
    assert (states == STATES.index("accepted")).sum() == 99


def test_two_hands_of_a_frame_get_two_rows():
    found = Confidences(
        np.array([0, 0, 2]),
        np.array([11, 12, 13]),
        np.array(["proposed", "fixed", "none"], object),
        np.array([1, 2, np.nan], np.float32),
        np.array([0.5, 0.5, np.nan], np.float32),
    )
    series = series_of(found, 3, ExpectedError("C"))
    assert series.tracks == 2
    assert series.hand_id.tolist() == [[11, 12], [-1, -1], [13, -1]]
    assert series.code[1].tolist() == [NO_HAND, NO_HAND]
    assert series.worst()[0] == 2.5
    assert np.isnan(series.worst()[1:]).all()


def test_proposals_that_come_later_are_on_the_scale_and_the_zoom_stays(timeline):
    plot = timeline.plot
    plot.box.scaleBy(x=0.5, y=None)
    across = plot.box.viewRange()[0]
    series = plot._series
    plot.replace_series(replace(series, figure=np.full_like(series.figure, 300.0)))
    assert plot.box.viewRange()[1][1] > np.log10(300.0)
    assert plot.box.viewRange()[0] == across


def adopt(timeline, qtbot, model_id: str, tau: float) -> None:
    """Adopt a model with a threshold of its own, and wait until the line stands there."""
    project = timeline.bench.session.project
    lineage = {"settings": {"finetuning": {"tau": tau}}}
    project.add_model(model_id, model_id, "semihand", "lite", source="pretrain", path="/m", lineage=lineage)
    timeline.bench.session.adopt_model(model_id)
    qtbot.waitUntil(lambda: timeline._model is not None and timeline._model.id == model_id, timeout=5_000)


def moved(timeline, model_id: str) -> float | None:
    return MovedTau(timeline.bench.services.settings, timeline.bench.session.project).of(model_id)


@pytest.mark.usefixtures("by_c")
def test_tau_is_the_adopted_models_until_it_is_moved(timeline, qtbot):
    adopt(timeline, qtbot, "m", 6.25)
    assert timeline.tau == pytest.approx(6.25, rel=1e-3)
    assert moved(timeline, "m") is None
    QTest.keyClick(timeline.plot, Qt.Key.Key_Down)
    assert moved(timeline, "m") == pytest.approx(timeline.tau)


@pytest.mark.usefixtures("by_c")
def test_a_moved_tau_is_of_its_model_and_project_alone(timeline, make_bench, qtbot):
    adopt(timeline, qtbot, "m", 6.25)
    QTest.keyClick(timeline.plot, Qt.Key.Key_Down)
    adopt(timeline, qtbot, "n", 3.0)
    assert timeline.tau == pytest.approx(3.0, rel=1e-3)
    other = make_bench(count=2)
    assert MovedTau(timeline.bench.services.settings, other.project).of("m") is None


@pytest.mark.usefixtures("by_c")
def test_a_double_click_on_the_line_puts_tau_back_to_the_models(timeline, qtbot):
    adopt(timeline, qtbot, "m", 6.25)
    for _ in range(3):
        QTest.keyClick(timeline.plot, Qt.Key.Key_Down)
    double_click(timeline.plot.viewport(), spot(timeline, 12, timeline.tau))
    qtbot.waitUntil(lambda: timeline.tau == pytest.approx(6.25, rel=1e-3), timeout=3_000)
    assert moved(timeline, "m") is None


@pytest.mark.usefixtures("by_c")
def test_the_next_finetune_takes_a_threshold_that_was_moved(timeline, qtbot):
    services, session = timeline.bench.services, timeline.bench.session
    adopt(timeline, qtbot, "m", 6.25)
    status = StatusLine(services)
    qtbot.addWidget(status)
    work, path = Work(session, services, status), str(session.project.path)
    work.finetune()
    QTest.keyClick(timeline.plot, Qt.Key.Key_Down)
    work.finetune()
    timeline.bench.services.actions["reset_tau"].trigger()
    work.finetune()
    put_back = timeline.tau
    assert put_back == pytest.approx(6.25, rel=1e-3)
    assert [words[1:] for _, words in timeline.bench.board.asked] == [
        [],
        ["--set", f"finetuning.tau={10 ** (np.log10(6.25)) / 1.05:.4g}"],
        [],
    ]
    assert timeline.bench.board.asked[0] == ("finetune", [path])


def test_what_a_job_proposes_is_taken_over_without_reading_the_sequence_again(make_bench, qtbot, monkeypatch):
    bench = make_bench(count=24, proposed=False)
    timeline = bench.show(Timeline, 900, 170)
    qtbot.waitUntil(lambda: timeline.pages.state == "content", timeout=10_000)
    monkeypatch.setattr(bench.project, "confidences", lambda *_: pytest.fail("the whole sequence was read"))
    with Project.open(bench.project.path, writer="job") as job:
        propose(job, 1)
    bench.session.poll()
    assert not timeline._reload.isActive()
    assert not np.isnan(timeline._series.figure).any()


def test_a_long_sequence_is_read_anew_only_now_and_then(timeline):
    timeline._seconds = 0.7
    timeline._changed(Change(everything=True))
    assert timeline._reload.interval() >= 10_000


def test_expected_errors_are_drawn_and_those_of_twice_the_usual_stand_out(timeline):
    session, series = timeline.bench.session, timeline._series
    records = session.project.hands(series.hand_id[:, 0].tolist())
    assert series.figure[:, 0].tolist() == pytest.approx([session.expected.of_hand(one) for one in records])
    assert timeline.trusted.text() == f"median {np.median(series.figure):.1f} px"
    assert timeline.plot.figure.limit == pytest.approx(2.0 * np.median(series.figure))
    assert " px  Proposed" in timeline.here.text()
    assert not timeline.plot.tau_line.isVisible()


def test_a_decided_hand_keeps_its_expected_error_in_the_timeline(timeline):
    before = timeline._series.figure.copy()
    timeline.bench.session.accept()
    np.testing.assert_allclose(timeline._series.figure, before, rtol=1e-6)


def test_another_measure_is_drawn_at_once(timeline, by_c, qtbot):
    assert "C " in timeline.here.text()
    assert timeline.trusted.text().endswith("trusted")
    timeline.bench.session.use_measure("doubt")
    qtbot.waitUntil(lambda: not timeline.plot.by_c, timeout=5_000)
    assert timeline.trusted.text().startswith("median ")


def test_what_a_finetune_trusts_in_any_case_is_told_beside_what_tau_alone_does(timeline, by_c, qtbot):
    settings = {"tau": 0.0, "least_trusted": [0.35, 0.9], "plausibility_share": 0.2}
    add = timeline.bench.session.project.add_model
    add(
        "m",
        "m",
        "semihand",
        "lite",
        source="pretrain",
        path="/m",
        lineage={"settings": {"finetuning": settings}},
    )
    timeline.bench.session.adopt_model("m")
    qtbot.waitUntil(lambda: timeline._model is not None, timeout=5_000)
    assert timeline.trusted.text().startswith("35 to 90 % trusted (τ alone: ")


def test_where_tau_trusts_more_than_is_trusted_in_any_case_it_alone_counts(timeline):
    trust = Trust(0.2, (0.35, 0.9))
    assert trust.words(0.95) == "95 % trusted"
    assert trust.words(0.5) == "50 to 90 % trusted (τ alone: 50 %)"
    weighed = timeline._series.stability + 0.2 * timeline._series.plausibility
    assert trust.within(timeline._series, float(np.median(weighed))) == pytest.approx(0.5, abs=0.1)
    assert Trust.of(None) == Trust()


def test_what_stands_out_is_told_by_proposals_as_they_come(make_bench, qtbot):
    bench = make_bench(count=24, proposed=False)
    timeline = bench.show(Timeline, 900, 170)
    qtbot.waitUntil(lambda: timeline.pages.state == "content", timeout=10_000)
    with Project.open(bench.project.path) as job:
        propose(job, bench.session.sequence_id)
    bench.session.poll()
    qtbot.waitUntil(lambda: not np.isnan(timeline._series.figure).all(), timeout=5_000)
    median = float(np.median(timeline._series.figure))
    assert timeline.plot.figure.limit == pytest.approx(2.0 * median)

"""The training monitor and the models."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from handstudio.jobs.events import Failed, Measured, Progressed, Started
from handstudio.project.records import HandQuery
from handstudio.review.expected_error import ExpectedError
from handstudio.review.judged import Judged, judged_of, side_by_side
from handstudio.scoring.comparison import compare
from handstudio.scoring.confidence import told
from handstudio.scoring.evaluation import evaluate
from handstudio.ui.job_words import duration
from handstudio.ui.models import Models
from handstudio.ui.training import Training
from handstudio.ui.training.curves import thinned
from handstudio.ui.training.entries import LOG_NAME


class FakeJob:
    """A job as the monitor sees it."""

    def __init__(self, kind: str, log_path) -> None:
        self.kind, self.log_path = kind, log_path
        self.state, self.error, self.result = "running", None, None
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def job(bench, tmp_path):
    log = tmp_path / "run.log"
    log.write_text("epoch 1\nepoch 2\n", encoding="utf-8")
    return FakeJob("finetune", log)


@pytest.fixture
def monitor(bench, qtbot):
    widget = bench.show(Training, 1000, 260)
    qtbot.waitUntil(lambda: not widget._runs.busy, timeout=5_000)
    return widget


def test_without_a_run_it_offers_to_finetune(monitor):
    assert monitor.pages.state == "empty"
    assert monitor.pages.notice.button.text() == "Finetune"
    assert not monitor._tick.isActive()


def test_a_run_that_starts_is_shown_with_its_curves_rate_and_time_left(monitor, bench, job, qtbot):
    bench.board.started.emit(job)
    assert monitor.detail.waiting.text() == "Waiting for the first losses"
    for step in range(1, 30):
        bench.board.told.emit(
            job, Measured(step, {"loss": 3.0 / step, "supervised": 1.0 / step, "hold_out_px": 9.0})
        )
    bench.board.told.emit(job, Progressed(29, 100, "steps", 4.0, 125.0, "epoch 1 of 3"))
    qtbot.waitUntil(lambda: "29 of 100 steps" in monitor.detail.progress.text(), timeout=3_000)
    assert "4.0 steps/s" in monitor.detail.progress.text()
    assert "2 min left" in monitor.detail.progress.text()
    assert set(monitor.detail.losses._curves) == {"loss", "supervised"}
    assert set(monitor.detail.hold_out._curves) == {"hold_out_px"}
    assert monitor.detail.bar.value() == 290
    assert monitor._tick.isActive()


def test_the_trusted_share_is_drawn_from_nothing_to_all(monitor, bench, job, qtbot):
    bench.board.started.emit(job)
    bench.board.told.emit(job, Measured(1, {"loss": 1.0, "trusted": 0.25}))
    qtbot.waitUntil(lambda: "trusted" in monitor.detail.trust._curves, timeout=3_000)
    low, high = monitor.detail.trust.getPlotItem().getViewBox().viewRange()[1]
    assert low <= 0.0 < 25.0 < 100.0 <= high < 120.0


def test_cancel_asks_the_job_to_stop_and_says_when(monitor, bench, job):
    bench.board.started.emit(job)
    QTest.mouseClick(monitor.detail.cancel, Qt.MouseButton.LeftButton)
    assert job.cancelled
    assert "next safe point" in monitor.detail.progress.text()


def test_a_failed_run_says_what_happened_and_its_timer_stops(monitor, bench, job, qtbot):
    bench.board.started.emit(job)
    bench.board.told.emit(job, Failed("The drive is full: /data. Free some space"))
    job.state, job.error = "failed", "The drive is full: /data. Free some space"
    bench.board.ended.emit(job)
    assert monitor.detail.error.text() == job.error
    assert monitor.detail.error.isVisible()
    assert not monitor.detail.cancel.isVisible()
    qtbot.waitUntil(lambda: not monitor._tick.isActive(), timeout=3_000)


def stopped_run(bench) -> int:
    run = bench.project.start_run("finetune", ["finetune"], {})
    lines = [
        "step,loss,hold_out_px",
        *(f"{step},{2 / step:.3f},{'' if step % 5 else 7.5}" for step in range(1, 41)),
    ]
    (bench.project.run_folder(run) / LOG_NAME).write_text("\n".join(lines), encoding="utf-8")
    bench.project.finish_run(run, "interrupted")
    return run


def test_an_interrupted_run_shows_its_curves_and_is_resumed_by_its_number(bench, qtbot):
    run = stopped_run(bench)
    monitor = bench.show(Training, 1000, 260)
    qtbot.waitUntil(lambda: "loss" in monitor.detail.losses._curves, timeout=5_000)
    line, _ = monitor.detail.losses._curves["loss"]
    assert len(line.xData) == 40
    assert len(monitor.detail.hold_out._curves["hold_out_px"][0].xData) == 8
    QTest.mouseClick(monitor.detail.resume, Qt.MouseButton.LeftButton)
    assert bench.board.asked == [("finetune", [str(bench.project.path), "--resume", str(run)])]


def test_a_resumed_run_goes_on_in_the_same_curves(bench, job, qtbot):
    run = stopped_run(bench)
    monitor = bench.show(Training, 1000, 260)
    qtbot.waitUntil(lambda: "loss" in monitor.detail.losses._curves, timeout=5_000)
    bench.board.started.emit(job)
    bench.board.told.emit(job, Started(run))
    bench.board.told.emit(job, Measured(41, {"loss": 0.04}))
    assert monitor.model.rowCount() == 1
    assert monitor._chosen.curves["loss"][0][-1] == 41
    assert len(monitor._chosen.curves["loss"][0]) == 41


def test_the_log_is_shown_on_demand(monitor, bench, job, qtbot):
    bench.board.started.emit(job)
    QTest.mouseClick(monitor.detail.log_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "epoch 2" in monitor.detail.log.toPlainText(), timeout=3_000)


def test_a_hidden_monitor_draws_nothing(monitor, bench, job):
    bench.board.started.emit(job)
    monitor.hide()
    assert not monitor._tick.isActive()
    bench.board.told.emit(job, Measured(1, {"loss": 1.0}))
    assert not monitor._tick.isActive()
    monitor.show()
    assert monitor._tick.isActive()


def test_long_curves_are_drawn_as_means():
    x, y = thinned(np.arange(100_000.0), np.ones(100_000))
    assert len(x) <= 1200
    assert np.allclose(y, 1)
    assert x[-1] == 99_999


def test_a_loss_that_is_nothing_in_some_steps_is_left_out_of_the_decades(monitor, bench, job, qtbot):
    bench.board.started.emit(job)
    for step in range(1, 9):
        bench.board.told.emit(job, Measured(step, {"loss": 2.0, "labelled": 0.3 * (step % 2)}))
    qtbot.waitUntil(lambda: "labelled" in monitor.detail.losses._curves, timeout=3_000)
    line, label = monitor.detail.losses._curves["labelled"]
    assert len(line.xData) == 4
    assert line.yData.min() == pytest.approx(0.3)
    assert label.isVisible()


def test_durations_are_said_as_people_say_them():
    assert [duration(seconds) for seconds in (5, 89, 600, 4200, 7260)] == [
        *("5 s", "89 s", "10 min", "1 h 10 min", "2 h 01 min")
    ]


# Models


def judged(bench, noise: float, seed: int):
    """What an evaluation of the truth with noise would keep."""
    table = bench.project.poses("truth")
    hands = bench.project.hands(table.hand_ids.tolist())
    sides = np.array([hand.box.side for hand in hands])
    rng = np.random.default_rng(seed)
    spread = noise * sides * rng.uniform(0.3, 1.7, len(sides))
    uv = table.uv + rng.normal(size=table.uv.shape) * spread[:, None, None]
    doubt = spread * rng.uniform(0.8, 1.25, len(sides))
    c = spread * rng.uniform(0.3, 3.0, len(sides))
    return evaluate(uv, table.uv, sides, hand_ids=table.hand_ids, hand_doubt=doubt, hand_c=c)


@pytest.fixture
def models(bench, qtbot):
    add = bench.project.add_model
    first, second = judged(bench, 0.05, 0), judged(bench, 0.04, 1)
    add(
        "m-0",
        "Shipped",
        "semihand",
        "lite",
        source="shipped",
        path="/elsewhere",
        adopted=True,
        lineage={"hold_out": first.to_json(with_hands=True)},
    )
    add(
        "m-1",
        "Round 1",
        "semihand",
        "lite",
        source="finetune",
        parent="m-0",
        lineage={"hold_out": second.to_json(with_hands=True)},
    )
    add("m-2", "Unjudged", "semihand", "lite", source="finetune", parent="m-1")
    widget = bench.show(Models, 1000, 260)
    widget.bench, widget.evaluations = bench, (first, second)
    qtbot.waitUntil(lambda: widget.pages.state == "content", timeout=5_000)
    return widget


def pick(models, model_id: str) -> None:
    index = models.tree_model.item_of(model_id).index()
    place = models.tree.visualRect(index).center()
    QTest.mouseClick(models.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_model_stands_under_the_one_it_started_from(models):
    item = models.tree_model.item_of("m-2")
    assert item.parent().text() == "Round 1"
    assert item.parent().parent().text() == "Shipped"


def test_two_models_are_compared_on_the_hold_out_as_scoring_does(models):
    pick(models, "m-1")
    assert models.comparison.isVisible()
    assert models.against.currentText() == "Shipped"
    expected = compare(*models.evaluations)
    both = side_by_side(*(judged_of(record) for record in models._records[:2]))
    assert [hand for hand, _ in both.worse] == expected.worse.tolist()
    assert [hand for hand, _ in both.better] == expected.better.tolist()
    before, after = models.evaluations
    assert f"{before.epe_px:.2f} → {after.epe_px:.2f} px" in models.comparison.figures.text().replace(
        "\u00a0", " "
    )
    assert f"Worse {len(expected.worse)}" == models.comparison.tabs.tabText(1)


def test_a_models_confidence_is_shown_as_scoring_says(models):
    pick(models, "m-1")
    plots = models.comparison.confidence
    models.comparison.tabs.setCurrentWidget(plots)
    after = models.evaluations[1]
    expected = models.bench.session.expected
    found = told(after.hand_doubt, after.hand_doubt * expected.factor, after.hand_px)
    assert f"{found['reliability_gap_px']:.2f} px apart" in plots.words[0].full_text
    assert f"Gain by doubt {100 * found['captured']:.0f} %" in plots.words[1].full_text
    assert plots.met.isVisible()
    assert len(plots.risk.getPlotItem().listDataItems()) == 3


def test_a_model_from_before_its_confidence_was_kept_says_so(models):
    models.comparison.confidence.show_model(figures([1, 2], [3, 3]), ExpectedError())
    assert "was not kept" in models.comparison.confidence.words[0].full_text
    assert not models.comparison.confidence.risk.getPlotItem().listDataItems()


def figures(ids: list[int], px: list[float]) -> Judged:
    """Figures of a model on some hands."""
    errors = np.array(px, float)
    none = np.zeros(0)
    return Judged(
        *(len(ids), float(errors.mean()), 0.9, 0.9, {}, none, none, np.array(ids), errors, errors / 100),
        *(np.full(len(ids), np.nan), np.full(len(ids), np.nan)),
    )


def test_models_that_were_judged_on_different_hands_are_compared_on_those_of_both(models):
    both = side_by_side(figures([1, 2], [3, 3]), figures([1, 2, 3, 4], [2, 2, 9, 9]))
    assert both.error_px == (3.0, 2.0)
    models.comparison.show_comparison(both, ("old", "new"), {}, ExpectedError())
    text = models.comparison.figures.text().replace("\u00a0", " ")
    assert "2 hold-out hands of both" in text
    assert "3.00 → 2.00 px ▼ better" in text
    assert "all but the error are over each model's own hold-out: 2 → 4 hands" in text


def test_a_frame_that_got_worse_or_better_is_gone_to(models):
    pick(models, "m-1")
    place = 0 if models.comparison.lists[0].model().rowCount() else 1
    models.comparison.tabs.setCurrentIndex(place + 1)
    view = models.comparison.lists[place]
    row = view.model().rowCount() - 1
    hand_id = view.model().index(row, 0).data(Qt.ItemDataRole.UserRole + 1)
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.model().index(row, 0)).center()
    )
    assert models.bench.session.hand_id == hand_id


def test_a_model_that_was_not_judged_says_what_to_do(models):
    pick(models, "m-2")
    assert not models.comparison.isVisible()
    assert "hold-out" in models.notice.text.text()


def test_a_model_that_was_not_judged_is_not_adopted_and_says_what_is_missing(models, qtbot):
    bench, session = models.bench, models.bench.session

    def missing(text: str) -> None:
        qtbot.waitUntil(lambda: text in models.notice.text.text(), timeout=5_000)
        assert not models.adopt.isEnabled()
        assert text in models.adopt.toolTip()

    pick(models, "m-2")
    missing("No sequence is hold-out")
    assert models.notice.button.text() == bench.services.actions["hold_out"].text()
    session.set_hold_out(1, True)
    missing("No hand of the hold-out is reviewed")
    assert models.notice.button.text() == "Review the hold-out"
    QTest.mouseClick(models.notice.button, Qt.MouseButton.LeftButton)
    assert {session.project.hand(int(number)).sequence_id for number in session.queue.ids} == {1}
    session.accept()
    missing("“Unjudged” was not judged on this hold-out")
    QTest.mouseClick(models.notice.button, Qt.MouseButton.LeftButton)
    assert bench.board.asked[-1] == ("judge", [str(bench.project.path), "--model", "m-2"])
    both = bench.project.model("m-1").lineage["hold_out"]
    bench.project.change_lineage("m-2", {"hold_out": both})
    models.refresh()
    qtbot.waitUntil(models.adopt.isEnabled, timeout=5_000)


def test_a_model_is_adopted_rolled_back_and_undone(models, qtbot):
    bench = models.bench

    def adopted():
        return bench.project.adopted_model().id

    pick(models, "m-1")
    QTest.mouseClick(models.adopt, Qt.MouseButton.LeftButton)
    assert adopted() == "m-1"
    qtbot.waitUntil(lambda: not models.adopt.isEnabled() and models.roll_back.isEnabled(), timeout=3_000)
    QTest.mouseClick(models.roll_back, Qt.MouseButton.LeftButton)
    assert adopted() == "m-0"
    bench.session.undo()
    assert adopted() == "m-1"


def test_a_new_model_appears_by_itself(models, qtbot):
    models.bench.project.add_model("m-3", "Round 2", "semihand", "lite", source="finetune", parent="m-1")
    models.refresh()
    qtbot.waitUntil(lambda: models.tree_model.item_of("m-3") is not None, timeout=3_000)


def test_without_a_model_it_offers_to_propose(bench, qtbot):
    widget = bench.show(Models, 800, 240)
    qtbot.waitUntil(lambda: widget.pages.state == "empty", timeout=5_000)
    assert widget.pages.notice.button.text() == "Propose"
    assert bench.project.count_hands(HandQuery()) == 6

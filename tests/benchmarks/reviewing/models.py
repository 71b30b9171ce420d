"""Section 8: a hold-out, a finetune beside the review, and two models compared frame by frame."""

from __future__ import annotations

from handstudio.project.project import Project
from handstudio.project.records import State
from handstudio.ui.hold_out_dialog import HoldOutDialog
from handstudio.ui.queue.bulk_dialog import BulkDialog
from tests.benchmarks.reviewing.reviewer import CTRL, SHIFT, Key, Reviewer
from tests.ui.person import wait_until
from tests.ui.walk import after


def walk(one: Reviewer) -> None:
    """From the hold-out to the adopted model."""
    held = _hold_out(one)
    _review(one, held)
    _finetune(one)
    _compare(one)
    _adopt(one)


def _hold_out(one: Reviewer) -> str:
    one.press(Key.Key_H, CTRL | SHIFT)
    dialog = one.dialog(HoldOutDialog)
    wait_until(lambda: dialog.found is not None, "sequences are drawn")
    one.stage("hold-out", "Ctrl+Shift+H", "Which sequences would be held out, and how much that is.")
    one.press(Key.Key_Return)
    wait_until(lambda: not dialog.isVisible(), "it is done")
    one.to_window()
    held = [sequence.name for sequence in one.session.project.sequences() if sequence.hold_out]
    assert held
    one.stage("held-out", "Return", "What is held out has a lock in the list of sequences.")
    return ",".join(held)


def _review(one: Reviewer, held: str) -> None:
    """Corrections of the hold-out, so that no model is judged on its own proposals."""
    one.filter(f"seq:{held}")
    wait_until(lambda: len(one.session.query.where) == 1, "the hold-out is in the queue")
    count = len(one.session.queue)
    _decide_all(one, 1)
    assert one.kept().count(State.ACCEPTED) == count
    one.filter("state:proposed error:<4")
    wait_until(lambda: len(one.session.query.where) == 2, "sure hands are in the queue")
    count += len(one.session.queue)
    _decide_all(one, 0)
    assert one.kept().count(State.ACCEPTED) == count
    one.filter("")


def _decide_all(one: Reviewer, down: int) -> None:
    one.press(Key.Key_B, CTRL | SHIFT)

    def decide() -> None:
        dialog = one._front()
        wait_until(dialog.go.isEnabled, "the hands are counted")
        one.press(Key.Key_Down, times=down)
        one.press(Key.Key_Return)

    one.in_dialog(BulkDialog, decide)


def _finetune(one: Reviewer) -> None:
    board = one.window.services.board
    one.press(Key.Key_T)
    wait_until(lambda: bool(board.running), "the finetune runs")
    one.person.click_tab("Training")
    one.stage(
        "finetune-begun",
        "T, the tab Training",
        "The run is listed as running; what it does before its first step.",
    )
    wait_until(lambda: not board.running or one._trains(), "there are losses")
    assert board.running, "the finetune ended before anybody saw a loss"
    wait_until(after(1.0), "they are drawn")
    one.album.take(
        one.window,
        "finetuning",
        "Nothing: it goes on",
        "Losses grow; rate and time left; the status line too.",
    )
    one._wait_for_jobs()
    one.stage(
        "finetuned", "Nothing: it is done", "The run is finished; its curves, its error on the hold-out."
    )


def _compare(one: Reviewer) -> None:
    models = one.dock("models")
    one.person.click_tab("Models")
    wait_until(
        lambda: models.pages.state == "content" and len(models._records) == 2, "both models are listed"
    )
    new = next(record for record in models._records if record.source == "finetune")
    place = models.tree.visualRect(models.tree_model.item_of(new.id).index()).center()
    one.person.click(models.tree.viewport(), place)
    wait_until(models.comparison.isVisible, "the two are compared")
    one.stage(
        "models", "The tab Models, a click on the new model", "Figures before and after, fingers, PCK curves."
    )
    comparison = models.comparison
    bar = comparison.tabs.tabBar()
    for which in (0, 1):
        if not comparison.lists[which].model().rowCount():
            continue
        one.person.click(bar, bar.tabRect(which + 1).center())
        view = comparison.lists[which]
        one.person.click(view.viewport(), view.visualRect(view.model().index(0, 0)).center())
        wait_until(lambda: one.canvas.twin.view.isVisible(), "the hand is seen twice")
        one.frame_is_there()
        one.stage(
            ("worse", "better")[which],
            f"The tab “{bar.tabText(which + 1)}”, a click on its first hand",
            "The same part of the frame twice, with the pose of each model against the label.",
        )
    assert one.canvas.twin.on, "no hand got better or worse"
    one.press(Key.Key_F4)
    before = one.session.hand_id
    one.press(Key.Key_D)
    one.frame_is_there()
    one.stage("next-difference", "F4, D", "The next hand of the list, twice.")
    assert one.session.hand_id != before or models.comparison.lists[1].model().rowCount() <= 1
    one.press(Key.Key_Escape)
    assert not one.canvas.twin.on
    one.person.click(bar, bar.tabRect(3).center())
    one.stage("confidence", "Esc, the tab Confidence", "Whether the model knows where it is wrong.")


def _adopt(one: Reviewer) -> None:
    one.act("Adopt the model")
    with Project.open(one.path, read_only=True) as project:
        assert project.adopted_model().source == "finetune"
    one.stage("adopted", "Ctrl+K “Adopt the model” Return", "The new model makes the proposals from now on.")
    one.press(Key.Key_P)
    wait_until(lambda: bool(one.window.services.board.running), "it proposes")
    one._wait_for_jobs()
    one.filter("apart:>0.5")
    one.press(Key.Key_N)
    one.stage("apart", "P; Ctrl+F “apart:>0.5” Return, N", "Hands about which the two models disagree.")

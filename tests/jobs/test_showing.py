"""What a person reads is what there is: names are shown as they are, and what went wrong is said."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from handstudio.jobs import showing
from handstudio.jobs.progress import Terminal
from handstudio.jobs.stopping import StopRequest

ODD = "my [bold]photos[/] :smile: [/x]"
"""A name that means something to a program that draws terminals."""

IMPORTED = {"project": f"/p/{ODD}", "frames": 2, "hands": 2, "known": 1, "relinked": [ODD], "problems": []}
PROPOSED: dict[str, Any] = {
    "run": 3,
    "hands": 2,
    "skipped": 0,
    "problems": [],
    "seconds": 1.0,
    "per_second": 2.0,
    "model": "m",
}
FINETUNED = {
    "project": ODD,
    "run": 4,
    "model": "new",
    "parent": "old",
    "epochs": 2,
    "seconds": 90.0,
    "losses": {"loss": 0.5},
    "adopted": False,
    "problems": [],
}
EVALUATED = {
    "layer": "proposal",
    "reference": ODD,
    "hands": 3,
    "epe_px": 2.0,
    "pck_005": 0.9,
    "auc_px": 0.8,
    "per_finger": {"thumb": {"epe_px": 2.5}},
    "per_joint": {},
    "curves": [ODD],
    "problems": [],
}
LISTED = {
    "hand": 1,
    "sequence": ODD,
    "frame": "1.png",
    "side": "right",
    "state": "proposed",
    "confidence": 1.0,
    "expected_error_px": None,
}
REVIEWED = {
    "done": [f"Fix {ODD}"],
    "passed_over": [{"hand": 3, "reason": ODD}],
    "listed": [LISTED],
    "states": {"proposed": 2, "fixed": 0},
}
MODEL = {"id": "m", "name": ODD, "method": "semihand", "profile": "lite", "parent": None, "source": "shipped"}
RUN = {"run": 1, "kind": "propose", "state": "failed", "started_at": 0.0, "seconds": 2.0, "log": ODD}
SHOWN: list[tuple[Callable[[Console, Any], None], dict[str, Any]]] = [
    (showing.imported, IMPORTED),
    (showing.proposed, {**PROPOSED, "problems": [ODD]}),
    (showing.finetuned, FINETUNED),
    (showing.evaluated, EVALUATED),
    (showing.reviewed, REVIEWED),
    (showing.exported, {"hands": 1, "out": ODD, "skipped": 0, "problems": []}),
    (showing.synthesised, {"frames": 1, "out": ODD, "per_second": None}),
    (showing.pretrained, {"steps": 1, "seconds": 1.0, "out": ODD}),
    (showing.models, {"models": [{**MODEL, "adopted": True}]}),
    (showing.runs, {"runs": [RUN]}),
    (showing.fitted, {"out": ODD, "circles": 55, "masks": 9, "iou": 0.9}),
    (showing.demo, {"out": ODD}),
    (showing.plugins, {"methods": [{"name": "x", "module": "x:X", "problem": ODD}]}),
]


def shown(show: Callable[[Console, Any], None], result: dict[str, Any]) -> str:
    """What is printed on a wide page."""
    page = io.StringIO()
    show(Console(file=page, width=200), result)
    return page.getvalue()


@pytest.mark.parametrize(("show", "result"), SHOWN)
def test_a_name_is_shown_as_it_is(show: Callable[[Console, Any], None], result: dict[str, Any]) -> None:
    assert ODD in shown(show, result)


def test_what_to_type_next_can_be_typed() -> None:
    text = shown(showing.imported, {**IMPORTED, "project": "my photos/P"})
    assert "Next: handstudio propose 'my photos/P'" in text


def test_footage_that_could_not_be_read_is_told_to_a_person() -> None:
    missing = [f"The footage is no longer there: /{number}" for number in range(30)]
    text = shown(showing.proposed, {**PROPOSED, "problems": missing})
    assert "The footage is no longer there: /0\n" in text
    assert "and 10 more that cannot be used" in text
    assert "The footage is no longer there: /0\n" in shown(
        showing.finetuned, {**FINETUNED, "problems": missing}
    )


def test_a_stopped_finetune_says_how_to_go_on() -> None:
    text = shown(showing.finetuned, {**FINETUNED, "model": None, "project": "P"})
    assert "None" not in text
    assert "No new model yet: stopped after 2 epochs in 1 min 30 s (run 4)" in text
    assert "Go on: handstudio finetune P --resume 4" in text


@pytest.mark.parametrize(("done", "total", "amount"), [(3, 9, "3/9"), (4, None, "4/?")])
def test_bars_show_names_as_they_are(done: int, total: int | None, amount: str) -> None:
    page = io.StringIO()
    bars = Terminal(Console(file=page, width=200, force_terminal=True, color_system=None), StopRequest())
    bars.report(0, None, "frames", "Loading")
    bars.values(1, {"loss": 0.25})
    bars.report(done, total, "hands", ODD)
    bars.close()
    last = page.getvalue().splitlines()[-2 if page.getvalue().endswith("h") else -1]
    for part in (ODD, amount, "hands", "loss 0.25"):
        assert part in last

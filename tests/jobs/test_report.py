"""The report reads well as Markdown and as a page, and finds its pictures."""

from __future__ import annotations

from pathlib import Path

from handstudio.jobs.report import Report, Step


def test_a_report_says_what_was_done_and_what_came_out(tmp_path: Path) -> None:
    picture = tmp_path / "screenshots" / "review.png"
    report = Report("The loop", "On <this> machine.")
    report.steps.append(
        Step("Propose", "Every hand.", 2.25, {"hands": "40"}, [["", "before"], ["EPE", "3 px"]], [picture])
    )
    report.steps.append(Step("Review"))
    markdown, page = report.write(tmp_path)
    text = markdown.read_text("utf-8")
    assert "## Propose (2.2 s)" in text
    assert "- hands: 40" in text
    assert "| EPE | 3 px |" in text
    assert "![review](screenshots/review.png)" in text
    assert "## Review\n" in text
    source = page.read_text("utf-8")
    assert "On &lt;this&gt; machine." in source
    assert '<img src="screenshots/review.png"' in source
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.md"]

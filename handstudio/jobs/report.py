"""A short report that grows step by step: Markdown for people with an editor, HTML for the others."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#22252b}"
    "h1,h2{font-weight:600}table{border-collapse:collapse}td,th{padding:.2rem 1rem .2rem 0;text-align:left;"
    "font-variant-numeric:tabular-nums}th{color:#6b7280;font-weight:400}img{max-width:100%;margin:.5rem 0;"
    "border:1px solid #d5d8dd}.took{color:#6b7280;font-weight:400}"
)


@dataclass
class Step:
    """One step of the loop: what was done, how long it took, what came out.

    Attributes:
        title: a short name.
        text: a sentence or two.
        seconds: how long it took.
        figures: name to value, ready to be read.
        table: a head row and rows, ready to be read; or nothing.
        pictures: files beside the report or below.
    """

    title: str
    text: str = ""
    seconds: float | None = None
    figures: Mapping[str, str] = field(default_factory=dict)
    table: Sequence[Sequence[str]] = ()
    pictures: Sequence[Path] = ()


@dataclass
class Report:
    """Steps under a title."""

    title: str
    intro: str = ""
    steps: list[Step] = field(default_factory=list)

    def write(self, folder: Path) -> list[Path]:
        """Writes ``report.md`` and ``report.html`` into a folder; returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, text in (("report.md", self.markdown(folder)), ("report.html", self.html(folder))):
            path = folder / name
            part = path.with_name(f"{name}.part")
            part.write_text(text, "utf-8")
            part.replace(path)
            written.append(path)
        return written

    def markdown(self, folder: Path) -> str:
        """The report as Markdown; pictures are named relative to ``folder``."""
        lines = [f"# {self.title}", "", self.intro, ""]
        for step in self.steps:
            lines += [f"## {step.title}{_took(step)}", ""]
            if step.text:
                lines += [step.text, ""]
            lines += [f"- {name}: {value}" for name, value in step.figures.items()]
            if step.figures:
                lines.append("")
            if step.table:
                head, *rows = step.table
                lines += [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows), ""]
            for picture in step.pictures:
                lines += [f"![{picture.stem}]({_relative(picture, folder)})", ""]
        return "\n".join(lines)

    def html(self, folder: Path) -> str:
        """The report as one page; pictures are named relative to ``folder``."""
        say = html.escape
        parts = [
            "<!doctype html><html lang=en><meta charset=utf-8>",
            f"<title>{say(self.title)}</title><style>{_STYLE}</style>",
            f"<h1>{say(self.title)}</h1><p>{say(self.intro)}</p>",
        ]
        for step in self.steps:
            parts.append(f"<h2>{say(step.title)}<span class=took>{say(_took(step))}</span></h2>")
            if step.text:
                parts.append(f"<p>{say(step.text)}</p>")
            if step.figures:
                rows = "".join(
                    f"<tr><th>{say(name)}</th><td>{say(value)}</td></tr>"
                    for name, value in step.figures.items()
                )
                parts.append(f"<table>{rows}</table>")
            if step.table:
                head, *body = step.table
                cells = "".join(f"<th>{say(cell)}</th>" for cell in head)
                rows = "".join(
                    "<tr>" + "".join(f"<td>{say(cell)}</td>" for cell in row) + "</tr>" for row in body
                )
                parts.append(f"<table><tr>{cells}</tr>{rows}</table>")
            parts += [
                f'<p><img src="{say(_relative(picture, folder))}" alt="{say(picture.stem)}"></p>'
                for picture in step.pictures
            ]
        return "\n".join(parts) + "\n"


def _took(step: Step) -> str:
    return f" ({step.seconds:.1f} s)" if step.seconds is not None else ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()

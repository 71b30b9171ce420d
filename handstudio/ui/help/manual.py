"""The pages of the manual: Markdown under ``resources/help`` (no Qt here).

In them ``{action}`` stands for an action and its keys as they are now.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

FOLDER: Final = Path(str(files("resources") / "help"))
_ACTION: Final = re.compile(r"\{(\w+)\}")
_PICTURE: Final = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        name: of its file, without the ending: what links call it.
        title: its heading.
        text: Markdown.
    """

    name: str
    title: str
    text: str

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions that it mentions."""
        return tuple(_ACTION.findall(self.text))

    @property
    def pictures(self) -> tuple[str, ...]:
        """Files that it shows, beside its own."""
        return tuple(_PICTURE.findall(self.text))

    def filled(self, words: Callable[[str], str]) -> str:
        """Markdown in which ``words`` of its name stands for each action."""
        return _ACTION.sub(lambda found: words(found[1]), self.text)

    def tells(self, text: str) -> bool:
        """Whether every word of ``text`` is on the page."""
        said = self.text.lower().replace("_", " ")
        return all(word in said for word in text.lower().split())


def pages() -> list[Page]:
    """All pages, in their order."""
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        found.append(Page(path.stem, text.partition("\n")[0].removeprefix("#").strip(), text))
    return found

"""The few rules that Fusion's palette cannot say."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template

from handstudio.ui.colours import LIGHT, Surface


@cache
def _template() -> Template:
    return Template((files("resources") / "themes" / "window.qss").read_text(encoding="utf-8"))


def stylesheet(surface: Surface) -> str:
    """Style sheet of the application in the colours of a surface."""
    tone = "light" if surface is LIGHT else "dark"
    pictures = {
        name: Path(str(files("resources") / "themes" / f"{file}-{tone}.svg")).as_posix()
        for name, file in (("down_arrow", "down"), ("close_icon", "close"), ("float_icon", "float"))
    }
    return _template().substitute(asdict(surface), **pictures)

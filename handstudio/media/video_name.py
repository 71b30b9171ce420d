"""Which files are videos, told without loading a decoder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

VIDEO_SUFFIXES: Final = frozenset(
    {
        ".mp4",
        ".m4v",
        ".mov",
        ".avi",
        ".mkv",
        ".webm",
        ".mpg",
        ".mpeg",
        ".ts",
        ".mts",
        ".m2ts",
        ".wmv",
        ".3gp",
        ".ogv",
    }
)


def is_video_name(name: str) -> bool:
    """Whether a file's name ends like a video's (and is not hidden)."""
    return not name.startswith(".") and Path(name).suffix.lower() in VIDEO_SUFFIXES

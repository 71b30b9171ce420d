"""``handstudio plugins``: the words of :mod:`handstudio.jobs.listing`."""

from __future__ import annotations

from handstudio.cli.options import Json
from handstudio.cli.performing import perform, shown_by

EXAMPLES = ("handstudio plugins",)


def command(as_json: Json = False) -> None:
    """List the methods that are installed, first-party and others, and what is wrong with those that fail."""
    from handstudio.jobs import listing

    perform(listing.plugins, as_json, shown_by("plugins"))

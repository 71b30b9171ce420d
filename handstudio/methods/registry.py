"""Finding methods: entry points of the group ``handstudio.methods``, ours and strangers' alike."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from handstudio.errors import HandStudioError
from handstudio.methods.contract import Method

GROUP = "handstudio.methods"


def available() -> dict[str, EntryPoint]:
    """The methods that are installed, by name; none of them is imported."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def load(name: str) -> Method:
    """The method of a name.

    Raises:
        HandStudioError: when there is none, or when its plugin cannot be imported or is not a method.
    """
    points = available()
    if name not in points:
        known = ", ".join(points) or "none"
        raise HandStudioError(f"There is no method {name!r}", None, f"Installed are: {known}")
    point = points[name]
    try:
        found = point.load()
        method = found() if isinstance(found, type) else found
    except Exception as error:
        raise HandStudioError(
            f"The method {name!r} cannot be used ({type(error).__name__}: {error})",
            point.value,
            "Reinstall or remove its plugin",
        ) from error
    if not isinstance(method, Method):
        raise HandStudioError(
            f"The plugin {name!r} is not a method", point.value, "It must be a class derived from Method"
        )
    return method

"""A run's figures by what they measure: losses, trust in pseudo-labels, errors and shares on the hold-out.

A curve beside one of another unit is a line along the bottom: each unit gets a plot, or a place in its title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from handstudio.ui.training.entries import Curves

_HOLD_OUT_WORDS: Final = ("hold", "epe", "pck", "error")
_TRUSTED, _CONFIDENCE = "trusted", "confidence"


def groups(curves: Curves) -> tuple[Curves, Curves, Curves, Curves]:
    """Losses; the trusted share; the hold-out's errors; the hold-out's shares of good joints."""
    losses: Curves = {}
    trust: Curves = {}
    errors: Curves = {}
    shares: Curves = {}
    for name, curve in curves.items():
        if is_hold_out(name):
            (shares if "pck" in name.lower() else errors)[name] = curve
        elif name == _TRUSTED:
            trust[name] = [*curve[0]], [100.0 * value for value in curve[1]]
        elif name != _CONFIDENCE:
            losses[name] = curve
    return losses, trust, errors, shares


def is_hold_out(name: str) -> bool:
    """Whether a figure judges on the hold-out, and is no loss."""
    lower = name.lower()
    return any(word in lower for word in _HOLD_OUT_WORDS)


def trust_title(curves: Curves) -> str:
    """How many pseudo-labels are trusted, and the C that they have on average."""
    parts = [f"{100 * value:.0f} %" for value in _last(curves, _TRUSTED)]
    parts += [f"C {value:.2f}" for value in _last(curves, _CONFIDENCE)]
    return _titled("Trusted", parts)


def hold_out_title(errors: Curves, shares: Curves) -> str:
    """The latest figures on the hold-out."""
    parts = []
    for name in errors:
        unit = " px" if name.endswith("_px") else " cells" if name.endswith("_cells") else ""
        parts += [f"{value:.2f}{unit}" for value in _last(errors, name)]
    if len(parts) > 1:  # several curves have their labels
        parts = []
    for name in shares:
        parts += [f"PCK {100 * value:.1f} %" for value in _last(shares, name)]
    return _titled("Hold-out", parts)


def _last(curves: Curves, name: str) -> list[float]:
    values = curves[name][1] if name in curves else []
    return values[-1:]


def _titled(what: str, parts: list[str]) -> str:
    return f"{what}: {' · '.join(parts)}" if parts else what

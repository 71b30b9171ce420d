"""How people see colours who lack a kind of cone, and how far apart two colours are then (numpy only)."""

from __future__ import annotations

import numpy as np

MACHADO = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Machado, Oliveira and Fernandes 2009, severity 1: on linear RGB."""
_TO_XYZ = np.array(
    ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
)
_WHITE = np.array((0.95047, 1.0, 1.08883))


def linear(colour: str) -> np.ndarray:
    """(3,) of ``#rrggbb``."""
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255.0
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """(3,) CIE L*a*b* of linear RGB, for D65."""
    xyz = _TO_XYZ @ np.clip(rgb, 0.0, 1.0) / _WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array((116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])))


def apart(one: str, other: str) -> dict[str, float]:
    """Delta E (CIE 1976) of two colours for each kind of sight."""
    found = {}
    for name, matrix in {"all cones": np.eye(3), **MACHADO}.items():
        seen = [lab(np.asarray(matrix) @ linear(colour)) for colour in (one, other)]
        found[name] = float(np.linalg.norm(seen[0] - seen[1]))
    return found

"""Runs as they train: curves, rate, time left, cancel and resume."""

from handstudio.ui.training.widget import Training

__all__ = ["Training"]

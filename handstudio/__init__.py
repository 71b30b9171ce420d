"""HandStudio: annotate and review hand pose, with models that learn from the review."""

__version__ = "0.1.0"

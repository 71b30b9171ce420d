"""The contract of a method, the loops that train and propose with it, devices, weights and plugins."""

from typing import Final

DEFAULT_METHOD: Final = "semihand"
"""The method of a project in which no model was adopted yet, and of a training that names none."""

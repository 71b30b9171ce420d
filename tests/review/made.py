"""The small projects of the project's tests, for the reviewer's."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_spec = spec_from_file_location("made_projects", Path(__file__).parents[1] / "project" / "made.py")
assert _spec is not None
assert _spec.loader is not None
_made = module_from_spec(_spec)
_spec.loader.exec_module(_made)

BOX = _made.BOX
add_sequence = _made.add_sequence
batch = _made.batch
hand_pose = _made.hand_pose
new_project = _made.new_project

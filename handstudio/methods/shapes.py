"""What is known of the hands of a batch that comes from several people."""

from __future__ import annotations

import numpy as np

from handstudio.hand.shape import HandShape
from handstudio.hand.template import relative_bone_lengths
from handstudio.project.project import Project
from handstudio.project.records import Ids


def shape_of_hands(project: Project, ids: Ids) -> HandShape:
    """The bones (N, 20) of hands of a project, each its person's where they were fitted, and its limits."""
    limits = project.joint_limits()
    if not project.templates():
        return HandShape.of(None, limits)
    shapes = {record.id: project.hand_shape(record) for record in project.sequences()}
    template = relative_bone_lengths()
    by_sequence = {
        number: template if shape.bone_lengths is None else shape.bone_lengths
        for number, shape in shapes.items()
    }
    return HandShape(np.stack([by_sequence[hand.sequence_id] for hand in project.hands(ids)]), limits)

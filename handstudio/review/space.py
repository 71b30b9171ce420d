"""Where 2.5D poses lie in space, and how what lies there is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handstudio.hand.camera import Camera
from handstudio.hand.lift import lift, lift_scale_free, project_scale_free, root_depth, to_25d
from handstudio.project.records import Floats, Pose


@dataclass(frozen=True, eq=False)
class Space:
    """The space that a sequence shows, in reference bones: its camera's, or about the root without one.

    Attributes:
        camera: of the sequence; ``None`` where it is not known.
        bone_lengths: (20,) reference bones of the person; ``None`` for the template's.
    """

    camera: Camera | None = None
    bone_lengths: Floats | None = None

    def lifted(self, pose: Pose) -> tuple[Floats, float]:
        """(21, 3) of a finite pose, and how long a reference bone at the root's depth looks, px."""
        if self.camera is None:
            xyz, px_per_bone = lift_scale_free(pose.uv, pose.depth, self.bone_lengths)
            return np.asarray(xyz, np.float32), float(px_per_bone)
        K = self.camera.K
        root = root_depth(pose.uv, pose.depth, K, self.bone_lengths)
        xyz = lift(pose.uv, pose.depth, K, 1.0, root)
        return np.asarray(xyz, np.float32), float(K[0, 0]) / float(root)

    def seen(self, xyz: Floats, px_per_bone: float, root_uv: Floats) -> tuple[Floats, Floats]:
        """(21, 2) px and (21,) depths of a hand (21, 3).

        Args:
            xyz: as :meth:`lifted` gives it.
            px_per_bone, root_uv: size and place (2,) px of what no camera shows.
        """
        if self.camera is None:
            return project_scale_free(xyz, np.float32(px_per_bone), root_uv)
        return to_25d(xyz, self.camera.K, 1.0)

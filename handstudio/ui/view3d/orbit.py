"""The 3D view's camera: it looks at a centre from a direction and a distance (numpy only).

Space is the camera's: x right, y down, z away. Matrices act on column vectors. A pinhole projection with
an opening of ``opening`` degrees; a very small opening stands for a scaled-orthographic camera.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Size = tuple[float, float]

OPENING = 30.0
FLAT_OPENING = 2.0
"""The opening in degrees that stands for an orthographic camera."""
_STEEPEST = np.pi / 2 - 0.02


@dataclass(frozen=True)
class Orbit:
    """Where the viewer stands.

    Attributes:
        centre: (3,) the point that is looked at.
        yaw, pitch: rad about the vertical and the horizontal axis; both 0 is the frame's own direction.
        distance: from the viewer to the centre.
        opening: degrees of the shorter side of the picture.
        reach: radius of what is to be seen; sets the near and the far plane.
        shift: picture offset in half sides of the shorter side, so that a camera's own crop can be shown.
    """

    centre: Array = field(default_factory=lambda: np.zeros(3))
    yaw: float = 0.0
    pitch: float = 0.0
    distance: float = 1.0
    opening: float = OPENING
    reach: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def rotation(self) -> Array:
        """(3, 3): from space to the viewer's axes (x right, y down, z away)."""
        cy, sy, cp, sp = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.pitch), np.sin(self.pitch)
        about_y = np.array([[cy, 0.0, -sy], [0.0, 1.0, 0.0], [sy, 0.0, cy]])
        about_x = np.array([[1.0, 0.0, 0.0], [0.0, cp, sp], [0.0, -sp, cp]])
        return about_x @ about_y

    @property
    def focal(self) -> float:
        """Half sides of the picture per unit of tangent."""
        return float(1.0 / np.tan(np.radians(self.opening) / 2))

    def view(self) -> Array:
        """(4, 4) from space to the viewer's axes."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = -self.rotation @ self.centre + (0.0, 0.0, self.distance)
        return matrix

    def projection(self, size: Size) -> Array:
        """(4, 4) from the viewer's axes to clip space (y up, depth -1 to 1)."""
        near = max(self.distance - 10 * self.reach, self.distance * 0.02)
        far = self.distance + 10 * self.reach
        short = min(size)
        fx, fy = self.focal * short / size[0], self.focal * short / size[1]
        matrix = np.zeros((4, 4))
        matrix[0, 0], matrix[1, 1] = fx, -fy
        matrix[0, 2], matrix[1, 2] = self.shift[0] * short / size[0], -self.shift[1] * short / size[1]
        matrix[2, 2], matrix[2, 3] = (far + near) / (far - near), -2 * far * near / (far - near)
        matrix[3, 2] = 1.0
        return matrix

    def to_screen(self, xyz: npt.ArrayLike, size: Size) -> tuple[Array, Array]:
        """(..., 3) points to (..., 2) px of a picture of ``size`` and (...) distance along the view."""
        seen = np.asarray(xyz, np.float64) @ self.rotation.T + self.view()[:3, 3]
        depth = np.maximum(seen[..., 2], 1e-9)
        half = min(size) / 2
        flat = self.focal * seen[..., :2] / depth[..., None] + self.shift
        return flat * half + (size[0] / 2, size[1] / 2), seen[..., 2]

    def from_screen(self, point: tuple[float, float], depth: float, size: Size) -> Array:
        """The (3,) point that is seen at ``point`` px and lies ``depth`` along the view."""
        half = min(size) / 2
        flat = (np.array(point) - (size[0] / 2, size[1] / 2)) / half - self.shift
        seen = np.append(flat * depth / self.focal, depth)
        return self.rotation.T @ (seen - self.view()[:3, 3])

    def turned(self, yaw: float, pitch: float) -> Orbit:
        """Moved about the centre by angles in rad; it never goes over the pole."""
        tilted = float(np.clip(self.pitch + pitch, -_STEEPEST, _STEEPEST))
        return replace(self, yaw=self.yaw + yaw, pitch=tilted)

    def moved(self, dx: float, dy: float, size: Size) -> Orbit:
        """The picture moved by px."""
        per_px = self.distance / self.focal / (min(size) / 2)
        return replace(self, centre=self.centre - self.rotation.T @ (np.array([dx, dy, 0.0]) * per_px))

    def zoomed(self, factor: float) -> Orbit:
        """Everything ``factor`` times as large."""
        distance = self.distance / factor
        lowest, highest = self._fitting(self.reach) / 40, self._fitting(self.reach) * 10
        return replace(self, distance=float(np.clip(distance, lowest, highest)))

    def opened(self, opening: float) -> Orbit:
        """Another opening that shows the centre at the same size, without an offset."""
        scale = self.distance / self.focal
        fresh = replace(self, opening=opening, shift=(0.0, 0.0))
        return replace(fresh, distance=scale * fresh.focal)

    def framed(self, xyz: npt.ArrayLike) -> Orbit:
        """From the same direction, with all (N, 3) points well inside the picture."""
        points = np.asarray(xyz, np.float64)
        low, high = points.min(0), points.max(0)
        centre = (low + high) / 2
        reach = max(float(np.linalg.norm(points - centre, axis=-1).max()), 1e-6)
        fresh = replace(self, centre=centre, reach=reach, shift=(0.0, 0.0))
        return replace(fresh, distance=fresh._fitting(reach))

    def _fitting(self, reach: float) -> float:
        return reach * 1.12 / float(np.sin(np.radians(self.opening) / 2))


def camera_view(xyz: npt.ArrayLike, eye: npt.ArrayLike | None) -> Orbit:
    """As the photographing camera sees (N, 3) points.

    ``eye`` is the camera's place in that space; ``None`` for a scale-free pose (seen orthographically).
    """
    points = np.asarray(xyz, np.float64)
    flat = replace(Orbit(opening=FLAT_OPENING), yaw=0.0, pitch=0.0).framed(points)
    if eye is None:
        return flat
    place = np.asarray(eye, np.float64)
    distance = float(flat.centre[2] - place[2])
    if distance <= flat.reach:
        return flat
    slopes = (points[:, :2] - place[:2]) / (points[:, 2:] - place[2])
    middle = (slopes.min(0) + slopes.max(0)) / 2
    widest = float(np.abs(slopes - middle).max()) * 1.25
    opening = float(np.degrees(2 * np.arctan(max(widest, 1e-4))))
    centre = np.array([place[0], place[1], flat.centre[2]])
    shift = -middle / np.tan(np.radians(opening) / 2)
    return Orbit(centre, 0.0, 0.0, distance, opening, flat.reach, (float(shift[0]), float(shift[1])))

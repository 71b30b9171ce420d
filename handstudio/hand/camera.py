"""The pinhole camera, with OpenCV's lens distortion where a calibration has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from handstudio.hand.arrays import Array, like, namespace
from handstudio.hand.box import Box

Matrix = npt.NDArray[np.float64]

_UNDISTORTION_STEPS = 20


def _matrix(values: Any, shape: tuple[int, ...], what: str) -> Matrix:
    matrix = np.array(values, dtype=np.float64).reshape(shape)
    if not np.all(np.isfinite(matrix)):
        raise ValueError(f"the camera's {what} holds a value that is not finite")
    matrix.flags.writeable = False
    return matrix


@dataclass(frozen=True, eq=False)
class Camera:
    """Projects camera coordinates (mm; x right, y down, z away) to uv (px; first pixel's centre at 0.5, 0.5).

    Attributes:
        K: (3, 3) px.
        dist: OpenCV's coefficients k1 k2 p1 p2 [k3 [k4 k5 k6]], or ``None`` for a lens without distortion.
        R: (3, 3) and
        t: (3,) mm of ``x_cam = R @ x_world + t``; ``None`` where the world is the camera.

    Raises:
        ValueError: for a wrong shape, values that are not finite or a focal length that is not positive.
    """

    K: Matrix
    dist: Matrix | None = None
    R: Matrix | None = None
    t: Matrix | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "K", _matrix(self.K, (3, 3), "K"))
        if self.K[0, 0] <= 0.0 or self.K[1, 1] <= 0.0:
            raise ValueError("the camera's focal lengths must be positive")
        if self.dist is not None:
            coefficients = np.asarray(self.dist, dtype=np.float64).reshape(-1)
            if coefficients.size not in (4, 5, 8):
                raise ValueError("distortion has 4, 5 or 8 coefficients (OpenCV's order)")
            object.__setattr__(self, "dist", _matrix(coefficients, (coefficients.size,), "distortion"))
        if self.R is not None:
            object.__setattr__(self, "R", _matrix(self.R, (3, 3), "R"))
        if self.t is not None:
            object.__setattr__(self, "t", _matrix(self.t, (3,), "t"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Camera) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.K.tobytes())

    @property
    def centre(self) -> Matrix:
        """(3,) mm: where the camera stands in the world."""
        rotation = np.eye(3) if self.R is None else self.R
        translation = np.zeros(3) if self.t is None else self.t
        centre: Matrix = -rotation.T @ translation
        return centre

    def project(self, xyz: Array) -> Array:
        """(..., 3) mm in camera coordinates to (..., 2) px."""
        xp = namespace(xyz)
        x, y = xyz[..., 0] / xyz[..., 2], xyz[..., 1] / xyz[..., 2]
        if self.dist is not None:
            x, y = self._distorted(x, y)
        K = self.K
        u = float(K[0, 0]) * x + float(K[0, 1]) * y + float(K[0, 2])
        v = float(K[1, 1]) * y + float(K[1, 2])
        return xp.stack((u, v), axis=-1)

    def back_project(self, uv: Array, z: Array) -> Array:
        """(..., 2) px and (...) mm of depth to (..., 3) mm in camera coordinates."""
        xp = namespace(uv)
        K = self.K
        y = (uv[..., 1] - float(K[1, 2])) / float(K[1, 1])
        x = (uv[..., 0] - float(K[0, 2]) - float(K[0, 1]) * y) / float(K[0, 0])
        if self.dist is not None:
            x, y = self._undistorted(x, y)
        z = xp.broadcast_to(like(z, uv) if isinstance(z, (int, float)) else z, x.shape)
        return xp.stack((x * z, y * z, z), axis=-1)

    def to_camera(self, xyz_world: Array) -> Array:
        """(..., 3) mm in the world to camera coordinates."""
        xyz = xyz_world
        if self.R is not None:
            xyz = xyz @ like(self.R.T, xyz)
        if self.t is not None:
            xyz = xyz + like(self.t, xyz)
        return xyz

    def to_world(self, xyz_cam: Array) -> Array:
        """(..., 3) mm in camera coordinates to the world."""
        xyz = xyz_cam
        if self.t is not None:
            xyz = xyz - like(self.t, xyz)
        if self.R is not None:
            xyz = xyz @ like(self.R, xyz)
        return xyz

    def crop(self, box: Box, size: int) -> Camera:
        """The camera of the square crop about ``box`` resized to ``size`` x ``size`` px."""
        square = box.square()
        factor = size / square.side
        K = self.K.copy()
        K[0, 2] -= square.x
        K[1, 2] -= square.y
        K[:2] *= factor
        return Camera(K, self.dist, self.R, self.t)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists for JSON; only what is known."""
        known = {"K": self.K, "dist": self.dist, "R": self.R, "t": self.t}
        return {name: value.tolist() for name, value in known.items() if value is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Camera:
        """The camera that :meth:`to_dict` wrote.

        Raises:
            ValueError, KeyError, TypeError: when ``values`` describes no camera.
        """
        return cls(values["K"], *(values.get(name) for name in ("dist", "R", "t")))

    def _coefficients(self) -> tuple[float, ...]:
        known = [] if self.dist is None else [float(value) for value in self.dist]
        return tuple(known + [0.0] * (8 - len(known)))

    def _distorted(self, x: Array, y: Array) -> tuple[Array, Array]:
        k1, k2, p1, p2, k3, k4, k5, k6 = self._coefficients()
        r2 = x * x + y * y
        radial = (1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1.0 + r2 * (k4 + r2 * (k5 + r2 * k6)))
        xy = x * y
        return (
            x * radial + 2.0 * p1 * xy + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * xy,
        )

    def _undistorted(self, x_image: Array, y_image: Array) -> tuple[Array, Array]:
        x, y = x_image, y_image
        for _ in range(_UNDISTORTION_STEPS):
            x_bent, y_bent = self._distorted(x, y)
            x, y = x + (x_image - x_bent), y + (y_image - y_bent)
        return x, y

"""Vertices of what the 3D view draws: billboards of spheres and bones, the floor (numpy only)."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from handstudio.hand.skeleton import BONES, WRIST

Array = npt.NDArray[np.float32]

SPHERE = np.dtype(
    [
        ("a_centre", np.float32, 3),
        ("a_corner", np.float32, 2),
        ("a_radius", np.float32),
        ("a_colour", np.float32, 4),
        ("a_hollow", np.float32),
    ]
)
BONE = np.dtype(
    [
        ("a_here", np.float32, 3),
        ("a_there", np.float32, 3),
        ("a_onward", np.float32),
        ("a_across", np.float32),
        ("a_radius", np.float32),
        ("a_colour", np.float32, 4),
    ]
)
PLAIN = np.dtype([("a_position", np.float32, 3), ("a_colour", np.float32, 4)])
POINT = np.dtype([("a_position", np.float32, 3), ("a_colour", np.float32, 3), ("a_normal", np.float32, 3)])

_CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
_PARENTS, _CHILDREN = np.array(BONES).T


def sphere_quads(count: int) -> npt.NDArray[np.void]:
    """(4 * count,) vertices of billboards, to be filled by :func:`fill_spheres`."""
    vertices = np.zeros(4 * count, SPHERE)
    vertices["a_corner"] = np.tile(_CORNERS, (count, 1))
    return vertices


def quad_indices(count: int) -> npt.NDArray[np.uint32]:
    """(6 * count,) indices of two triangles per billboard."""
    first = 4 * np.arange(count, dtype=np.uint32)[:, None]
    return (first + np.array([0, 1, 2, 0, 2, 3], np.uint32)).reshape(-1)


def fill_spheres(
    vertices: npt.NDArray[np.void],
    centres: npt.ArrayLike,
    radii: npt.ArrayLike,
    colours: npt.ArrayLike,
    hollow: npt.ArrayLike = 0.0,
) -> None:
    """Write (N, 3) centres, (N,) radii, (N, 4) colours and (N,) inner radii of rings (0 is a ball)."""
    count = len(vertices) // 4
    for name, values, shape in (
        ("a_centre", centres, (count, 3)),
        ("a_radius", radii, (count,)),
        ("a_colour", colours, (count, 4)),
        ("a_hollow", hollow, (count,)),
    ):
        vertices[name] = np.repeat(np.broadcast_to(np.asarray(values, np.float32), shape), 4, axis=0)


def bone_quads() -> npt.NDArray[np.void]:
    """(20 * 4,) vertices of the bones' billboards, to be filled by :func:`fill_bones`."""
    vertices = np.zeros(4 * len(BONES), BONE)
    vertices["a_across"] = np.tile(np.array([-1, 1, 1, -1], np.float32), len(BONES))
    vertices["a_onward"] = np.tile(np.array([1, 1, -1, -1], np.float32), len(BONES))
    return vertices


def fill_bones(vertices: npt.NDArray[np.void], xyz: npt.ArrayLike, radii: npt.ArrayLike) -> None:
    """Write tapered bones between (21, 3) joints; a bone has its joints' (21,) radii at its ends."""
    joints, thick = np.asarray(xyz, np.float32), np.asarray(radii, np.float32)
    ends = np.stack([_PARENTS, _PARENTS, _CHILDREN, _CHILDREN], axis=1).reshape(-1)
    others = np.stack([_CHILDREN, _CHILDREN, _PARENTS, _PARENTS], axis=1).reshape(-1)
    vertices["a_here"], vertices["a_there"] = joints[ends], joints[others]
    vertices["a_radius"] = thick[ends]


def bone_colours(joint_colours: npt.ArrayLike) -> Array:
    """(20 * 4, 4): from the parent's colour to the child's; a base bone has its finger's colour all along."""
    colours = np.asarray(joint_colours, np.float32)
    starts = np.where((_PARENTS == WRIST)[:, None], colours[_CHILDREN], colours[_PARENTS])
    both = np.stack([starts, starts, colours[_CHILDREN], colours[_CHILDREN]], axis=1)
    return both.reshape(-1, 4)


def floor_grid(
    centre: npt.ArrayLike, height: float, step: float, half: int, colour: npt.ArrayLike
) -> npt.NDArray[np.void]:
    """Vertices of lines ``step`` apart in the plane y = ``height``, every fifth stronger, fading outwards."""
    x, _, z = np.asarray(centre, np.float32)
    tint = np.asarray(colour, np.float32)
    places, strengths = _unit_grid(half)
    vertices = np.zeros(len(places), PLAIN)
    vertices["a_position"][:, 0] = x + places[:, 0] * step
    vertices["a_position"][:, 1] = height
    vertices["a_position"][:, 2] = z + places[:, 1] * step
    vertices["a_colour"] = tint
    vertices["a_colour"][:, 3] = strengths * tint[3]
    return vertices


@cache
def _unit_grid(half: int) -> tuple[Array, Array]:
    """(V, 2) ends of the pieces of all lines from ``-half`` to ``half``, and their (V,) strengths."""
    marks = np.arange(-half, half + 1, dtype=np.float32)
    pieces = np.linspace(-half, half, 9, dtype=np.float32)
    ends = np.stack([pieces[:-1], pieces[1:]], axis=-1).reshape(-1)
    across, along = (table.reshape(-1) for table in np.meshgrid(marks, ends, indexing="ij"))
    fade = np.maximum(0.0, 1.0 - np.hypot(along, across) / half)
    strengths = np.where(across % 5 == 0, np.float32(0.85), np.float32(0.4)) * fade
    one_way, other_way = np.stack([along, across], axis=-1), np.stack([across, along], axis=-1)
    return np.concatenate([one_way, other_way]), np.concatenate([strengths, strengths])

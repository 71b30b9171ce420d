"""What is drawn in the 3D view, kept in OpenGL buffers that are updated, never made anew while dragging."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from weakref import WeakSet

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage
from vispy import gloo

from handstudio.hand.skeleton import BONES, JOINT_COUNT
from handstudio.ui.colours import AT_LIMIT, PIN
from handstudio.ui.view3d import meshes, shaders
from handstudio.ui.view3d.orbit import Orbit
from handstudio.ui.view3d.target import Target

Floats = npt.NDArray[np.float32]

SHELL_COLOUR = (0.74, 0.78, 0.84, 0.20)
THIN_POINTS = 1500
"""How many points of the cloud are drawn while something moves."""
_CLOSED = 1.9
"""Diameter of the points against their distance: enough overlap to leave no gaps."""
_BEHIND = 0.5
"""How strongly the part of the skeleton that the cloud hides shines through it."""


def rgba(colour: QColor, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """A colour as OpenGL takes it."""
    return colour.redF(), colour.greenF(), colour.blueF(), alpha


@dataclass
class Shown:
    """What is switched on."""

    skeleton: bool = True
    spheres: bool = True
    cloud: bool = True
    grid: bool = True


class Scene:
    """Buffers and programs in one context. Every call needs that context's thread."""

    def __init__(self, target: Target) -> None:
        self._target = target
        target.bind(8, 8)
        gloo.set_state("opaque", depth_test=True, cull_face=False)
        corners = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32)
        self._background = gloo.Program(shaders.BACKGROUND_VERTEX, shaders.BACKGROUND_FRAGMENT)
        self._background["a_position"] = gloo.VertexBuffer(corners)
        self.set_background(QColor("#30343a"), QColor("#1f2226"))

        self._joints = meshes.sphere_quads(JOINT_COUNT)
        self._joint_buffer = gloo.VertexBuffer(self._joints)
        self._rings = meshes.sphere_quads(JOINT_COUNT)
        self._ring_buffer = gloo.VertexBuffer(self._rings)
        self._joint_program = _sphere_program(self._joint_buffer)
        self._ring_program = _sphere_program(self._ring_buffer)
        self._joint_indices = gloo.IndexBuffer(meshes.quad_indices(JOINT_COUNT))
        self._ring_indices = gloo.IndexBuffer(meshes.quad_indices(JOINT_COUNT))

        self._bones = meshes.bone_quads()
        self._bone_buffer = gloo.VertexBuffer(self._bones)
        self._bone_program = gloo.Program(shaders.BONE_VERTEX, shaders.BONE_FRAGMENT)
        self._bone_program.bind(self._bone_buffer)
        self._bone_program["u_strength"] = 1.0
        self._bone_indices = gloo.IndexBuffer(meshes.quad_indices(len(BONES)))

        self._shell: npt.NDArray[np.void] = meshes.sphere_quads(0)
        self._shell_program: gloo.Program | None = None
        self._cloud: _Kept | None = None
        self._cloud_offset = np.zeros(3, np.float32)
        self._spacing = self._thin_share = 1.0
        self._floor: _Kept | None = None

        self._xyz = np.zeros((JOINT_COUNT, 3), np.float32)
        self._radius = 1.0
        self._colours = np.ones((JOINT_COUNT, 4), np.float32)
        self._hollow = np.zeros(JOINT_COUNT, np.float32)
        self._here = b""
        self._told: WeakSet[gloo.Program] = WeakSet()
        self.shown = Shown()

    def warm_up(self) -> None:
        """Draw each kind of thing once, so that the driver compiles its programs now."""
        point = np.zeros((1, 3), np.float32)
        self.set_spheres(point, [1.0])
        self.set_cloud(point, point)
        self.set_floor(meshes.floor_grid((0, 0, 0), 1.0, 1.0, 1, (1, 1, 1, 1)))
        self.draw(Orbit(distance=5.0), 8, 8, 1.0)
        self.set_spheres(None, None)
        self.set_cloud(None)
        self.set_floor(None)

    def set_background(self, top: QColor, bottom: QColor) -> None:
        """The two ends of the gradient behind the hand."""
        self._background["u_top"] = rgba(top)[:3]
        self._background["u_bottom"] = rgba(bottom)[:3]

    def set_joints(self, colours: npt.ArrayLike, hollow: npt.ArrayLike) -> None:
        """(21, 4) colours and (21,) inner radii of rings, 0 for a filled joint."""
        self._colours = np.asarray(colours, np.float32)
        self._hollow = np.asarray(hollow, np.float32)
        self._bones["a_colour"] = meshes.bone_colours(self._colours)

    def set_pose(self, xyz: npt.ArrayLike, radius: float) -> None:
        """Move the skeleton: (21, 3) joints, drawn as balls of ``radius``."""
        self._xyz, self._radius = np.asarray(xyz, np.float32), radius
        radii = np.where(self._hollow > 0, 1.25 * radius, radius)
        meshes.fill_spheres(self._joints, self._xyz, radii, self._colours, self._hollow)
        self._joint_buffer.set_data(self._joints)
        meshes.fill_bones(self._bones, self._xyz, np.full(JOINT_COUNT, 0.42 * radius))
        self._bone_buffer.set_data(self._bones)

    def set_marks(
        self,
        selected: Collection[int],
        accent: QColor,
        pinned: Collection[int] = (),
        limited: Collection[int] = (),
    ) -> None:
        """Rings about the selected joints, wider ones about those that are pinned or at their limits."""
        radii = np.zeros(JOINT_COUNT, np.float32)
        colours = np.tile(np.asarray(rgba(accent), np.float32), (JOINT_COUNT, 1))
        for joints, wide, colour in (
            (selected, 1.9, accent),
            (pinned, 2.3, QColor(PIN)),
            (limited, 2.3, QColor(AT_LIMIT)),
        ):
            radii[sorted(joints)] = wide * self._radius
            colours[sorted(joints)] = rgba(colour)
        meshes.fill_spheres(self._rings, self._xyz, radii, colours, 0.78)
        self._ring_buffer.set_data(self._rings)

    def set_spheres(self, centres: npt.ArrayLike | None, radii: npt.ArrayLike | None) -> None:
        """The (N, 3) centres and (N,) radii of the hand model's spheres, or none."""
        if centres is None or radii is None:
            self._shell_program = None
            return
        count = len(np.asarray(centres))
        if self._shell_program is None or len(self._shell) != 4 * count:
            self._shell = meshes.sphere_quads(count)
            self._shell_buffer = gloo.VertexBuffer(self._shell)
            self._shell_program = _sphere_program(self._shell_buffer, rim=1.6)
            self._shell_indices = gloo.IndexBuffer(meshes.quad_indices(count))
        meshes.fill_spheres(self._shell, centres, radii, SHELL_COLOUR)
        self._shell_buffer.set_data(self._shell)

    def set_cloud(
        self,
        points: Floats | None,
        colours: npt.ArrayLike = 1.0,
        normals: npt.ArrayLike = 0.0,
        spacing: float = 1.0,
    ) -> None:
        """(N, 3) points with (N, 3) colours in [0, 1], or none.

        With (N, 3) unit normals they are shaded like the joints; ``spacing`` is how far apart they lie.
        """
        if points is None or not len(points):
            if self._cloud is not None:
                self._cloud.empty = True
            return
        mixed = np.random.default_rng(0).permutation(len(points))  # so that any beginning is a thinner cloud
        vertices = np.zeros(len(points), meshes.POINT)
        vertices["a_position"], vertices["a_colour"], vertices["a_normal"] = points, colours, normals
        self._cloud = _filled(self._cloud, vertices[mixed], shaders.POINT_VERTEX, shaders.POINT_FRAGMENT)
        self._cloud.program["u_offset"] = self._cloud_offset
        self._spacing = spacing
        self._thin_cloud = gloo.IndexBuffer(np.arange(min(len(points), THIN_POINTS), dtype=np.uint32))
        self._thin_share = min(THIN_POINTS / len(points), 1.0)

    def place_cloud(self, offset: npt.ArrayLike) -> None:
        """The (3,) shift of the cloud: a hand's root may move, what the camera measured stays."""
        self._cloud_offset = np.asarray(offset, np.float32)
        if self._cloud is not None:
            self._cloud.program["u_offset"] = self._cloud_offset

    def set_floor(self, vertices: npt.NDArray[np.void] | None) -> None:
        """The lines of the floor, from :func:`meshes.floor_grid`."""
        if vertices is not None:
            self._floor = _filled(self._floor, vertices)
        elif self._floor is not None:
            self._floor.empty = True

    def clear(self) -> None:
        """Show no hand."""
        self.set_pose(np.zeros((JOINT_COUNT, 3), np.float32), 0.0)
        self.set_marks(set(), QColor())
        self.set_spheres(None, None)
        self.set_cloud(None)
        self.set_floor(None)

    def draw(self, orbit: Orbit, width: int, height: int, ratio: float, thin: bool = False) -> QImage:
        """The picture of ``width`` x ``height`` device px; ``ratio`` device px make one px.

        ``thin`` draws only part of the cloud, for pictures that have to be there in the next frame.
        """
        self._target.bind(width, height)
        size = (width / ratio, height / ratio)
        view, projection = orbit.view().T.astype(np.float32), orbit.projection(size).T.astype(np.float32)
        gloo.set_viewport(0, 0, width, height)
        gloo.set_depth_mask(True)
        gloo.clear(color=True, depth=True)
        gloo.set_state(blend=False, depth_test=False)
        self._background.draw("triangle_strip")
        gloo.set_state(blend=True, depth_test=True, depth_func="lequal")
        gloo.set_blend_func("src_alpha", "one_minus_src_alpha", "zero", "one")
        self._look(view, projection)
        if self._floor is not None and not self._floor.empty and self.shown.grid:
            gloo.set_depth_mask(False)
            self._floor.program.draw("lines")
            gloo.set_depth_mask(True)
        cloud = self._cloud if self.shown.cloud else None
        if cloud is not None and not cloud.empty:
            self._draw_cloud(cloud.program, orbit.focal * min(width, height) / 2, ratio, thin)
        if self.shown.skeleton:
            self._draw_skeleton()
            if cloud is not None and not cloud.empty:
                self._draw_hidden_skeleton()
        if self._shell_program is not None and self.shown.spheres:
            self._draw_shell(self._shell_program)
        if self.shown.skeleton:
            gloo.set_state(depth_test=False)
            self._ring_program.draw("triangles", self._ring_indices)
        return self._target.picture()

    def _draw_cloud(self, program: gloo.Program, px_per_tangent: float, ratio: float, thin: bool) -> None:
        """Points just large enough to close the surface from where one looks."""
        apart = self._spacing / (self._thin_share**0.5 if thin else 1.0)
        program["u_spacing"] = _CLOSED * apart * px_per_tangent
        program["u_least"] = 1.5 * max(ratio, 0.6)
        program.draw("points", self._thin_cloud if thin else None)

    def _draw_skeleton(self) -> None:
        self._bone_program.draw("triangles", self._bone_indices)
        self._joint_program.draw("triangles", self._joint_indices)

    def _draw_hidden_skeleton(self) -> None:
        """Joints lie under the skin that the depth camera saw: they shine through, to be seen and grabbed."""
        gloo.set_state(depth_func="greater")
        gloo.set_depth_mask(False)
        for strength in (_BEHIND, 1.0):
            self._bone_program["u_strength"] = self._joint_program["u_strength"] = strength
            if strength < 1.0:
                self._draw_skeleton()
        gloo.set_depth_mask(True)
        gloo.set_state(depth_func="lequal")

    def _look(self, view: Floats, projection: Floats) -> None:
        """Tell the programs where the viewer stands, those that do not know it yet."""
        here = view.tobytes() + projection.tobytes()
        if here != self._here:
            self._here = here
            self._told.clear()
        for program in self._programs():
            if program not in self._told:
                program["u_view"], program["u_projection"] = view, projection
                self._told.add(program)

    def _draw_shell(self, program: gloo.Program) -> None:
        """Only the nearest surface of all spheres is blended, so that overlaps do not add up."""
        gloo.set_color_mask(False, False, False, False)
        program.draw("triangles", self._shell_indices)
        gloo.set_color_mask(True, True, True, True)
        program.draw("triangles", self._shell_indices)

    def _programs(self) -> list[gloo.Program]:
        programs = (
            self._joint_program,
            self._ring_program,
            self._bone_program,
            self._shell_program,
            self._cloud.program if self._cloud is not None else None,
            self._floor.program if self._floor is not None else None,
        )
        return [program for program in programs if program is not None]


def _sphere_program(buffer: gloo.VertexBuffer, rim: float = 0.0) -> gloo.Program:
    program = gloo.Program(shaders.SPHERE_VERTEX, shaders.SPHERE_FRAGMENT)
    program.bind(buffer)
    program["u_rim"], program["u_strength"] = rim, 1.0
    return program


@dataclass
class _Kept:
    """Points or lines in a program that is kept: to link one anew takes longer than to draw it."""

    program: gloo.Program
    buffer: gloo.VertexBuffer
    count: int
    empty: bool = False


def _filled(
    before: _Kept | None,
    vertices: npt.NDArray[np.void],
    vertex: str = shaders.PLAIN_VERTEX,
    fragment: str = shaders.PLAIN_FRAGMENT,
) -> _Kept:
    """``before`` with other vertices, made anew only where their number differs."""
    if before is not None and before.count == len(vertices):
        before.buffer.set_data(vertices)
        before.empty = False
        return before
    buffer = gloo.VertexBuffer(vertices)
    program = gloo.Program(vertex, fragment) if before is None else before.program
    program.bind(buffer)
    return _Kept(program, buffer, len(vertices))

"""The hand in space: skeleton, sphere model and point cloud, to orbit and to grab (OpenGL through vispy)."""

from handstudio.ui.view3d.widget import View3D

__all__ = ["View3D"]

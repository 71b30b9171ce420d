"""The shading programs of the 3D view, in the GLSL that every desktop OpenGL since 2.1 understands."""

from __future__ import annotations

from typing import Final

_LIGHT = """
const vec3 TO_LIGHT = vec3(-0.36, -0.58, -0.73);
vec3 lit(vec3 colour, vec3 normal) {
    float soft = 0.5 + 0.5 * dot(normal, TO_LIGHT);
    return colour * (0.34 + 0.66 * soft * soft);
}
"""

SPHERE_VERTEX: Final = """
uniform mat4 u_view;
uniform mat4 u_projection;
attribute vec3 a_centre;
attribute vec2 a_corner;
attribute float a_radius;
attribute vec4 a_colour;
attribute float a_hollow;
varying vec2 v_corner;
varying vec4 v_colour;
varying float v_hollow;
varying float v_radius;
varying float v_away;
void main() {
    vec4 seen = u_view * vec4(a_centre, 1.0);
    v_corner = a_corner;
    v_colour = a_colour;
    v_hollow = a_hollow;
    v_radius = a_radius;
    v_away = seen.z;
    gl_Position = u_projection * vec4(seen.xy + a_corner * a_radius, seen.z, 1.0);
}
"""

SPHERE_FRAGMENT: Final = (
    """
uniform mat4 u_projection;
uniform float u_rim;
uniform float u_strength;
varying vec2 v_corner;
varying vec4 v_colour;
varying float v_hollow;
varying float v_radius;
varying float v_away;
"""
    + _LIGHT
    + """
void main() {
    float across = length(v_corner);
    float pixel = max(fwidth(across), 1e-4);
    float soft = clamp((1.0 - across) / pixel + 0.5, 0.0, 1.0);
    if (v_hollow > 0.0) soft *= clamp((across - v_hollow) / pixel + 0.5, 0.0, 1.0);
    if (soft < 0.02 || v_radius <= 0.0) discard;
    float bulge = sqrt(max(1.0 - across * across, 0.0));
    float away = v_away - bulge * v_radius;
    gl_FragDepth = 0.5 + 0.5 * (u_projection[2][2] * away + u_projection[3][2]) / away;
    vec3 shade = v_hollow > 0.0 ? v_colour.rgb : lit(v_colour.rgb, vec3(v_corner, -bulge));
    float edge = 1.0 - bulge;
    gl_FragColor = vec4(shade, u_strength * soft * v_colour.a * (1.0 + u_rim * edge * edge));
}
"""
)

BONE_VERTEX: Final = """
uniform mat4 u_view;
uniform mat4 u_projection;
attribute vec3 a_here;
attribute vec3 a_there;
attribute float a_onward;
attribute float a_across;
attribute float a_radius;
attribute vec4 a_colour;
varying float v_across;
varying vec2 v_side;
varying vec4 v_colour;
void main() {
    vec4 here = u_view * vec4(a_here, 1.0);
    vec4 there = u_view * vec4(a_there, 1.0);
    vec2 along = a_onward * (there.xy / there.z - here.xy / here.z);
    along = length(along) > 1e-6 ? normalize(along) : vec2(1.0, 0.0);
    vec2 side = vec2(-along.y, along.x);
    v_across = a_across;
    v_side = side;
    v_colour = a_colour;
    gl_Position = u_projection * vec4(here.xy + side * a_across * a_radius, here.z, 1.0);
}
"""

BONE_FRAGMENT: Final = (
    """
uniform float u_strength;
varying float v_across;
varying vec2 v_side;
varying vec4 v_colour;
"""
    + _LIGHT
    + """
void main() {
    float away = abs(v_across);
    float soft = clamp((1.0 - away) / max(fwidth(v_across), 1e-4) + 0.5, 0.0, 1.0);
    vec3 normal = vec3(v_side * v_across, -sqrt(max(1.0 - away * away, 0.0)));
    gl_FragColor = vec4(lit(v_colour.rgb, normal), u_strength * v_colour.a * soft);
}
"""
)

PLAIN_VERTEX: Final = """
uniform mat4 u_view;
uniform mat4 u_projection;
attribute vec3 a_position;
attribute vec4 a_colour;
varying vec4 v_colour;
void main() {
    v_colour = a_colour;
    gl_Position = u_projection * (u_view * vec4(a_position, 1.0));
}
"""

PLAIN_FRAGMENT: Final = """
varying vec4 v_colour;
void main() {
    gl_FragColor = v_colour;
}
"""

POINT_VERTEX: Final = (
    """
uniform mat4 u_view;
uniform mat4 u_projection;
uniform vec3 u_offset;
uniform float u_spacing;
uniform float u_least;
attribute vec3 a_position;
attribute vec3 a_colour;
attribute vec3 a_normal;
varying vec4 v_colour;
"""
    + _LIGHT
    + """
void main() {
    vec4 seen = u_view * vec4(a_position + u_offset, 1.0);
    vec3 normal = (u_view * vec4(a_normal, 0.0)).xyz;
    if (dot(normal, seen.xyz) > 0.0) normal = -normal;  // a thin surface, lit from either side
    bool known = dot(a_normal, a_normal) > 0.25;
    float turned = 0.5 + 0.5 * dot(normal, TO_LIGHT);
    v_colour = vec4(a_colour * (known ? 0.62 + 0.58 * turned : 1.0), 1.0);  // a photograph is lit already
    gl_PointSize = clamp(u_spacing / seen.z, u_least, 12.0 * u_least);
    gl_Position = u_projection * seen;
}
"""
)

POINT_FRAGMENT: Final = """
varying vec4 v_colour;
void main() {
    if (length(gl_PointCoord - 0.5) > 0.5) discard;
    gl_FragColor = v_colour;
}
"""

BACKGROUND_VERTEX: Final = """
attribute vec2 a_position;
varying float v_up;
void main() {
    v_up = 0.5 + 0.5 * a_position.y;
    gl_Position = vec4(a_position, 1.0, 1.0);
}
"""

BACKGROUND_FRAGMENT: Final = """
uniform vec3 u_top;
uniform vec3 u_bottom;
varying float v_up;
void main() {
    gl_FragColor = vec4(mix(u_bottom, u_top, v_up), 1.0);
}
"""

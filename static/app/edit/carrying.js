// The programs that take paint from a frame to an atlas, and lay it over what is there.

import { HEAD, LOOK } from "./shaders.js";

// A frame's pixels carried to the atlas: the frame is cut into small cells, each drawn where its corners go.
export const CARRY_PLACES = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D map;
uniform vec2 size, atlas;
uniform float spacing;
uniform vec2 cells, first; // of the whole frame; the upper left one that is drawn
uniform float across; // cells in a row that are drawn
out vec2 at;
${LOOK}
void main() {
  int cell = gl_VertexID / 6, corner = gl_VertexID % 6; // two triangles: 0 1 2 and 3 4 5
  vec2 further = vec2(corner == 1 || corner == 2 || corner == 4, corner == 2 || corner == 4 || corner == 5);
  int wide = int(across);
  at = (first + vec2(cell % wide, cell / wide) + further) / cells;
  vec2 texel = spread(map, spacing, at * size - 0.5).xy;
  gl_Position = vec4((texel + 0.5) / atlas * 2.0 - 1.0, 0.0, 1.0);
}`;

export const CARRY = `${HEAD}
uniform sampler2D sheet, light; // premultiplied paint on the frame; the light of that frame
uniform vec2 size;
uniform float lightSpacing;
in vec2 at;
out vec4 result;
${LOOK}
void main() {
  vec4 paint = texture(sheet, at);
  vec3 gain = max(spread(light, lightSpacing, at * size - 0.5).rgb, 0.05);
  result = vec4(min(paint.rgb / gain, vec3(paint.a)), paint.a);
}`;

// Paint on the atlas itself needs no way.
export const PLAIN = `${HEAD}
uniform sampler2D sheet;
in vec2 at;
out vec4 result;
void main() { result = texture(sheet, at); }`;

// What was there with a stroke over it, or without what it rubs out.
export const LAY = `${HEAD}
uniform sampler2D base, stroke;
uniform float opacity;
uniform bool erase;
in vec2 at;
out vec4 result;
void main() {
  vec4 paint = texelFetch(stroke, ivec2(gl_FragCoord.xy), 0) * opacity;
  vec4 before = texelFetch(base, ivec2(gl_FragCoord.xy), 0);
  result = (erase ? vec4(0.0) : paint) + before * (1.0 - paint.a);
}`;

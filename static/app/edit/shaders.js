// The programs of the editor: the renderer's formula (streaming/atlas/render.py), and the way of paint from a
// frame to an atlas. Places are of pixels and texels whose centres are whole numbers, from the top left;
// textures of our own have their first row at the top, so nothing is ever turned upside down but the canvas.

const HEAD = `#version 300 es
precision highp float;
precision highp sampler2D;
`;

// What a grid says at a pixel, and what a picture says at a place: bilinear by hand, because a graphics
// card's own filter knows 256 steps between two texels and may not filter floats at all.
const LOOK = `
vec4 spread(sampler2D nodes, float spacing, vec2 pixel) {
  vec2 place = (pixel + 0.5) / spacing + 0.5;
  ivec2 last = textureSize(nodes, 0) - 2;
  ivec2 n = clamp(ivec2(floor(place)), ivec2(0), last);
  vec2 f = place - vec2(n);
  return mix(mix(texelFetch(nodes, n, 0), texelFetch(nodes, n + ivec2(1, 0), 0), f.x),
             mix(texelFetch(nodes, n + ivec2(0, 1), 0), texelFetch(nodes, n + ivec2(1, 1), 0), f.x), f.y);
}
vec4 inside(sampler2D picture, ivec2 n) {
  ivec2 size = textureSize(picture, 0);
  return all(greaterThanEqual(n, ivec2(0))) && all(lessThan(n, size)) ? texelFetch(picture, n, 0) : vec4(0.0);
}
vec4 looked(sampler2D picture, vec2 place) {
  ivec2 n = ivec2(floor(place));
  vec2 f = place - vec2(n);
  return mix(mix(inside(picture, n), inside(picture, n + ivec2(1, 0)), f.x),
             mix(inside(picture, n + ivec2(0, 1)), inside(picture, n + ivec2(1, 1)), f.x), f.y);
}
// The same where its edge goes on.
vec4 held(sampler2D picture, vec2 place) {
  vec2 end = vec2(textureSize(picture, 0) - 1);
  return looked(picture, clamp(place, vec2(0.0), end));
}
`;

// One layer's edit laid over what the layers before it left: sum + share * (O - B).
export const LAYER = `${HEAD}
uniform sampler2D frame, sum, mattes, map, light, picture, over, change;
uniform vec2 size, atlas; // of the clip's frames in pixels, of the atlas in texels
uniform float spacing, lightSpacing;
uniform int layer, foregrounds;
uniform bool changed; // whether there is a retouched atlas beside the paint
in vec2 at;
out vec4 result;
${LOOK}
// Red, green and blue are the shares of up to three foregrounds; the background has the rest.
float share() {
  vec3 own = texture(mattes, at).rgb;
  if (layer < foregrounds) return layer == 0 ? own.r : layer == 1 ? own.g : own.b;
  float all = own.r;
  if (foregrounds > 1) all += own.g;
  if (foregrounds > 2) all += own.b;
  return clamp(1.0 - all, 0.0, 1.0);
}
void main() {
  vec4 before = texture(sum, at);
  float a = share();
  vec2 pixel = at * size - 0.5;
  vec4 here = spread(map, spacing, pixel);
  vec2 scale = vec2(textureSize(over, 0)) / atlas;
  vec4 paint = looked(over, (here.xy + 0.5) * scale - 0.5);
  vec3 more = vec3(0.0);
  if (changed) {
    vec2 place = (here.xy + 0.5) * vec2(textureSize(change, 0)) / atlas - 0.5;
    vec4 found = looked(change, place);
    more = (found.rgb * 255.0 - 128.0 * found.a) / 127.0; // 128 is nothing; outside there is nothing either
  }
  if (a == 0.0 || (paint == vec4(0.0) && more == vec3(0.0))) { result = before; return; }
  vec3 seen = texture(frame, at).rgb;
  vec3 gain = spread(light, lightSpacing, pixel).rgb;
  float cover = looked(picture, here.xy).a;
  vec3 shown = held(picture, here.xy).rgb * gain;
  vec3 base = seen + (1.0 - a) * cover * clamp(shown - seen, -1.0, 1.0);
  vec3 made = base + here.z * more * gain;
  made += here.z * (paint.rgb * gain - paint.a * made);
  result = vec4(before.rgb + a * (made - base), 1.0);
}`;

// What is shown: the whole picture, or the loop cut out as it will be.
export const SHOW = `${HEAD}
uniform sampler2D sum, mattes;
uniform bool cut;
uniform int foregrounds;
in vec2 at;
out vec4 result;
void main() {
  vec3 own = texture(mattes, at).rgb;
  float a = own.r + (foregrounds > 1 ? own.g : 0.0) + (foregrounds > 2 ? own.b : 0.0);
  vec3 seen = clamp(texture(sum, at).rgb, 0.0, 1.0);
  result = cut ? vec4(seen * clamp(a, 0.0, 1.0), clamp(a, 0.0, 1.0)) : vec4(seen, 1.0);
}`;

// An atlas with its edit over it, for whoever paints on the atlas itself.
export const ATLAS = `${HEAD}
uniform sampler2D picture, over, change;
uniform bool changed, bare; // bare: straight alpha, to be saved
in vec2 at;
out vec4 result;
${LOOK}
void main() {
  vec4 own = held(picture, at * vec2(textureSize(picture, 0)) - 0.5);
  if (changed) {
    vec4 found = looked(change, at * vec2(textureSize(change, 0)) - 0.5);
    own.rgb = clamp(own.rgb + (found.rgb * 255.0 - 128.0 * found.a) / 127.0, 0.0, 1.0);
  }
  vec4 paint = looked(over, at * vec2(textureSize(over, 0)) - 0.5);
  vec4 made = paint + vec4(own.rgb * own.a, own.a) * (1.0 - paint.a);
  result = bare && made.a > 0.0 ? vec4(made.rgb / made.a, made.a) : made;
}`;

// A frame's pixels carried to the atlas: the frame is cut into small cells, each drawn where its corners go.
export const CARRY_PLACES = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D map;
uniform vec2 size, atlas;
uniform float spacing;
uniform vec2 cells;
out vec2 at;
${LOOK}
void main() {
  int cell = gl_VertexID / 6, corner = gl_VertexID % 6; // two triangles: 0 1 2 and 3 4 5
  vec2 further = vec2(corner == 1 || corner == 2 || corner == 4, corner == 2 || corner == 4 || corner == 5);
  int wide = int(cells.x);
  at = (vec2(cell % wide, cell / wide) + further) / cells;
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

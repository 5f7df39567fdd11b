// The programs that draw an edited loop, by the renderer's formula (streaming/atlas/render.py). Places are of
// pixels and texels whose centres are whole numbers, from the top left; textures of our own have their first
// row at the top, so nothing is ever turned upside down but the canvas.

export const HEAD = `#version 300 es
precision highp float;
precision highp sampler2D;
`;

// What a grid says at a pixel, and what a picture says at a place: bilinear by hand, because a graphics
// card's own filter knows 256 steps between two texels and may not filter floats at all.
export const LOOK = `
vec4 spread(sampler2D nodes, float spacing, vec2 pixel) {
  vec2 place = (pixel + 0.5) / spacing + 0.5;
  ivec2 last = textureSize(nodes, 0) - 2;
  ivec2 n = clamp(ivec2(floor(place)), ivec2(0), last);
  vec2 f = place - vec2(n);
  return mix(mix(texelFetch(nodes, n, 0), texelFetch(nodes, n + ivec2(1, 0), 0), f.x),
             mix(texelFetch(nodes, n + ivec2(0, 1), 0), texelFetch(nodes, n + ivec2(1, 1), 0), f.x), f.y);
}
// What lies at a place, and nothing outside; without a branch, of which a card may well take both ways.
vec4 looked(sampler2D picture, vec2 place) {
  ivec2 n = ivec2(floor(place)), last = textureSize(picture, 0) - 1;
  ivec2 a = clamp(n, ivec2(0), last), b = clamp(n + 1, ivec2(0), last);
  vec2 f = place - vec2(n);
  vec2 p = (1.0 - f) * vec2(equal(a, n)), q = f * vec2(equal(b, n + 1));
  return (texelFetch(picture, a, 0) * p.x + texelFetch(picture, ivec2(b.x, a.y), 0) * q.x) * p.y
       + (texelFetch(picture, ivec2(a.x, b.y), 0) * p.x + texelFetch(picture, b, 0) * q.x) * q.y;
}
// The same where its edge goes on.
vec4 held(sampler2D picture, vec2 place) {
  vec2 end = vec2(textureSize(picture, 0) - 1);
  return looked(picture, clamp(place, vec2(0.0), end));
}
`;

// Rectangles of the frame, in which alone an edit is drawn: [left, top, right, bottom] in pixels of the target.
export const PARTS = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D parts;
uniform vec2 shown;
out vec2 at;
void main() {
  int part = gl_VertexID / 6, corner = gl_VertexID % 6, wide = textureSize(parts, 0).x;
  vec4 box = texelFetch(parts, ivec2(part % wide, part / wide), 0);
  at = vec2(corner == 1 || corner == 2 || corner == 4 ? box.z : box.x, corner == 2 || corner == 4 || corner == 5 ? box.w : box.y) / shown;
  gl_Position = vec4(at * 2.0 - 1.0, 0.0, 1.0);
}`;

// What one layer's edit adds to a frame: share * (O - B). `changed`: with a retouched atlas beside the paint.
export const layer = (changed) => `${HEAD}
uniform sampler2D frame, mattes, map, light, picture, over, change;
uniform vec2 size, atlas; // of the clip's frames in pixels, of the atlas in texels
uniform float spacing, lightSpacing;
uniform int layer, foregrounds;
in vec2 at;
out vec4 result;
${LOOK}
// Red, green and blue are the shares of up to three foregrounds; the background has the rest.
float share(ivec2 here) {
  vec3 own = texelFetch(mattes, here, 0).rgb;
  if (layer < foregrounds) return layer == 0 ? own.r : layer == 1 ? own.g : own.b;
  float all = own.r + (foregrounds > 1 ? own.g : 0.0) + (foregrounds > 2 ? own.b : 0.0);
  return clamp(1.0 - all, 0.0, 1.0);
}
// What the layer shows at a texel, and its cover there.
vec4 own(vec2 place) {
  ivec2 n = ivec2(floor(place)), last = textureSize(picture, 0) - 1;
  ivec2 a = clamp(n, ivec2(0), last), b = clamp(n + 1, ivec2(0), last);
  vec4 one = texelFetch(picture, a, 0), two = texelFetch(picture, ivec2(b.x, a.y), 0);
  vec4 three = texelFetch(picture, ivec2(a.x, b.y), 0), four = texelFetch(picture, b, 0);
  vec2 f = place - vec2(n);
  vec2 p = (1.0 - f) * vec2(equal(a, n)), q = f * vec2(equal(b, n + 1));
  float cover = (one.a * p.x + two.a * q.x) * p.y + (three.a * p.x + four.a * q.x) * q.y;
  return vec4(mix(mix(one.rgb, two.rgb, f.x), mix(three.rgb, four.rgb, f.x), f.y), cover);
}
void main() {
  ivec2 n = ivec2(at * vec2(textureSize(frame, 0)));
  vec2 pixel = at * size - 0.5;
  float a = share(n);
  vec4 here = spread(map, spacing, pixel);
  vec4 paint = looked(over, (here.xy + 0.5) * vec2(textureSize(over, 0)) / atlas - 0.5);
  vec3 gain = spread(light, lightSpacing, pixel).rgb;
  vec4 shown = own(here.xy);
  vec3 base = texelFetch(frame, n, 0).rgb;
  base += (1.0 - a) * shown.a * clamp(shown.rgb * gain - base, -1.0, 1.0);
  vec3 more = vec3(0.0);
${changed ? `  vec4 found = looked(change, (here.xy + 0.5) * vec2(textureSize(change, 0)) / atlas - 0.5);
  more = here.z * gain * (found.rgb * 255.0 - 128.0 * found.a) / 127.0; // 128 is nothing; outside there is nothing either
` : ""}  more += here.z * (paint.rgb * gain - paint.a * (base + more));
  result = vec4(a * more, 0.0);
}`;

// What is shown: the whole picture, or the loop cut out as it will be.
export const SHOW = `${HEAD}
uniform sampler2D frame, sum, mattes;
uniform bool cut;
uniform int foregrounds;
in vec2 at;
out vec4 result;
void main() {
  ivec2 n = ivec2(at * vec2(textureSize(frame, 0)));
  vec3 own = texelFetch(mattes, n, 0).rgb;
  float a = own.r + (foregrounds > 1 ? own.g : 0.0) + (foregrounds > 2 ? own.b : 0.0);
  vec3 seen = clamp(texelFetch(frame, n, 0).rgb + texelFetch(sum, n, 0).rgb, 0.0, 1.0);
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

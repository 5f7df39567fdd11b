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
  if (a == 0.0) { result = before; return; }
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
  if (paint == vec4(0.0) && more == vec3(0.0)) { result = before; return; }
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

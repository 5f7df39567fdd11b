// The programs that run on the graphics card. `at` is the place in the result, from its top left corner.
// A tile is sampled half a pixel inside its edge, so that the linear filter never reaches its neighbour;
// colours a whole pixel more, because video carries them at half the resolution.

export const COVERING = `#version 300 es
out vec2 at;
uniform bool upward; // canvases have their first row at the bottom, our own textures at the top
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  at = corner * 0.5 + 0.5;
  if (upward) at.y = 1.0 - at.y;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

const TILES = `#version 300 es
precision highp float;
uniform sampler2D frame, blue, red; // the colours, or the brightness and two planes of colour
uniform bool planar;
uniform vec2 whole, size, matteAt, sourceAt; // in pixels of the frame
in vec2 at;
out vec4 result;
const float LUMA_INSIDE = 0.5, COLOUR_INSIDE = 1.5;
vec2 inside(vec2 place, vec2 corner, vec2 extent, float margin) {
  return (corner + clamp(place * extent, vec2(margin), extent - margin)) / whole;
}
vec3 tile(vec2 place, vec2 corner, vec2 extent) {
  vec2 there = inside(place, corner, extent, COLOUR_INSIDE);
  vec3 seen = texture(frame, there).rgb;
  if (!planar) return seen;
  // bt601 in limited range, which is what VP8 over WebRTC is (ITU-T H.273, matrix 6)
  float y = (seen.r * 255.0 - 16.0) / 219.0;
  vec2 c = (vec2(texture(blue, there).r, texture(red, there).r) * 255.0 - 128.0) / 224.0;
  return clamp(vec3(y + 1.402 * c.y, y - 0.344136 * c.x - 0.714136 * c.y, y + 1.772 * c.x), 0.0, 1.0);
}
float matte(vec2 place) {
  // Brightness alone: whatever the codec does to the colours of a grey picture leaves it as it is.
  vec3 seen = texture(frame, inside(place, matteAt, size, LUMA_INSIDE)).rgb;
  float grey = planar ? (seen.r * 255.0 - 16.0) / 219.0 : dot(seen, vec3(0.299, 0.587, 0.114));
  // The codec ripples by a few levels around black and white: both ends are made clean again.
  return clamp((grey - 0.028) / 0.944, 0.0, 1.0);
}
vec3 source(vec2 place) { return tile(place, sourceAt, size * 0.5); }
`;

export const COMPOSITE = `${TILES}
uniform sampler2D behind;
uniform vec4 cover; // scale and offset from the result to the picture behind it
uniform vec3 colour;
uniform int ground; // 0 nothing, 1 colour, 2 picture, 3 blur
uniform int view;   // 0 result, 1 matte, 2 original
uniform float split; // left of it the original
uniform bool straight;
vec3 background() {
  if (ground == 1) return colour;
  vec4 found = texture(behind, at * cover.xy + cover.zw);
  return ground == 3 ? found.rgb / max(found.a, 0.004) : found.rgb;
}
void main() {
  if (view == 2 || at.x < split) { result = vec4(source(at), 1.0); return; }
  float alpha = matte(at);
  if (view == 1) { result = vec4(vec3(alpha), 1.0); return; }
  vec3 subject = tile(at, vec2(0.0), size);
  if (straight) result = vec4(subject, alpha);
  else if (ground == 0) result = vec4(subject * alpha, alpha);
  else result = vec4(mix(background(), subject, alpha), 1.0);
}`;

// The original behind its own subject must not carry the subject's colours, or they glow around it:
// what the matte covers counts for little, and the weights are divided out at the end.
export const SHRINK = `${TILES}
uniform vec2 stride;
void main() {
  result = vec4(0.0);
  for (int i = 0; i < 4; i++) {
    vec2 place = at + stride * (vec2(i & 1, i >> 1) - 0.5);
    float weight = mix(1.0, 0.05, matte(place));
    result += vec4(source(place) * weight, weight) * 0.25;
  }
}`;

// Nine taps of a Gaussian in five reads, between pixels.
export const BLUR = `#version 300 es
precision highp float;
uniform sampler2D frame;
uniform vec2 stride;
in vec2 at;
out vec4 result;
void main() {
  result = texture(frame, at) * 0.2270270;
  result += (texture(frame, at + stride * 1.3846154) + texture(frame, at - stride * 1.3846154)) * 0.3162162;
  result += (texture(frame, at + stride * 3.2307692) + texture(frame, at - stride * 3.2307692)) * 0.0702703;
}`;

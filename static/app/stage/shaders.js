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
uniform sampler2D frame;
uniform vec2 whole, size, matteAt, sourceAt; // in pixels of the frame
in vec2 at;
out vec4 result;
const float LUMA_INSIDE = 0.5, COLOUR_INSIDE = 1.5;
vec3 tile(vec2 place, vec2 corner, vec2 extent, float inside) {
  return texture(frame, (corner + clamp(place * extent, vec2(inside), extent - inside)) / whole).rgb;
}
float matte(vec2 place) {
  // Brightness alone: whatever the codec does to the colours of a grey picture leaves it as it is.
  float grey = dot(tile(place, matteAt, size, LUMA_INSIDE), vec3(0.299, 0.587, 0.114));
  // The codec ripples by a few levels around black and white: both ends are made clean again.
  return clamp((grey - 0.028) / 0.944, 0.0, 1.0);
}
vec3 source(vec2 place) { return tile(place, sourceAt, size * 0.5, COLOUR_INSIDE); }
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
  vec3 subject = tile(at, vec2(0.0), size, COLOUR_INSIDE);
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

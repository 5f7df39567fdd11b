// The few calls of WebGL that the compositor needs, each with its error turned into words.

import { COVERING } from "./shaders.js";

function compiled(gl, kind, text) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, text);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(`a shader was refused: ${gl.getShaderInfoLog(shader)}`);
  }
  return shader;
}

// A program that covers everything drawn on, or draws the vertices that its own `places` say; uniforms go by name.
export class Program {
  constructor(gl, text, places = COVERING) {
    this.gl = gl;
    this.program = gl.createProgram();
    gl.attachShader(this.program, compiled(gl, gl.VERTEX_SHADER, places));
    gl.attachShader(this.program, compiled(gl, gl.FRAGMENT_SHADER, text));
    gl.linkProgram(this.program);
    this.places = new Map();
    const count = gl.getProgramParameter(this.program, gl.ACTIVE_UNIFORMS) ?? 0;
    for (let i = 0; i < count; i += 1) {
      const { name, type } = gl.getActiveUniform(this.program, i);
      this.places.set(name, { type, place: gl.getUniformLocation(this.program, name) });
    }
  }

  draw(target, width, height, values, vertices = 3) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.viewport(0, 0, width, height);
    gl.useProgram(this.program);
    for (const [name, value] of Object.entries(values)) this.#send(name, value);
    gl.drawArrays(gl.TRIANGLES, 0, vertices);
  }

  #send(name, value) {
    const { gl } = this;
    const known = this.places.get(name);
    if (!known) return; // not used by this program
    const { type, place } = known;
    if (type === gl.FLOAT) gl.uniform1f(place, value);
    else if (type === gl.FLOAT_VEC2) gl.uniform2fv(place, value);
    else if (type === gl.FLOAT_VEC3) gl.uniform3fv(place, value);
    else if (type === gl.FLOAT_VEC4) gl.uniform4fv(place, value);
    else gl.uniform1i(place, value);
  }
}

export function texture(gl, unit) {
  const made = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, made);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
  for (const size of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, size, gl.LINEAR);
  return made;
}

// Something to draw on that can be sampled afterwards at `unit`.
export class Sheet {
  constructor(gl, unit) {
    this.gl = gl;
    this.unit = unit;
    this.texture = texture(gl, unit);
    this.target = gl.createFramebuffer();
    this.size = [0, 0];
  }

  resize(width, height) {
    const { gl } = this;
    if (this.size[0] === width && this.size[1] === height) return;
    this.size = [width, height];
    gl.activeTexture(gl.TEXTURE0 + this.unit);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
  }
}

// A video's picture as the decoder left it: brightness and two halved planes of colour. Handing a <video>
// to WebGL has the browser turn it into RGB first, which without a graphics card takes longer than
// everything else here together; as planes it is copied once and the shader does the rest.

export class Planes {
  #bytes = null;

  // {y, u, v, width, height}, each plane {data, stride}; null where the browser keeps pictures otherwise.
  async read(video) {
    if (!("VideoFrame" in globalThis)) return null;
    let frame = null;
    try {
      frame = new VideoFrame(video);
      if (frame.format !== "I420") return null;
      const size = frame.allocationSize();
      if (this.#bytes?.byteLength !== size) this.#bytes = new Uint8Array(size);
      const layout = await frame.copyTo(this.#bytes);
      const { width, height } = frame.visibleRect;
      const [y, u, v] = layout.map(({ offset, stride }, n) =>
        ({ data: this.#bytes.subarray(offset, offset + stride * (n ? (height + 1) >> 1 : height)), stride }));
      return { y, u, v, width, height };
    } catch {
      return null; // no picture yet, or one that may not be read
    } finally {
      frame?.close();
    }
  }
}

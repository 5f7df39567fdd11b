// The way to watch where WebRTC does not get through: the same picture as a stream of JPEGs over HTTP.
// Read by hand and not by an <img>, which tells neither of a new picture nor of the end.

const LARGEST = 8e6; // a part that grows beyond this is not ours

// Gives each part's bytes. `boundary` is not asked for: each part says how long it is, or ends at the next one.
async function* parts(stream) {
  const reader = stream.getReader();
  let held = new Uint8Array(0);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      held = joined(held, value);
      for (let part = taken(held); part; part = taken(held)) {
        yield part.body;
        held = held.subarray(part.end);
      }
      if (held.length > LARGEST) throw new Error("The fallback picture is not the stream of JPEGs that was expected.");
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function taken(bytes) {
  const head = found(bytes, [13, 10, 13, 10], 0);
  if (head < 0) return null;
  const told = /content-length:\s*(\d+)/i.exec(new TextDecoder("latin1").decode(bytes.subarray(0, head)));
  const start = head + 4;
  const end = told ? start + Number(told[1]) : found(bytes, [13, 10, 45, 45], start);
  if (end < start || end > bytes.length) return null;
  return { body: bytes.subarray(start, end), end };
}

function found(bytes, wanted, from) {
  for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function joined(one, other) {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

export class Mjpeg {
  #closed = new AbortController();

  constructor({ api, sid }) {
    this.api = api;
    this.sid = sid;
  }

  // Calls `show` with an ImageBitmap for each picture until the stream ends or `close` is called.
  async run(show) {
    const stream = await this.api.preview(this.sid, this.#closed.signal);
    for await (const bytes of parts(stream)) {
      if (this.#closed.signal.aborted) return;
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
      show(bitmap);
      bitmap.close();
    }
  }

  close() {
    this.#closed.abort();
  }
}

// Keeps a session's picture coming: WebRTC first, MJPEG where that does not get through, again and again
// with growing pauses when it breaks off, and not at all while nobody can see it.

import { Mjpeg } from "./mjpeg.js";
import { Planes } from "./planes.js";
import { Whep } from "./whep.js";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8000;

export class Watch {
  #turn = 0; // what belongs to an earlier turn is over
  #sid = null;
  #timer = 0;
  #wait = FIRST_WAIT_MS;
  #way = null;
  transport = "none"; // or "webrtc", "mjpeg"

  // `frame(source, width, height)` for each new picture, a <video>, its planes or a bitmap; `told({transport, why, trying})` when the way changes.
  constructor({ api, video, iceServers, frame, told }) {
    Object.assign(this, { api, video, iceServers, frame, told });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#stop() : this.#begin()));
    addEventListener("pagehide", () => this.#stop());
    addEventListener("pageshow", (event) => event.persisted && this.#begin());
  }

  // Watch this session, or nothing for null. Asking again for what is watched changes nothing.
  watch(sid) {
    if (sid === this.#sid) return;
    this.#stop();
    this.#sid = sid;
    this.#begin();
  }

  halfRoundTrip() {
    return this.#way?.halfRoundTrip?.() ?? 0;
  }

  #stop() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#way?.close();
    this.#way = null;
    this.video.srcObject = null;
    this.transport = "none";
    this.#wait = FIRST_WAIT_MS;
  }

  #begin() {
    if (this.#sid && !document.hidden && !this.#way) this.#webrtc(this.#turn);
  }

  async #webrtc(turn) {
    const way = this.#way = new Whep({ api: this.api, sid: this.#sid, iceServers: this.iceServers() });
    this.told({ transport: "none", why: "", trying: true });
    try {
      const stream = await way.open({ lost: () => this.#retry(turn, "The connection broke off.") });
      if (turn !== this.#turn) return way.close();
      this.#on("webrtc", "");
      this.video.srcObject = stream;
      await this.video.play().catch(() => {}); // muted video may play; a stop in between rejects
      this.#eachFrame(turn);
    } catch (error) {
      way.close();
      if (turn !== this.#turn || error.name === "AbortError") return;
      if (error.status === 0 || error.status === 404 || error.status === 503) this.#retry(turn, error.message, error.retryAfter);
      else this.#mjpeg(turn, error.message);
    }
  }

  #eachFrame(turn) {
    const { video } = this;
    const planes = new Planes();
    const next = () => video.requestVideoFrameCallback(async (now, about) => {
      const read = await planes.read(video);
      if (turn !== this.#turn || !video.srcObject) return;
      if (read) this.frame(read, read.width, read.height);
      else this.frame(video, about.width, about.height);
      next();
    });
    next();
  }

  async #mjpeg(turn, why) {
    const way = this.#way = new Mjpeg({ api: this.api, sid: this.#sid });
    this.#on("mjpeg", why);
    try {
      await way.run((bitmap) => turn === this.#turn && this.frame(bitmap, bitmap.width, bitmap.height));
      this.#retry(turn, "");
    } catch (error) {
      if (turn === this.#turn && error.name !== "AbortError") this.#retry(turn, error.message, error.retryAfter);
    }
  }

  #on(transport, why) {
    this.transport = transport;
    this.#wait = FIRST_WAIT_MS;
    this.told({ transport, why, trying: false });
  }

  #retry(turn, why, after_s = 0) {
    if (turn !== this.#turn) return;
    this.#turn += 1;
    this.#way?.close();
    this.#way = null;
    this.transport = "none";
    this.told({ transport: "none", why, trying: true });
    const wait = Math.max(this.#wait, after_s * 1000);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.#begin(), wait);
  }
}

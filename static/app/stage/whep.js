// Watches one session over WHEP: an offer goes up with its candidates, the answer comes down.
// One instance is one attempt: aiortc restarts no connection, so whoever wants another makes another.

const CONNECTS_WITHIN_MS = 5000;
const GATHERS_WITHIN_MS = 700;
const AFTER_FIRST_MS = 40;

export class Whep {
  #peer = null;
  #place = null;
  #closed = new AbortController();

  constructor({ api, sid, iceServers = [] }) {
    this.api = api;
    this.sid = sid;
    this.iceServers = iceServers;
  }

  // Resolves with the stream once connected; rejects with a sentence that says why not.
  async open({ lost }) {
    const peer = this.#peer = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    const { receiver } = peer.addTransceiver("video", { direction: "recvonly" });
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0; // this is a mirror, not a film
    const connected = this.#connected(peer);
    connected.catch(() => {}); // an error on the way there is told first
    await peer.setLocalDescription();
    await gathered(peer);
    // Never aborted: the server would keep a viewer whose address nobody knows.
    const answer = await this.api.whep(this.sid, peer.localDescription.sdp);
    this.#place = answer.place;
    if (this.#closed.signal.aborted) { this.#leave(); return null; }
    await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    await connected;
    peer.addEventListener("connectionstatechange", () => {
      if (["failed", "disconnected", "closed"].includes(peer.connectionState)) lost();
    });
    return new MediaStream([receiver.track]);
  }

  #connected(peer) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(unreached(peer))), CONNECTS_WITHIN_MS);
      this.#closed.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(new DOMException("Watching was ended.", "AbortError"));
      });
      peer.addEventListener("connectionstatechange", () => {
        if (peer.connectionState === "connected") { clearTimeout(timer); resolve(); }
        if (peer.connectionState === "failed") { clearTimeout(timer); reject(new Error(unreached(peer))); }
      });
    });
  }

  // Half of the way there and back, in milliseconds, where the browser knows it.
  async halfRoundTrip() {
    for (const report of (await this.#peer?.getStats())?.values() ?? []) {
      if (report.type === "candidate-pair" && report.nominated && report.currentRoundTripTime !== undefined) {
        return report.currentRoundTripTime * 500;
      }
    }
    return 0;
  }

  close() {
    if (!this.#closed.signal.aborted) this.#closed.abort();
    this.#leave();
  }

  #leave() {
    if (this.#place) this.api.end(this.#place); // outlives the page: the server need not find out by silence
    this.#place = null;
    this.#peer?.close();
  }
}

// Without STUN a first candidate is as good as all: whatever interface the browser tries from, the server
// learns of it from the packets themselves. Waiting for the end would cost half a second.
export function gathered(peer) {
  if (peer.iceGatheringState === "complete") return null;
  return new Promise((resolve) => {
    setTimeout(resolve, GATHERS_WITHIN_MS);
    peer.addEventListener("icecandidate", ({ candidate }) => (candidate ? setTimeout(resolve, AFTER_FIRST_MS) : resolve()));
  });
}

function unreached(peer) {
  const found = /a=candidate/.test(peer.localDescription?.sdp ?? "");
  if (!found) return "WebRTC did not connect within five seconds: this browser offered no network address.";
  return "WebRTC did not connect within five seconds: its UDP packets did not get through, probably for a firewall or a proxy.";
}

// The one file that talks to the server: every request of the page, and every address it shows.
// A refusal becomes an ApiError whose message is the server's own sentence, ready to be shown.

export class ApiError extends Error {
  constructor(message, status, retryAfter = 0) {
    super(message);
    this.status = status; // 0: the server did not answer at all
    this.retryAfter = retryAfter;
  }
}

const GONE = "The server does not answer. Is it still running?";
const LOCKED = "This page is not let in any more. Open the link that `loopmatte serve` printed when it started.";
const path = (...parts) => ["api", ...parts.map(encodeURIComponent)].join("/");

function refusal(status, text, retryAfter) {
  let said = "";
  try { said = JSON.parse(text).error; } catch { /* not ours: a proxy's page, or nothing */ }
  const words = said || (status === 401 || status === 403 ? LOCKED : `The server answered with status ${status}.`);
  return new ApiError(words, status, Number(retryAfter) || 0);
}

async function request(method, url, { body, headers = {}, signal, keepalive = false } = {}) {
  let answer;
  try {
    answer = await fetch(url, { method, body, headers, signal, keepalive, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(GONE, 0);
  }
  if (!answer.ok) throw refusal(answer.status, await answer.text().catch(() => ""), answer.headers.get("Retry-After"));
  return answer;
}

async function json(method, url, plain) {
  const sent = plain === undefined ? {} : { body: JSON.stringify(plain), headers: { "Content-Type": "application/json" } };
  const answer = await request(method, url, sent);
  return answer.status === 204 ? null : answer.json();
}

// fetch cannot tell how much of an upload has been sent; XMLHttpRequest can.
function upload(file, { progress, signal }) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", path("uploads"));
    sending.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    sending.upload.onprogress = (event) => progress(event.loaded, file.size);
    sending.onload = () => {
      if (sending.status === 201) resolve(JSON.parse(sending.responseText));
      else reject(refusal(sending.status, sending.responseText));
    };
    sending.onerror = () => reject(new ApiError(GONE, 0));
    sending.onabort = () => reject(new DOMException("The upload was cancelled.", "AbortError"));
    signal.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

// One step of WHIP and of WHEP: an offer goes up, the answer and the address that ends it come back.
async function offer(url, sdp, { signal } = {}) {
  const answer = await request("POST", url, { body: sdp, headers: { "Content-Type": "application/sdp" }, signal });
  const place = new URL(answer.headers.get("Location"), answer.url).pathname;
  return { sdp: await answer.text(), place };
}

export const api = {
  server: () => json("GET", path("server")),
  sessions: async () => (await json("GET", path("sessions"))).sessions,
  session: (sid) => json("GET", path("sessions", sid)),
  create: (wanted) => json("POST", path("sessions"), wanted),
  change: (sid, wanted) => json("PATCH", path("sessions", sid), wanted),
  remove: (sid, { kept = false } = {}) => json("DELETE", path("sessions", sid) + (kept ? "?kept=too" : "")),

  markLoop: (sid, start_s, end_s) => json("POST", path("sessions", sid, "loops"), { start_s, end_s }),
  changeLoop: (sid, lid, wanted) => json("PATCH", path("sessions", sid, "loops", lid), wanted),
  discardLoop: (sid, lid) => json("DELETE", path("sessions", sid, "loops", lid)),
  seam: (sid, lid) => json("GET", path("sessions", sid, "loops", lid, "seam")),
  mends: async (sid, lid, { start, end }, signal) => (await (await request("GET", `${path("sessions", sid, "loops", lid, "mends")}?start=${start}&end=${end}`, { signal })).json()).mends,
  version: (sid, lid, { start, end }, repair = "none") => json("POST", path("sessions", sid, "loops", lid, "versions"), { start, end, repair }),

  targets: async () => (await json("GET", path("targets"))).targets,
  makeExport: (sid, lid, wanted) => json("POST", path("sessions", sid, "loops", lid, "exports"), wanted),
  dropExport: (sid, lid, target) => json("DELETE", path("sessions", sid, "loops", lid, "exports", target)),
  exportUrl: (sid, lid, target, version = 0) => `${path("sessions", sid, "loops", lid, "exports", target)}?v=${encodeURIComponent(version)}`,

  startEdit: (sid, lid, quality) => json("POST", path("sessions", sid, "loops", lid, "edit"), { quality }),
  dropEdit: (sid, lid) => json("DELETE", path("sessions", sid, "loops", lid, "edit")),
  editBundle: async (sid, lid) => (await request("GET", path("sessions", sid, "loops", lid, "edit", "bundle"))).arrayBuffer(),
  sendPaint: (sid, lid, layer, kind, png) => request("POST", path("sessions", sid, "loops", lid, "edit", "layers", layer, `${kind}.png`), { body: png, headers: { "Content-Type": "image/png" } }),
  paint: async (sid, lid, layer, kind) => (await request("GET", path("sessions", sid, "loops", lid, "edit", "layers", layer, `${kind}.png`))).blob(),
  refineEdit: (sid, lid, sent) => json("POST", path("sessions", sid, "loops", lid, "edit", "refinement"), sent), // {paint, change}; frame, quality
  saveEdit: (sid, lid, sent) => json("POST", path("sessions", sid, "loops", lid, "edit", "versions"), sent), // {paint, change}: names of layers; show, quality

  loopUrl: (sid, lid, version = 0) => `${path("sessions", sid, "loops", lid, "file")}?v=${encodeURIComponent(version)}`,
  downloadUrl: (sid, lid) => `${path("sessions", sid, "loops", lid, "file")}?download=1`,
  posterUrl: (sid, lid) => path("sessions", sid, "loops", lid, "poster.webp"),
  frameUrl: (sid, lid, n) => path("sessions", sid, "loops", lid, "frames", `${n}.webp`),

  upload,
  whip: (about, sdp, options) => offer(`whip?${new URLSearchParams(about)}`, sdp, options), // name, width, height, rate
  whep: (sid, sdp, options) => offer(`whep/${encodeURIComponent(sid)}`, sdp, options),
  end: (place) => request("DELETE", place, { keepalive: true }).catch(() => {}), // already over is as good
  whipAddress: () => new URL("whip", document.baseURI).href,

  // The MJPEG fallback as a stream of bytes: unlike an <img>, it tells when it ends and can be let go.
  preview: async (sid, signal) => (await request("GET", path("sessions", sid, "preview.mjpeg"), { signal })).body,

  sessionEvents: (sid) => path("sessions", sid, "events"),
  allEvents: () => path("events"),
  events: (url) => new EventSource(url),
};

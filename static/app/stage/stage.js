// The stage: the matte as it comes, over whatever the viewer likes. This file joins its parts: what keeps
// the picture coming, what puts it together, and what is shown where there is none.

import { el } from "../dom.js";
import { titleOf } from "../gallery/loopwords.js";
import { mount as mountBackgrounds, Background } from "./backgrounds.js";
import * as camera from "./camera.js";
import { Compositor } from "./compositor.js";
import { mount as mountNotice } from "./notice.js";
import { mount as mountNumbers } from "./numbers.js";
import { mount as mountOverlay } from "./overlay.js";
import { mount as mountSelf } from "./selfview.js";
import { mount as mountSplit } from "./split.js";
import { mount as mountTools } from "./tools.js";
import { Watch } from "./watch.js";

const RUNS = new Set(["starting", "running", "paused", "ending"]);

export const background = new Background();
export let play = () => {};
export let pixel = () => null;

// For other modules and for tests; `pixel(x, y)` is [r, g, b, a] of the canvas, premultiplied.
export const stage = {
  background,
  compositor: null,
  watch: null,
  play: (url, options) => play(url, options),
  pixel: (x, y) => pixel(x, y),
};

export function mount(element, { store, api, open }) {
  const canvas = el("canvas", { id: "picture", width: 640, height: 360, role: "img", "aria-label": "Live picture of the subject without its background" });
  const frame = el("div", { className: "frame" }, canvas);
  const well = el("div", { className: "well" }, frame);
  element.append(well);
  camera.mount(document.getElementById("oncamera"), { store, api, open });
  const notice = mountNotice(frame, { store, api });
  let compositor;
  try {
    compositor = stage.compositor = new Compositor(canvas);
  } catch (error) {
    notice.fail(error.message);
    return;
  }
  const overlay = mountOverlay(frame);
  mountSelf(frame, { store });
  const split = mountSplit(frame, { moved: (at) => { compositor.split = at; compositor.draw(); } });
  const tools = el("div", { className: "stage-tools" }, document.getElementById("transport"));
  const line = el("div", { className: "line" });
  element.append(tools, line);
  const video = el("video", { muted: true, playsInline: true, autoplay: true });
  const watch = stage.watch = new Watch({
    api, video, iceServers: () => store.server?.ice_servers ?? [], frame: shown, told: (news) => { canvas.dataset.transport = news.transport; notice.transport(news); },
  });
  const numbers = mountNumbers(line, { store, halfRoundTrip: () => watch.halfRoundTrip() });
  const backgrounds = mountBackgrounds(tools, { background, snapshot: () => small(canvas, compositor) });
  const views = mountTools(tools, { element, compositor, split, store, take: backgrounds.take });
  background.subscribe(({ kind, value }) => { compositor.ground = { kind, value }; compositor.draw(); });
  compositor.ground = { kind: background.kind, value: background.value };

  let frames = 0;
  function shown(source, width, height) {
    if (!compositor.feed(source, width, height)) return;
    frames += 1;
    canvas.dataset.frames = String(frames);
    if (frames === 1) shape(compositor.layout.size);
    if (canvas.dataset.empty !== "false") empty(false);
    notice.picture();
    numbers.look(source, width, height, performance.now());
  }

  function empty(on) {
    canvas.dataset.empty = String(on);
    views.enable(!on);
    if (!on) backgrounds.refresh();
  }

  function shape([width, height]) {
    frame.style.setProperty("--ratio", String(width / height));
  }

  function follow() {
    const session = store.session;
    if (session?.size) shape(session.size);
    watch.watch(session && RUNS.has(session.state) ? session.id : null);
    const over = session && ["ended", "failed"].includes(session.state);
    const best = over ? bestOf(session.loops) : null;
    if (over) views.enable(false); // a loop has no original to be split from
    overlay.ambient(best && { url: api.loopUrl(session.id, best.id, best.bytes), label: `${titleOf(best)}, the best` });
  }

  function select() {
    frames = 0;
    canvas.dataset.frames = "0";
    compositor.clear();
    empty(true);
    overlay.reset();
    watch.watch(null);
    follow();
  }

  store.subscribe("select", select);
  for (const kind of ["snapshot", "session", "loop", "gone", "server"]) store.subscribe(kind, follow);
  // A server that comes back has forgotten its viewers, and perhaps the session is over: it is asked first.
  store.subscribe("connection", ({ up }) => up || watch.watch(null));
  play = (url, options) => overlay.play(url, options);
  pixel = (x, y) => compositor.pixel(x, y);
}

const goodness = (loop) => (loop.kept ? 0 : 100) + (loop.kind === "near" ? 50 : 0) + (loop.mismatch ?? 10);

function bestOf(loops) {
  return loops.filter((each) => each.state === "written").sort((one, other) => goodness(one) - goodness(other))[0] ?? null;
}

async function small(canvas, compositor) {
  if (!compositor.layout) return null;
  compositor.draw();
  const copy = el("canvas", { width: 96, height: Math.round(96 * canvas.height / canvas.width) });
  const pen = copy.getContext("2d");
  pen.filter = "blur(3px)";
  pen.drawImage(canvas, -8, -8, copy.width + 16, copy.height + 16);
  return new Promise((resolve) => copy.toBlob(resolve, "image/jpeg", 0.8));
}

// The line of numbers under the picture, in words a person can read, and why there is no loop yet.

import { el, setText } from "../dom.js";
import { busy, plural } from "../words.js";
import { Clock } from "./clock.js";
import { age, readStamp } from "./stamp.js";

const LOOKS_EVERY_MS = 450;
const BELIEVABLE_MS = 30000; // beyond that the clocks differ (a tunnel), not the picture
const RUNS = ["starting", "running", "paused"];

const MEANWHILE = "Nothing more is read. What already stands among the loops can be used.";

const SHOWN = {
  in: ["in", "Frames per second that come in"],
  done: ["processed", "Frames per second that get a matte"],
  delay: ["delay", "From a frame's arrival in the server to this screen"],
  dropped: ["dropped", "Frames that a live source was too fast for; the newest is always taken"],
  loops: ["loops", "Loops found so far"],
};

export function mount(element, { store, halfRoundTrip }) {
  const fields = {};
  const list = el("dl", { className: "numbers" });
  for (const [name, [words, title]] of Object.entries(SHOWN)) {
    fields[name] = el("dd", { "data-number": name }, "\u2013");
    list.append(el("div", { title }, el("dt", {}, words), fields[name]));
  }
  const why = el("p", { className: "why remark", id: "why" });
  const meanwhile = el("p", { className: "remark", id: "meanwhile", hidden: true }, MEANWHILE);
  element.append(list, why, meanwhile);

  const clock = new Clock();
  let looked = 0;
  let seen_ms = null;

  // Called for each picture shown; looks into one now and then.
  function look(source, width, height, now) {
    if (now - looked < LOOKS_EVERY_MS) return;
    looked = now;
    const stamp = readStamp(source, width, height);
    const there = clock.now();
    const gone = stamp && there !== null ? age(stamp, there) : null;
    const believed = gone !== null && gone >= -50 && gone < BELIEVABLE_MS;
    seen_ms = believed ? Math.max(0, gone) : null;
    list.dataset.frame = stamp?.frame ?? "";
    setText(fields.delay, delay());
  }

  let way_ms = 0;
  const measure = async () => { way_ms = await halfRoundTrip(); };

  function delay() {
    const told = store.session?.numbers?.delay_ms;
    if (seen_ms !== null) return `${Math.round(seen_ms)} ms`;
    return Number.isFinite(told) ? `${Math.round(told + way_ms)} ms` : "\u2013";
  }

  function show() {
    const session = store.session;
    element.hidden = !session?.state;
    if (element.hidden) return;
    const { numbers = {}, live, state } = session;
    const runs = RUNS.includes(state);
    const loops = session.loops.filter((each) => each.kind === "loop" && each.state === "written").length;
    list.dataset.live = String(Boolean(live));
    list.dataset.runs = String(runs);
    setText(fields.in, `${rate(numbers.fps_in)} fps`);
    setText(fields.done, runs ? `${rate(numbers.fps)} fps` : plural(numbers.frames ?? 0, "frame"));
    setText(fields.dropped, String(numbers.dropped ?? 0));
    setText(fields.loops, String(Math.max(numbers.loops ?? 0, loops)));
    if (!runs) seen_ms = null;
    setText(fields.delay, delay());
    meanwhile.hidden = !busy(session);
    setText(why, runs && loops === 0 && session.why ? session.why : "");
    why.hidden = !why.textContent;
  }

  store.subscribe("numbers", (numbers) => { clock.hear(numbers.server_ms); measure(); show(); });
  store.subscribe("connection", () => clock.forget());
  for (const kind of ["snapshot", "session", "loop", "gone"]) store.subscribe(kind, show);
  store.subscribe("select", () => { seen_ms = null; show(); });
  show();
  return { look };
}

const rate = (value) => (Number.isFinite(value) ? value.toFixed(value < 9.95 ? 1 : 0) : "\u2013");

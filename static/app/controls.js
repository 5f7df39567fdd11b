// What counts as a loop, and how fast a file plays. Every change acts on the running stream at once;
// a slider that moves is sent when it rests.

import { el, setText } from "./dom.js";
import { sayWhy } from "./toast.js";
import { plural, seconds } from "./words.js";

const RESTS_AFTER_MS = 250;
const SEAMS = [["0.5", "Strict"], ["1", "Not visible"], ["2", "Lenient"]];
const PACES = [["real", "Real"], ["fast", "Fast"]];
const RUNS = ["starting", "running", "paused"];

export function mount(element, { store, api }) {
  const shortest = slider("Shortest", "min_duration_s", seconds);
  const longest = slider("Longest", "max_duration_s", seconds);
  const most = slider("Keep", "loops", (value) => plural(value, "loop"), { min: 1, max: 40, step: 1 });
  const seam = segments("Seam", "seam", SEAMS, (value) => limit({ seam: Number(value) }));
  const pace = segments("Pace", "pace", PACES, (value) => send({ pace: value }));
  const limits = el("div", { className: "limits" }, shortest.label, longest.label, seam.group, most.label, pace.group);
  const roomy = matchMedia("(min-width: 1001px)").matches; // on a phone the loops come first
  element.append(el("details", { className: "fold", id: "limits", open: roomy }, el("summary", {}, el("span", {}, "What counts as a loop")), limits));
  for (const each of [shortest, longest, most]) each.input.addEventListener("input", () => moved(each));

  let waiting = {};
  let timer = 0;
  let touched = 0; // while a hand is on a slider the server's echo does not move it

  async function send(wanted) {
    try {
      await store.adopt(api.change(store.session?.id, wanted));
    } catch (error) {
      sayWhy(error);
      touched = 0; // back to what holds
      show();
    }
  }

  function limit(wanted) {
    waiting = { ...waiting, ...wanted };
    touched = Date.now();
    clearTimeout(timer);
    timer = setTimeout(() => {
      const all = waiting;
      waiting = {};
      send({ limits: all });
    }, RESTS_AFTER_MS);
  }

  function moved(changed) {
    const wanted = { [changed.name]: Number(changed.input.value) };
    // The two ends push each other instead of refusing.
    if (changed === shortest && shortest.value > longest.value) wanted.max_duration_s = longest.set(shortest.value);
    if (changed === longest && longest.value < shortest.value) wanted.min_duration_s = shortest.set(longest.value);
    changed.set(changed.value);
    limit(wanted);
  }

  function show() {
    const session = store.session;
    element.hidden = !RUNS.includes(session?.state); // what is over cannot be searched again
    if (element.hidden) return;
    pace.group.hidden = session.live;
    if (!session.limits || Date.now() - touched < 1500) return;
    for (const each of [shortest, longest]) each.range(0.2, session.ceiling_s ?? 6, 0.1);
    shortest.set(session.limits.min_duration_s);
    longest.set(session.limits.max_duration_s);
    most.set(session.limits.loops);
    seam.set(session.limits.seam);
    pace.set(session.pace);
  }

  store.subscribe("select", () => { clearTimeout(timer); waiting = {}; touched = 0; }); // meant for another session
  for (const kind of ["select", "snapshot", "session"]) store.subscribe(kind, show);
}

function slider(words, name, says, { min = 0.2, max = 6, step = 0.1 } = {}) {
  const input = el("input", { type: "range", min, max, step, id: `limit-${name}` });
  const value = el("output", { className: "value" });
  const label = el("label", { className: "limit" }, el("span", { className: "limit-name" }, words, value), input);
  return {
    name, input, label,
    get value() { return Number(input.value); },
    range(from, to, by) { Object.assign(input, { min: from, max: to, step: by }); },
    set(to) {
      input.value = to;
      const shown = Number(input.value);
      setText(value, says(shown));
      input.setAttribute("aria-valuetext", says(shown));
      input.style.setProperty("--filled", `${(shown - input.min) / (input.max - input.min) * 100}%`);
      return shown;
    },
  };
}

function segments(words, name, choices, chosen) {
  const inputs = choices.map(([value, says]) => ({ says, input: el("input", { type: "radio", name, value }) }));
  const row = el("div", { className: "segments" }, ...inputs.map(({ says, input }) => el("label", {}, input, says)));
  const group = el("fieldset", { className: "limit", id: `limit-${name}` }, el("legend", { className: "limit-name" }, words), row);
  for (const { input } of inputs) input.addEventListener("change", () => chosen(input.value));
  return { group, set: (value) => { for (const { input } of inputs) input.checked = String(value) === input.value; } };
}

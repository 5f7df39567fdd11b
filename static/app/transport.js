// Pause, resume, stop; and the built-in clip once more, since nobody has it at hand otherwise.

import { button, icon, setText } from "./dom.js";
import { sayWhy, toast } from "./toast.js";
import { busy } from "./words.js";

const RUNS = ["starting", "running", "paused"];
const STOP = "Stop: the session ends, its loops stay";
const ENOUGH = "Enough: leave out what has not been tried yet";

export function mount(element, { store, api, open }) {
  const toggle = button("Pause", { icon: "pause", id: "pause" });
  const stop = button("", { icon: "stop", id: "stop", label: STOP });
  const again = button("Play again", { icon: "again", id: "again" });
  let enough = null; // the session of which no more is wanted
  element.append(toggle, stop, again);

  async function change(state) {
    try {
      await store.adopt(api.change(store.session.id, { state }));
    } catch (error) {
      sayWhy(error);
    }
  }

  function show() {
    const { id, state, kind } = store.session ?? {};
    const runs = RUNS.includes(state);
    const tries = state === "ending" && busy(store.session);
    const paused = state === "paused";
    toggle.hidden = stop.hidden = !runs && state !== "ending";
    toggle.disabled = !runs || state === "starting";
    stop.disabled = !runs && (!tries || enough === id);
    stop.title = tries ? ENOUGH : STOP;
    stop.setAttribute("aria-label", stop.title);
    again.hidden = kind !== "demo" || !["ended", "failed"].includes(state);
    element.hidden = toggle.hidden && again.hidden;
    setText(toggle.lastElementChild, paused ? "Resume" : "Pause");
    toggle.firstElementChild.replaceWith(icon(paused ? "play" : "pause"));
  }

  toggle.addEventListener("click", () => change(store.session.state === "paused" ? "running" : "paused"));
  stop.addEventListener("click", () => {
    if (store.session.state === "ending") {
      enough = store.session.id;
      toast("What is being worked on is finished, the rest is left out.");
    }
    change("stopped");
  });
  again.addEventListener("click", () => api.create({ source: { kind: "demo" } }).then(open, sayWhy));
  for (const kind of ["select", "snapshot", "session"]) store.subscribe(kind, show);
  show();
}

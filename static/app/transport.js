// Pause, resume, stop; and the built-in clip once more, since nobody has it at hand otherwise.

import { button, icon, setText } from "./dom.js";
import { sayWhy } from "./toast.js";

const RUNS = ["starting", "running", "paused"];

export function mount(element, { store, api, open }) {
  const toggle = button("Pause", { icon: "pause", id: "pause" });
  const stop = button("", { icon: "stop", id: "stop", label: "Stop: the session ends, its loops stay" });
  const again = button("Play again", { icon: "again", id: "again" });
  element.append(toggle, stop, again);

  async function change(state) {
    const sid = store.session.id;
    try {
      const session = await api.change(sid, { state });
      if (store.session?.id === sid) store.emit("session", session);
    } catch (error) {
      sayWhy(error);
    }
  }

  function show() {
    const { state, kind } = store.session ?? {};
    const runs = RUNS.includes(state);
    const paused = state === "paused";
    toggle.hidden = stop.hidden = !runs && state !== "ending";
    toggle.disabled = !runs || state === "starting";
    stop.disabled = !runs;
    again.hidden = kind !== "demo" || !["ended", "failed"].includes(state);
    element.hidden = toggle.hidden && again.hidden;
    setText(toggle.lastElementChild, paused ? "Resume" : "Pause");
    toggle.firstElementChild.replaceWith(icon(paused ? "play" : "pause"));
  }

  toggle.addEventListener("click", () => change(store.session.state === "paused" ? "running" : "paused"));
  stop.addEventListener("click", () => change("stopped"));
  again.addEventListener("click", () => api.create({ source: { kind: "demo" } }).then(open, sayWhy));
  for (const kind of ["select", "snapshot", "session"]) store.subscribe(kind, show);
  show();
}

// The middle of the top bar: which session this is, its state, and its name, which can be changed there.

import { el, icon, setText } from "./dom.js";
import { sayWhy } from "./toast.js";
import { stateWords } from "./words.js";

export function mount(element, { store, api }) {
  const words = el("span", { className: "words" });
  const name = el("button", { className: "name", type: "button", title: "Rename this session" }, words, icon("pencil"));
  const state = el("span", { className: "chip", id: "state" });
  const field = el("input", { className: "field", hidden: true, maxLength: 120, "aria-label": "Name of this session" });
  element.append(name, field, state);

  function show() {
    const session = store.session;
    name.hidden = !session || !field.hidden;
    state.hidden = !session?.state;
    if (!session) return;
    setText(words, session.name || "\u2026");
    name.setAttribute("aria-label", `Rename this session: ${session.name}`);
    setText(state, stateWords(session));
    state.dataset.state = session.state ?? "";
    const loops = session.loops.filter((each) => each.state === "written").length;
    document.title = `${loops ? `(${loops}) ` : ""}${session.name || "Session"} \u2013 loopmatte`;
  }

  function edit(on) {
    field.hidden = !on;
    show();
    if (on) { field.value = store.session.name; field.select(); field.focus(); } else name.focus();
  }

  async function rename() {
    const wanted = field.value.trim();
    edit(false);
    if (!wanted || wanted === store.session.name) return;
    try {
      await store.adopt(api.change(store.session.id, { name: wanted }));
    } catch (error) {
      sayWhy(error);
    }
  }

  name.addEventListener("click", () => edit(true));
  field.addEventListener("keydown", (event) => {
    if (["Enter", "Escape"].includes(event.key)) event.preventDefault(); // or the button that gets the focus is pressed by it
    if (event.key === "Enter") rename();
    if (event.key === "Escape") edit(false);
  });
  field.addEventListener("blur", () => { if (!field.hidden) rename(); });
  for (const kind of ["select", "snapshot", "session", "loop", "gone"]) store.subscribe(kind, show);
  show();
}

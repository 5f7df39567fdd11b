// Every session that there is, running or of old: open, rename, delete; with what they cost and when they go.

import { confirmed } from "./ask.js";
import { button, el, icon, setText } from "./dom.js";
import { sayWhy, toast } from "./toast.js";
import { KINDS, ago, bytes, plural, seconds, stateWords, until } from "./words.js";

export function mount(element, { store, api }) {
  const disk = el("p", { className: "remark", id: "disk" });
  const list = el("ul", { className: "sessions" });
  const nothing = el("p", { className: "nothing", hidden: true }, "Nothing here yet. Every session and its loops will be listed here, also after a restart.");
  element.append(el("header", {}, el("h2", {}, "Your sessions"), disk), list, nothing);
  const known = new Map();

  async function read() {
    if (store.session) return;
    try {
      const sessions = await api.sessions();
      known.clear();
      for (const each of sessions) known.set(each.id, each);
      show();
    } catch (error) {
      if (error.status) sayWhy(error); // a server that is gone is told of elsewhere
    }
  }

  function show() {
    const sessions = [...known.values()].sort((one, other) => Date.parse(other.created) - Date.parse(one.created));
    nothing.hidden = sessions.length > 0;
    const had = list.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    list.replaceChildren(...sessions.map(row));
    if (had) [...list.querySelectorAll("[data-focus]")].find((each) => each.dataset.focus === had)?.focus({ preventScroll: true });
  }

  function row(session) {
    const title = el("a", { className: "title", href: `#s/${encodeURIComponent(session.id)}`, "data-focus": `open ${session.id}` }, session.name || "Without a name");
    const state = el("span", { className: "chip", "data-state": session.state }, stateWords(session));
    const rename = button("", { icon: "pencil", quiet: true, label: `Rename ${session.name}`, "data-focus": `name ${session.id}` });
    const remove = button("", { icon: "trash", quiet: true, className: "danger", label: `Delete ${session.name}`, "data-focus": `delete ${session.id}` });
    const entry = el("li", { className: "entry card", "data-session": session.id }, thumb(session),
      el("div", { className: "said" }, title, el("p", { className: "facts remark" }, facts(session))), state, el("span", { className: "acts" }, rename, remove));
    rename.addEventListener("click", () => edit(session, title));
    remove.addEventListener("click", () => ask(session));
    return entry;
  }

  function thumb(session) {
    const loop = session.loops?.find((each) => each.state === "written");
    if (!loop) return el("span", { className: "thumb" }, icon(session.kind === "camera" || session.kind === "whip" ? "camera" : "loop"));
    return el("span", { className: "thumb" }, el("img", { src: api.posterUrl(session.id, loop.id), alt: "", loading: "lazy" }));
  }

  function edit(session, title) {
    const field = el("input", { className: "field", value: session.name, maxLength: 120, "aria-label": "Name of this session" });
    title.replaceWith(field);
    field.select();
    const done = async (keep) => {
      field.onblur = null;
      const name = field.value.trim();
      try {
        if (keep && name && name !== session.name) known.set(session.id, { ...session, ...await api.change(session.id, { name }) });
      } catch (error) {
        sayWhy(error);
      }
      show();
      list.querySelector(`[data-session="${CSS.escape(session.id)}"] .acts button`)?.focus();
    };
    field.onblur = () => done(true);
    field.onkeydown = (event) => {
      if (["Enter", "Escape"].includes(event.key)) event.preventDefault(); // or the button that gets the focus is pressed by it
      if (event.key === "Enter") done(true);
      if (event.key === "Escape") done(false);
    };
    field.focus();
  }

  async function ask(session) {
    const kept = session.loops?.filter((each) => each.kept).length ?? 0;
    const words = kept ? `It holds ${plural(kept, "loop")} that you wanted to keep. They are deleted with it.` : `${session.loops?.length ? `Its ${plural(session.loops.length, "loop")} and ` : ""}what was recorded of it cannot be brought back.`;
    if (!await confirmed({ title: `Delete \u201c${session.name}\u201d?`, words, yes: kept ? "Delete them all" : "Delete" })) return;
    try {
      await api.remove(session.id, { kept: kept > 0 });
      forget(session.id);
      toast(`Deleted \u201c${session.name}\u201d.`);
      store.emit("server", await api.server()); // the disk has more room now
    } catch (error) {
      sayWhy(error);
    }
  }

  function forget(id) {
    known.delete(id);
    show();
  }

  store.subscribe("select", read);
  store.subscribe("connection", ({ up }) => up && read());
  store.subscribe("sessions", (session) => { known.set(session.id, { loops: [], ...known.get(session.id), ...session }); show(); });
  store.subscribe("session-gone", ({ id }) => forget(id));
  store.subscribe("server", ({ disk: { used_bytes, free_bytes }, limits }) => {
    const days = limits?.expire_days ? ` Uploads and loops that are not kept go after ${plural(limits.expire_days, "day")}.` : "";
    setText(disk, `${bytes(used_bytes)} used, ${bytes(free_bytes)} free.${days}`);
  });
}

function facts({ kind, created, loops, duration_s, bytes: size, expires }) {
  const kept = (loops ?? []).some((each) => each.kept);
  return [loops?.length ? plural(loops.length, "loop") : "no loops", ago(created), duration_s ? seconds(duration_s) : "",
    KINDS[kind] ?? kind, size ? bytes(size) : "", kept ? "kept" : expires ? `goes ${until(expires)}` : ""].filter(Boolean).join(" \u00b7 ");
}

// The gallery: every loop as a card from the moment it is found, and what can be done with it.

import { el, setText } from "../dom.js";
import { open } from "../later.js";
import { sayWhy, toast } from "../toast.js";
import { Card } from "./card.js";
import { Choice, Compare } from "./compare.js";
import { Empty } from "./empty.js";
import { onCall, onLight } from "./lights.js";
import { lengthOf, seamOf, sentence, titleOf } from "./loopwords.js";
import { Shelves } from "./shelves.js";

export function mount(element, { store, api }) {
  const seen = new Map(); // loop id -> last state, to say a thing once
  const count = el("span", { className: "gallery-count" });
  const said = el("p", { className: "aside", role: "status" });
  const shelves = new Shelves((loop) => new Card(loop, does));
  const empty = new Empty({ toTimeline: () => document.querySelector("#timeline [data-field=in]")?.focus() });
  const sid = () => store.session.id;
  const urls = {
    file: (loop) => api.loopUrl(sid(), loop.id, loop.bytes),
    poster: (loop) => api.posterUrl(sid(), loop.id),
    download: (loop) => api.downloadUrl(sid(), loop.id),
  };
  const compare = new Compare(urls.file);
  const choice = new Choice({ open: (two) => compare.open(two), picked: (id, on) => shelves.card(id)?.picked(on) });
  element.append(el("header", { className: "gallery-head" }, el("h2", {}, "Loops"), count), choice.element, empty.element, ...shelves.elements, said, compare.dialog);

  const does = {
    urls,
    rename: async (loop, title) => changed(await api.changeLoop(sid(), loop.id, { title })),
    keep: (loop) => api.changeLoop(sid(), loop.id, { kept: !loop.kept }).then(changed).catch(sayWhy),
    compare: (loop) => choice.take(loop),
    inspect: (loop) => open("seam", loop, { store, api }),
    edit: (loop) => open("edit", loop, { store, api }),
    send: (loop) => open("exports", loop, { store, api }),
    refuse: (words) => toast(words),
    // The session is remembered: by the time the undo has run out another may be shown.
    remover: (loop) => {
      const of = sid();
      return async () => {
        await api.discardLoop(of, loop.id);
        if (store.session?.id === of) store.emit("gone", { id: loop.id });
      };
    },
    stillAt: (time_s) => nearest(store.stills, time_s)?.src,
  };

  function changed(loop) {
    if (store.loop(loop.id)) store.emit("loop", loop);
  }

  function drop(id) {
    if (choice.first?.id === id) choice.drop();
    shelves.drop(id);
  }

  function arrange() {
    shelves.arrange();
    tellCount();
  }

  function tellCount() {
    const all = store.session?.loops.filter((each) => each.kind !== "near" && each.state !== "failed") ?? [];
    setText(count, all.length ? String(all.length) : "");
    empty.show(store.session, { loops: shelves.loops.children.length, anyNear: shelves.near.children.length > 0 });
  }

  // Told once when its file is there; what was there before the page came is not news.
  function tell(loop) {
    const before = seen.get(loop.id);
    seen.set(loop.id, loop.state);
    if (before === loop.state) return;
    if (loop.state === "written" && loop.kind !== "near") setText(said, `${titleOf(loop)} found: ${lengthOf(loop.duration_s)}, ${sentence(seamOf(loop).words)}.`);
    if (loop.state === "failed") setText(said, `${titleOf(loop)} could not be written.`);
  }

  function showAll() {
    const wanted = new Set((store.session?.loops ?? []).map((each) => each.id));
    for (const id of shelves.ids) if (!wanted.has(id)) drop(id);
    for (const loop of store.session?.loops ?? []) { shelves.put(loop); seen.set(loop.id, loop.state); }
    arrange();
  }

  function anew() {
    shelves.clear();
    seen.clear();
    choice.drop();
    showAll();
  }

  store.subscribe("select", anew);
  store.subscribe("snapshot", showAll);
  store.subscribe("loop", (loop) => { shelves.put(loop); arrange(); tell(loop); });
  store.subscribe("gone", ({ id }) => { drop(id); arrange(); });
  for (const kind of ["session", "numbers"]) store.subscribe(kind, tellCount);
  onLight((id) => { for (const card of shelves.cards) card.lit(card.loop.id === id); });
  onCall((id) => {
    const card = shelves.card(id);
    if (!card) return;
    shelves.show(id);
    if (element.scrollHeight > element.clientHeight + 4) card.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
  showAll();
}

function nearest(stills, time_s) {
  let best = null;
  for (const each of stills) if (!best || Math.abs(each.time_s - time_s) < Math.abs(best.time_s - time_s)) best = each;
  return best;
}

// The gallery: every loop as a card from the moment it is found; what closes first, what only nearly
// returns below it. Kept loops are pinned to the front, the others stand newest first.

import { el, setText } from "../dom.js";
import { open } from "../later.js";
import { sayWhy, toast } from "../toast.js";
import { Card } from "./card.js";
import { Choice, Compare } from "./compare.js";
import { Empty } from "./empty.js";
import { Family } from "./family.js";
import { gliding, place } from "./flip.js";
import { onCall, onLight } from "./lights.js";
import { lengthOf, seamOf, sentence, titleOf } from "./loopwords.js";

const NEAR_REMARK = "The motion comes back here, though not quite: a small jump shows. Open Seam to look for a better place.";

export function mount(element, { store, api }) {
  const families = new Map(); // in the order of finding
  const home = new Map(); // loop id -> family, also of versions whose original is gone
  const seen = new Map(); // loop id -> last state, to say a thing once
  const count = el("span", { className: "gallery-count" });
  const said = el("p", { className: "aside", role: "status" });
  const loops = el("div", { className: "loop-cards", "data-shelf": "loops" });
  const near = el("div", { className: "loop-cards", "data-shelf": "near" });
  const nearly = el("section", { className: "shelf-near", hidden: true, "aria-label": "Returns nearly" }, el("h2", {}, "Returns nearly"), el("p", { className: "remark" }, NEAR_REMARK), near);
  const empty = new Empty({ toTimeline: () => document.querySelector("#timeline [data-field=in]")?.focus() });
  const sid = () => store.session.id;
  const urls = {
    file: (loop) => api.loopUrl(sid(), loop.id, loop.bytes),
    poster: (loop) => api.posterUrl(sid(), loop.id),
    download: (loop) => api.downloadUrl(sid(), loop.id),
  };
  const compare = new Compare(urls.file);
  const choice = new Choice({ open: (two) => compare.open(two), picked: (id, on) => cardOf(id)?.picked(on) });
  element.append(el("header", { className: "gallery-head" }, el("h2", {}, "Loops"), count), choice.element, empty.element, loops, nearly, said, compare.dialog);

  const cardOf = (id) => home.get(id)?.cards.get(id);
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

  function familyOf(loop) {
    const known = home.get(loop.id) ?? home.get(loop.version_of);
    if (known) return known;
    const made = new Family(loop.version_of ?? loop.id);
    families.set(made.key, made);
    return made;
  }

  function put(loop) {
    const card = cardOf(loop.id);
    if (card) return void card.update(loop);
    const family = familyOf(loop);
    home.set(loop.id, family);
    family.add(new Card(loop, does));
  }

  function drop(id) {
    const family = home.get(id);
    if (choice.first?.id === id) choice.drop();
    if (!family?.cards.has(id)) return;
    family.remove(id);
    if (!family.cards.size) { family.element.remove(); families.delete(family.key); }
  }

  function arrange() {
    const ordered = [...families.values()].reverse().sort((a, b) => b.kept - a.kept);
    gliding(ordered.map((each) => each.element), () => {
      for (const shelf of [loops, near]) {
        const wanted = ordered.filter((each) => each.near === (shelf === near));
        wanted.forEach((each, at) => {
          if (shelf.children[at] === each.element) return;
          place(shelf, each.element, shelf.children[at] ?? null);
          for (const card of each.cards.values()) card.moved();
        });
      }
    });
    nearly.hidden = !near.children.length;
    tellCount();
  }

  function tellCount() {
    const all = store.session?.loops.filter((each) => each.kind !== "near" && each.state !== "failed") ?? [];
    setText(count, all.length ? String(all.length) : "");
    empty.show(store.session, { loops: loops.children.length, anyNear: near.children.length > 0 });
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
    for (const id of [...home.keys()]) if (!wanted.has(id)) drop(id);
    for (const loop of store.session?.loops ?? []) { put(loop); seen.set(loop.id, loop.state); }
    arrange();
  }

  function anew() {
    for (const id of [...home.keys()]) drop(id);
    home.clear();
    seen.clear();
    choice.drop();
    showAll();
  }

  store.subscribe("select", anew);
  store.subscribe("snapshot", showAll);
  store.subscribe("loop", (loop) => { put(loop); arrange(); tell(loop); });
  store.subscribe("gone", ({ id }) => { drop(id); arrange(); });
  for (const kind of ["session", "numbers"]) store.subscribe(kind, tellCount);
  onLight((id) => { for (const family of families.values()) for (const card of family.cards.values()) card.lit(card.loop.id === id); });
  onCall((id) => {
    const card = cardOf(id);
    if (!card) return;
    home.get(id).show(id);
    if (element.scrollHeight > element.clientHeight + 4) card.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
  showAll();
}

function nearest(stills, time_s) {
  let best = null;
  for (const each of stills) if (!best || Math.abs(each.time_s - time_s) < Math.abs(best.time_s - time_s)) best = each;
  return best;
}

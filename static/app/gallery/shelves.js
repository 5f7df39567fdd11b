// The gallery's two shelves: what closes first, what only nearly returns below it, and which card stands
// where. Kept loops are pinned to the front, the others stand newest first.

import { el } from "../dom.js";
import { Family } from "./family.js";
import { gliding, place } from "./flip.js";

const NEAR_REMARK = "The motion comes back here, though not quite: a small jump shows. Open Seam to look for a better place.";

export class Shelves {
  #families = new Map(); // in the order of finding
  #home = new Map(); // loop id -> family, also of versions whose original is gone

  // `made`: gives a new card of a loop.
  constructor(made) {
    this.made = made;
    this.loops = el("div", { className: "loop-cards", "data-shelf": "loops" });
    this.near = el("div", { className: "loop-cards", "data-shelf": "near" });
    this.nearly = el("section", { className: "shelf-near", hidden: true, "aria-label": "Returns nearly" }, el("h2", {}, "Returns nearly"), el("p", { className: "remark" }, NEAR_REMARK), this.near);
  }

  get elements() { return [this.loops, this.nearly]; }
  get ids() { return [...this.#home.keys()]; }
  get cards() { return [...this.#families.values()].flatMap((family) => [...family.cards.values()]); }

  card(id) {
    return this.#home.get(id)?.cards.get(id);
  }

  // Brings a loop to the front of its versions.
  show(id) {
    this.#home.get(id).show(id);
  }

  put(loop) {
    const card = this.card(loop.id);
    if (card) return void card.update(loop);
    const family = this.#familyOf(loop);
    this.#home.set(loop.id, family);
    family.add(this.made(loop));
  }

  #familyOf(loop) {
    const known = this.#home.get(loop.id) ?? this.#home.get(loop.version_of);
    if (known) return known;
    const made = new Family(loop.version_of ?? loop.id);
    this.#families.set(made.key, made);
    return made;
  }

  drop(id) {
    const family = this.#home.get(id);
    if (!family?.cards.has(id)) return;
    family.remove(id);
    if (!family.cards.size) { family.element.remove(); this.#families.delete(family.key); }
  }

  clear() {
    for (const id of this.ids) this.drop(id);
    this.#home.clear();
  }

  arrange() {
    const ordered = [...this.#families.values()].reverse().sort((a, b) => b.kept - a.kept);
    gliding(ordered.map((each) => each.element), () => {
      for (const shelf of [this.loops, this.near]) {
        const wanted = ordered.filter((each) => each.near === (shelf === this.near));
        wanted.forEach((each, at) => {
          if (shelf.children[at] === each.element) return;
          place(shelf, each.element, shelf.children[at] ?? null);
          for (const card of each.cards.values()) card.moved();
        });
      }
    });
    this.nearly.hidden = !this.near.children.length;
  }
}

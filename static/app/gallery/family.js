// A loop with the versions made from it: one place in the gallery, with a tab for each, the newest in front.

import { el } from "../dom.js";

export class Family {
  constructor(key) {
    this.key = key;
    this.cards = new Map();
    this.shown = null;
    this.tabs = el("div", { className: "versions", role: "group", "aria-label": "Versions", hidden: true });
    this.element = el("div", { className: "family", "data-family": key }, this.tabs);
  }

  get kept() { return [...this.cards.values()].some((card) => card.loop.kept); }
  // A family whose original only nearly returns stays there unless a version of it closes.
  get near() { return [...this.cards.values()].every((card) => card.loop.kind === "near"); }

  add(card) {
    this.cards.set(card.loop.id, card);
    this.element.append(card.element);
    this.show(card.loop.id);
  }

  remove(id) {
    const card = this.cards.get(id);
    if (!card) return;
    const focused = card.element.contains(document.activeElement);
    card.gone();
    card.element.remove();
    this.cards.delete(id);
    if (this.shown === id) this.show([...this.cards.keys()].at(-1) ?? null);
    else this.#drawTabs();
    if (focused) this.cards.get(this.shown)?.element.focus({ preventScroll: true });
  }

  show(id) {
    this.shown = id;
    for (const [each, card] of this.cards) card.element.hidden = each !== id;
    this.#drawTabs();
  }

  #drawTabs() {
    this.tabs.hidden = this.cards.size < 2;
    const focused = this.tabs.contains(document.activeElement) ? document.activeElement.dataset.version : null;
    this.tabs.replaceChildren(...[...this.cards.keys()].map((id, at) => el("button", {
      type: "button", "data-version": id, "aria-pressed": String(id === this.shown),
      onclick: () => this.show(id),
    }, id === this.key ? "Original" : `Version ${this.cards.has(this.key) ? at + 1 : at + 2}`)));
    if (focused) this.tabs.querySelector(`[data-version="${CSS.escape(focused)}"]`)?.focus();
  }
}

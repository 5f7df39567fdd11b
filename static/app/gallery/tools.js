// What can be done with a loop: the row of buttons under its card, each a symbol over one word.

import { el, icon } from "../dom.js";
import { titleOf } from "./loopwords.js";

function tool(tag, name, symbol, words, props = {}) {
  const made = el(tag, { className: "tool", "data-do": name, ...props });
  made.append(icon(symbol), el("span", {}, words));
  return made;
}

export class Tools {
  // `does` has keep, compare, inspect, edit, send, discard: each called with nothing.
  constructor(does) {
    const act = (name) => ({ type: "button", onclick: () => does[name]() });
    this.save = tool("a", "download", "down", "Save", { download: "" });
    this.keep = tool("button", "keep", "pin", "Keep", act("keep"));
    this.compare = tool("button", "compare", "compare", "Compare", act("compare"));
    this.seam = tool("button", "seam", "seam", "Seam", act("inspect"));
    this.edit = tool("button", "edit", "brush", "Edit", act("edit"));
    this.send = tool("button", "export", "export", "Export", act("send"));
    this.discard = tool("button", "discard", "trash", "Discard", act("discard"));
    this.element = el("div", { className: "tools", role: "group" }, this.save, this.keep, this.compare, this.seam, this.edit, this.send, this.discard);
  }

  show(loop, downloadUrl) {
    const title = titleOf(loop);
    const written = loop.state === "written";
    this.element.setAttribute("aria-label", `Do with ${title}`);
    for (const each of [this.save, this.keep, this.compare, this.seam, this.edit, this.send]) each.hidden = !written;
    if (written) this.save.href = downloadUrl;
    this.#name(this.save, `Save ${title} as a transparent WEBM`);
    this.#name(this.keep, `Keep ${title}: a kept loop is never deleted by itself`);
    this.#name(this.compare, `Compare ${title} with another loop`);
    this.#name(this.seam, `Look at the seam of ${title} and move it`);
    this.#name(this.edit, `Paint on ${title}: every frame follows`);
    this.#name(this.send, `Export ${title} for Telegram, WhatsApp, Discord, Safari, editors and games`);
    this.#name(this.discard, loop.kept ? `${title} is kept and cannot be discarded` : `Discard ${title}`);
    this.keep.setAttribute("aria-pressed", String(loop.kept));
    this.keep.querySelector("use").setAttribute("href", loop.kept ? "#i-pinned" : "#i-pin");
    this.discard.setAttribute("aria-disabled", String(loop.kept)); // stays focusable, so that it can say why
    this.discard.hidden = loop.state === "found";
  }

  picked(on) {
    this.compare.setAttribute("aria-pressed", String(on));
  }

  #name(element, words) {
    element.setAttribute("aria-label", words);
    element.title = words;
  }
}

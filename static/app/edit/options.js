// What is painted with, where and how: the tools, and beside the picture what the chosen one can.

import { button, el, freshId, icon, setText } from "../dom.js";

const TOOLS = { brush: ["Brush", "B"], eraser: ["Eraser", "E"], words: ["Text", "T"], picture: ["Picture", "P"] };
const SYMBOLS = { brush: "brush", eraser: "erase", words: "words", picture: "image" };
const COLOURS = ["#e5383b", "#ffb703", "#2a9d8f", "#3a86ff", "#8338ec", "#ffffff", "#111111"];
const SIZE_SHARE = 0.05; // of the frame's long side, at first
const MOST_SHARE = 0.4;

export class Options {
  // `does`: words(text), picture(file), changed().
  constructor(bundle, does) {
    this.does = does;
    this.tool = "brush";
    const long = Math.max(...bundle.size);
    this.tools = el("div", { className: "edit-tools", role: "radiogroup", "aria-label": "Tool" },
      ...Object.entries(TOOLS).map(([name, [words, key]]) => el("button", {
        type: "button", className: "tool", role: "radio", "data-tool": name, title: `${words} (${key})`, onclick: () => this.choose(name),
      }, icon(SYMBOLS[name]), el("span", {}, words))));
    this.tools.addEventListener("keydown", (event) => this.#along(event));
    this.size = range("Size", { min: 1, max: Math.round(long * MOST_SHARE), value: Math.max(2, Math.round(long * SIZE_SHARE)) }, (px) => `${px} px`, "size");
    this.opacity = range("Opacity", { min: 5, max: 100, value: 100 }, (share) => `${share} %`, "opacity");
    this.opacity.element.addEventListener("input", () => does.changed());
    this.colour = el("input", { type: "color", value: COLOURS[0], "aria-label": "Colour", "data-field": "colour" });
    this.colour.addEventListener("input", () => does.changed());
    this.colours = el("div", { className: "edit-colours", role: "group", "aria-label": "Colours" }, this.colour,
      ...COLOURS.map((each) => {
        const made = el("button", { type: "button", className: "edit-colour", title: each, "aria-label": `Colour ${each}`, onclick: () => { this.colour.value = each; does.changed(); } });
        made.style.setProperty("--colour", each);
        return made;
      }));
    this.text = el("input", { className: "field", placeholder: "Your words", maxLength: 80, "aria-label": "Words", "data-field": "words" });
    this.text.addEventListener("input", () => does.words(this.text.value));
    this.file = el("input", { type: "file", accept: "image/*", hidden: true, "aria-label": "A picture to lay on", "data-field": "picture" });
    this.file.addEventListener("change", () => { if (this.file.files[0]) does.picture(this.file.files[0]); this.file.value = ""; });
    this.choosing = button("Choose a picture", { icon: "file", "data-do": "choose-picture", onclick: () => this.file.click() });
    this.hint = el("p", { className: "remark" });
    this.element = el("section", { className: "edit-options", "aria-label": "How to paint" },
      this.text, this.choosing, this.file, this.colours, this.size.element, this.opacity.element, this.hint);
    this.choose("brush");
  }

  get wanted() {
    return { tool: this.tool, colour: this.colour.value, size: this.size.value, opacity: this.opacity.value / 100 };
  }

  // As it was on another desk.
  take({ tool, colour, size, opacity }) {
    this.colour.value = colour;
    this.size.set(size);
    this.opacity.set(100 * opacity);
    this.choose(tool);
  }

  choose(name) {
    this.tool = name;
    for (const each of this.tools.children) {
      each.setAttribute("aria-checked", String(each.dataset.tool === name));
      each.tabIndex = each.dataset.tool === name ? 0 : -1; // one stop for the Tab key; the arrows go on from there
    }
    const line = name === "brush" || name === "eraser";
    this.size.element.hidden = !line;
    this.text.hidden = name !== "words";
    this.choosing.hidden = name !== "picture";
    this.colours.hidden = name === "eraser" || name === "picture";
    setText(this.hint, HINTS[name]);
    this.does.chose?.(name);
    if (name === "words" && this.text.isConnected) this.text.focus();
  }

  // With the arrows, as in any group of radio buttons.
  #along(event) {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const all = [...this.tools.children];
    const next = all.at((all.findIndex((each) => each.dataset.tool === this.tool) + by) % all.length);
    next.focus();
    this.choose(next.dataset.tool);
  }

  grow(times) { this.size.set(Math.max(1, this.size.value * times)); }
}

const HINTS = {
  brush: "Paint on any frame: every other one follows.",
  eraser: "Rubs out what was painted, never the loop itself.",
  words: "Drag the words where they belong; a corner turns and sizes them. A press beside them lays them on, and so does Enter.",
  picture: "Drag it where it belongs; a corner turns and sizes it. A press beside it lays it on, and so does Enter.",
};

function range(words, { min, max, value }, told, field) {
  const id = freshId("edit");
  const slider = el("input", { id, type: "range", min, max, step: 1, value, "data-field": field });
  const output = el("output", { className: "value", htmlFor: id });
  const show = () => {
    setText(output, told(slider.valueAsNumber));
    slider.style.setProperty("--filled", `${(100 * (slider.valueAsNumber - min)) / (max - min)}%`);
  };
  slider.addEventListener("input", show);
  show();
  return {
    element: el("label", { className: "edit-range", htmlFor: id }, el("span", {}, words), output, slider),
    get value() { return slider.valueAsNumber; },
    set(number) { slider.valueAsNumber = Math.min(max, Math.round(number)); show(); },
  };
}

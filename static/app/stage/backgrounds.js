// What is behind the subject: checkerboard, colour, picture or blur. Each viewer has their own choice;
// the browser remembers it. The gallery plays its loops over the same, through --stage-background.

import { el, icon } from "../dom.js";
import { sayWhy } from "../toast.js";

const REMEMBERED = "loopmatte-background";
const LARGEST_SIDE = 1920;
const CHOICES = { checker: "Checkerboard", color: "Colour", picture: "Your picture", blur: "Blurred original" };

// The observable that other modules read: kind, value ("#rrggbb", an ImageBitmap or null), css.
export class Background {
  kind = "checker";
  value = null;
  css = "";
  #listeners = new Set();

  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(kind, value, css = "") {
    Object.assign(this, { kind, value, css });
    const root = document.documentElement.style;
    if (css) root.setProperty("--stage-background", css);
    else root.removeProperty("--stage-background");
    for (const listener of this.#listeners) listener(this);
  }
}

export function mount(element, { background, snapshot }) {
  let colour = "#1fb35a";
  let picture = null; // {bitmap, css}
  const colourField = el("input", { type: "color", value: colour, "aria-label": "Background colour", tabIndex: -1 });
  const file = el("input", { type: "file", accept: "image/*", hidden: true, "aria-label": "Background picture" });
  const radios = {};
  const group = el("fieldset", { className: "swatches", id: "background" }, el("legend", { className: "aside" }, "Background"));
  for (const [kind, words] of Object.entries(CHOICES)) {
    radios[kind] = el("input", { type: "radio", name: "background", value: kind, "aria-label": words });
    group.append(el("label", { className: `swatch ${kind}`, title: words }, radios[kind], kind === "picture" && icon("image"), kind === "color" && colourField));
  }
  element.append(group, file);

  function choose(kind) {
    if (kind === "picture" && !picture) { file.click(); reflect(); return; }
    if (kind === "checker") background.set("checker", null);
    if (kind === "color") background.set("color", colour, colour);
    if (kind === "picture") background.set("picture", picture.bitmap, picture.css);
    if (kind === "blur") blur();
    reflect();
    remember();
  }

  // Cards cannot blur what they do not have: they get one small blurred picture of now.
  async function blur() {
    background.set("blur", null, background.kind === "blur" ? background.css : "");
    const blob = await snapshot();
    if (!blob || background.kind !== "blur") return;
    background.set("blur", null, `url("${URL.createObjectURL(blob)}") center / cover`);
  }

  async function take(chosen) {
    if (!chosen) return reflect();
    try {
      const whole = await createImageBitmap(chosen);
      const scale = Math.min(1, LARGEST_SIDE / Math.max(whole.width, whole.height));
      const bitmap = await createImageBitmap(whole, { resizeWidth: Math.round(whole.width * scale), resizeHeight: Math.round(whole.height * scale), resizeQuality: "high" });
      const css = `url("${URL.createObjectURL(chosen)}") center / cover`;
      radios.picture.parentElement.style.setProperty("--picture", css);
      picture = { bitmap, css };
      choose("picture");
    } catch {
      sayWhy(new Error(`"${chosen.name}" is not a picture that this browser can show. Choose a JPEG, PNG or WebP.`));
      reflect();
    }
    return null;
  }

  function reflect() {
    radios[background.kind].checked = true;
    group.style.setProperty("--colour", colour);
    colourField.tabIndex = background.kind === "color" ? 0 : -1;
  }

  function remember() {
    try { localStorage.setItem(REMEMBERED, JSON.stringify({ kind: background.kind, colour })); } catch { /* private mode */ }
  }

  function recall() {
    try {
      const { kind, colour: hue } = JSON.parse(localStorage.getItem(REMEMBERED)) ?? {};
      if (/^#[0-9a-f]{6}$/i.test(hue)) colour = colourField.value = hue;
      choose(["checker", "color", "blur"].includes(kind) ? kind : "checker");
    } catch { choose("checker"); }
  }

  for (const [kind, radio] of Object.entries(radios)) {
    radio.addEventListener("change", () => choose(kind));
    radio.addEventListener("click", () => kind === "picture" && background.kind === "picture" && file.click()); // again: another picture
  }
  colourField.addEventListener("input", () => { colour = colourField.value; choose("color"); });
  file.addEventListener("change", () => { take(file.files[0]); file.value = ""; });
  file.addEventListener("cancel", reflect);
  recall();
  return { take, refresh: () => background.kind === "blur" && !background.css && blur() };
}

// What is looked at: the loop as it will be or with what is behind, a frame or an atlas, and which layer is
// painted on; with atlases taken out to a paint program and brought back.

import { button, el, freshId, setText } from "../dom.js";

const REMARKS = {
  subject: "It is saved as it is shown: the subject cut out.",
  whole: "It is saved as it is shown: the whole picture.",
  behind: "It is saved as it is shown: the whole picture without the subject. What was behind it comes from other frames, and from around it where none shows it.",
  later: "It is saved as the whole picture without the subject, which is taken out then; what was behind it comes from other frames.",
};

export class Looks {
  // `does`: download(), upload(file).
  constructor(editor, does) {
    this.editor = editor;
    const names = editor.bundle.layers.map((each, at) => nameOf(each, at, editor.bundle.foregrounds));
    this.layer = segments("Paint on", names.map((words, at) => [String(at), words]), (value) => editor.look({ layer: Number(value) }), "layer");
    this.ground = segments("Show", [["subject", "Cut out"], ["whole", "Whole"], ["behind", "Without it"]], (shows) => editor.look({ shows, view: "frame" }), "ground");
    this.view = segments("On", [["frame", "The frame"], ["atlas", "The atlas"]], (view) => editor.look({ view }), "view");
    this.remark = el("p", { className: "remark", role: "status" });
    this.file = el("input", { type: "file", accept: "image/png,image/webp,image/jpeg", hidden: true, "aria-label": "An atlas that was painted elsewhere", "data-field": "atlas" });
    this.file.addEventListener("change", () => { if (this.file.files[0]) does.upload(this.file.files[0]); this.file.value = ""; });
    this.element = el("section", { className: "edit-looks", "aria-label": "What is shown" },
      this.layer.element, this.ground.element, this.view.element,
      this.remark,
      el("div", { className: "row" },
        button("Download", { icon: "down", label: "Download the atlas, to paint on it elsewhere", "data-do": "download-atlas", onclick: () => does.download() }),
        button("Upload", { icon: "file", label: "Bring an atlas back that was painted elsewhere", "data-do": "upload-atlas", onclick: () => this.file.click() })),
      this.file);
    this.follow();
  }

  follow() {
    const { layer, shows, view, behind } = this.editor;
    this.layer.set(String(layer));
    this.ground.set(shows);
    setText(this.remark, REMARKS[shows === "behind" && !behind ? "later" : shows]);
    this.remark.dataset.shows = shows;
    this.view.set(view);
  }
}

export function nameOf(layer, at, foregrounds) {
  if (!layer.foreground) return "What is behind";
  return foregrounds === 1 ? "The subject" : `Subject ${at + 1}`;
}

function segments(legend, choices, chosen, field) {
  const name = freshId("edit-segments");
  const radios = choices.map(([value]) => el("input", { type: "radio", name, value, onchange: () => chosen(value) }));
  return {
    element: el("fieldset", { className: "edit-choice", "data-field": field }, el("legend", {}, legend),
      el("div", { className: "segments" }, ...choices.map(([, words], at) => el("label", {}, radios[at], words)))),
    set(value) { for (const each of radios) each.checked = each.value === value; },
  };
}

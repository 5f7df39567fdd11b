// The line over the editor: what is edited, a way back and forth, saving, and what is going on.

import { button, el } from "../dom.js";
import { Message } from "../message.js";

export class Head {
  // `does`: step("undo" | "redo"), save(), close().
  constructor(does) {
    this.title = el("h2");
    this.undo = button("", { icon: "undo", quiet: true, label: "Undo", "data-do": "undo", onclick: () => does.step("undo") });
    this.redo = button("", { icon: "redo", quiet: true, label: "Redo", "data-do": "redo", onclick: () => does.step("redo") });
    this.save = button("Save as a new loop", { className: "primary", "data-do": "save", onclick: () => does.save() });
    this.does = el("div", { className: "row edit-does" }, this.undo, this.redo, this.save);
    this.element = el("header", { className: "dialog-head" }, this.title, this.does,
      button("", { icon: "close", quiet: true, label: "Close", "data-do": "close", onclick: () => does.close() }));
    this.message = new Message("edit-message");
  }

  // What can be done now; `editor` is null while there is none.
  show(editor, { worth, saving }) {
    this.does.hidden = !editor;
    this.undo.disabled = !editor?.history.canUndo && !editor?.paint.thing;
    this.redo.disabled = !editor?.history.canRedo;
    this.save.disabled = !worth || saving;
  }
}

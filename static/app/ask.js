// One question before something is lost. Resolves with whether it was confirmed; Escape is a no.

import { button, el } from "./dom.js";

export function confirmed({ title, words, yes }) {
  const no = button("Cancel", { autofocus: true });
  const go = button(yes, { className: "danger" });
  const heading = el("h2", { id: "ask-title" }, title);
  const dialog = el("dialog", { className: "ask", "aria-labelledby": "ask-title" }, heading, el("p", {}, words), el("div", { className: "row" }, no, go));
  document.body.append(dialog);
  return new Promise((resolve) => {
    no.addEventListener("click", () => dialog.close());
    go.addEventListener("click", () => dialog.close("yes"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

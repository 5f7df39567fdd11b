// Discarding with a way back: for a few seconds the card says that it is going and offers to stay; only
// then is the server asked to delete. A page that is closed within that time has deleted nothing.

import { button, el } from "../dom.js";
import { sayWhy } from "../toast.js";

export const UNDO_MS = 6000;

// `remove` asks the server and removes the card; returns what brings the card back.
export function discard(element, title, remove) {
  const back = button("Undo", { icon: "back", className: "undo", label: `Keep ${title} after all` });
  const bar = el("span", { className: "undo-time", "aria-hidden": "true" });
  const cover = el("div", { className: "leaving", role: "group" }, el("p", {}, `${title} is discarded`), back, bar);
  const inside = [...element.children];
  const before = document.activeElement;
  for (const each of inside) each.inert = true;
  element.classList.add("is-leaving");
  element.append(cover);
  bar.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: UNDO_MS, fill: "forwards" });
  if (element.contains(before) || before === document.body) back.focus({ preventScroll: true });

  function stay() {
    clearTimeout(timer);
    const focused = cover.contains(document.activeElement);
    cover.remove();
    element.classList.remove("is-leaving");
    for (const each of inside) each.inert = false;
    if (focused) element.querySelector("[data-do=discard]")?.focus({ preventScroll: true });
  }

  const timer = setTimeout(async () => {
    back.disabled = true;
    try {
      await remove();
    } catch (error) {
      stay();
      sayWhy(error);
    }
  }, UNDO_MS);
  back.addEventListener("click", stay);
  return stay;
}

// The divider between original and result: dragged anywhere on the picture, or moved with the arrow keys.

import { el } from "../dom.js";

const STEP = 0.02;

export function mount(frame, { moved }) {
  let at = 0.5;
  const handle = el("div", {
    className: "divider", role: "slider", tabIndex: 0, hidden: true, "aria-label": "Original to the left, result to the right",
    "aria-valuemin": "0", "aria-valuemax": "100", "aria-orientation": "horizontal",
  }, el("span", { className: "side left" }, "Original"), el("span", { className: "side right" }, "Result"));
  frame.append(handle);

  function move(to) {
    at = Math.min(1, Math.max(0, to));
    handle.style.setProperty("--at", `${at * 100}%`);
    handle.setAttribute("aria-valuenow", String(Math.round(at * 100)));
    handle.setAttribute("aria-valuetext", `${Math.round(at * 100)} % original`);
    moved(at);
  }

  function follow(event) {
    const box = frame.getBoundingClientRect();
    move((event.clientX - box.left) / box.width);
  }

  frame.addEventListener("pointerdown", (event) => {
    if (handle.hidden || event.button !== 0 || event.target.closest("button")) return;
    frame.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    follow(event);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!handle.hidden && frame.hasPointerCapture(event.pointerId)) follow(event);
  });
  const keys = {
    ArrowLeft: () => at - STEP, ArrowRight: () => at + STEP, ArrowDown: () => at - STEP, ArrowUp: () => at + STEP,
    PageDown: () => at - 5 * STEP, PageUp: () => at + 5 * STEP, Home: () => 0, End: () => 1,
  };
  handle.addEventListener("keydown", (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    move(keys[event.key]());
  });
  move(at);
  return { show: (on) => { handle.hidden = !on; frame.classList.toggle("splitting", on); } };
}

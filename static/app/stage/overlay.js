// Plays a loop over the stage: one that was clicked, until it is dismissed, or the best one of a session
// that has ended, so that the stage is never dead.

import { button, el, setText } from "../dom.js";

export function mount(frame) {
  const video = el("video", { muted: true, loop: true, playsInline: true, "aria-label": "Loop" });
  const words = el("span", { className: "words" });
  const close = button("Back to live", { icon: "close", className: "overlay-close" });
  const overlay = el("div", { className: "overlay", hidden: true }, video, el("p", { className: "badge" }, words), close);
  frame.append(overlay);
  let before = null;
  let ambient = null;

  function show(url, { from_s = 0, label = "", asked = true } = {}) {
    if (asked && overlay.hidden) before = document.activeElement;
    setText(words, label);
    close.hidden = !asked;
    setText(close.lastElementChild, ambient ? "Back" : "Back to live");
    if (video.dataset.url !== url) {
      video.dataset.url = url;
      video.src = url;
    }
    overlay.dataset.asked = String(asked);
    overlay.hidden = false;
    frame.classList.add("covered");
    const start = () => { video.currentTime = from_s < video.duration ? from_s : 0; video.play().catch(() => { video.controls = true; }); };
    if (video.readyState > 0) start();
    else video.addEventListener("loadedmetadata", start, { once: true });
  }

  function hide() {
    overlay.hidden = true;
    frame.classList.remove("covered");
    video.pause();
    video.removeAttribute("src");
    delete video.dataset.url;
    video.load(); // lets the connection go
  }

  function dismiss() {
    if (overlay.hidden || overlay.dataset.asked !== "true") return;
    hide();
    before?.focus?.({ preventScroll: true });
    if (ambient) show(ambient.url, { label: ambient.label, asked: false });
  }

  close.addEventListener("click", dismiss);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) dismiss();
  });

  return {
    play: (url, options) => show(url, options),
    dismiss,
    // `loop` {url, label} plays whenever nothing else does; null ends that.
    ambient(loop) {
      if (ambient?.url === loop?.url && ambient?.label === loop?.label) return;
      ambient = loop;
      const asked = !overlay.hidden && overlay.dataset.asked === "true";
      if (asked) return;
      if (loop) show(loop.url, { label: loop.label, asked: false });
      else if (!overlay.hidden) hide();
    },
    reset() { ambient = null; if (!overlay.hidden) hide(); },
    get shown() { return !overlay.hidden; },
  };
}

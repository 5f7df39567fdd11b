// The row under the picture: what is shown of it, saving a still, full screen.

import { button, el } from "../dom.js";
import { sayWhy, toast } from "../toast.js";
import { saveStill } from "./still.js";

const VIEWS = { result: "Result", split: "Split", matte: "Matte", original: "Original" };

export function mount(tools, { element, compositor, split, store, take }) {
  const views = el("fieldset", { className: "segments", id: "view" }, el("legend", { className: "aside" }, "View"));
  for (const [view, words] of Object.entries(VIEWS)) {
    const radio = el("input", { type: "radio", name: "view", value: view, checked: view === "result" });
    radio.addEventListener("change", () => choose(view));
    views.append(el("label", {}, radio, words));
  }

  function choose(view) {
    compositor.view = view;
    split.show(view === "split");
    compositor.draw();
  }

  const still = button("Still", { icon: "still", quiet: true, id: "still", label: "Save this picture as a transparent PNG" });
  still.addEventListener("click", async () => {
    try {
      await saveStill(compositor, `${store.session?.name || "still"} ${(store.session?.time_s ?? 0).toFixed(2)} s`);
      toast("Saved a still as a transparent PNG.");
    } catch (error) {
      sayWhy(error);
    }
  });

  const full = button("", { icon: "full", quiet: true, id: "fullscreen", label: "Full screen" });
  full.hidden = !element.requestFullscreen;
  full.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else element.requestFullscreen().catch(sayWhy);
  });
  document.addEventListener("fullscreenchange", () => full.setAttribute("aria-pressed", String(document.fullscreenElement === element)));

  tools.querySelector("#background").before(views);
  tools.append(el("span", { className: "gap" }), still, full);
  dropPicture(element, take);

  // Without a live picture there is nothing to look at in another way, nor to save.
  function enable(on) {
    views.disabled = still.disabled = !on;
    split.show(on && compositor.view === "split");
  }
  enable(false);
  return { enable };
}

// A picture dropped on the stage becomes the background; anything else is left to the page's sources.
function dropPicture(element, take) {
  const isPicture = (event) => [...(event.dataTransfer?.items ?? [])].some((each) => each.kind === "file" && /^image\/(?!gif)/.test(each.type));
  element.addEventListener("dragover", (event) => {
    if (!isPicture(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  element.addEventListener("drop", (event) => {
    if (!isPicture(event)) return;
    event.preventDefault();
    event.stopPropagation();
    take(event.dataTransfer.files[0]);
  });
}

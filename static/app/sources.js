// The front page's ways in: a file, this browser's camera, the built-in clip, and below them the rest.
// Each ends the same way: a session is made, and the page goes there.

import { button, el, icon } from "./dom.js";
import { mount as mountCamera } from "./sources/camera.js";
import { mount as mountCutting } from "./sources/cutting.js";
import { mount as mountMore } from "./sources/more.js";
import { sayWhy } from "./toast.js";
import { mount as mountUpload } from "./upload.js";

export function mount(element, { store, api, open }) {
  const intro = el("header", { className: "intro" },
    el("h1", {}, "Take the background away. Keep the loops."),
    el("p", {}, "Show a video or a camera: the matte appears as it plays, and every moment where the motion returns becomes a seamless, transparent loop."));
  const ways = el("div", { className: "ways" });
  const more = el("div", { className: "more-ways" });
  element.append(intro, ways, more);

  const cutting = mountCutting();

  // One at a time: two clicks on a source are one wish.
  let busy = false;
  async function start(source) {
    if (busy) return false;
    busy = true;
    element.setAttribute("aria-busy", "true");
    try {
      open(await api.create({ source, ...cutting.chosen() }));
      return true;
    } catch (error) {
      sayWhy(error);
      return false;
    } finally {
      busy = false;
      element.removeAttribute("aria-busy");
    }
  }

  mountUpload(ways, { store, api, start });
  mountCamera(ways, { store, open });
  mountDemo(ways, start);
  mountMore(more, { store, api, start });
  more.append(cutting.element);
}

function mountDemo(ways, start) {
  const begin = button("Play it", { icon: "play", id: "start-demo" });
  begin.addEventListener("click", () => start({ kind: "demo" }));
  const person = el("div", { className: "person", "aria-hidden": "true" });
  ways.append(el("article", { className: "way card demo" },
    el("div", { className: "face" }, person),
    el("h2", {}, icon("loop"), "The built-in clip"),
    el("p", { className: "remark" }, "Eight seconds of an astronaut, with a loop to find. Nothing to prepare."),
    el("div", { className: "row" }, begin)));
}

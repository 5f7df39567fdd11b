// The other ways in: an address, a file or a camera that the server has, and programs that send by WHIP.

import { button, el, freshId, icon, setText } from "../dom.js";
import { sayWhy, toast } from "../toast.js";
import { bytes } from "../words.js";

export function mount(more, { store, api, start }) {
  more.append(byAddress(start), byMedia(store, start), byServerCamera(store, start), byWhip(api));
}

function fold(name, words, remark, ...inside) {
  return el("details", { className: "fold", name: "more-ways" },
    el("summary", {}, icon(name), el("span", {}, words), el("span", { className: "remark" }, remark)),
    el("div", { className: "fold-in" }, ...inside));
}

function byAddress(start) {
  const field = el("input", { className: "field", id: "address", name: "address", inputMode: "url", required: true, placeholder: "https://\u2026  or  rtsp://\u2026", autocomplete: "off", spellcheck: false, "aria-label": "Address of a video or stream" });
  const go = button("Open", { icon: "play", type: "submit", className: "primary" });
  const form = el("form", { className: "row wide" }, field, go);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const url = field.value.trim();
    if (!url) return;
    go.disabled = true;
    setText(go.lastElementChild, "Opening\u2026");
    if (await start({ kind: "url", url })) field.value = "";
    go.disabled = false;
    setText(go.lastElementChild, "Open");
  });
  return fold("link", "An address", "http, https, rtsp", form, el("p", { className: "remark" }, "The server fetches it, not this browser; addresses inside its own network are refused unless it was started with --allow-private."));
}

// A list of what the server has: shown when there is something, explained where there is nothing.
function listed(store, { name, words, remark, none, items, source }) {
  const list = el("ul", { className: "picks" });
  const empty = el("p", { className: "remark" }, none);
  const whole = fold(name, words, remark, list, empty);
  store.subscribe("server", (server) => {
    const found = items(server);
    empty.hidden = found.length > 0;
    whole.hidden = !none && !found.length;
    list.replaceChildren(...found.map((each) => el("li", {}, pick(each, source))));
  });
  return whole;

  function pick(each, begin) {
    const chosen = el("button", { type: "button", className: "pick" }, el("span", { className: "pick-name" }, each.name), el("span", { className: "remark" }, each.bytes ? bytes(each.bytes) : ""), icon("play"));
    chosen.addEventListener("click", () => begin(each));
    return chosen;
  }
}

const byMedia = (store, start) => listed(store, {
  name: "folder", words: "A file of the server", remark: "from its media folder",
  none: "The server offers no folder. Start it with --media DIR to pick from that folder here.",
  items: (server) => server.media ?? [], source: ({ name }) => start({ kind: "media", name }),
});

const byServerCamera = (store, start) => listed(store, {
  name: "camera", words: "The server's camera", remark: "plugged in over there",
  none: "", // most servers have none: then there is nothing to say
  items: (server) => server.cameras ?? [], source: ({ id }) => start({ kind: "camera", id }),
});

function byWhip(api) {
  const field = el("input", { className: "field", id: freshId("whip"), readOnly: true, value: api.whipAddress(), "aria-label": "WHIP address" });
  const copy = button("Copy", { icon: "copy" });
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      toast("Copied the WHIP address.");
    } catch {
      field.select();
      sayWhy(new Error("The browser did not let the address be copied: it is selected, press Ctrl+C."));
    }
  });
  return fold("cast", "OBS, or anything that speaks WHIP", "live, over WebRTC",
    el("div", { className: "row wide" }, field, copy),
    el("p", { className: "remark" }, "In OBS: Settings, Stream, Service \u201cWHIP\u201d; the address above as Server, and as Bearer Token what follows \u201ctoken=\u201d in the link that the server printed. The session appears below as soon as it sends."));
}

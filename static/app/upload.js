// A file from this computer: picked, or dropped anywhere on the page; sent with its progress, then started.

import { button, el, icon, setText } from "./dom.js";
import { sayWhy } from "./toast.js";
import { bytes } from "./words.js";

const FILES = "video/*,image/gif,image/webp,image/apng,.mkv,.webm,.mov,.mp4,.avi,.m4v,.apng";

export function mount(ways, { store, api, start }) {
  const picker = el("input", { type: "file", accept: FILES, className: "aside", id: "file", tabIndex: -1, "aria-hidden": "true" });
  const choose = button("Choose a file", { icon: "file", className: "primary", id: "choose-file" });
  const limit = el("p", { className: "remark limit" });
  const idle = el("div", { className: "idle" },
    el("span", { className: "emblem", "aria-hidden": "true" }, icon("file")),
    el("h2", {}, el("span", { className: "by-mouse" }, "Drop a video here"), el("span", { className: "by-touch" }, "Open a video")),
    el("p", { className: "remark" }, "Anything that has moving pictures: MP4, MOV, MKV, WEBM, GIF, WebP. It stays on this server."),
    el("div", { className: "row" }, choose), limit);
  const name = el("h2", { className: "file-name" });
  const said = el("p", { className: "remark", role: "status" });
  const bar = el("progress", { max: 1, value: 0, "aria-label": "Upload" });
  const cancel = button("Cancel", { icon: "close" });
  const busy = el("div", { className: "busy", hidden: true }, el("span", { className: "emblem", "aria-hidden": "true" }, icon("file")), name, bar, said, el("div", { className: "row" }, cancel));
  const problem = el("p", { className: "problem", role: "alert", hidden: true });
  const card = el("article", { className: "way card drop", id: "drop" }, picker, problem, idle, busy);
  ways.append(card);

  let sending = null;

  async function send(file) {
    if (sending) return;
    const most = store.server?.limits?.upload_bytes;
    if (most && file.size > most) return refuse(`"${file.name}" has ${bytes(file.size)}; this server takes at most ${bytes(most)}. Cut or compress it first.`);
    sending = new AbortController();
    show(file);
    try {
      const began = performance.now();
      const { upload } = await api.upload(file, { signal: sending.signal, progress: (done, all) => progress(done, all, performance.now() - began) });
      setText(said, "Starting\u2026");
      await start({ kind: "upload", upload });
    } catch (error) {
      if (error.name !== "AbortError") refuse(error.message);
    } finally {
      sending = null;
      show(null);
      choose.focus({ preventScroll: true });
    }
    return null;
  }

  function show(file) {
    idle.hidden = Boolean(file);
    busy.hidden = !file;
    if (!file) return;
    problem.hidden = true;
    setText(name, file.name);
    bar.value = 0;
    setText(said, `0 of ${bytes(file.size)}`);
    cancel.focus({ preventScroll: true });
  }

  function progress(done, all, past_ms) {
    bar.value = all ? done / all : 0;
    if (done >= all) return setText(said, "Sent. The server looks into it\u2026");
    const left_s = past_ms > 1500 ? (all - done) / (done / past_ms) / 1000 : 0;
    setText(said, `${bytes(done)} of ${bytes(all)}${left_s > 1 ? `, about ${Math.ceil(left_s)} s left` : ""}`);
    return null;
  }

  function refuse(words) {
    problem.hidden = false;
    setText(problem, words);
    if (card.offsetParent === null) sayWhy(new Error(words)); // dropped while a session was shown
  }

  choose.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => { if (picker.files[0]) send(picker.files[0]); picker.value = ""; });
  cancel.addEventListener("click", () => sending?.abort());
  store.subscribe("server", ({ limits }) => setText(limit, limits?.upload_bytes ? `Up to ${bytes(limits.upload_bytes)}.` : ""));
  dropAnywhere(card, (file) => { location.hash = ""; send(file); });
}

function dropAnywhere(card, take) {
  let depth = 0; // enter and leave come for every element on the way
  const holdsFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const lit = (on) => { card.classList.toggle("over", on); document.body.classList.toggle("dropping", on); };
  addEventListener("dragenter", (event) => { if (holdsFile(event)) { depth += 1; lit(true); } });
  addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) lit(false); });
  addEventListener("dragover", (event) => { if (holdsFile(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    depth = 0;
    lit(false);
    if (event.defaultPrevented || !holdsFile(event)) return; // a picture that the stage took
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
}

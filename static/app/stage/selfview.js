// A small mirror in the stage's corner while this browser's own camera is what is shown.

import { el } from "../dom.js";
import * as camera from "./camera.js";

export function mount(frame, { store }) {
  const video = el("video", { className: "selfview", muted: true, playsInline: true, autoplay: true, hidden: true, "aria-label": "Your camera, mirrored" });
  frame.append(video);

  function show() {
    const own = store.session && camera.sending() === store.session.id;
    video.hidden = !own;
    const wanted = own ? camera.selfView() : null;
    if (video.srcObject !== wanted) video.srcObject = wanted;
  }
  for (const kind of ["select", "snapshot", "camera"]) store.subscribe(kind, show);
}

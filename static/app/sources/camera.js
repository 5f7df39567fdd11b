// The way in by this browser's camera: asks for it only when pressed, shows it mirrored (as people know
// themselves), lets another be chosen, and starts. What stands in the way is said in the card.

import { button, el, icon, setText } from "../dom.js";
import * as camera from "../stage/camera.js";

export function mount(ways, { store, open }) {
  const look = button("Use the camera", { icon: "camera", id: "open-camera" });
  const self = el("video", { className: "self", muted: true, playsInline: true, autoplay: true, hidden: true, "aria-label": "Your camera, mirrored" });
  const emblem = el("span", { className: "emblem", "aria-hidden": "true" }, icon("camera"));
  const face = el("div", { className: "face" }, emblem, self);
  const choice = el("select", { className: "field", id: "camera-device", "aria-label": "Camera" });
  const start = button("Start", { icon: "play", className: "primary", id: "start-camera" });
  const leave = button("", { icon: "close", label: "Put the camera away" });
  const ready = el("div", { className: "row", hidden: true }, choice, start, leave);
  const problem = el("p", { className: "problem", role: "alert", hidden: true });
  const remark = el("p", { className: "remark" }, "See yourself without a background. The picture goes to this server and nowhere else.");
  ways.append(el("article", { className: "way card", id: "camera" }, face, el("h2", {}, "Your camera"), remark, problem, el("div", { className: "row" }, look), ready));

  async function see(deviceId = "") {
    busy(true);
    try {
      self.srcObject = await camera.preview(deviceId);
      problem.hidden = true;
      await offer();
      shown(true);
      start.focus({ preventScroll: true });
    } catch (error) {
      refuse(error);
    } finally {
      busy(false);
    }
  }

  async function offer() {
    const now = self.srcObject.getVideoTracks()[0].getSettings().deviceId;
    const all = await camera.devices();
    choice.replaceChildren(...all.map((each, index) => el("option", { value: each.deviceId, selected: each.deviceId === now }, each.label || `Camera ${index + 1}`)));
    choice.hidden = all.length < 2;
  }

  async function go() {
    busy(true);
    setText(start.lastElementChild, "Starting\u2026");
    try {
      const sid = await camera.start(choice.value);
      shown(false);
      open({ id: sid });
    } catch (error) {
      refuse(error);
    } finally {
      setText(start.lastElementChild, "Start");
      busy(false);
    }
  }

  function refuse(error) {
    problem.hidden = false;
    setText(problem, error.message);
    setText(look.lastElementChild, "Try again");
    away();
  }

  function away() {
    camera.release();
    shown(false);
  }

  function shown(on) {
    self.hidden = !on;
    emblem.hidden = on;
    ready.hidden = !on;
    look.parentElement.hidden = on;
    if (!on) self.srcObject = null;
  }

  function busy(on) {
    for (const each of [look, start, choice]) each.disabled = on;
  }

  look.addEventListener("click", () => see());
  choice.addEventListener("change", () => see(choice.value));
  start.addEventListener("click", go);
  leave.addEventListener("click", () => { away(); look.focus(); });
  store.subscribe("select", (session) => { if (session) away(); }); // the light goes out when the page goes elsewhere
  store.subscribe("camera", (sent) => { look.disabled = Boolean(sent); setText(remark, sent ? "The camera is on: stop it in the bar above before starting it anew." : "See yourself without a background. The picture goes to this server and nowhere else."); });
}

// This browser's camera: which there are, the picture of one before it is sent, sending it, and in clear
// words why it is not to be had. `mount` shows in the top bar that it is on, wherever one is on the page.

import { button } from "../dom.js";
import { sayWhy, toast } from "../toast.js";
import { publish } from "./whip.js";

const WANTED = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
let stream = null; // open while it is previewed or sent
let opened = null; // the deviceId that `stream` was asked for
let sent = null; // {sid, stop}
let page = null;

const WORDS = {
  NotAllowedError: "The browser was not allowed to use the camera. Allow it with the camera symbol in the address bar (or in the system's privacy settings), then try again.",
  NotFoundError: "No camera was found. Connect one, then try again.",
  NotReadableError: "The camera is there but gives no picture. Another program probably uses it: close that, then try again.",
  OverconstrainedError: "That camera is no longer there. Choose another one.",
};
const INSECURE = "Browsers hand out the camera only to pages from this computer or over https. Open the page as http://127.0.0.1, or start the server with --tls-cert and --tls-key.";

export function mount(element, { store, api, open }) {
  page = { store, api, open };
  const off = button("Camera on: stop", { icon: "camera", id: "camera-stop" });
  off.addEventListener("click", stop);
  element.append(off);
  store.subscribe("camera", () => { element.hidden = !sent; });
  store.subscribe("session", ({ id, state }) => { if (sent?.sid === id && ["ended", "failed"].includes(state)) stop(); });
  addEventListener("pagehide", stop);
}

export const sending = () => sent?.sid ?? null;
export const selfView = () => stream;

export async function devices() {
  const all = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
  return all.filter((each) => each.kind === "videoinput");
}

// Opens a camera for the self-view, or keeps it where it is open already.
export async function preview(deviceId = "") {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error(page.store.server?.insecure_hint || INSECURE);
  if (stream?.active && opened === deviceId) return stream;
  release();
  try {
    const video = deviceId ? { ...WANTED, deviceId: { exact: deviceId } } : WANTED;
    stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw Object.assign(new Error(WORDS[error.name] ?? `The camera could not be opened: ${error.message}`), { name: error.name });
  }
  opened = deviceId;
  stream.getVideoTracks()[0].addEventListener("ended", () => { if (sent) { stop(); toast("The camera was disconnected.", { bad: true }); } });
  return stream;
}

// Sends it; resolves with the id of the session that it became.
export async function start(deviceId = "") {
  const { store, api, open } = page;
  if (sent) stop();
  const picture = await preview(deviceId);
  const name = picture.getVideoTracks()[0].label || "Camera";
  const lost = (why) => {
    sent = null;
    release();
    store.emit("camera", null);
    toast(why, { bad: true, action: { words: "Start it again", run: () => start(deviceId).then((sid) => open({ id: sid }), sayWhy) } });
  };
  sent = await publish({ api, stream: picture, name, iceServers: store.server?.ice_servers ?? [], lost });
  store.emit("camera", { sid: sent.sid });
  return sent.sid;
}

export function stop() {
  sent?.stop();
  sent = null;
  release();
  page.store.emit("camera", null);
}

// The light beside the lens goes out as soon as nobody needs it.
export function release() {
  if (sent) return;
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  opened = null;
}

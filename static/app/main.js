// Puts the page together: mounts its parts, follows the address (#s/ID is a session, nothing is the
// front page) and keeps the stream of events on what is shown.

import { api } from "./api.js";
import { Events } from "./events.js";
import { store } from "./store.js";
import { mount as mountToasts, sayWhy, toast } from "./toast.js";
import { setText } from "./dom.js";

const PARTS = {
  stage: () => import("./stage/stage.js"),
  sources: () => import("./sources.js"),
  library: () => import("./library.js"),
  transport: () => import("./transport.js"),
  controls: () => import("./controls.js"),
  timeline: () => import("./timeline/timeline.js"),
  gallery: () => import("./gallery/gallery.js"),
  now: () => import("./now.js"),
};
const RUNS = new Set(["starting", "running", "paused"]);
const GONE = "The server does not answer. This page goes on by itself as soon as it is back.";

const events = new Events({ store, api, refused });
const address = (sid) => `#s/${encodeURIComponent(sid)}`;
const chosen = () => decodeURIComponent(/^#s\/(.+)$/.exec(location.hash)?.[1] ?? "");

// A part that fails to load leaves the others usable.
async function mountPart(name) {
  const element = document.getElementById(name);
  const part = await PARTS[name]();
  part.mount?.(element, { store, api, open });
}

// What is known of the session already spares the stage a wait for the stream's snapshot.
let opening = null;
let greeting = null; // the built-in clip, where it began by itself
export function open(session) {
  opening = session;
  if (greeting && session && session.id !== greeting) { // whoever brings their own has seen it
    api.change(greeting, { state: "stopped" }).catch(() => {}); // it may be over
    greeting = null;
  }
  location.hash = session ? address(session.id) : "";
}

async function follow() {
  const sid = chosen();
  if (!sid) return showHome();
  if (store.session?.id === sid && document.body.dataset.view === "work") return;
  show("work");
  store.emit("select", opening?.id === sid ? opening : { id: sid, name: "" });
  opening = null;
  events.followSession(sid);
}

function showHome() {
  show("home");
  store.emit("select", null);
  events.followAll();
  readServer(); // the disk has filled meanwhile
  document.title = "loopmatte";
}

function show(view) {
  const before = document.body.dataset.view;
  document.body.dataset.view = view;
  if (before !== view && before !== "loading") {
    scrollTo(0, 0);
    document.getElementById("main").focus({ preventScroll: true });
  }
}

// A bare link shows what runs; where nothing was ever made, the built-in clip begins at once.
async function greet() {
  const sessions = await api.sessions();
  const runs = sessions.find((each) => RUNS.has(each.state));
  if (runs || sessions.length) return runs;
  const made = await api.create({ source: { kind: "demo" } });
  greeting = made.id;
  return made;
}

async function begin() {
  if (chosen()) return follow();
  const first = await early;
  if (!first) return follow();
  opening = first;
  history.replaceState(null, "", address(first.id));
  return follow();
}

function refused(error) {
  if (error.status === 404 && chosen()) {
    toast("That session is no longer there.", { bad: true });
    history.replaceState(null, "", "#");
    follow();
  } else {
    say(error.message);
  }
}

function say(words) {
  const note = document.getElementById("lost");
  note.hidden = !words;
  setText(note, words ?? "");
}

store.subscribe("connection", ({ up }) => {
  say(up ? "" : GONE);
  if (up) readServer();
});

async function readServer() {
  try {
    store.emit("server", await api.server());
  } catch (error) {
    say(error.message);
  }
}

mountToasts(document.getElementById("toasts"));
const mounting = Promise.allSettled(Object.keys(PARTS).map((name) => mountPart(name).catch((error) => {
  console.error(`part ${name} did not load`, error);
})));
addEventListener("hashchange", () => follow().catch(sayWhy));
const early = chosen() ? null : greet(); // while the parts load, the first picture comes nearer
early?.catch(() => {}); // told of where it is awaited
mounting.then(readServer).then(begin).catch((error) => {
  show("home");
  say(error.message);
  events.followAll();
});

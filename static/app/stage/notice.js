// What the stage says: in the middle where there is no picture, in the corner where there is one.

import { el, setText } from "../dom.js";
import { toast } from "../toast.js";
import { stateWords } from "../words.js";

export function mount(frame, { store }) {
  const spinner = el("span", { className: "spinner", "aria-hidden": "true" });
  const title = el("strong");
  const more = el("span", { className: "more" });
  const middle = el("div", { className: "notice", role: "status" }, spinner, title, more);
  const corner = el("p", { className: "badge", hidden: true });
  frame.append(middle, corner);
  let way = { transport: "none", why: "", trying: false };
  let seen = false; // a picture of this session
  let broken = "";

  function say(words, detail = "", busy = false) {
    middle.hidden = !words;
    spinner.hidden = !busy;
    setText(title, words);
    setText(more, detail);
  }

  function mark(words, detail = "") {
    corner.hidden = !words;
    setText(corner, words);
    corner.title = detail;
  }

  function show() {
    const session = store.session;
    if (broken) return say("No picture can be shown", broken);
    if (!session) return say("");
    const { state } = session;
    frame.dataset.state = state ?? "";
    const over = state === "ended" || state === "failed";
    mark(badge(session, over), way.why);
    if (state === "failed") return say("This session failed", session.error ?? "");
    if (over && !session.loops.some((each) => each.state === "written")) return say("This session is over", session.why || "No loop was found in it.");
    if (over || seen) return say("");
    if (!state && store.up) return say("Opening", "", true);
    if (!store.up) return say("The server is gone", "Waiting for it to come back.", true);
    if (state === "starting") return say("Starting", "The source is being opened and the network loaded.", true);
    if (way.why && way.trying) return say("Connecting again", way.why, true);
    if (state === "ending") return say(stateWords(session), "The picture is over. Loops appear as they are finished.", true);
    if (state === "paused") return say("Paused", "Resume to see the picture.");
    return say(way.trying ? "Connecting" : "Waiting for the first picture", "", true);
  }

  function badge(session, over) {
    const { state } = session;
    if (over) return "";
    if (!store.up) return "Server gone";
    if (state === "paused") return "Paused";
    if (seen && way.trying) return "Connecting again";
    if (state === "ending") return seen ? stateWords(session) : "";
    return way.transport === "mjpeg" ? "MJPEG" : "";
  }

  for (const kind of ["snapshot", "session", "connection", "loop", "gone"]) store.subscribe(kind, show);
  store.subscribe("select", () => { seen = false; show(); });
  return {
    fail(words) { broken = words; show(); },
    picture() { if (!seen) { seen = true; show(); } },
    transport(news) {
      if (news.transport === "mjpeg" && news.why && way.why !== news.why) {
        toast(`${news.why} The picture comes as MJPEG instead: a little later and with fewer frames.`);
      }
      way = news;
      show();
    },
  };
}

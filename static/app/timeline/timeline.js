// The timeline under the stage: how a person sees where the motion returns, and why nothing was found yet.
// Painted layers (strip, curve) are drawn at most once a frame; arcs and handles are elements, so that
// they can be pointed at, focused and read out. A tick of the stream repaints, and moves nothing else.

import { el, setText } from "../dom.js";
import { clock, titleOf } from "../gallery/loopwords.js";
import { onLight } from "../gallery/lights.js";
import { Arcs } from "./arcs.js";
import { Caret } from "./keys.js";
import { Cut, isPast } from "./cut.js";
import { drawCurve, drawTimes } from "./curve.js";
import { factsOf } from "./facts.js";
import { layoutFor } from "./layout.js";
import { dragging, Marks } from "./marks.js";
import { onScheme, palette, sized } from "./palette.js";
import { Strip } from "./strip.js";
import { View } from "./view.js";
import { Zoom } from "./zoom.js";

export function mount(element, { store, api }) {
  const view = new View();
  let layout = layoutFor(600);
  let colours = null;
  let waiting = 0;
  let shown = null; // the session whose view this is, once its facts have come

  const canvas = el("canvas", { className: "tl-paint", "aria-hidden": "true" });
  const now = el("div", { className: "tl-now", "aria-hidden": "true" });
  const time = el("span", { className: "tl-time" });
  const sky = el("p", { className: "tl-sky" }, "An arc will rise here for every span that returns to its beginning.");
  const strip = new Strip(redraw);
  const marks = new Marks(() => { cut.show(store.session); if (marks.length_s !== null) cut.say(""); redraw(); });
  const arcs = new Arcs({ play, mark: (miss) => marks.set(miss.start_s, miss.end_s), reveal: (loop) => { view.reveal(loop.start_s); redraw(); } });
  const caret = new Caret({ view, marks, moved: redraw, cut: cutSpan });
  const cut = new Cut(marks, { cut: cutSpan, cleared: () => cut.fields.in.input.focus() });
  const zoom = new Zoom(view, redraw);
  const plot = el("div", { className: "tl-plot" }, canvas, sky, arcs.element, now, marks.element, caret.element);
  element.append(
    el("header", { className: "tl-head" }, el("h2", {}, "Timeline"), time, zoom.element),
    plot, zoom.scroll, cut.element,
  );

  function redraw() {
    waiting ||= requestAnimationFrame(draw);
  }

  function draw() {
    waiting = 0;
    if (!store.session || !element.clientWidth) return;
    colours ??= palette(plot);
    const paint = sized(canvas, layout.width, layout.height);
    paint.clearRect(0, 0, layout.width, layout.height);
    strip.draw(paint, view, layout, colours);
    drawTimes(paint, view, layout, colours);
    drawCurve(paint, view, layout, colours, { points: store.curve, bound: store.session.limits?.seam ?? 1 });
    arcs.draw(view, layout);
    marks.draw(view, layout);
    caret.draw(view, layout);
    zoom.show(factsOf(store));
    const x = view.x(view.time_s);
    now.hidden = !factsOf(store).running || x > layout.right + 1;
    now.style.transform = `translateX(${x.toFixed(1)}px)`;
    setText(time, view.time_s > 0 ? clock(view.time_s).slice(0, -1) : "");
  }

  function resize() {
    if (!plot.clientWidth) return;
    layout = layoutFor(plot.clientWidth);
    view.width = layout.width;
    plot.style.height = `${layout.height}px`;
    plot.style.setProperty("--sky", `${layout.stripTop}px`);
    arcs.element.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    redraw();
  }

  function ticked() {
    view.grow(factsOf(store));
    redraw();
  }

  function loopsChanged() {
    const loops = (store.session?.loops ?? []).filter((each) => each.state !== "failed");
    arcs.tell(loops, store.misses, store.session?.limits?.max_duration_s ?? 6);
    sky.hidden = loops.length > 0 || store.misses.length > 0 || !store.session;
    cut.offer(store.session, store.misses);
    redraw();
  }

  // A stream of events that broke and came back brings a snapshot too: it must not undo somebody's zoom.
  function anew() {
    const again = store.session && store.session.id === shown;
    shown = store.session?.limits ? store.session.id : null;
    sessionChanged();
    strip.keep(store.stills);
    if (again) view.grow(factsOf(store));
    else view.reset(factsOf(store));
    loopsChanged();
  }

  function sessionChanged() {
    caret.rate = store.session?.rate;
    marks.enabled = !isPast(store.session);
    if (!marks.enabled) marks.clear();
    cut.show(store.session);
  }

  async function play(loop) {
    if (loop.state !== "written") return;
    const { stage } = await import("../stage/stage.js");
    stage.play(api.loopUrl(store.session.id, loop.id, loop.bytes), { from_s: loop.start_s, label: titleOf(loop) });
  }

  async function cutSpan() {
    if (cut.go.disabled) return;
    const { in_s, out_s } = marks;
    cut.go.disabled = true;
    cut.say(`Asking for ${clock(in_s)} to ${clock(out_s)} \u2026`);
    try {
      await api.markLoop(store.session.id, in_s, out_s);
      marks.clear();
      cut.say(`${clock(in_s)} to ${clock(out_s)} is being cut: it appears among the loops.`);
    } catch (error) {
      cut.say(error.message, true);
      cut.show(store.session);
    }
  }

  const ends = () => [...arcs.misses ?? [], ...(store.session?.loops ?? [])].flatMap((each) => [each.start_s, each.end_s]);
  dragging(plot, { marks, view, ends, pressed: (time_s) => { caret.put(time_s); caret.element.focus({ preventScroll: true }); } });
  zoom.wheel(plot);
  plot.addEventListener("pointermove", (event) => { caret.hover_s = view.clamp(view.time(event.clientX - plot.getBoundingClientRect().left)); });
  plot.addEventListener("pointerleave", () => { caret.hover_s = null; });
  onLight((id) => arcs.lit(id));
  onScheme(() => { colours = null; redraw(); });
  new ResizeObserver(resize).observe(plot);

  for (const kind of ["select", "snapshot"]) store.subscribe(kind, () => { if (kind === "select") { shown = null; marks.clear(); caret.put(null); cut.say(""); } anew(); });
  for (const kind of ["numbers", "curve", "curve-all"]) store.subscribe(kind, ticked);
  store.subscribe("session", () => { sessionChanged(); ticked(); loopsChanged(); });
  for (const kind of ["loop", "gone", "miss"]) store.subscribe(kind, loopsChanged);
  store.subscribe("loop", (loop) => { if (loop.kind === "hand" && loop.state !== "found") cut.say(""); });
  store.subscribe("still", (still) => { strip.add(still); ticked(); });
  store.subscribe("stills", () => { strip.keep(store.stills); redraw(); });
  anew();
}

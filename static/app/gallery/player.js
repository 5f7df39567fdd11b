// Plays what can be seen: a video gets its file when it comes near, plays while it is in view, and
// lets go of its decoder when it is far away again. None plays while the tab is hidden or a dialog covers it.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const known = new WeakMap(); // video -> {src, poster, seen, stopped, started}
const seen = new Set();
let hushed = 0;

const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) (isIntersecting ? load : unload)(target);
}, { rootMargin: "600px", scrollMargin: "600px" });

const inView = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) seen.add(target); else seen.delete(target);
    settle(target);
  }
}, { threshold: 0.15 });

document.addEventListener("visibilitychange", settleAll);
calm.addEventListener("change", settleAll);

export function watch(video, src, poster) {
  known.set(video, { src, poster, stopped: false, started: false });
  near.observe(video);
  inView.observe(video);
}

export function leave(video) {
  near.unobserve(video);
  inView.unobserve(video);
  seen.delete(video);
  unload(video);
  known.delete(video);
}

// By hand: what somebody stopped stays stopped, and what somebody starts plays even where motion is unwanted.
export function toggle(video) {
  const facts = known.get(video);
  if (!facts) return;
  facts.stopped = !video.paused;
  facts.started = video.paused;
  settle(video);
}

// While a dialog is over the page; returns what ends it.
export function hush() {
  hushed += 1;
  settleAll();
  return () => { hushed -= 1; settleAll(); };
}

// A video that was moved in the document has been paused by that.
export const settle = (video) => {
  const facts = known.get(video);
  if (!facts) return;
  const wanted = seen.has(video) && !facts.stopped && (!calm.matches || facts.started);
  if (wanted && !document.hidden && !hushed) play(video);
  else video.pause();
};

function settleAll() {
  for (const video of seen) settle(video);
}

function load(video) {
  const facts = known.get(video);
  if (!facts || video.getAttribute("src")) return;
  video.poster = facts.poster;
  video.src = facts.src;
}

function unload(video) {
  if (!video.getAttribute("src")) return;
  video.pause();
  video.removeAttribute("src");
  video.load(); // frees the decoder and the file
}

function play(video) {
  load(video);
  if (video.paused) video.play().catch(() => {}); // refused or broken: the poster and the button remain
}

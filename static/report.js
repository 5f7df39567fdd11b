// The report page comes alive here: loops play while they are in view, an arc and its card light
// each other up, and one switch changes what is behind every loop. Without it the page still reads.
"use strict";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const cards = [...document.querySelectorAll(".card")];
const arcs = [...document.querySelectorAll(".arc")];
const stopped = new WeakSet(); // videos that somebody paused by hand stay paused

// WebKit (Safari, every browser of iOS) plays VP9 and drops its alpha, and says nothing of either:
// there an animated WebP stands in for each loop, which plays over and over by itself.
function showStandIns() {
  if (!navigator.vendor.startsWith("Apple")) return;
  for (const video of document.querySelectorAll("video[data-stand-in]")) {
    const picture = new Image(video.width, video.height);
    picture.src = video.dataset.standIn;
    picture.alt = video.getAttribute("aria-label");
    picture.className = "stand-in";
    video.closest(".stage").querySelector(".play").remove();
    video.replaceWith(picture);
  }
}

function play(video) {
  video.play().catch(() => {}); // refused or broken: the poster and the button remain
}

function toggle(video) {
  if (video.paused) {
    stopped.delete(video);
    play(video);
  } else {
    stopped.add(video);
    video.pause();
  }
}

function playInView() {
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) target.pause();
      else if (!stopped.has(target) && !calm.matches) play(target);
    }
  }, { rootMargin: "120px" });
  for (const card of cards) {
    const video = card.querySelector("video");
    if (!video) continue; // a picture stands in for it
    const stage = card.querySelector(".stage");
    video.controls = false;
    video.addEventListener("play", () => stage.classList.add("playing"));
    video.addEventListener("pause", () => stage.classList.remove("playing"));
    video.addEventListener("click", () => toggle(video));
    card.querySelector(".play").addEventListener("click", () => toggle(video));
    watcher.observe(video);
  }
}

function light(id, on) {
  for (const each of [...arcs, ...cards]) {
    if (each.dataset.loop === id) each.classList.toggle("lit", on);
  }
}

function lightEachOther() {
  for (const each of [...arcs, ...cards]) {
    const id = each.dataset.loop;
    for (const event of ["mouseenter", "focusin"]) each.addEventListener(event, () => light(id, true));
    for (const event of ["mouseleave", "focusout"]) each.addEventListener(event, () => light(id, false));
  }
}

function showLoop(event, arc) {
  const card = cards.find((each) => each.dataset.loop === arc.dataset.loop);
  if (!card) return;
  event.preventDefault();
  const video = card.querySelector("video");
  card.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  card.focus({ preventScroll: true });
  if (!video) return;
  stopped.delete(video);
  video.currentTime = 0;
  play(video);
}

function switchBackdrop() {
  const root = document.documentElement;
  const colour = document.querySelector(".backdrops [type=color]");
  const choose = (value) => { root.dataset.backdrop = value; };
  for (const radio of document.querySelectorAll(".backdrops [type=radio]")) {
    radio.addEventListener("change", () => choose(radio.value));
  }
  colour.addEventListener("input", () => {
    root.style.setProperty("--colour", colour.value);
    document.querySelector(".backdrops [value=colour]").checked = true;
    choose("colour");
  });
}

// Input and result run together: whichever is started, paused or moved leads the other.
function runTogether() {
  const clips = [...document.querySelectorAll(".clip video")];
  const others = (video) => clips.filter((each) => each !== video);
  for (const video of clips) {
    video.addEventListener("play", () => others(video).forEach((each) => each.paused && play(each)));
    video.addEventListener("pause", () => others(video).forEach((each) => each.pause()));
    video.addEventListener("seeked", () => {
      for (const each of others(video)) {
        if (Math.abs(each.currentTime - video.currentTime) > 0.1) each.currentTime = video.currentTime;
      }
    });
    video.addEventListener("error", () => {
      const words = document.createElement("p");
      words.className = "unplayable";
      words.textContent = "This browser cannot play it; open the file instead.";
      video.replaceWith(words);
    });
  }
}

showStandIns();
playInView();
lightEachOther();
switchBackdrop();
runTogether();
for (const arc of arcs) arc.addEventListener("click", (event) => showLoop(event, arc));

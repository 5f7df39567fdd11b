// The curve of the best mismatch, and below it the part that closes: the bound, the words, the times.

import { clock, WORDS } from "../gallery/loopwords.js";
import { levelY } from "./layout.js";

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600];
const BOUND_WORDS = { 0.5: WORDS[0], 1: WORDS[1], 2: WORDS[2] };

export function drawTimes(paint, view, layout, colours) {
  const room_px = 64;
  const step = STEPS_S.find((each) => each * view.scale >= room_px) ?? 7200;
  paint.fillStyle = colours.soft;
  paint.font = `11.5px ${colours.font}`;
  paint.textAlign = "left";
  for (let n = Math.ceil(view.from_s / step); n * step <= view.to_s; n += 1) {
    const x = view.x(n * step);
    if (x > layout.right - 24) break;
    paint.globalAlpha = 0.35;
    paint.fillRect(x, layout.stripEnd + 4, 1, 5);
    paint.globalAlpha = 1;
    paint.fillText(timeWords(n * step, step), x + 4, layout.timesY);
  }
}

function timeWords(time_s, step) {
  if (time_s >= 60) return clock(time_s).replace(step >= 1 ? /\.\d+$/ : /\d$/, "");
  return `${+time_s.toFixed(1)} s`;
}

export function drawCurve(paint, view, layout, colours, { points, bound }) {
  const level = levelY(layout, bound);
  const runs = runsOf(points, view, layout);
  const line = new Path2D();
  const under = new Path2D();
  for (const run of runs) {
    under.moveTo(run[0][0], level);
    run.forEach(([x, y], at) => { line[at ? "lineTo" : "moveTo"](x, y); under.lineTo(x, y); });
    under.lineTo(run.at(-1)[0], level);
  }
  paint.lineJoin = "round";
  paint.strokeStyle = colours.soft;
  paint.globalAlpha = 0.75;
  paint.lineWidth = 1.3;
  paint.stroke(line);
  paint.globalAlpha = 1;
  paint.save();
  paint.beginPath();
  paint.rect(0, level, layout.width, layout.height);
  paint.clip();
  paint.fillStyle = colours.glow;
  paint.fill(under);
  paint.strokeStyle = colours.accent;
  paint.lineWidth = 2.2;
  paint.stroke(line);
  paint.restore();
  drawBound(paint, layout, colours, level);
  drawWords(paint, layout, colours, bound);
}

function drawBound(paint, { left, right }, colours, level) {
  paint.strokeStyle = colours.accent;
  paint.lineWidth = 1;
  paint.setLineDash([3, 4]);
  paint.beginPath();
  paint.moveTo(left, level + 0.5);
  paint.lineTo(right, level + 0.5);
  paint.stroke();
  paint.setLineDash([]);
}

function drawWords(paint, layout, colours, bound) {
  const said = BOUND_WORDS[bound];
  const below = said === WORDS[0] ? "seamless" : said ? `seam ${said}` : "a loop";
  paint.font = `11.5px ${colours.font}`;
  paint.textAlign = "left";
  paint.fillStyle = colours.soft;
  paint.fillText(layout.narrow ? "how far off" : "how far off a seam would be here", layout.left, layout.wordsY);
  paint.textAlign = "right";
  paint.fillStyle = colours.accent;
  const words = layout.narrow ? `${below} below` : `${below} below this line`;
  paint.fillText(words, layout.right, layout.wordsY);
  const x = layout.right - paint.measureText(words).width - 8;
  drawBound(paint, { left: x - 22, right: x }, colours, layout.wordsY - 4.5);
}

// Unbroken runs of [x, y]; where many points share a pixel the least stands for them, as a dip must be seen.
function runsOf(points, view, layout) {
  const runs = [];
  let run = null;
  for (let at = firstAfter(points, view.from_s); at < points.length; at += 1) {
    const [time_s, mismatch] = points[at];
    if (mismatch === null || !Number.isFinite(mismatch)) { run = null; continue; }
    const x = view.x(time_s);
    const y = levelY(layout, mismatch);
    if (!run) runs.push(run = [[x, y]]);
    else if (x - run.at(-1)[0] < 0.75) run.at(-1)[1] = Math.max(run.at(-1)[1], y);
    else run.push([x, y]);
    if (time_s > view.to_s) break;
  }
  return runs;
}

function firstAfter(points, time_s) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const mid = (low + high) >> 1;
    if (points[mid][0] < time_s) low = mid + 1; else high = mid;
  }
  return Math.max(0, low - 1);
}

// Two loops on one clock. Each runs over its own length from the same beginning, or both are stretched
// to one length so that the same moment of the movement is always side by side. The element's own `loop` is not
// enough: every turn of a browser's loop costs some milliseconds, and after a minute two have drifted apart.

const SLACK_S = 0.07; // less is not seen, and putting it right would be

export class Together {
  constructor(videos) {
    this.videos = videos;
    this.matched = false;
    this.running = false;
    this.at_s = 0;
    this.last_ms = 0;
  }

  get ready() { return this.videos.every((each) => each.readyState >= 2 && each.duration > 0); }

  play() {
    if (this.running) return;
    this.running = true;
    this.last_ms = performance.now();
    requestAnimationFrame((now_ms) => this.#turn(now_ms));
  }

  pause() {
    this.running = false;
    for (const each of this.videos) each.pause();
  }

  // One length for both (the mean) or each its own.
  match(on) {
    this.matched = on;
    this.at_s = 0;
  }

  #moment(video) {
    const own_s = video.duration;
    if (!this.matched) return { at_s: this.at_s % own_s, rate: 1 };
    const mean_s = this.videos.reduce((sum, each) => sum + each.duration, 0) / this.videos.length;
    return { at_s: ((this.at_s % mean_s) / mean_s) * own_s, rate: own_s / mean_s };
  }

  #turn(now_ms) {
    if (!this.running) return;
    if (this.ready) this.at_s += Math.min(0.1, (now_ms - this.last_ms) / 1000);
    this.last_ms = now_ms;
    if (this.ready) for (const each of this.videos) this.#lead(each);
    requestAnimationFrame((next_ms) => this.#turn(next_ms));
  }

  #lead(video) {
    const { at_s, rate } = this.#moment(video);
    const off_s = Math.abs(video.currentTime - at_s);
    const around_s = Math.min(off_s, video.duration - off_s); // just before its end is near its beginning
    if (around_s > SLACK_S && !video.seeking) video.currentTime = at_s;
    video.playbackRate = Math.min(4, Math.max(0.25, rate));
    if (video.paused) video.play().catch(() => {});
  }
}

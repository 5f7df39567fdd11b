// The server's events: one stream at a time (browsers allow six connections for all tabs of a server),
// either of the session that is shown or, on the front page, of all sessions.
// The browser resumes a broken stream by itself and tells the server the last event that it saw;
// where it gave up (the server is down, or answers with an error) a new stream is tried, ever less often.

const OF_ONE = ["snapshot", "session", "numbers", "loop", "gone", "still", "stills", "curve", "curve-all", "miss"];
const OF_ALL = { session: "sessions", "session-gone": "session-gone" };
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

export class Events {
  #stream = null;
  #timer = 0;
  #wait = FIRST_WAIT_MS;
  #turn = 0; // an answer that comes after another stream was chosen concerns nobody
  #url = "";
  #names = {};

  constructor({ store, api, refused }) {
    this.store = store;
    this.api = api;
    this.refused = refused; // called with the ApiError when the session is gone or the page locked out
  }

  followSession(sid) {
    this.#follow(this.api.sessionEvents(sid), Object.fromEntries(OF_ONE.map((kind) => [kind, kind])), () => this.api.session(sid));
  }

  followAll() {
    this.#follow(this.api.allEvents(), OF_ALL, () => this.api.server());
  }

  stop() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#stream?.close();
    this.#stream = null;
  }

  #follow(url, names, probe) {
    this.stop();
    this.#url = url;
    this.#names = names;
    this.probe = probe;
    this.#wait = FIRST_WAIT_MS;
    this.#open();
  }

  #open() {
    const stream = this.api.events(this.#url);
    this.#stream = stream;
    stream.onopen = () => {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.#wait = FIRST_WAIT_MS;
      this.#tell(true);
    };
    stream.onerror = () => this.#broken(stream);
    for (const [kind, name] of Object.entries(this.#names)) {
      stream.addEventListener(kind, (event) => this.store.emit(name, JSON.parse(event.data)));
    }
  }

  async #broken(stream) {
    if (stream !== this.#stream) return;
    if (stream.readyState !== EventSource.CLOSED) {
      this.#soonSayGone(stream);
      return;
    }
    this.#stream = null;
    const turn = this.#turn;
    const error = await this.probe().then(() => null, (reason) => reason); // an EventSource does not tell why
    if (turn !== this.#turn) return;
    if ([401, 403, 404].includes(error?.status)) return void this.refused(error);
    if (error) this.#tell(false);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.#timer = 0; this.#open(); }, this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }

  // A stream that is resumed within a moment is no news.
  #soonSayGone(stream) {
    if (this.#timer) return; // every attempt that fails comes by here
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (stream === this.#stream && stream.readyState !== EventSource.OPEN) this.#tell(false);
    }, 1200);
  }

  #tell(up) {
    if (up !== this.store.up) this.store.emit("connection", { up });
  }
}

// What the page knows: the chosen session with its loops, the strip of stills, the curve, the misses.
// Events of the server change it here first; then whoever subscribed to that kind is told.

const listeners = new Map();
const KEPT_POINTS = 20000; // the server halves its curve long before; this only bounds a page left open

export const store = {
  server: null, // facts of GET /api/server
  session: null,
  stills: [],
  curve: [],
  misses: [],
  up: true,

  // Kinds: those of the server's events, and "select", "connection", "server", "camera", "sessions".
  subscribe(kind, listener) {
    if (!listeners.has(kind)) listeners.set(kind, new Set());
    listeners.get(kind).add(listener);
    return () => listeners.get(kind).delete(listener);
  },

  emit(kind, data) {
    changes[kind]?.(data);
    for (const listener of [...(listeners.get(kind) ?? [])]) {
      try { listener(data); } catch (error) { console.error(`a listener of ${kind} failed`, error); }
    }
  },

  // What the server answers to a change of the session: where an event came meanwhile, that knows better, and
  // loops are told of by events alone.
  async adopt(answer) {
    const before = store.session;
    const { loops, ...told } = await answer;
    if (store.session === before) store.emit("session", told);
  },

  loop: (id) => store.session?.loops.find((each) => each.id === id) ?? null,
};

function forget() {
  store.stills = [];
  store.curve = [];
  store.misses = [];
}

const changes = {
  server(facts) { store.server = facts; },
  connection({ up }) { store.up = up; },
  select(session) {
    store.session = session && { loops: [], ...session };
    forget();
  },
  snapshot({ session, stills, curve, misses }) {
    store.session = session;
    store.stills = [...(stills ?? [])];
    store.curve = [...(curve ?? [])];
    store.misses = [...(misses ?? [])];
  },
  session(session) { store.session = { loops: [], ...store.session, ...session }; },
  numbers({ time_s, why, ...numbers }) {
    if (store.session) Object.assign(store.session, { time_s, why, numbers });
  },
  loop(loop) {
    const loops = store.session.loops;
    const at = loops.findIndex((each) => each.id === loop.id);
    if (at < 0) loops.push(loop);
    else loops[at] = loop;
  },
  gone({ id }) { store.session.loops = store.session.loops.filter((each) => each.id !== id); },
  still(still) { store.stills.push(still); },
  stills({ keep }) {
    const kept = new Set(keep);
    store.stills = store.stills.filter((each) => kept.has(each.time_s));
  },
  curve({ points }) {
    store.curve.push(...points);
    if (store.curve.length > KEPT_POINTS) store.curve.splice(0, store.curve.length - KEPT_POINTS);
  },
  "curve-all"({ points }) { store.curve = [...points]; },
  miss(miss) { store.misses.push(miss); },
};

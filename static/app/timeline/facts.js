// What the timeline needs to know of a stream: how far it is, how long it will be, and whether more comes.

const RUNS = new Set(["starting", "running", "paused", "ending"]);

export function factsOf({ session, stills, curve }) {
  return {
    live: Boolean(session?.live),
    running: RUNS.has(session?.state),
    duration_s: session?.duration_s ?? null,
    time_s: Math.max(session?.time_s ?? 0, curve.at(-1)?.[0] ?? 0), // whichever event came last
    first_s: stills[0]?.time_s ?? 0,
  };
}

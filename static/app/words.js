// Numbers as a person reads them: sizes, lengths, dates.

export function bytes(count) {
  if (!Number.isFinite(count)) return "";
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let step = 0;
  while (count >= 1000 && step < units.length - 1) { count /= 1000; step += 1; }
  return `${count >= 10 || step === 0 ? Math.round(count) : count.toFixed(1)} ${units[step]}`;
}

export function seconds(value) {
  if (!Number.isFinite(value)) return "";
  if (value >= 60) return `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, "0")}`;
  return `${value.toFixed(value < 10 ? 1 : 0)} s`;
}

export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

export function ago(iso, now = Date.now()) {
  const past = (now - Date.parse(iso)) / 1000;
  if (!Number.isFinite(past)) return "";
  if (past < 90) return "just now";
  if (past < 5400) return `${Math.round(past / 60)} min ago`;
  if (past < 129600) return `${Math.round(past / 3600)} h ago`;
  return new Date(iso).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

export function until(iso, now = Date.now()) {
  const days = (Date.parse(iso) - now) / 86400000;
  if (!Number.isFinite(days)) return "";
  if (days < 1) return "today";
  return days < 2 ? "tomorrow" : `in ${Math.floor(days)} days`;
}

export const STATES = {
  starting: "Starting", running: "Running", paused: "Paused", ending: "Finishing", ended: "Ended", failed: "Failed",
};

// Whether spans are still written or mended although the source is over.
export const busy = ({ state, left }) => state === "ending" && Boolean(left) && left.done < left.of;

export function stateWords(session) {
  const { state, left } = session;
  if (!busy(session)) return STATES[state] ?? state ?? "";
  return `${left.mends ? "Mending" : "Writing"} ${left.done + 1} of ${left.of}`;
}

export const KINDS = {
  demo: "Built-in clip", upload: "Uploaded file", media: "File of the server", url: "Address",
  camera: "Server's camera", whip: "Live",
};

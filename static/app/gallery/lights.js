// Which loop is pointed at just now: its card in the gallery and its arc in the timeline light each
// other up, and neither room needs to know the other.

const lookers = new Set();
const callers = new Set();
let lit = null;

export function light(id) {
  if (id === lit) return;
  lit = id;
  for (const look of lookers) look(id);
}

export function dim(id) {
  if (id === lit) light(null);
}

export const onLight = (look) => lookers.add(look);

// Pointing at `element`, or focusing something in it, lights the loop that `idOf()` names.
export function lights(element, idOf) {
  for (const kind of ["pointerenter", "focusin"]) element.addEventListener(kind, () => light(idOf()));
  for (const kind of ["pointerleave", "focusout"]) element.addEventListener(kind, () => dim(idOf()));
}

// A loop that was chosen elsewhere is brought into sight, where that moves nothing but its own list.
export const call = (id) => { for (const each of callers) each(id); };
export const onCall = (answer) => callers.add(answer);

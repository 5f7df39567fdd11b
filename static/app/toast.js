// Short messages at the edge of the page. The element is a live region, so they are also read out.

const STAYS_MS = 6000;
let place = null;

export function mount(element) {
  place = element;
}

// `action` is {words, run}: one thing that can be done about it.
export function toast(words, { bad = false, action = null, stays_ms = bad ? STAYS_MS * 2 : STAYS_MS } = {}) {
  const note = document.createElement("div");
  note.className = bad ? "toast bad" : "toast";
  const text = document.createElement("p");
  text.textContent = words;
  note.append(text);
  const leave = () => note.remove();
  if (action) note.append(made(action.words, "toast-action", () => { leave(); action.run(); }));
  const close = made("\u00d7", "toast-close", leave);
  close.setAttribute("aria-label", "Dismiss");
  note.append(close);
  place.append(note);
  while (place.children.length > 3) place.firstElementChild.remove();
  let timer = setTimeout(leave, stays_ms);
  // Whoever reads or reaches for it with the keyboard is given the time.
  for (const kind of ["pointerenter", "focusin"]) note.addEventListener(kind, () => clearTimeout(timer));
  for (const kind of ["pointerleave", "focusout"]) {
    note.addEventListener(kind, () => { clearTimeout(timer); timer = setTimeout(leave, stays_ms); });
  }
  return leave;
}

// What every failed request comes to: the server's own words.
export function sayWhy(error) {
  if (error?.name === "AbortError") return;
  console.warn(error);
  toast(error?.message || String(error), { bad: true });
}

function made(words, look, run) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = look;
  button.textContent = words;
  button.addEventListener("click", run);
  return button;
}

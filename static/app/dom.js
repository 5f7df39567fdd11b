// Makes elements: text always goes in as text, so that no name of a file, camera or session is ever markup.

const SVG = "http://www.w3.org/2000/svg";

// `props` are properties (className, onclick, disabled); "aria-..." and "data-..." and role are attributes.
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (/^(aria-|data-|role$|for$|list$)/.test(name)) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((each) => each !== null && each !== undefined && each !== false));
  return made;
}

// A symbol of app.html, by its name there without "i-"; the words beside it or aria-label carry the meaning.
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function button(words, { icon: name, quiet = false, label, ...props } = {}) {
  const look = ["button", quiet && "quiet", !words && "bare", props.className].filter(Boolean).join(" ");
  const made = el("button", { type: "button", "aria-label": label, title: label, ...props, className: look });
  if (name) made.append(icon(name));
  if (words) made.append(el("span", {}, words));
  return made;
}

export function setText(element, words) {
  if (element.textContent !== words) element.textContent = words; // spares screen readers a repetition
}

let last = 0;
export const freshId = (stem) => `${stem}-${++last}`;

// Lets cards glide to where a change of order puts them, so that the eye can follow.

const calm = matchMedia("(prefers-reduced-motion: reduce)");

// `change` rearranges; `elements` are those whose places are compared.
export function gliding(elements, change) {
  if (calm.matches || document.hidden) return change();
  const before = new Map(elements.map((each) => [each, each.getBoundingClientRect()]));
  change();
  for (const [each, was] of before) {
    const is = each.getBoundingClientRect();
    const [x, y] = [was.left - is.left, was.top - is.top];
    const seen = is.width && was.width && Math.abs(y) < 2 * innerHeight;
    if (seen && (x || y)) {
      each.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], { duration: 260, easing: "cubic-bezier(0.2, 0.7, 0.2, 1)" });
    }
  }
  return undefined;
}

// Moves without a reload of what plays inside, where the browser can.
export function place(parent, child, before) {
  if (child.parentNode && parent.isConnected && child.isConnected && parent.moveBefore) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
}

// How a new session cuts out and how fast it plays: what most people never touch, in one fold.

import { el } from "../dom.js";

const CHOICES = {
  matte: { words: "What is cut out", options: { auto: "Decide by the source", network: "The person", source: "What is transparent already", none: "Nothing: loop the whole picture" } },
  quality: { words: "Quality", options: { auto: "What keeps up", fast: "Fast", balanced: "Balanced", best: "Best" } },
  pace: { words: "A file plays", options: { real: "At its own rate", fast: "As fast as it goes" } },
};

export function mount() {
  const fields = Object.entries(CHOICES).map(([name, { words, options }]) => {
    const select = el("select", { className: "field", name, id: `new-${name}` });
    select.append(...Object.entries(options).map(([value, says]) => el("option", { value }, says)));
    return { name, select, label: el("label", {}, el("span", {}, words), select) };
  });
  const element = el("details", { className: "fold", name: "more-ways" },
    el("summary", {}, el("span", {}, "Settings"), el("span", { className: "remark" }, "cut, quality, pace")),
    el("div", { className: "fold-in three" }, ...fields.map((each) => each.label)));
  return { element, chosen: () => Object.fromEntries(fields.map(({ name, select }) => [name, select.value])) };
}

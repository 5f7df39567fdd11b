// Dialogs are loaded and mounted when they are first opened: the first picture does not wait for them.

const parts = {
  seam: () => import("./seam/seam.js"),
  exports: () => import("./exports/exports.js"),
  edit: () => import("./edit/edit.js"),
};
const mounted = {};

// Opens the dialog of that name for a loop.
export async function open(name, loop, context) {
  mounted[name] ??= parts[name]().then((part) => { part.mount(document.getElementById(name), context); return part; });
  return (await mounted[name]).open(loop);
}

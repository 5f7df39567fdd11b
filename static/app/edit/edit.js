// The editor of a loop: paint on one frame, or on the still picture that its subject is made of, and the whole
// loop follows at once. Drawn here in the browser; saving has the server write a new version of the loop.

import { Room } from "./room.js";

let room = null;

export function mount(dialog, { store, api }) {
  room = new Room(dialog, store, api);
}

export const open = (loop) => room?.open(loop);
export const editor = () => room?.desk?.editor ?? null; // for whoever looks at its pixels

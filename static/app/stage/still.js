// Saves the newest frame as a transparent PNG: straight alpha, at the full size of the preview.

export async function saveStill(compositor, name) {
  const picture = compositor.still();
  if (!picture) throw new Error("There is no picture yet to save.");
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").putImageData(new ImageData(picture.data, picture.width, picture.height), 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${plain(name)}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  return blob;
}

// What every file system takes.
const plain = (name) => name.replace(/[^\p{L}\p{N} ._-]+/gu, " ").trim().slice(0, 80) || "still";

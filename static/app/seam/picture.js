// One frame on a canvas that takes the frame's own size; the page's style scales it.

export function fit(canvas, image) {
  const [w, h] = [image.naturalWidth, image.naturalHeight];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const paint = canvas.getContext("2d");
  paint.globalAlpha = 1;
  paint.globalCompositeOperation = "source-over";
  paint.clearRect(0, 0, w, h);
  return paint;
}

// The frame around words or a picture that is being placed: where it is, and the corners that turn and size it.

const SVG = "http://www.w3.org/2000/svg";

export class Handles {
  constructor() {
    this.element = document.createElementNS(SVG, "svg");
    this.element.setAttribute("class", "edit-handles");
    this.element.setAttribute("aria-hidden", "true");
    this.line = document.createElementNS(SVG, "polygon");
    this.dots = Array.from({ length: 4 }, () => document.createElementNS(SVG, "circle"));
    for (const dot of this.dots) dot.setAttribute("r", "7");
    this.element.append(this.line, ...this.dots);
  }

  // Around what the editor is placing, on its canvas as it lies on the page.
  follow(editor) {
    const { canvas, size, paint: { thing } } = editor;
    this.element.style.display = thing ? "" : "none";
    if (!thing) return;
    const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
    this.element.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    Object.assign(this.element.style, { left: `${canvas.offsetLeft}px`, top: `${canvas.offsetTop}px`, width: `${wide}px`, height: `${high}px` });
    const corners = thing.corners().map(([x, y]) => [((x + 0.5) / size[0]) * wide, ((y + 0.5) / size[1]) * high]);
    this.line.setAttribute("points", corners.map((each) => each.join()).join(" "));
    corners.forEach(([x, y], at) => { this.dots[at].setAttribute("cx", x); this.dots[at].setAttribute("cy", y); });
  }
}

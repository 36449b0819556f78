// Draws the points on one canvas, and on another above it what changes quickly.

// More points than these are written into the pixels, which is much quicker.
const MANY = 5000;
// Chosen points that get a ring, at most: of more, the others are faint.
const RINGS = 200;

// A color "#rrggbb" as one number of a pixel, whose bytes are red, green, blue, alpha.
function pixelOf(color, alpha) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return ((Math.round(255 * alpha) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

class Drawing {
  constructor(below, above, view) {
    this.below = below;
    this.above = above;
    this.view = view;
  }

  // Takes the size that the page gives; returns whether there is any.
  fit() {
    const box = this.below.getBoundingClientRect();
    const sharp = window.devicePixelRatio || 1;
    for (const canvas of [this.below, this.above]) {
      const width = Math.round(box.width * sharp);
      const height = Math.round(box.height * sharp);
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
    }
    this.view.width = box.width;
    this.view.height = box.height;
    this.sharp = sharp;
    return box.width > 0 && box.height > 0;
  }

  begin(canvas) {
    const pen = canvas.getContext("2d");
    pen.setTransform(this.sharp, 0, 0, this.sharp, 0, 0);
    pen.clearRect(0, 0, this.view.width, this.view.height);
    return pen;
  }

  // All points; those of hidden groups are left out. If some are marked, or many are
  // chosen, the others are faint.
  points(points, legend, hidden, marked, chosen) {
    const pen = this.begin(this.below);
    const { view } = this;
    const size = Math.min(9, (points.count > MANY ? 2.5 : 5) * Math.sqrt(view.zoom));
    const strong = marked.size > 0 ? marked : chosen.length > RINGS ? chosen : [];
    const faint = marked.size > 0 || strong === chosen;
    if (points.count > MANY) {
      this.pixels(pen, points, legend, hidden, size, faint && new Set(strong));
      return;
    }
    legend.forEach((group, index) => {
      if (hidden.has(index)) return;
      pen.fillStyle = group.color;
      pen.globalAlpha = faint ? 0.15 : 0.8;
      this.some(pen, points, size, (row) => points.groups[row] === index);
    });
    if (!faint) return;
    pen.globalAlpha = 1;
    for (const row of strong) {
      const group = points.groups[row];
      if (hidden.has(group)) continue;
      pen.fillStyle = legend[group].color;
      this.one(pen, points, row, size + 1);
    }
  }

  // Each point is a square of pixels; the later ones hide the earlier.
  pixels(pen, points, legend, hidden, size, strong) {
    const { view, sharp } = this;
    const { width, height } = this.below;
    const image = pen.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const side = Math.max(2, Math.round(size * sharp));
    const scale = view.scale * sharp;
    const left = (view.width * sharp) / 2 - view.x * scale - side / 2;
    const top = (view.height * sharp) / 2 - view.y * scale - side / 2;
    const colorsOf = (alpha) => legend.map(({ color }, index) =>
      hidden.has(index) ? 0 : pixelOf(color, alpha));
    const [full, faint] = [colorsOf(0.9), colorsOf(0.2)];
    for (let row = 0; row < points.count; row++) {
      const colors = strong && !strong.has(row) ? faint : full;
      const color = colors[points.groups[row]];
      const x = Math.round(left + points.x[row] * scale);
      const y = Math.round(top + points.y[row] * scale);
      if (!color || x < 0 || y < 0 || x + side > width || y + side > height) continue;
      for (let line = y; line < y + side; line++) {
        const end = line * width + x + side;
        for (let at = end - side; at < end; at++) pixels[at] = color;
      }
    }
    pen.putImageData(image, 0, 0);
  }

  some(pen, points, size, belongs) {
    const { view } = this;
    const { scale } = view;
    const left = view.width / 2 - view.x * scale;
    const top = view.height / 2 - view.y * scale;
    for (let row = 0; row < points.count; row++) {
      if (!belongs(row)) continue;
      const x = left + points.x[row] * scale;
      const y = top + points.y[row] * scale;
      if (x < -9 || y < -9 || x > view.width + 9 || y > view.height + 9) continue;
      pen.beginPath();
      pen.arc(x, y, size / 2, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  one(pen, points, row, size) {
    const [x, y] = this.view.toPage(points.x[row], points.y[row]);
    pen.beginPath();
    pen.arc(x, y, size / 2, 0, 2 * Math.PI);
    pen.fill();
  }

  // What is pointed at, what was chosen, and the line that is being drawn.
  overlay(points, at, chosen, line, ink) {
    const pen = this.begin(this.above);
    pen.strokeStyle = pen.fillStyle = ink;
    pen.lineWidth = 1.5;
    if (chosen.length <= RINGS) {
      for (const row of chosen) this.ring(pen, points, row, 4);
    }
    if (at >= 0) {
      pen.lineWidth = 2.5;
      this.ring(pen, points, at, 8);
    }
    if (line.length < 2) return;
    pen.beginPath();
    for (const [x, y] of line) pen.lineTo(...this.view.toPage(x, y));
    pen.closePath();
    pen.globalAlpha = 0.12;
    pen.fill();
    pen.globalAlpha = 1;
    pen.setLineDash([5, 4]);
    pen.stroke();
    pen.setLineDash([]);
  }

  ring(pen, points, row, radius) {
    const [x, y] = this.view.toPage(points.x[row], points.y[row]);
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.stroke();
  }
}

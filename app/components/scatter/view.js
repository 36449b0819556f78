// Which part of the map is seen: places of points in [0, 1], and pixels of the page.

// Pixels that stay free at the edge; how far one can go nearer.
const MARGIN = 16;
const NEAREST = 60;

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

class View {
  constructor() {
    this.reset();
    this.width = this.height = 1;
  }

  reset() {
    this.zoom = 1;
    this.x = this.y = 0.5;
  }

  // Pixels per unit of the map.
  get scale() {
    return this.zoom * (Math.min(this.width, this.height) - 2 * MARGIN);
  }

  toPage(x, y) {
    return [
      this.width / 2 + (x - this.x) * this.scale,
      this.height / 2 + (y - this.y) * this.scale,
    ];
  }

  toMap(left, top) {
    return [
      this.x + (left - this.width / 2) / this.scale,
      this.y + (top - this.height / 2) / this.scale,
    ];
  }

  // What is at a place of the page stays there.
  zoomBy(factor, left = this.width / 2, top = this.height / 2) {
    const [x, y] = this.toMap(left, top);
    this.zoom = Math.min(NEAREST, Math.max(1, this.zoom * factor));
    const [nowX, nowY] = this.toMap(left, top);
    this.moveBy(x - nowX, y - nowY);
  }

  moveBy(x, y) {
    this.x = Math.min(1, Math.max(0, this.x + x));
    this.y = Math.min(1, Math.max(0, this.y + y));
  }
}

// The points: places in [0, 1], groups, and which are seen.
class Points {
  constructor(data) {
    const whole = new Uint16Array(bytesOf(data.places).buffer);
    this.count = whole.length / 2;
    this.x = new Float32Array(this.count);
    this.y = new Float32Array(this.count);
    for (let row = 0; row < this.count; row++) {
      this.x[row] = whole[2 * row] / 65535;
      this.y[row] = whole[2 * row + 1] / 65535;
    }
    this.regroup(data);
  }

  regroup(data) {
    this.groups = new Uint16Array(bytesOf(data.groups).buffer);
    this.counts = data.legend.map(() => 0);
    for (const group of this.groups) this.counts[group]++;
  }

  // The point nearest to a place of the page, within some pixels; -1 for none.
  nearest(view, left, top, within, hidden) {
    const [x, y] = view.toMap(left, top);
    let best = (within / view.scale) ** 2;
    let found = -1;
    for (let row = 0; row < this.count; row++) {
      const square = (this.x[row] - x) ** 2 + (this.y[row] - y) ** 2;
      if (square < best && !hidden.has(this.groups[row])) {
        best = square;
        found = row;
      }
    }
    return found;
  }

  // The nearest point in a direction, seen from another point; -1 for none.
  towards(row, directionX, directionY, hidden) {
    let best = Infinity;
    let found = -1;
    for (let other = 0; other < this.count; other++) {
      const x = this.x[other] - this.x[row];
      const y = this.y[other] - this.y[row];
      const along = x * directionX + y * directionY;
      const aside = Math.abs(x * directionY - y * directionX);
      if (along <= 0 || aside > along || hidden.has(this.groups[other])) continue;
      const distance = along + 2 * aside;
      if (distance < best) {
        best = distance;
        found = other;
      }
    }
    return found;
  }

  // The points within a polygon of the map, by the even-odd rule.
  within(polygon, hidden) {
    const rows = [];
    for (let row = 0; row < this.count; row++) {
      if (hidden.has(this.groups[row])) continue;
      let inside = false;
      const x = this.x[row];
      const y = this.y[row];
      for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
        const [x1, y1] = polygon[i];
        const [x2, y2] = polygon[j];
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) {
          inside = !inside;
        }
      }
      if (inside) rows.push(row);
    }
    return rows;
  }
}

// What hands do on the map: move, zoom, point at an image, choose some.

const MOVE = "Move";
const LASSO = "Lasso";
const BOX = "Box";
// Pixels from a point at which it is pointed at; and those that make a click a drag.
const NEAR = 14;
const STILL = 5;
const ZOOM_STEP = 1.5;

class Choosing {
  constructor(map, canvas) {
    this.map = map;
    this.canvas = canvas;
    this.mode = MOVE;
    this.fingers = new Map();
    this.line = [];
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointercancel", (event) => this.up(event, true));
    canvas.addEventListener("pointerleave", () => this.map.pointAt(-1));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  // One finger scrolls the page as long as nothing is to be chosen with it.
  turn(mode) {
    this.mode = mode;
    this.canvas.style.touchAction = mode === MOVE ? "pan-y" : "none";
    this.canvas.style.cursor = mode === MOVE ? "grab" : "crosshair";
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.place(event));
    this.start = this.place(event);
    this.dragged = this.fingers.size > 1;
    this.line = [];
    if (this.mode !== MOVE && this.fingers.size === 1) {
      this.line = [this.map.view.toMap(...this.start)];
    }
  }

  move(event) {
    const here = this.place(event);
    const before = this.fingers.get(event.pointerId);
    if (!before) {
      const { view, points, hidden } = this.map;
      this.map.pointAt(points.nearest(view, ...here, NEAR, hidden));
      return;
    }
    this.fingers.set(event.pointerId, here);
    const far = Math.hypot(here[0] - this.start[0], here[1] - this.start[1]);
    if (far > STILL) this.dragged = true;
    if (!this.dragged) return;
    if (this.fingers.size === 2) this.pinch(event.pointerId, before, here);
    else if (this.mode === MOVE) this.drag(before, here);
    else this.draw(here);
  }

  drag(before, here) {
    const { view } = this.map;
    view.moveBy((before[0] - here[0]) / view.scale, (before[1] - here[1]) / view.scale);
    this.map.redraw();
  }

  pinch(id, before, here) {
    const [other] = [...this.fingers].filter(([finger]) => finger !== id);
    const away = ([x, y]) => Math.hypot(x - other[1][0], y - other[1][1]);
    const middle = [(here[0] + other[1][0]) / 2, (here[1] + other[1][1]) / 2];
    this.line = [];
    this.map.view.zoomBy(away(here) / Math.max(1, away(before)), ...middle);
    this.map.redraw();
  }

  draw(here) {
    const end = this.map.view.toMap(...here);
    if (this.mode === LASSO) this.line.push(end);
    else {
      const [[x, y]] = this.line;
      this.line = [[x, y], [end[0], y], end, [x, end[1]]];
    }
    this.map.redrawAbove();
  }

  up(event, cancelled = false) {
    if (!this.fingers.delete(event.pointerId)) return;
    const { points, view, hidden } = this.map;
    const line = this.line;
    this.line = [];
    if (cancelled) return;
    if (!this.dragged) {
      const row = points.nearest(view, ...this.place(event), 2 * NEAR, hidden);
      this.map.choose(row < 0 ? [] : [row]);
    } else if (line.length > 2) {
      this.map.choose(points.within(line, hidden));
    }
    this.map.redrawAbove();
  }

  // The wheel belongs to the page; with Ctrl, and with two fingers on a touchpad, it
  // zooms.
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.map.view.zoomBy(Math.exp(-event.deltaY / 150), ...this.place(event));
    this.map.redraw();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { map } = this;
    const directions = {
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
    };
    if (event.key in directions) map.step(...directions[event.key]);
    else if (event.key === "Enter" || event.key === " ") map.choose([map.at]);
    else if (event.key === "Escape") map.choose([]);
    else if (event.key === "+") map.zoom(ZOOM_STEP);
    else if (event.key === "-") map.zoom(1 / ZOOM_STEP);
    else if (event.key === "0") map.zoom(0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// A canvas to draw on. Lines are lists of points in fractions of the side.

// Side of the canvas and width of a line, in pixels of the drawing.
const SIDE = 280;
const WIDTH = 22;
// Way of the pen per press of an arrow key, pixels; with Shift, for details.
const STEP = 14;
const FINE_STEP = 4;
// Milliseconds after which a line that is still being drawn by keys is sent.
const PAUSE = 700;

const HELP =
  "Arrow keys move the pen, Space puts it down or lifts it, " +
  "Backspace takes back a line.";
const ARROWS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
const canvases = new WeakMap();

class Drawing {
  constructor(parent) {
    this.lines = [];
    this.pen = [0.5, 0.3];
    this.isDown = false; // the pen, by keys
    this.pointer = null; // the pointer that draws
    this.send = () => {};
    this.canvas = make("canvas", {
      tabindex: "0", role: "application", "aria-describedby": "help",
      onpointerdown: (event) => this.press(event),
      onpointermove: (event) => this.move(event),
      onpointerup: (event) => this.release(event),
      onpointercancel: (event) => this.release(event),
      onkeydown: (event) => this.key(event),
      onfocus: () => this.draw(),
      onblur: () => this.lift(),
    });
    const button = (text, action) =>
      make("button", { type: "button", onclick: action }, text);
    this.status = make("p", { id: "help", role: "status" }, HELP);
    parent.append(
      make(
        "div", { class: "drawing" }, this.canvas,
        make(
          "div", { class: "buttons" },
          button("Take back", () => this.back()),
          button("Clear", () => this.clear())),
        this.status));
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = this.canvas.height = Math.round(SIDE * scale);
    this.draw();
  }

  // Where the pointer is, in fractions of the side.
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height,
    ];
  }

  press(event) {
    if (this.pointer !== null || event.button !== 0) return;
    this.lift();
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.lines.push([this.place(event)]);
    this.draw();
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    // Fast movements have more places than events.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) {
      this.lines.at(-1).push(this.place(one));
    }
    this.draw();
  }

  release(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.pen = this.lines.at(-1).at(-1).map((x) => Math.min(1, Math.max(0, x)));
    this.tell();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key in ARROWS) this.step(ARROWS[key], event.shiftKey ? FINE_STEP : STEP);
    else if (key === " " || key === "Enter") this.isDown ? this.lift() : this.lower();
    else if (key === "Backspace") this.back();
    else if (key === "Delete") this.clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  step([right, down], way) {
    const [x, y] = this.pen;
    const to = [x + (right * way) / SIDE, y + (down * way) / SIDE];
    this.pen = to.map((place) => Math.min(0.97, Math.max(0.03, place)));
    if (this.isDown) {
      this.lines.at(-1).push([...this.pen]);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.tell(), PAUSE);
    }
    this.draw();
  }

  lower() {
    this.isDown = true;
    this.lines.push([[...this.pen]]);
    this.say("The pen is down: arrow keys draw, Space lifts it.");
    this.draw();
  }

  lift() {
    if (!this.isDown) {
      this.draw();
      return;
    }
    this.isDown = false;
    this.say(HELP);
    this.tell();
  }

  back() {
    this.isDown = false;
    if (this.lines.pop()) this.tell();
    this.say(HELP);
  }

  clear() {
    this.isDown = false;
    this.lines = [];
    this.say(HELP);
    this.tell();
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  tell() {
    clearTimeout(this.timer);
    this.draw();
    this.send(this.lines.map((line) => line.map((point) => [...point])));
  }

  draw() {
    const { canvas } = this;
    const context = canvas.getContext("2d");
    const side = canvas.width;
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    context.strokeStyle = "#fff";
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = (WIDTH / SIDE) * side;
    for (const line of this.lines) {
      context.beginPath();
      context.moveTo(line[0][0] * side, line[0][1] * side);
      for (const [x, y] of line) context.lineTo(x * side, y * side);
      context.stroke();
    }
    if (canvas.matches(":focus-visible")) this.drawPen(context, side);
  }

  // The pen is seen when keys move it.
  drawPen(context, side) {
    const [x, y] = this.pen;
    context.beginPath();
    context.arc(x * side, y * side, (WIDTH / 2 / SIDE) * side, 0, 2 * Math.PI);
    context.lineWidth = (3 / SIDE) * side;
    context.strokeStyle = this.isDown ? "#ff6b6b" : "#4da3ff";
    context.stroke();
  }
}

export default function ({ parentElement, data, setStateValue }) {
  if (!canvases.has(parentElement)) {
    canvases.set(parentElement, new Drawing(parentElement));
  }
  const drawing = canvases.get(parentElement);
  drawing.canvas.setAttribute("aria-label", data.label);
  drawing.send = (lines) => setStateValue("lines", lines);
}

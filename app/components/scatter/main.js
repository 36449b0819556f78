// The map: buttons, legend, points, and the picture of the point that is pointed at.

// Milliseconds at rest before a picture is asked for; pictures that are kept.
const REST = 60;
const KEPT = 400;

class ImageMap {
  constructor(parent) {
    this.view = new View();
    this.hidden = new Set();
    this.chosen = [];
    this.pictures = new Map();
    this.at = -1;
    const below = make("canvas", { "aria-hidden": "true" });
    const above = make("canvas", { tabindex: "0", role: "application", class: "above" });
    this.canvas = above;
    this.tip = make("div", { class: "tip", role: "status", hidden: "" });
    this.plot = make("div", { class: "plot" }, below, above, this.tip);
    this.tools = make("div", { class: "tools" });
    this.legend = make("div", { class: "legend" });
    this.root = make("div", { class: "scatter" }, this.tools, this.plot, this.legend);
    parent.append(this.root);
    this.drawing = new Drawing(below, above, this.view);
    this.choosing = new Choosing(this, above);
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(this.plot);
    this.drawTools();
  }

  close() {
    this.watcher.disconnect();
    clearTimeout(this.timer);
    this.root.remove();
  }

  receive({ data, setStateValue }) {
    this.setState = setStateValue;
    if (data.places !== this.data?.places) {
      this.points = new Points(data);
      this.view.reset();
      this.chosen = [];
      this.pictures.clear();
      this.at = -1;
    } else if (data.groups !== this.data.groups) this.points.regroup(data);
    if (this.data && data.forget !== this.data.forget) this.chosen = [];
    this.data = data;
    this.marked = new Set(data.marked || []);
    for (const [row, picture] of Object.entries(data.pictures || {})) {
      this.pictures.set(Number(row), picture);
    }
    while (this.pictures.size > KEPT) {
      this.pictures.delete(this.pictures.keys().next().value);
    }
    this.canvas.setAttribute("aria-label", data.label);
    this.drawLegend();
    this.showTip();
    this.redraw();
  }

  drawTools() {
    const modes = { [MOVE]: "Move", [LASSO]: "Lasso", [BOX]: "Box" };
    const buttons = Object.entries(modes).map(([mode, name]) => make(
      "button", { type: "button", onclick: () => turn(mode) }, name));
    const turn = (mode) => {
      this.choosing.turn(mode);
      Object.keys(modes).forEach((each, index) =>
        buttons[index].setAttribute("aria-pressed", String(each === mode)));
    };
    const zooms = [["+", "Nearer", 1.5], ["−", "Farther", 1 / 1.5], ["All", "See all", 0]];
    this.tools.append(
      make("div", { role: "group", "aria-label": "What the pointer does" }, ...buttons),
      make("div", { role: "group", "aria-label": "Zoom" }, ...zooms.map(
        ([text, label, factor]) => make(
          "button",
          { type: "button", "aria-label": label, onclick: () => this.zoom(factor) },
          text))));
    turn(MOVE);
  }

  drawLegend() {
    this.legend.replaceChildren(...this.data.legend.map(({ name, color }, index) => {
      const dot = make("span", { class: "dot", style: `background: ${color}` });
      const count = this.points.counts[index].toLocaleString("en-US");
      return make(
        "button",
        {
          type: "button",
          "aria-pressed": String(!this.hidden.has(index)),
          title: "Show or hide",
          onclick: () => this.toggle(index),
        },
        dot, `${name} `, make("span", { class: "count" }, `(${count})`));
    }));
  }

  toggle(index) {
    if (!this.hidden.delete(index)) this.hidden.add(index);
    this.drawLegend();
    this.legend.children[index].focus();
    this.redraw();
  }

  zoom(factor) {
    if (factor) this.view.zoomBy(factor);
    else this.view.reset();
    this.redraw();
  }

  // Many events between two frames are drawn once.
  redraw() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.data || !this.drawing.fit()) return;
      const { points, data, hidden, marked, chosen } = this;
      this.drawing.points(points, data.legend, hidden, marked, chosen);
      this.redrawAbove();
    });
  }

  redrawAbove() {
    const ink = getComputedStyle(this.root).color;
    const { points, at, chosen, choosing } = this;
    this.drawing.overlay(points, at, chosen, choosing.line, ink);
    this.placeTip();
  }

  pointAt(row) {
    if (row === this.at) return;
    this.at = row;
    this.canvas.dataset.at = row;
    this.showTip();
    this.redrawAbove();
    clearTimeout(this.timer);
    if (row < 0 || this.pictures.has(row)) return;
    this.timer = setTimeout(() => this.setState("ask", [row]), REST);
  }

  step(x, y) {
    const next = this.at < 0
      ? this.points.nearest(
        this.view, this.view.width / 2, this.view.height / 2, 1e6, this.hidden)
      : this.points.towards(this.at, x, y, this.hidden);
    if (next >= 0) this.pointAt(next);
  }

  choose(rows) {
    this.chosen = rows.filter((row) => row >= 0);
    // The same images may be chosen again: each choice has a time.
    this.setState("choice", { time: Date.now(), rows: this.chosen });
    this.redraw();
  }

  showTip() {
    const picture = this.pictures.get(this.at);
    this.tip.hidden = !picture;
    if (!picture) return;
    this.tip.replaceChildren(
      make("img", { src: picture.url, alt: "" }),
      ...picture.words.map((line) => make("div", {}, line)));
    this.placeTip();
  }

  placeTip() {
    if (this.tip.hidden || this.at < 0) return;
    const [x, y] = this.view.toPage(this.points.x[this.at], this.points.y[this.at]);
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = x + 14 + width > this.view.width ? x - 14 - width : x + 14;
    const top = Math.min(Math.max(0, y - height / 2), this.view.height - height);
    this.tip.style.transform = `translate(${Math.max(0, left)}px, ${top}px)`;
  }
}

const maps = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  if (!maps.has(parentElement)) maps.set(parentElement, new ImageMap(parentElement));
  const map = maps.get(parentElement);
  map.receive(component);
  return () => {
    map.close();
    maps.delete(parentElement);
  };
}

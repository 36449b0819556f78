// Many images on one screen: select, then one key for all.

// Images of a screen.
const SCREEN = 40;

class Grid {
  constructor(desk) {
    this.desk = desk;
    this.items = [];
    this.title = "";
    this.group = "";
    this.touched = false;
    this.selected = new Set();
    this.last = null;
    this.painting = null;
    this.tiles = make("div", {
      class: "tiles", role: "group", "aria-label": "Images of this screen",
      onpointerdown: (event) => this.press(event),
      onpointerover: (event) => this.paint(event),
      onclick: (event) => this.click(event),
      ondblclick: (event) => this.open(event),
    });
    this.count = make("span", { class: "selected-count", "aria-live": "polite" });
    const button = (text, title, action) =>
      make("button", { type: "button", title, onclick: action }, text);
    this.next = button("Next images", "Leave these for later (Enter)", () => this.pass());
    this.root = make(
      "div", { class: "grid" },
      make(
        "div", { class: "choose" }, this.count,
        button("All", "Select all images, or none (Shift A)", () => this.select(() => true)),
        button("None", "Select no image", () => this.select(() => false)),
        button("All but these", "Select the others instead (Shift I)", () => this.invert()),
        this.next),
      this.tiles);
  }

  shown() {
    return this.items;
  }

  // Whether the person sees what an action would be about.
  isSeen() {
    const tiles = [...this.tiles.querySelectorAll("[aria-pressed=true] img")];
    return tiles.every(isThere);
  }

  chosen() {
    return this.items.filter(({ name }) => this.selected.has(name));
  }

  take(items) {
    const { data } = this.desk;
    this.items = this.items.filter((item) => this.desk.isOpen(item));
    this.items = this.items.map((item) => this.desk.fresh.get(item.name) ?? item);
    // A screen of images that have nothing in common gives way to one of guesses.
    const better = !this.touched && this.items.length && !this.title && data.title;
    if (better) this.desk.startle();
    if (!this.items.length || better) {
      this.begin(this.desk.readyFirst(items).slice(0, SCREEN));
    } else this.draw();
  }

  begin(items) {
    this.items = items;
    this.title = this.desk.data.title;
    this.group = this.desk.data.group;
    this.touched = false;
    this.last = null;
    const all = this.desk.data.selected;
    this.selected = new Set(all ? items.map(({ name }) => name) : []);
    this.draw();
  }

  draw() {
    const good = [...this.tiles.children].filter(
      (tile) => !isBroken(tile.querySelector("img")));
    for (const tile of this.tiles.children) if (!good.includes(tile)) tile.remove();
    const old = new Map(good.map((tile) => [tile.dataset.name, tile]));
    const tiles = this.items.map((item) => old.get(item.name) ?? this.tile(item));
    // Only what changed: the focus stays where it is.
    for (const tile of old.values()) if (!tiles.includes(tile)) tile.remove();
    tiles.forEach((tile, place) => {
      if (this.tiles.children[place] !== tile) {
        this.tiles.insertBefore(tile, this.tiles.children[place] ?? null);
      }
    });
    this.mark();
  }

  tile(item) {
    const guess = this.desk.className(item.guess);
    const known = this.desk.className(item.label);
    const words = [item.name, known && `label: ${known}`, guess && `guess: ${guess}`];
    const title = words.filter((text) => text).join(", ");
    const image = this.desk.pictures.get(item.thumb, item.name);
    const color = this.desk.colorOf(item.guess);
    const dot = color ? make("i", { class: "dot", style: `--class: ${color}` }) : null;
    return make(
      "button",
      { type: "button", class: "tile", title, "data-name": item.name },
      image, dot, known ? make("span", { class: "tag" }, known) : null);
  }

  mark() {
    for (const tile of this.tiles.children) {
      tile.setAttribute("aria-pressed", this.selected.has(tile.dataset.name));
    }
    const chosen = this.chosen().length;
    this.count.textContent = `${chosen} of ${this.items.length} selected`;
    this.root.hidden = !this.items.length;
  }

  select(wanted) {
    this.touched = true;
    this.selected = new Set(
      this.items.map(({ name }) => name).filter((name) => wanted(name)));
    this.mark();
  }

  invert() {
    const before = this.selected;
    this.select((name) => !before.has(name));
  }

  set(name, on) {
    this.touched = true;
    if (on) this.selected.add(name);
    else this.selected.delete(name);
  }

  // A mouse that is held down gives all tiles that it crosses the state of the first.
  press(event) {
    const tile = event.target.closest(".tile");
    if (!tile || event.button || event.pointerType === "touch" || event.shiftKey) return;
    const { name } = tile.dataset;
    this.painting = { on: !this.selected.has(name), first: name, crossed: false };
    const end = () => (this.painting = null);
    window.addEventListener("pointerup", () => setTimeout(end), { once: true });
  }

  paint(event) {
    const tile = event.target.closest(".tile");
    if (!tile || !this.painting || !event.buttons) return;
    if (tile.dataset.name === this.painting.first) return;
    this.painting.crossed = true;
    this.set(this.painting.first, this.painting.on);
    this.set(tile.dataset.name, this.painting.on);
    this.mark();
  }

  click(event) {
    const tile = event.target.closest(".tile");
    if (!tile || this.painting?.crossed) return;
    const { name } = tile.dataset;
    const on = !this.selected.has(name);
    const names = this.items.map((item) => item.name);
    const [from, to] = [names.indexOf(this.last), names.indexOf(name)];
    if (event.shiftKey && from >= 0) {
      const range = names.slice(Math.min(from, to), Math.max(from, to) + 1);
      for (const other of range) this.set(other, this.selected.has(this.last));
    } else this.set(name, on);
    this.last = name;
    this.mark();
  }

  open(event) {
    const tile = event.target.closest(".tile");
    const item = this.items.find(({ name }) => name === tile?.dataset.name);
    if (item) this.desk.viewer.open(item);
  }

  key(event, target) {
    const all = this.chosen().length === this.items.length;
    if (event.key === "Enter" && !target.closest?.("button")) this.pass();
    else if (event.key === "I") this.invert();
    else if (event.key === "A") this.select(() => !all);
    else return this.move(event);
    return true;
  }

  // Arrow keys move the focus from tile to tile.
  move(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!step) return false;
    const tiles = [...this.tiles.children];
    const place = tiles.indexOf(this.tiles.getRootNode().activeElement);
    if (place < 0) tiles[0]?.focus();
    else {
      const columns = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
      const by = { up: -columns, down: columns }[step] ?? step;
      tiles[place + by]?.focus();
    }
    return true;
  }

  // Leave the images that are on the screen for later.
  pass() {
    this.desk.pass(this.group, this.items);
    this.items = [];
    this.desk.queue.want({});
    this.desk.next();
  }

  // What undo needs to show the screen again.
  snapshot() {
    const { items, selected, title, group } = this;
    return { screen: { items, selected: new Set(selected), title, group } };
  }

  // What comes after an action on the selected: the others, none of them selected. Of
  // images that were taken for one class the others come later, for another.
  after(items) {
    const gone = new Set(items.map(({ name }) => name));
    this.items = this.items.filter(({ name }) => !gone.has(name));
    if (this.group) {
      this.desk.pass(this.group, this.items);
      this.items = [];
    }
    this.selected = new Set();
    this.last = null;
    this.touched = true;
  }

  clear() {
    this.items = [];
    this.title = "";
  }

  back({ screen }) {
    if (!screen) return;
    Object.assign(this, screen, { touched: true });
    const passed = this.desk.passed.get(this.group);
    for (const { name } of this.items) passed?.delete(name);
    this.draw();
  }
}

// The desk: what is shown, what is chosen, what keys do. Every action names its images.

// Images ahead of the one that is shown that are loaded, at least.
const AHEAD = 24;
// Milliseconds in which no key counts after images changed that nobody asked for: it
// was meant for those before.
const STARTLED = 700;
// Batches that can be taken back without asking the server for their images.
const REMEMBERED = 200;

// Queues outlive the element: whoever comes back to the page finds what waits.
const queues = new Map();
const desks = new WeakMap();

class Desk {
  constructor(parent) {
    this.pictures = new Pictures(() => this.askLater(1), () => this.busy());
    this.views = { one: new Single(this), grid: new Grid(this) };
    this.panel = new Panel(this);
    this.viewer = new Viewer(this);
    this.progress = make("span", { class: "progress" });
    this.good = make("span", { class: "good" });
    this.doing = make("div", { class: "doing" });
    this.saving = make("span", { class: "saving", role: "status" });
    this.notice = make("div", { class: "notice", role: "status" });
    this.title = make("div", { class: "title" });
    this.stage = make("div", { class: "stage" });
    this.words = make("p");
    this.again = make(
      "button", { type: "button", onclick: () => this.seeAgain() }, "See them again");
    this.empty = make("div", { class: "empty" }, this.words, this.again);
    this.root = make(
      "div", { class: "labeler", onclick: (event) => this.release(event) },
      make("div", { class: "bar" }, this.progress, this.good, this.saving),
      this.doing,
      make(
        "div", { class: "rooms" },
        make("div", { class: "left" }, this.title, this.stage, this.empty, this.notice),
        this.panel.root),
      this.viewer.root);
    parent.append(this.root);
    this.history = [];
    this.pool = [];
    this.fresh = new Map(); // what the server said last of each image
    this.reopened = [];
    this.passed = new Map(); // class that images were shown for -> their names
    this.view = null;
    this.listener = (event) => this.key(event);
    // Before the page's own keys.
    window.addEventListener("keydown", this.listener, true);
  }

  close() {
    window.removeEventListener("keydown", this.listener, true);
    clearTimeout(this.timer);
    if (this.queue) this.queue.post = null;
  }

  // What was clicked with a mouse keeps no focus: Enter and Space would click it again.
  release(event) {
    if (event.detail > 0) event.target.closest("button")?.blur();
  }

  // New data of the server: called at the beginning and after every answer.
  receive({ data, setStateValue }) {
    this.data = data;
    if (!queues.has(data.project)) queues.set(data.project, new Queue(data.project));
    this.queue = queues.get(data.project);
    this.queue.changed = () => this.status();
    this.queue.post = (message) => {
      const shown = this.current().shown().map(({ name }) => name);
      const passed = Object.fromEntries(
        [...this.passed].map(([group, names]) => [group, [...names]]));
      setStateValue("message", { ...message, ask: { ...message.ask, shown, passed } });
    };
    if (data.view !== this.view) this.turn(data.view);
    for (const { images, why } of this.queue.answered(data)) this.say(why, images);
    if (data.error) this.say(data.error);
    this.viewer.take(data.originals);
    this.panel.draw();
    this.bring(data.reopened);
    this.pool = data.items.filter(({ again }) => !again);
    this.fresh = new Map(data.items.map((item) => [item.name, item]));
    this.next();
    this.askLater();
    this.queue.send();
  }

  current() {
    return this.views[this.data.mode];
  }

  // Another view was chosen on the page.
  turn(view) {
    this.view = view;
    this.passed.clear();
    this.reopened = [];
    for (const one of Object.values(this.views)) one.clear();
    this.history = [];
    this.stage.replaceChildren(this.current().root);
  }

  // Ask again while guesses or pictures are being made.
  askLater(again = this.data.again) {
    clearTimeout(this.timer);
    if (again) this.timer = setTimeout(() => this.queue.want({}), 1000 * again);
  }

  // Images that another page's undo opened again come first.
  bring(names) {
    const mine = new Set(this.reopened.map(({ name }) => name));
    const items = this.data.items.filter(
      ({ name, again }) => !again && names.includes(name) && !mine.has(name));
    if (items.length && !this.queue.size) this.reopened.unshift(...items);
  }

  // Items whose pictures are there, then the others.
  readyFirst(items) {
    const isReady = ({ thumb }) => this.pictures.has(thumb);
    return [...items.filter(isReady), ...items.filter((item) => !isReady(item))];
  }

  // Images change that a person may be about to label.
  startle() {
    this.startled = performance.now() + STARTLED;
  }

  pending() {
    return new Set(this.queue.actions.flatMap(({ images }) => images ?? []));
  }

  isOpen({ name }) {
    if (this.pending().has(name)) return this.isTakenBack(name);
    return this.queue.size > 0 || !this.data.known.includes(name);
  }

  isTakenBack(name) {
    return this.reopened.some((item) => item.name === name);
  }

  // Show what is to be labeled now.
  next() {
    const pending = this.pending();
    const later = this.passed.get(this.data.group) ?? new Set();
    const first = this.reopened.filter((item) => this.isOpen(item));
    const names = new Set(first.map(({ name }) => name));
    const rest = this.pool.filter(
      ({ name }) => !pending.has(name) && !names.has(name) && !later.has(name));
    const items = [...first, ...rest];
    this.current().take(items);
    const ahead = items.slice(0, this.data.mode === "grid" ? 80 : AHEAD);
    for (const item of ahead) {
      this.pictures.get(item.thumb, item.name);
      if (item.image) this.pictures.get(item.image, item.name);
    }
    const needed = [...items, ...this.current().shown()];
    this.pictures.keepOnly(needed.flatMap(({ thumb, image }) => [thumb, image]));
    // Where the images run out before the server's answer, ask for more.
    const short = rest.length < AHEAD && rest.length < this.data.open - pending.size;
    if (short && this.data.more) this.queue.want({});
    this.status();
  }

  status() {
    const { labeled, open } = this.data;
    const waiting = this.queue.size;
    this.progress.textContent =
      `${thousands(labeled)} labeled, ${thousands(open)} left`;
    this.saving.textContent = waiting ? `${waiting} being saved` : "All saved";
    this.saving.classList.toggle("waits", waiting > 0);
    this.busy();
    this.good.textContent = this.data.good;
    this.doing.textContent = this.data.doing;
    this.title.textContent = this.current().title;
    this.empty.hidden = this.current().shown().length > 0;
    const coming = waiting || this.queue.waiting !== null;
    const words = this.passed.size
      ? "You left all other images for later." : this.data.nothing;
    this.words.textContent = coming ? "The next images are coming …" : words;
    this.again.hidden = coming || !this.passed.size;
  }

  // Say to programs, too, whether a key would be refused because images are coming.
  busy() {
    this.stage.setAttribute("aria-busy", this.data ? !this.current().isSeen() : true);
  }

  say(text, images = []) {
    const about = images.length ? ` (${images.slice(0, 3).join(", ")})` : "";
    this.notice.textContent = text + about;
  }

  className(id) {
    if (id === "none") return "none of these";
    return this.data.classes.find((one) => one.id === id)?.name ?? null;
  }

  colorOf(id) {
    return this.data.classes.find((one) => one.id === id)?.color ?? null;
  }

  // The images that an action is about; none, and the reason said, if there are none.
  about() {
    const view = this.current();
    const items = view.chosen();
    if (!items.length) {
      this.say(this.data.mode === "grid"
        ? "Select images first: click them, or press Shift A for all."
        : "The next image is not here yet: that key did nothing.");
      return null;
    }
    if (performance.now() < (this.startled ?? 0)) {
      this.say("The images changed just now: that key did nothing.");
      return null;
    }
    if (view.isSeen()) return items;
    this.say("The image is still coming: that key did nothing.");
    return null;
  }

  do(what, items, words, more = {}) {
    const names = items.map(({ name }) => name);
    this.history.push({ items, ...this.current().snapshot() });
    this.current().after(items);
    this.reopened = this.reopened.filter(({ name }) => !names.includes(name));
    if (this.history.length > REMEMBERED) this.history.shift();
    const text = names.length === 1 ? names[0] : `${names.length} images`;
    this.say(`${text}: ${words}`);
    this.queue.add({ do: what, images: names, ...more });
    this.next();
    return true;
  }

  give(id) {
    const items = this.about();
    if (!items) return false;
    const words = id.startsWith("name:") ? id.slice(5) : this.className(id);
    return this.do("label", items, words, { class: id });
  }

  skip() {
    const items = this.about();
    if (items) this.do("skip", items, "skipped");
  }

  undo() {
    const last = this.history.pop();
    this.queue.add({ do: "undo" });
    if (last) {
      const names = new Set(last.items.map(({ name }) => name));
      const others = this.reopened.filter(({ name }) => !names.has(name));
      this.reopened = [...last.items, ...others];
      this.current().back(last);
    }
    this.say("Taken back.");
    this.next();
  }

  // Leave images for later that were shown for a class, or for none.
  pass(group, items) {
    const names = this.passed.get(group) ?? new Set();
    for (const { name } of items) names.add(name);
    this.passed.set(group, names);
  }

  seeAgain() {
    this.passed.clear();
    this.queue.want({});
  }

  alike() {
    const items = this.current().chosen();
    const item = this.hovered() ?? items[0];
    if (item) this.queue.want({ alike: item.name });
  }

  open() {
    const item = this.hovered() ?? this.current().shown()[0];
    if (item) this.viewer.open(item);
  }

  // The image that the mouse or the focus is on.
  hovered() {
    const selectors = [".tile:focus-visible", ".tile:hover", ".tile:focus"];
    const tiles = selectors.map((selector) => this.root.querySelector(selector));
    const name = tiles.find((tile) => tile)?.dataset.name;
    return this.current().shown().find((item) => item.name === name);
  }

  key(event) {
    const takesBack = event.key === "z" && (event.ctrlKey || event.metaKey);
    if ((event.ctrlKey || event.metaKey || event.altKey) && !takesBack) return;
    if (event.repeat || this.viewer.isOpen) return;
    if (document.querySelector("[role=dialog]")) return;
    const target = event.composedPath()[0];
    const typing = "input, textarea, select, [contenteditable=true], [role=listbox]";
    if (target.closest?.(typing) || !this.pressed(event, target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // Classes have digits and letters, but neither s, z nor n; with Shift letters do what
  // a view can.
  pressed(event, target) {
    const { key } = event;
    const one = this.data.classes.find((each) => each.key === key);
    const isSingle = this.data.mode === "one";
    if (one) this.give(one.id);
    else if (key === "0" || key === "n") this.give("none");
    else if (key === "Backspace" || key === "z") this.undo();
    else if (key === "s" || (key === "ArrowRight" && isSingle)) this.skip();
    else if (key === "L") this.alike();
    else if (key === "F") this.open();
    else if (key === "+") this.panel.field.focus();
    else return this.current().key(event, target);
    return true;
  }
}

export default function (component) {
  const { parentElement } = component;
  if (!desks.has(parentElement)) desks.set(parentElement, new Desk(parentElement));
  const desk = desks.get(parentElement);
  desk.receive(component);
  return () => {
    desk.close();
    desks.delete(parentElement);
    desk.root.remove();
  };
}

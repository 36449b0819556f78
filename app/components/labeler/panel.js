// The classes with their keys, and what else can be done with an image.

class Panel {
  constructor(desk) {
    this.desk = desk;
    this.list = make("div", { class: "classes" });
    this.field = make("input", {
      type: "text", placeholder: "New class (+)", maxlength: 80,
      "aria-label": "Name of a new class, given to the images that are chosen",
    });
    const form = make(
      "form", { class: "new-class", onsubmit: (event) => this.submit(event) },
      this.field,
      make("button", { type: "submit", title: "Add the class and give it" }, "Add"));
    this.actions = make(
      "div", { class: "actions" },
      this.button("None of these", "0", () => desk.give("none")),
      this.button("Skip", "S", () => desk.skip()),
      this.button("Undo", "Z", () => desk.undo()),
      this.button("More like this", "⇧L", () => desk.alike()),
      this.button("Full size", "⇧F", () => desk.open()));
    this.root = make("div", { class: "panel" }, this.list, form, this.actions);
  }

  button(text, key, action) {
    return make(
      "button", { type: "button", class: "action", onclick: action },
      make("kbd", { "aria-hidden": "true" }, key), make("span", {}, text));
  }

  draw() {
    const { classes } = this.desk.data;
    const place = this.focused();
    this.list.replaceChildren(...classes.map((one) => this.row(one)));
    if (place >= 0) this.list.children[place]?.focus();
    this.root.classList.toggle("first", classes.length === 0);
  }

  focused() {
    return [...this.list.children].indexOf(this.list.getRootNode().activeElement);
  }

  row({ id, name, color, key, count }) {
    return make(
      "button",
      {
        type: "button", class: "class", style: `--class: ${color}`, "data-class": id,
        title: key ? `${name}: key ${key}` : `${name}: no key`,
        onclick: () => this.desk.give(id),
      },
      make("kbd", { "aria-hidden": "true" }, key || "·"),
      make("i", { class: "dot" }),
      make("span", { class: "class-name" }, name),
      make("span", { class: "count" }, thousands(count)));
  }

  submit(event) {
    event.preventDefault();
    const name = this.field.value.trim();
    if (!name) return;
    if (!this.desk.give(`name:${name}`)) return;
    this.field.value = "";
    this.field.blur();
  }
}

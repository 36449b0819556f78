// One image at its full size, over the page.

class Viewer {
  constructor(desk) {
    this.desk = desk;
    this.place = make("div", { class: "viewer-picture" });
    this.title = make("span", { class: "file" });
    this.root = make(
      "dialog",
      { class: "viewer", "aria-label": "The image at full size", onclose: () => this.closed() },
      make(
        "div", { class: "viewer-bar" }, this.title,
        make("button", { type: "button", onclick: () => this.root.close() }, "Close (Esc)")),
      this.place);
    this.item = null;
  }

  get isOpen() {
    return this.root.open;
  }

  open(item) {
    this.item = item;
    this.title.textContent = item.name;
    this.show(item.image ?? item.thumb);
    this.desk.queue.want({ original: item.name });
    this.root.showModal();
  }

  // The original came.
  take(originals) {
    if (!this.item || !originals[this.item.name]) return;
    this.desk.queue.ask.original = null;
    const { url, width, height } = originals[this.item.name];
    this.title.textContent = `${this.item.name}, ${width} × ${height} pixels`;
    this.show(url);
  }

  show(url) {
    const image = make("img", { src: url, alt: `Image ${this.item.name}` });
    this.place.replaceChildren(image);
  }

  closed() {
    this.item = null;
    this.desk.queue.ask.original = null;
  }
}

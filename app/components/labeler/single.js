// One image at a time, at the size of the page.

// Width of images, pixels, below which their pixels are shown as squares.
const COARSE = 64;

class Single {
  constructor(desk) {
    this.desk = desk;
    this.item = null;
    this.title = "";
    this.picture = make("div", { class: "picture" });
    this.name = make("span", { class: "file" });
    this.hint = make("span", { class: "hint" });
    this.root = make(
      "figure", { class: "single" },
      this.picture,
      make("figcaption", {}, this.name, this.hint));
  }

  shown() {
    return this.item ? [this.item] : [];
  }

  // Whether the person sees what an action would be about.
  isSeen() {
    const images = [...this.picture.querySelectorAll("img")];
    return this.item !== null && images.some(isThere);
  }

  chosen() {
    return this.shown();
  }

  take(items) {
    if (this.item === null || !this.desk.isOpen(this.item)) {
      // Another person labeled it: nobody asked for the next one.
      if (this.item !== null) this.desk.startle();
      this.show(this.desk.readyFirst(items)[0] ?? null);
    } else {
      // The same image: a better picture of it may have come.
      const again = this.desk.fresh.get(this.item.name);
      const better = again?.image !== this.item.image;
      if (again && (better || !this.isSeen())) this.show(again);
      else if (again) this.caption(again);
    }
  }

  show(item) {
    this.item = item;
    this.picture.replaceChildren();
    this.root.hidden = item === null;
    if (item === null) return;
    this.picture.dataset.name = item.name;
    const { pictures } = this.desk;
    const alt = `Image ${item.name}`;
    const show = (image) => {
      if (this.item?.name !== item.name) return;
      image.classList.toggle("coarse", image.naturalWidth < COARSE);
      this.picture.replaceChildren(image);
    };
    // The small picture first: it is there already.
    pictures.get(item.thumb, alt, (image) => {
      if (!this.picture.hasChildNodes()) show(image);
    });
    if (item.image) pictures.get(item.image, alt, show);
    this.caption(item);
  }

  caption(item) {
    this.name.textContent = item.name;
    this.name.title = item.name;
    const known = this.desk.className(item.label);
    const guess = this.desk.className(item.guess);
    if (known) this.hint.textContent = `Labeled: ${known}`;
    else if (!guess) this.hint.textContent = "";
    else this.hint.textContent = `Guess: ${guess}, ${Math.round(100 * item.sure)}% sure`;
  }

  // A key that only this view knows; returns whether it was one.
  key() {
    return false;
  }

  // What undo needs to show it again.
  snapshot() {
    return {};
  }

  // What comes after an action on the image.
  after() {
    this.item = null;
  }

  clear() {
    this.item = null;
  }

  back({ items }) {
    this.show(items[0]);
  }
}

// Small helpers for pictures.

function thousands(number) {
  return number.toLocaleString("en-US");
}

// Pictures that are loaded before they are shown: address -> Image.
class Pictures {
  // What is called when an address holds no more, and when a picture is there.
  constructor(missing, loaded) {
    this.images = new Map();
    this.missing = missing;
    this.loaded = loaded;
  }

  // The image of an address, the same one each time; `then` gets it once it is there.
  get(url, alt, then = () => {}) {
    let image = this.images.get(url);
    if (image === undefined) {
      image = make("img", { alt, draggable: "false" });
      image.addEventListener("error", () => this.lost(url));
      image.addEventListener("load", () => this.loaded());
      image.src = url;
      this.images.set(url, image);
    }
    if (isThere(image)) then(image);
    else image.addEventListener("load", () => then(image), { once: true });
    return image;
  }

  // Whether the image of an address is there.
  has(url) {
    const image = this.images.get(url);
    return image !== undefined && isThere(image);
  }

  // The address holds no more: the next answer of the server has another.
  lost(url) {
    if (this.images.delete(url)) this.missing();
  }

  // Forget the pictures that are needed no more.
  keepOnly(urls) {
    const needed = new Set(urls);
    for (const url of this.images.keys()) {
      if (!needed.has(url)) this.images.delete(url);
    }
  }
}

function isThere(image) {
  return image.complete && image.naturalWidth > 0;
}

function isBroken(image) {
  return image.complete && image.naturalWidth === 0;
}

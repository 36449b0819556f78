// What one tab did to one project and the server has not stored yet.
//
// Every action has a number and names its images. All actions that are not acknowledged
// go with every message: the server takes each number once, so that sending again does
// no harm. They are also kept in the browser, for a page that is closed too early.

// Milliseconds after which a message without an answer is sent again; doubled each time.
const PATIENCE = 4000;
const LONGEST_PATIENCE = 32000;

class Queue {
  constructor(project) {
    this.prefix = `ssvae-labels/${project}/`;
    this.client = randomName();
    this.number = 0;
    this.actions = [];
    this.left = this.leftOver();
    this.messages = 0;
    this.patience = PATIENCE;
    this.waiting = null; // the message that has no answer yet
    this.timer = null;
    this.post = null; // how a message is sent; null while the page is not shown
    this.ask = {};
    this.changed = () => {};
  }

  // Actions that an earlier tab could not send: client -> actions.
  leftOver() {
    const left = new Map();
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(this.prefix)) continue;
        left.set(key.slice(this.prefix.length), JSON.parse(localStorage.getItem(key)));
      }
    } catch {
      // A browser that keeps nothing: what is sent is all that there is.
    }
    return left;
  }

  keep(client, actions) {
    try {
      const key = this.prefix + client;
      if (actions.length) localStorage.setItem(key, JSON.stringify(actions));
      else localStorage.removeItem(key);
    } catch {
      // As above.
    }
  }

  get size() {
    return this.actions.length;
  }

  add(action) {
    this.actions.push({ number: ++this.number, ...action });
    this.keep(this.client, this.actions);
    this.send();
    return this.number;
  }

  // Ask for other images, or for the original of one, beside what there is to store.
  want(ask) {
    this.ask = { ...this.ask, ...ask };
    this.again = true;
    this.send();
  }

  send() {
    if (this.waiting !== null || this.post === null) return;
    const batches = [...this.left, [this.client, this.actions]]
      .filter(([, actions]) => actions.length)
      .map(([client, actions]) => ({ client, actions }));
    if (!batches.length && !this.again) return;
    this.again = false;
    this.waiting = ++this.messages;
    this.post({ client: this.client, id: this.waiting, batches, ask: this.ask });
    // A search is asked for once: whoever goes back from it does not want it again.
    this.ask = { ...this.ask, alike: null };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.repeat(), this.patience);
  }

  repeat() {
    this.patience = Math.min(2 * this.patience, LONGEST_PATIENCE);
    this.waiting = null;
    this.again = true;
    this.send();
    this.changed();
  }

  // Forget what the server has stored or refused. Returns the refused actions.
  answered({ heard, acknowledged, refused }) {
    const refusals = new Map(
      refused.map(({ client, number, why }) => [`${client} ${number}`, why]));
    const refusedActions = [];
    const isOpen = (client) => (action) => {
      const why = refusals.get(`${client} ${action.number}`);
      if (why) refusedActions.push({ ...action, why });
      return !why && action.number > (acknowledged[client] ?? 0);
    };
    this.actions = this.actions.filter(isOpen(this.client));
    this.keep(this.client, this.actions);
    for (const [client, actions] of this.left) {
      const open = actions.filter(isOpen(client));
      if (open.length) this.left.set(client, open);
      else {
        this.left.delete(client);
        this.keep(client, []);
      }
    }
    // An answer to a later message answers the earlier ones too.
    if (heard.client === this.client && heard.id >= this.waiting) {
      this.waiting = null;
      this.patience = PATIENCE;
      clearTimeout(this.timer);
    }
    return refusedActions;
  }
}

// A name that no other tab has, also where a page is not served securely.
function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

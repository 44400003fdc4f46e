// A list of moments with pictures, which one hidden video gives, one after the other.

const SIDE = 96; // of a picture, in CSS pixels
const MARGIN = 1.7; // the cut-out's side, as a multiple of the box's longer one

const lists = new WeakMap();

/** What of a picture of this size to cut out for a box: a square around it, moved and shrunk to lie inside. */
function cutOut(box, width, height) {
  if (!box) return { x: 0, y: 0, w: width, h: height };
  const side = Math.min(Math.max(box[2], box[3]) * MARGIN, width, height);
  const inside = (middle, room) => Math.min(Math.max(0, middle - side / 2), room - side);
  return { x: inside(box[0] + box[2] / 2, width), y: inside(box[1] + box[3] / 2, height), w: side, h: side };
}

/** What tells a picture from the others; two moments may be of one face at one time. */
function shows(picture) {
  return JSON.stringify([picture.id, picture.t, picture.box]);
}

class Stills {
  constructor(root) {
    this.list = element("ul", { class: "stills" });
    root.append(this.list);
    this.drawn = new Map(); // pictures that were drawn, by what they show
    this.queue = [];
    this.video = element("video", { preload: "auto" });
    this.video.muted = true;
    this.video.addEventListener("seeked", () => this.take());
    this.video.addEventListener("error", () => { this.queue = []; });
    // Only what comes into sight is asked of the video.
    this.seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        this.seen.unobserve(target);
        this.queue.push(target);
      }
      this.next();
    });
  }

  update(component) {
    const { data } = component;
    [this.data, this.component] = [data, component];
    const [file] = data.url ? data.url.split("?") : [null];
    if (file !== this.file) {
      this.file = file;
      this.drawn.clear();
      this.queue = [];
      this.at = null;
      if (file) this.video.src = data.url;
    }
    const focused = this.list.getRootNode().activeElement?.dataset?.focus;
    this.list.replaceChildren(...data.pictures.map((picture) => this.row(picture)));
    if (focused) this.list.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  row(picture) {
    const words = element("span", { class: "words" }, element("strong", { text: picture.title }), element("span", { text: picture.text }));
    const button = element("button", { type: "button", class: "still", "data-focus": `go ${picture.id}`, title: "Show this moment in the player" });
    if (this.data.url) button.append(this.canvas(picture));
    button.append(words);
    if (picture.colour) button.style.setProperty("--colour", picture.colour);
    button.addEventListener("click", () => window.dispatchEvent(new CustomEvent(SEEK, { detail: { t: picture.t } })));
    const row = element("li", {}, button);
    if (this.data.ticks) {
      const tick = element("input", { type: "checkbox", "data-focus": `tick ${picture.id}`, "aria-label": `Reviewed: ${picture.title}` });
      tick.checked = picture.ticked;
      tick.addEventListener("change", () => this.component.setTriggerValue("tick", { id: picture.id, ticked: tick.checked }));
      row.append(element("label", { class: "tick" }, tick, "Reviewed"));
    }
    return row;
  }

  canvas(picture) {
    const key = shows(picture);
    const known = this.drawn.get(key);
    if (known) return known;
    const scale = Math.min(2, window.devicePixelRatio || 1);
    const made = element("canvas", { width: SIDE * scale, height: SIDE * scale, "aria-hidden": "true" });
    made.picture = picture;
    this.drawn.set(key, made);
    this.seen.observe(made);
    return made;
  }

  /** Send the video to the next picture, unless it is on its way to one. */
  next() {
    if (this.at || !this.queue.length) return;
    this.at = this.queue.shift();
    if (!this.at.isConnected) {
      this.drawn.delete(shows(this.at.picture));
      this.at = null;
      this.next();
      return;
    }
    this.video.currentTime = within(this.at.picture.t, this.data.fps);
  }

  /** The video is where it was sent: draw. */
  take() {
    const made = this.at;
    if (!made) return;
    const { videoWidth, videoHeight } = this.video;
    // Boxes are in the file's pixels; a playable copy is smaller, and pixels need not be square.
    const [width, height] = [this.data.width || videoWidth, this.data.height || videoHeight];
    const cut = cutOut(made.picture.box, width, height);
    const [across, down] = [videoWidth / width, videoHeight / height];
    const [wide, high] = [cut.w * across, cut.h * down];
    const scale = Math.min(made.width / wide, made.height / high);
    const [left, top] = [(made.width - wide * scale) / 2, (made.height - high * scale) / 2];
    made.getContext("2d").drawImage(this.video, cut.x * across, cut.y * down, wide, high, left, top, wide * scale, high * scale);
    made.dataset.drawn = made.picture.t;
    this.at = null;
    this.next();
  }

  end() {
    this.seen.disconnect();
    this.queue = [];
    this.video.removeAttribute("src");
    this.video.load();
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!lists.has(root)) lists.set(root, new Stills(root));
  lists.get(root).update(component);
  return () => {
    lists.get(root)?.end();
    lists.delete(root);
  };
}

// The player itself: the video, its controls and keys, and what goes to and comes from the page.

const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  back: "M6 5h3v14H6zM19 5v14l-9-7z",
  on: "M15 5h3v14h-3zM5 5v14l9-7z",
  sound: "M4 9v6h4l5 5V4L8 9zM16 8a5 5 0 0 1 0 8z",
  silent: "M4 9v6h4l5 5V4L8 9zM16 9l5 6M21 9l-5 6",
  whole: "M5 5h6v2H7v4H5zM13 17h4v-4h2v6h-6zM5 13h2v4h4v2H5zM13 5h6v6h-2V7h-4z",
};
const HELP = [
  ["Space", "play or pause"], ["← →", "a frame"], ["Shift ← →", "5 seconds"], ["Home End", "begin and end"],
  ["m", "marker"], ["e", "begin and end of an exclusion"], ["Esc", "give it up"], ["Shift and drag", "exclude a range"],
];
const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];
const AGAIN_MS = 4000;

const players = new WeakMap();
let lastSeek = 0; // outlives a player, so that a page that comes back does not jump again

function icon(name) {
  return drawing("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, drawing("path", { d: ICONS[name] }));
}

class Player {
  constructor(root) {
    this.t = 0; // the moment shown, in seconds: the exact one of the frame where the browser tells
    this.asks = []; // what has been asked for and not been heard yet
    this.began = null; // where an exclusion begins, once `e` was pressed
    this.faces = new Faces();
    this.timeline = new Timeline({ go: (t) => this.goToFrame(frameAt(t, this.data.fps)), select: (...range) => this.exclude(...range) });
    this.markers = new Markers({ go: (t) => this.goTo(t), move: (marker, t) => this.move(marker, t) });
    this.build(root);
    this.listen();
  }

  build(root) {
    const button = (label, name) => element("button", { type: "button", class: "icon", "aria-label": label, title: label }, icon(name));
    this.video = element("video", { playsinline: true, preload: "auto", disablepictureinpicture: true, tabindex: "-1" });
    this.notice = element("p", { class: "notice", role: "alert", hidden: true });
    this.stage = element("div", { class: "stage" }, this.video, this.faces.layer, this.notice);
    this.play = button("Play", "play");
    this.back = button("One frame back", "back");
    this.on = button("One frame on", "on");
    this.time = element("span", { class: "time" });
    this.mute = button("Mute", "sound");
    this.speed = element("select", { "aria-label": "Speed" });
    for (const speed of SPEEDS) this.speed.append(element("option", { value: speed, text: `${speed} ×`, selected: speed === 1 }));
    this.boxes = element("button", { type: "button", "aria-pressed": "true", text: "Faces" });
    this.mark = element("button", { type: "button", text: "Marker", title: "Set a marker here (m)" });
    this.select = element("button", { type: "button", "aria-pressed": "false", text: "Exclude", title: "Drag on the timeline to exclude a range" });
    this.whole = button("Full screen", "whole");
    this.bar = element(
      "div", { class: "bar" }, this.play, this.back, this.on, this.time, element("span", { class: "gap" }),
      this.boxes, this.mark, this.select, this.speed, this.mute, this.whole,
    );
    this.legend = element("ul", { class: "legend", "aria-label": "Probabilities at this moment" });
    this.status = element("p", { class: "status", role: "status" });
    const keys = HELP.flatMap(([key, does]) => [element("kbd", { text: key }), ` ${does} · `]);
    this.help = element("p", { class: "help" }, "Keys: ", ...keys.slice(0, -1), ` ${HELP.at(-1)[1]}`);
    this.root = element(
      "section", { class: "player" }, this.stage, this.bar, this.markers.lane, this.timeline.root, this.timeline.axis,
      this.legend, this.status, this.help,
    );
    root.append(this.root);
  }

  /** What Python handed over, at first and whenever the page is drawn again. */
  update(component) {
    const { data } = component;
    this.component = component;
    const before = this.data;
    this.data = data;
    this.root.setAttribute("aria-label", `Player: ${data.name}`);
    this.stage.style.aspectRatio = data.width && data.height ? `${data.width} / ${data.height}` : "16 / 9";
    for (const only of [this.mark, this.select]) only.hidden = !data.annotate;
    this.boxes.hidden = !data.people.length;
    if (!before || JSON.stringify(before.people) !== JSON.stringify(data.people)) this.faces.set(data);
    this.faces.data = data;
    this.asks = this.asks.filter(({ id }) => !data.heard.includes(id));
    this.measure();
    this.drawLegend();
    this.load(before);
    if (data.seek && data.seek.number > lastSeek) {
      lastSeek = data.seek.number;
      this.goTo(data.seek.t);
    }
    this.show();
  }

  /** The address changes with the hour; only another video, or one that was refused, is loaded again. */
  load(before) {
    const [file] = this.data.url.split("?");
    if (file === this.file && !(this.refused && this.data.url !== before.url)) return;
    const t = file === this.file || before?.id === this.data.id ? this.t : 0;
    [this.file, this.refused] = [file, false];
    this.notice.hidden = true;
    this.video.src = this.data.url;
    this.goTo(t);
  }

  /** Lay out what depends on how long the video is, and how large. */
  measure() {
    const known = Number.isFinite(this.video.duration) ? this.video.duration : 0;
    this.duration = this.data.duration || known || 1;
    this.timeline.set(this.data, this.duration);
    this.markers.set(this.data, this.duration);
    this.faces.fit(this.video);
  }

  drawLegend() {
    this.values = [];
    this.legend.replaceChildren(
      ...(this.data.lines ? this.data.emotions.slice(0, -1) : []).map(({ name, colour }) => {
        const [chip, value] = [element("i"), element("b")];
        chip.style.background = colour;
        this.values.push(value);
        return element("li", {}, chip, `${name} `, value);
      }),
    );
  }

  /** Show the moment `this.t` everywhere. */
  show() {
    this.faces.show(this.t);
    this.timeline.show(this.t, !this.video.paused);
    this.time.textContent = `${clock(this.t, 2)} / ${clock(this.duration)}`;
    const values = this.timeline.at(this.t);
    this.values.forEach((value, place) => {
      value.textContent = values ? `${Math.round(values.emotions[place] * 100)} %` : "–";
    });
    if (this.began !== null) this.timeline.choose(this.began, this.t);
  }

  /** Go to a moment; if it is where a frame begins, that frame is shown. */
  goTo(t) {
    this.t = Math.min(Math.max(0, t), this.duration ?? Infinity);
    this.set(within(this.t, this.data.fps));
  }

  /** Go to the middle of a frame, by its number. */
  goToFrame(frame) {
    const { fps } = this.data;
    const last = Math.max(0, Math.round(this.duration * fps) - 1);
    const number = Math.min(Math.max(0, frame), last);
    this.t = number / fps;
    this.set((number + 0.5) / fps);
  }

  /** One seek at a time: while the browser is at one, only the latest of those that come is kept for after it. */
  set(t) {
    if (this.video.seeking) this.next = t;
    else this.video.currentTime = t;
    this.show();
  }

  step(frames) {
    this.video.pause();
    this.goToFrame(frameAt(this.t, this.data.fps) + frames);
  }

  toggle() {
    if (this.video.paused) this.video.play().catch(() => {}); // what goes wrong comes as the event `error`
    else this.video.pause();
  }

  // --- what is asked of the page ---

  /** A wish has an id, and is sent until Python says that it was heard; it hands in each once (see asked.py). */
  ask(wish, words) {
    this.asks.push({ id: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`, ...wish });
    this.send();
    this.status.textContent = words;
  }

  send() {
    clearTimeout(this.again);
    if (!this.asks.length) return;
    this.component.setTriggerValue("asked", this.asks);
    this.again = setTimeout(() => this.send(), AGAIN_MS);
  }

  setMarker() {
    if (this.data.annotate) this.ask({ kind: "marker", t: rounded(this.t) }, `Asked for a marker at ${clock(this.t, 2)}.`);
  }

  move(marker, t) {
    const known = this.data.markers.find(({ id }) => id === marker.id);
    const end = known.end === null ? null : rounded(known.end + t - known.t);
    this.ask({ kind: "move", marker_id: marker.id, t: rounded(t), end }, `Asked to move the marker to ${clock(t, 2)}.`);
  }

  /** From the frame at one time to the end of that at the other. */
  exclude(from, to) {
    const { fps } = this.data;
    const [begin, end] = [frameAt(from, fps) / fps, Math.min((frameAt(to, fps) + 1) / fps, this.duration)];
    this.ask({ kind: "exclude", from: rounded(begin), to: rounded(end) }, `Asked to exclude ${clock(begin, 2)} to ${clock(end, 2)}.`);
    this.setSelecting(false);
  }

  /** The key `e`: begin an exclusion here, or end the one that began. */
  beginOrEnd() {
    if (!this.data.annotate) return;
    if (this.began === null) {
      this.began = this.t;
      this.status.textContent = `The exclusion begins at ${clock(this.t, 2)}. Press e where it ends, Esc to give it up.`;
      this.show();
    } else {
      const began = this.began;
      this.giveUp();
      this.exclude(Math.min(began, this.t), Math.max(began, this.t));
    }
  }

  giveUp() {
    if (this.began !== null) this.status.textContent = "The exclusion is given up.";
    this.began = null;
    this.timeline.choose(null);
    this.setSelecting(false);
  }

  setSelecting(selecting) {
    this.timeline.selecting = selecting;
    this.timeline.root.classList.toggle("selecting", selecting);
    this.select.setAttribute("aria-pressed", selecting);
  }

  // --- what happens ---

  listen() {
    const { video } = this;
    const onClick = (button, does) => button.addEventListener("click", does);
    onClick(this.play, () => this.toggle());
    onClick(this.back, () => this.step(-1));
    onClick(this.on, () => this.step(1));
    onClick(this.mark, () => this.setMarker());
    onClick(this.select, () => this.setSelecting(!this.timeline.selecting));
    onClick(this.whole, () => (document.fullscreenElement ? document.exitFullscreen() : this.stage.requestFullscreen()));
    onClick(this.mute, () => { video.muted = !video.muted; });
    onClick(this.stage, () => { this.toggle(); this.timeline.root.focus({ preventScroll: true }); });
    onClick(this.boxes, () => {
      this.faces.layer.hidden = !this.faces.layer.hidden;
      this.boxes.setAttribute("aria-pressed", !this.faces.layer.hidden);
    });
    this.speed.addEventListener("change", () => { video.playbackRate = Number(this.speed.value); });
    this.root.addEventListener("keydown", (event) => this.key(event));
    const says = (button, label, name) => {
      button.replaceChildren(icon(name));
      for (const attribute of ["aria-label", "title"]) button.setAttribute(attribute, label);
    };
    for (const name of ["play", "pause", "ended"]) {
      video.addEventListener(name, () => says(this.play, ...(video.paused ? ["Play", "play"] : ["Pause", "pause"])));
    }
    video.addEventListener("volumechange", () => says(this.mute, ...(video.muted ? ["Sound on", "silent"] : ["Mute", "sound"])));
    video.addEventListener("loadedmetadata", () => { video.playbackRate = Number(this.speed.value); this.measure(); this.show(); });
    video.addEventListener("seeked", () => {
      if (this.next === undefined) return;
      video.currentTime = this.next;
      this.next = undefined;
    });
    video.addEventListener("error", () => this.explain());
    this.followFrames();
    this.sizes = new ResizeObserver(() => this.data && this.faces.fit(video));
    this.sizes.observe(video);
    this.onSeek = (event) => {
      if (!Number.isFinite(event.detail?.t)) return;
      this.goTo(event.detail.t);
      this.stage.scrollIntoView({ block: "nearest" });
    };
    window.addEventListener(SEEK, this.onSeek);
  }

  /** With each frame that is shown, everything else shows its time; during a seek, it shows where that goes. */
  followFrames() {
    const { video } = this;
    const shown = (t) => {
      // The frame of a seek that has been overtaken can come while the next one is under way.
      const overtaken = video.seeking && Math.abs(t - video.currentTime) > 1.5 / this.data.fps;
      if (this.next === undefined && !overtaken) { this.t = t; this.show(); }
    };
    if (video.requestVideoFrameCallback) {
      const next = (_, { mediaTime }) => { shown(mediaTime); video.requestVideoFrameCallback(next); };
      video.requestVideoFrameCallback(next);
    } else {
      const next = () => { if (!video.paused) shown(video.currentTime); this.waiting = requestAnimationFrame(next); };
      next();
    }
  }

  key(event) {
    const { tagName } = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || tagName === "SELECT") return;
    const { fps } = this.data;
    const does = {
      " ": () => this.toggle(),
      ArrowLeft: () => (event.shiftKey ? this.goTo(this.t - 5) : this.step(-1)),
      ArrowRight: () => (event.shiftKey ? this.goTo(this.t + 5) : this.step(1)),
      Home: () => this.goToFrame(0),
      End: () => this.goToFrame(Math.round(this.duration * fps) - 1),
      m: () => this.setMarker(),
      e: () => this.beginOrEnd(),
      Escape: () => this.giveUp(),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || (event.key === " " && tagName === "BUTTON")) return;
    event.preventDefault();
    event.stopPropagation();
    // A key that is held goes through the frames, but asks for one marker only.
    if (!event.repeat || event.key.startsWith("Arrow")) does();
  }

  /** The video can't be played: ask the server why, say it, and tell the page. */
  async explain() {
    let status = 0;
    try {
      status = (await fetch(this.video.src, { headers: { Range: "bytes=0-0" } })).status;
    } catch { /* the server does not answer: status stays 0 */ }
    const [words, trouble] = {
      0: ["The dashboard does not answer. Is it still running?", null],
      403: ["This page has been open for long: load it again.", "expired"],
      404: ["The video file is not where it was: it has been moved or deleted. Results are not affected.", "gone"],
    }[status] ?? ["This browser can't play the video file.", "unplayable"];
    this.notice.textContent = words;
    this.notice.hidden = false;
    this.refused = true;
    if (trouble) this.component.setTriggerValue("trouble", trouble);
  }

  end() {
    window.removeEventListener(SEEK, this.onSeek);
    this.sizes.disconnect();
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.again);
    this.video.removeAttribute("src");
    this.video.load();
  }
}

/** Seconds to the tenth of a millisecond, as times are handed over. */
function rounded(t) {
  return Math.round(t * 1e4) / 1e4;
}

export default function (component) {
  const root = component.parentElement;
  if (!players.has(root)) players.set(root, new Player(root));
  players.get(root).update(component);
  return () => {
    players.get(root)?.end();
    players.delete(root);
  };
}

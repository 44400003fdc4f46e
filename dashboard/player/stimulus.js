// A stimulus and the curves of the groups that saw it, in step: playing moves the playhead, a click on the curves seeks.

const WIDE = 1000;
const HIGH = 200;

const shown = new WeakMap();

class Stimulus {
  constructor(root) {
    this.video = element("video", { controls: true, playsinline: true, preload: "auto" });
    this.notice = element("p", { class: "said", role: "alert", hidden: true });
    this.chart = drawing("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.playhead = element("div", { class: "playhead" });
    this.strip = element("div", { class: "strip", role: "slider", tabindex: "0" }, this.chart, this.playhead);
    this.ends = element("div", { class: "ends", "aria-hidden": "true" });
    this.values = element("ul", { class: "values", "aria-label": "Groups at this moment" });
    this.where = element("p", { class: "said" });
    this.root = element("section", { class: "stimulus" }, this.video, this.notice, this.strip, this.ends, this.where, this.values);
    root.append(this.root);
    this.listen();
  }

  update(component) {
    const { data } = component;
    [this.component, this.data] = [component, data];
    this.root.setAttribute("aria-label", `Stimulus: ${data.name}`);
    this.video.setAttribute("aria-label", data.name);
    this.video.style.aspectRatio = data.width && data.height ? `${data.width} / ${data.height}` : "16 / 9";
    this.strip.setAttribute("aria-label", `Seconds from ${data.about}`);
    this.strip.setAttribute("aria-valuemin", data.from);
    this.strip.setAttribute("aria-valuemax", data.to);
    this.draw();
    // The address changes with the hour; only another video is loaded again.
    const [file] = data.url.split("?");
    if (file !== this.file) {
      this.file = file;
      this.notice.hidden = true;
      this.video.src = data.url;
      this.goTo(Math.max(data.from, -data.at));
    }
    this.show();
  }

  x(t) {
    return ((t - this.data.from) / (this.data.to - this.data.from)) * WIDE;
  }

  y(value) {
    return HIGH - (0.06 + 0.88 * ((value - this.data.low) / (this.data.high - this.data.low))) * HIGH;
  }

  draw() {
    const { data } = this;
    const parts = [];
    if (data.from < 0 && data.to > 0) parts.push(drawing("path", { class: "moment", d: `M${this.x(0)} 0V${HIGH}` }));
    for (const group of data.groups) {
      for (const [first, last] of stretches(group.mean)) {
        const middle = (place) => this.x((group.bins[place][0] + group.bins[place][1]) / 2).toFixed(2);
        const along = (values, places) => places.map((place) => `${middle(place)} ${this.y(values[place]).toFixed(2)}`);
        const places = Array.from({ length: last - first + 1 }, (_, number) => first + number);
        const band = [...along(group.high, places), ...along(group.low, [...places].reverse())];
        parts.push(drawing("path", { class: "band", fill: group.colour, d: `M${band.join("L")}Z` }));
        const line = drawing("path", { class: "curve", stroke: group.colour, d: `M${along(group.mean, places).join("L")}` });
        if (group.dash[1]) line.setAttribute("stroke-dasharray", group.dash.join(" "));
        parts.push(line);
      }
    }
    this.chart.replaceChildren(...parts);
    this.ends.replaceChildren(...[data.from, data.to].map((t) => element("span", { text: signed(t, 1) + " s" })));
    this.numbers = data.groups.map(() => element("b"));
    this.values.replaceChildren(
      ...data.groups.map((group, place) => {
        const line = drawing("path", { d: "M0 3H32", stroke: group.colour, "stroke-width": 2.5, fill: "none" });
        if (group.dash[1]) line.setAttribute("stroke-dasharray", group.dash.join(" "));
        const sample = drawing("svg", { viewBox: "0 0 32 6", "aria-hidden": "true" }, line);
        return element("li", {}, sample, `${group.name} `, this.numbers[place]);
      }),
    );
  }

  /** Where the video is, in seconds from the moment. */
  get t() {
    return this.video.currentTime - this.data.at;
  }

  goTo(t) {
    this.video.currentTime = Math.max(0, Math.min(t, this.data.to) + this.data.at);
    this.show();
  }

  show() {
    const { data, t } = this;
    const inside = t >= data.from && t <= data.to;
    this.playhead.hidden = !inside;
    this.playhead.style.left = `${this.x(t) / (WIDE / 100)}%`;
    const at = `${signed(t, 1)} s from ${data.about}`;
    const text = inside ? at : `${at}: outside of the curves`;
    if (this.where.textContent !== text) this.where.textContent = text;
    this.strip.setAttribute("aria-valuenow", Math.min(Math.max(t, data.from), data.to).toFixed(1));
    this.strip.setAttribute("aria-valuetext", text);
    data.groups.forEach((group, place) => {
      const bin = group.bins.findIndex(([from, to]) => t >= from && t < to);
      const value = bin < 0 ? null : group.mean[bin];
      const number = value === null ? "–" : data.signed ? signed(value, data.digits) : value.toFixed(data.digits);
      const words = value === null ? number : number + data.unit;
      if (this.numbers[place].textContent !== words) this.numbers[place].textContent = words;
    });
  }

  listen() {
    const { video, strip } = this;
    for (const name of ["timeupdate", "seeking", "seeked", "loadedmetadata"]) video.addEventListener(name, () => this.show());
    const follow = () => {
      if (!video.paused) this.show();
      this.waiting = requestAnimationFrame(follow);
    };
    follow();
    video.addEventListener("error", () => {
      this.notice.textContent = "This browser can't play the video file.";
      this.notice.hidden = false;
      this.component.setTriggerValue("trouble", "unplayable");
    });
    const seek = (event) => {
      const { left, width } = strip.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
      this.goTo(this.data.from + share * (this.data.to - this.data.from));
    };
    strip.addEventListener("pointerdown", (event) => {
      strip.setPointerCapture(event.pointerId);
      this.grabbed = true;
      seek(event);
    });
    strip.addEventListener("pointermove", (event) => this.grabbed && seek(event));
    for (const name of ["pointerup", "pointercancel"]) strip.addEventListener(name, () => { this.grabbed = false; });
    strip.addEventListener("keydown", (event) => {
      const { from, to } = this.data;
      const step = event.shiftKey ? 5 : 0.5;
      const to_ = {
        ArrowLeft: this.t - step, ArrowRight: this.t + step, ArrowDown: this.t - step, ArrowUp: this.t + step, Home: from, End: to,
      }[event.key];
      if (event.key === " ") {
        if (video.paused) video.play().catch(() => {});
        else video.pause();
      } else if (to_ === undefined) return;
      else this.goTo(Math.max(to_, from));
      event.preventDefault();
    });
  }

  end() {
    cancelAnimationFrame(this.waiting);
    this.video.removeAttribute("src");
    this.video.load();
  }
}

/** First and last place of each stretch of values that are there. */
function stretches(values) {
  const found = [];
  values.forEach((value, place) => {
    if (value === null) return;
    if (place && values[place - 1] !== null) found.at(-1)[1] = place;
    else found.push([place, place]);
  });
  return found;
}

/** A number with its sign: +2.5, −0.50, 0.0. */
function signed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : (value < 0 ? "−" : "+") + text;
}

export default function (component) {
  const root = component.parentElement;
  if (!shown.has(root)) shown.set(root, new Stimulus(root));
  shown.get(root).update(component);
  return () => {
    shown.get(root)?.end();
    shown.delete(root);
  };
}

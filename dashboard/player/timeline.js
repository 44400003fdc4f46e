// The timeline below the picture: the course of the emotions, what is excluded, where the video is.

const WIDE = 10000; // units of the drawing, which is stretched to the width that there is
const LINES_HIGH = 70; // of 100: below the lines lies the category, as steps

class Timeline {
  /** calls: go(t) for a click and while it is dragged, select(from, to) for a range that was chosen. */
  constructor(calls) {
    this.calls = calls;
    this.svg = drawing("svg", { viewBox: `0 0 ${WIDE} 100`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.left_out = element("div", { class: "layer" });
    this.cursor = element("div", { class: "cursor" });
    this.chosen = element("div", { class: "chosen", hidden: true });
    this.tip = element("div", { class: "tip", hidden: true });
    this.root = element(
      "div",
      { class: "timeline", role: "slider", tabindex: "0", "aria-label": "Position in the video", "aria-valuemin": "0" },
      this.svg, this.left_out, this.chosen, this.cursor, this.tip,
    );
    this.axis = element("div", { class: "axis", "aria-hidden": "true" });
    this.selecting = false;
    this.listen();
  }

  set(data, duration) {
    [this.data, this.duration] = [data, duration];
    this.root.setAttribute("aria-valuemax", duration.toFixed(2));
    if (data.lines !== this.handed) {
      this.lines = data.lines && {
        t: column(data.lines.t, Uint32Array), end: column(data.lines.end, Uint32Array),
        gap: column(data.lines.gap, Uint8Array), category: column(data.lines.category, Uint8Array),
        emotions: data.lines.emotions.map((line) => column(line, Uint8Array)),
      };
      this.handed = data.lines;
    }
    this.draw();
    this.drawAxis();
    this.left_out.replaceChildren(
      ...data.excluded.map((range) => {
        const made = element("div", { class: "excluded" });
        this.place(made, range.from, range.to);
        return made;
      }),
    );
  }

  /** Lay an element from one time to another. */
  place(made, from, to) {
    made.style.left = `${(from / this.duration) * 100}%`;
    made.style.width = `${((to - from) / this.duration) * 100}%`;
  }

  draw() {
    const parts = [drawing("path", { class: "grid", d: `M0 ${LINES_HIGH / 2}H${WIDE}M0 ${LINES_HIGH}H${WIDE}` })];
    const lines = this.lines;
    if (lines) {
      const across = (tick) => Math.round((tick / TICKS_PER_S / this.duration) * WIDE);
      lines.emotions.forEach((values, emotion) => {
        let path = "";
        const high = (point) => (LINES_HIGH * (1 - values[point] / 255)).toFixed(1);
        values.forEach((_, point) => {
          if (point && lines.gap[point]) path += `H${across(lines.end[point - 1])}`;
          path += `${!point || lines.gap[point] ? "M" : "L"}${across(lines.t[point])} ${high(point)}`;
        });
        if (values.length) path += `H${across(lines.end[values.length - 1])}`;
        parts.push(drawing("path", { class: "line", d: path, stroke: this.data.emotions[emotion].colour }));
      });
      parts.push(...this.steps(across));
    }
    this.svg.replaceChildren(...parts);
  }

  /** The category as blocks at three heights, positive on top: to be told apart without colours. */
  steps(across) {
    const { category, gap, t, end } = this.lines;
    const paths = this.data.categories.map(() => "");
    const third = (100 - LINES_HIGH - 4) / 3;
    for (let first = 0, point = 1; point <= category.length; point += 1) {
      if (point < category.length && category[point] === category[first] && !gap[point]) continue;
      // In the order of the categories: negative lies lowest; undecided is a thin line in the middle.
      const decided = category[first] < 3;
      const top = LINES_HIGH + 4 + third * (decided ? 2 - category[first] : 1.35);
      const until = point < category.length && !gap[point] ? t[point] : end[point - 1];
      const [from, to] = [across(t[first]), Math.max(across(until), across(t[first]) + 1)];
      paths[category[first]] += `M${from} ${top.toFixed(1)}H${to}v${(decided ? third : third * 0.3).toFixed(1)}H${from}Z`;
      first = point;
    }
    return paths.map((d, place) => drawing("path", { class: "block", d, fill: this.data.categories[place].colour }));
  }

  drawAxis() {
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
    const step = steps.find((seconds) => this.duration / seconds <= 6) ?? this.duration;
    const marks = [];
    for (let t = 0; t <= this.duration * 0.97; t += step) {
      const mark = element("span", { text: clock(t) });
      mark.style.left = `${(t / this.duration) * 100}%`;
      marks.push(mark);
    }
    this.axis.replaceChildren(...marks);
  }

  /** The probabilities of the line at time `t`, 0 to 1, and its category's place; null where there is no face. */
  at(t) {
    if (!this.lines) return null;
    const tick = t * TICKS_PER_S + 0.5;
    const point = lastUpTo(this.lines.t, tick);
    if (point < 0 || tick > this.lines.end[point] + 1) return null;
    return { emotions: this.lines.emotions.map((line) => line[point] / 255), category: this.lines.category[point] };
  }

  /** What can be said of time `t` in one line. */
  said(t) {
    const values = this.at(t);
    const range = this.data.excluded.find(({ from, to }) => from <= t && t < to);
    const parts = [];
    if (values) {
      const order = values.emotions.map((p, place) => [p, place]).sort((one, other) => other[0] - one[0]);
      for (const [p, place] of order.slice(0, 3)) parts.push(`${this.data.emotions[place].name} ${Math.round(p * 100)} %`);
      parts.push(this.data.categories[values.category].name.toLowerCase());
    } else if (this.data.lines && !range) parts.push("no face");
    if (range) parts.push(range.reason ? `excluded: ${range.reason}` : "excluded");
    return parts.join(", ");
  }

  /** Put the cursor at time `t`. */
  show(t, playing) {
    this.cursor.style.left = `${Math.min(100, (t / this.duration) * 100)}%`;
    // While it plays once a second is enough for who listens.
    const heard = playing ? Math.floor(t) : t;
    if (heard === this.heard) return;
    this.heard = heard;
    this.root.setAttribute("aria-valuenow", t.toFixed(2));
    const said = this.said(t);
    const of = `${clock(t, 2)} of ${clock(this.duration)}`;
    this.root.setAttribute("aria-valuetext", said ? `${of}, ${said}` : of);
  }

  timeAt(event) {
    const room = this.root.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - room.left) / room.width)) * this.duration;
  }

  showTip(t) {
    const said = this.said(t);
    this.tip.textContent = said ? `${clock(t, 1)} · ${said}` : clock(t, 1);
    this.tip.hidden = false;
    const share = t / this.duration;
    this.tip.style.left = `${share * 100}%`;
    this.tip.style.transform = `translateX(${-share * 100}%)`;
  }

  /** Show the range from one time to another as chosen, or nothing. */
  choose(from, to) {
    this.chosen.hidden = from === null;
    if (from !== null) this.place(this.chosen, Math.min(from, to), Math.max(from, to));
  }

  listen() {
    let from = null;
    let scrubbing = false;
    this.root.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.root.setPointerCapture(event.pointerId);
      if (this.data.annotate && (event.shiftKey || this.selecting)) from = this.timeAt(event);
      else {
        scrubbing = true;
        this.calls.go(this.timeAt(event));
      }
    });
    this.root.addEventListener("pointermove", (event) => {
      const t = this.timeAt(event);
      if (from !== null) this.choose(from, t);
      else if (scrubbing) this.calls.go(t);
      this.showTip(t);
    });
    this.root.addEventListener("pointerup", (event) => {
      const to = this.timeAt(event);
      if (from !== null) {
        this.choose(null);
        const room = this.root.getBoundingClientRect().width;
        if ((Math.abs(to - from) / this.duration) * room >= 3) this.calls.select(Math.min(from, to), Math.max(from, to));
      }
      [from, scrubbing] = [null, false];
    });
    this.root.addEventListener("pointercancel", () => {
      if (from !== null) this.choose(null);
      [from, scrubbing] = [null, false];
    });
    this.root.addEventListener("pointerleave", () => { this.tip.hidden = true; });
  }
}

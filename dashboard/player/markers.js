// The markers, in a lane above the timeline: a click goes there, dragging moves one.

class Markers {
  /** calls: go(t), move(marker, t) after one was dragged. */
  constructor(calls) {
    this.calls = calls;
    this.lane = element("div", { class: "markers", role: "group", "aria-label": "Markers" });
    this.moved = new Map(); // where markers were dragged to, until the store says so, too
  }

  set(data, duration) {
    [this.data, this.duration] = [data, duration];
    for (const [id, t] of this.moved) {
      const known = data.markers.find((marker) => marker.id === id);
      if (!known || known.t !== t.from) this.moved.delete(id);
    }
    const focused = this.lane.getRootNode().activeElement?.dataset?.marker;
    const all = data.markers.map((marker) => ({ ...marker, t: this.moved.get(marker.id)?.to ?? marker.t }));
    all.sort((one, other) => one.t - other.t);
    this.lane.replaceChildren(...all.map((marker, place) => this.made(marker, all[place + 1]?.t ?? duration)));
    this.lane.hidden = !all.length;
    if (focused) this.lane.querySelector(`[data-marker="${CSS.escape(focused)}"]`)?.focus();
  }

  made(marker, next) {
    const until = marker.end === null ? "" : ` to ${clock(marker.end, 1)}`;
    const words = `${marker.kind}, ${clock(marker.t, 1)}${until}${marker.note ? `: ${marker.note}` : ""}`;
    const made = element(
      "button",
      { class: "marker", type: "button", "data-marker": marker.id, "aria-label": `Marker ${words}`, title: words },
      element("span", { text: marker.kind }),
    );
    made.style.left = `${(marker.t / this.duration) * 100}%`;
    made.style.maxWidth = `max(0.8rem, ${((next - marker.t) / this.duration) * 100}%)`;
    if (marker.end !== null) made.style.minWidth = `${((marker.end - marker.t) / this.duration) * 100}%`;
    this.listen(made, marker);
    return made;
  }

  listen(made, marker) {
    let grabbed = null;
    let dragged = false;
    const timeOf = (event) => {
      const moved = ((event.clientX - grabbed) / this.lane.clientWidth) * this.duration;
      const t = Math.min(Math.max(0, marker.t + moved), this.duration);
      return frameAt(t, this.data.fps) / this.data.fps;
    };
    made.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      made.setPointerCapture(event.pointerId);
      [grabbed, dragged] = [event.clientX, false];
    });
    made.addEventListener("pointermove", (event) => {
      if (grabbed === null || (!dragged && Math.abs(event.clientX - grabbed) < 3)) return;
      dragged = true;
      made.style.left = `${(timeOf(event) / this.duration) * 100}%`;
      made.firstChild.textContent = clock(timeOf(event), 1);
    });
    made.addEventListener("pointerup", (event) => {
      if (dragged) {
        const t = timeOf(event);
        const from = this.data.markers.find(({ id }) => id === marker.id)?.t;
        this.moved.set(marker.id, { from, to: t });
        this.calls.move(marker, t);
        this.set(this.data, this.duration);
      }
      grabbed = null;
    });
    made.addEventListener("pointercancel", () => {
      grabbed = null;
      this.set(this.data, this.duration);
    });
    // After a drag the browser reports a click, too; from the keyboard there is only the click.
    made.addEventListener("click", () => {
      if (!dragged) this.calls.go(marker.t);
      dragged = false;
    });
  }
}

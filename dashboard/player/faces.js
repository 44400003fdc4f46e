// The boxes over the picture: which face is where at a time, and drawing them.

const TICKS_PER_S = 10000;

/** Where a picture of this size lies in a room that it fills as far as it can without being distorted. */
function pictureIn(room, width, height) {
  const scale = Math.min(room.width / width, room.height / height);
  const [wide, high] = [width * scale, height * scale];
  return { left: (room.width - wide) / 2, top: (room.height - high) / 2, width: wide, height: high };
}

/** The person as handed over, with the columns as arrays. */
function unpacked(person) {
  const sides = {};
  for (const side of ["x", "y", "w", "h"]) sides[side] = column(person[side], Int16Array);
  return {
    id: person.id, name: person.name, ...sides, t: column(person.t, Uint32Array),
    label: column(person.label, Uint8Array), p: column(person.p, Uint8Array),
  };
}

/**
 * The face of an unpacked person at time `t`: {x, y, w, h, label, p}, or null.
 *
 * Between two samples that are at most 1.5 sampling steps apart the box moves evenly; after the last one before an
 * absence it stays for half a step. The label is that of the sample before: it holds until the next, as in the timeline.
 */
function faceAt(person, t, step_s) {
  const tick = t * TICKS_PER_S + 0.5;
  const before = lastUpTo(person.t, tick);
  if (before < 0) return null;
  const [began, next] = [person.t[before], person.t[before + 1]];
  const step = step_s * TICKS_PER_S;
  let share = 0;
  if (next !== undefined && next - began <= 1.5 * step) {
    share = Math.min(1, Math.max(0, (tick - 0.5 - began) / (next - began)));
  } else if (tick - began > step / 2) return null;
  const between = (side) => person[side][before] + (share ? share * (person[side][before + 1] - person[side][before]) : 0);
  return {
    x: between("x"), y: between("y"), w: between("w"), h: between("h"),
    label: person.label[before], p: person.p[before] / 255,
  };
}

/** The layer over the picture. Boxes are placed in percent, so that they stay right at any size. */
class Faces {
  constructor() {
    this.layer = element("div", { class: "faces", "aria-hidden": "true" });
    this.people = [];
  }

  set(data) {
    this.data = data;
    this.layer.replaceChildren();
    this.people = data.people.map((handed) => {
      const label = element("span");
      const box = element("div", { class: "face", "data-person": handed.id, hidden: true }, label);
      this.layer.append(box);
      return { ...unpacked(handed), box, label_: label };
    });
  }

  /** Lay the layer over the picture within the video element. */
  fit(video) {
    const [width, height] = [video.videoWidth || this.data.width, video.videoHeight || this.data.height];
    if (!width || !height) return;
    const place = pictureIn({ width: video.clientWidth, height: video.clientHeight }, width, height);
    for (const side of ["left", "top", "width", "height"]) this.layer.style[side] = `${place[side]}px`;
    // Boxes are in the file's pixels; a playable copy is smaller, and pixels need not be square.
    this.size = { width: this.data.width || width, height: this.data.height || height };
  }

  /** Show the faces at time `t`; returns what is said of them. */
  show(t) {
    if (!this.size) return [];
    const said = [];
    for (const person of this.people) {
      const face = faceAt(person, t, this.data.step);
      person.box.hidden = face === null;
      if (face === null) continue;
      const { style } = person.box;
      style.left = `${(face.x / this.size.width) * 100}%`;
      style.top = `${(face.y / this.size.height) * 100}%`;
      style.width = `${(face.w / this.size.width) * 100}%`;
      style.height = `${(face.h / this.size.height) * 100}%`;
      const emotion = this.data.emotions[face.label];
      style.setProperty("--colour", emotion.colour);
      person.box.classList.toggle("undecided", face.label === this.data.emotions.length - 1);
      // The words stay inside of the picture.
      person.box.classList.toggle("below", face.y < 0.08 * this.size.height);
      person.box.classList.toggle("leftwards", face.x > this.size.width / 2);
      const text = `${person.name} · ${emotion.name} ${Math.round(face.p * 100)} %`;
      if (person.label_.textContent !== text) person.label_.textContent = text;
      said.push(text);
    }
    return said;
  }
}

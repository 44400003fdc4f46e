// What the player and the list of stills share. Each component's script is several of these files, one after the other.

// Sent to the window by whoever wants the player to go to a moment: detail {t}, in seconds.
const SEEK = "moodreel-seek";

/** A new HTML element: attributes by name (`text` is its text), then what goes into it. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") made.textContent = value;
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** A new SVG element. */
function drawing(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Seconds as m:ss or h:mm:ss, with `digits` after the point; cut off, not rounded, so that it never shows a time to come. */
function clock(seconds, digits = 0) {
  const scale = 10 ** digits;
  const cut = Math.floor(seconds * scale + 1e-3);
  const whole = Math.floor(cut / scale);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const text = hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  return digits ? `${text}.${String(cut % scale).padStart(digits, "0")}` : text;
}

/** A column as Python wrote it (see handed.py): base64 of an array of little-endian numbers. */
function column(text, Kind) {
  return new Kind(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
}

/** Index of the last value that is at most `value` in an ascending array; -1 if there is none. */
function lastUpTo(ascending, value) {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Number of the frame that is shown at a time; a time stamp that rounding made a little too small still counts. */
function frameAt(t, fps) {
  return Math.max(0, Math.floor(t * fps + 0.02));
}

/** Where to set a video to see the frame that begins at `t`: within it, even where frames come faster than the mean. */
function within(t, fps) {
  return t + Math.min(0.5 / fps, 0.01);
}

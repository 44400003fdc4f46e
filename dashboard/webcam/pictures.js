// The camera's picture, and every second or so a copy of it as a JPEG: the next only when the last has arrived.

const QUALITY = 0.85;
const AGAIN_MS = 5000; // a picture that nobody has heard of by then was lost on the way
const FAILURES = {
  NotAllowedError: "This page may not use the camera. Allow it in the browser's address bar, then start again.",
  NotFoundError: "There is no camera. Connect one, then start again.",
  NotReadableError: "Another program uses the camera. Close that, then start again.",
};
const INSECURE = "The browser gives the camera only to pages that come by HTTPS or from this machine.";
const ENDED = "The camera has stopped. Connect it again, then start.";

const cameras = new WeakMap();

class Snapshots {
  constructor(root) {
    this.video = root.querySelector("video");
    this.status = root.querySelector(".status");
    [this.startButton, this.stopButton] = [root.querySelector(".start"), root.querySelector(".stop")];
    this.canvas = document.createElement("canvas");
    this.startButton.onclick = () => this.start();
    this.stopButton.onclick = () => { this.stop(""); this.startButton.focus(); };
  }

  update(component) {
    [this.component, this.data] = [component, component.data];
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia) { this.say(INSECURE); return; }
    this.startButton.disabled = true;
    const asked = (this.asked = {});
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 } } });
      // The page was left while the browser asked for permission.
      if (this.asked !== asked) { end(stream); return; }
      this.stream = stream;
    } catch (error) {
      this.say(FAILURES[error.name] ?? `The camera gives no picture: ${error.message}`);
      this.startButton.disabled = false;
      return;
    }
    this.stream.getVideoTracks()[0].addEventListener("ended", () => this.stop(ENDED));
    this.video.srcObject = this.stream;
    this.video.play().catch(() => {});
    this.show(true);
    this.say("");
    this.stopButton.focus();
    this.timer = setInterval(() => this.send(), 1000 * Math.min(this.data.everyS, 0.25));
  }

  stop(why) {
    this.asked = null;
    clearInterval(this.timer);
    if (this.stream) end(this.stream);
    this.stream = this.video.srcObject = null;
    this.show(false);
    this.say(why);
  }

  show(runs) {
    this.video.hidden = this.stopButton.hidden = !runs;
    this.startButton.hidden = runs;
    this.startButton.disabled = false;
  }

  say(text) {
    this.status.textContent = text;
  }

  /** Send a picture, if it is time, the last has arrived, and there is one to be seen. */
  send() {
    const { videoWidth, videoHeight } = this.video;
    const since = performance.now() - (this.sentAt ?? -Infinity);
    const arrived = !this.sent || this.data.heard === this.sent || since > AGAIN_MS;
    if (!arrived || since < 1000 * this.data.everyS || !videoWidth || document.hidden) return;
    const scale = Math.min(1, this.data.longerSide / Math.max(videoWidth, videoHeight));
    this.canvas.width = Math.round(videoWidth * scale);
    this.canvas.height = Math.round(videoHeight * scale);
    this.canvas.getContext("2d").drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    this.sent = `${Date.now()}-${Math.random()}`;
    this.sentAt = performance.now();
    this.component.setTriggerValue("picture", { id: this.sent, jpeg: this.canvas.toDataURL("image/jpeg", QUALITY).split(",")[1] });
  }
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

export default function (component) {
  const root = component.parentElement;
  if (!cameras.has(root)) cameras.set(root, new Snapshots(root));
  cameras.get(root).update(component);
  return () => {
    cameras.get(root)?.stop("");
    cameras.delete(root);
  };
}

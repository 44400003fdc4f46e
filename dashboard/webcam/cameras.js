// What the browser tells of its cameras, whenever it changes.

const watches = new WeakMap();

// What opening a camera may fail with, and what that means; "NotFoundError" and "NotAllowedError" show elsewhere.
const TROUBLES = { NotReadableError: "in_use", AbortError: "unreadable" };

class Watch {
  constructor() {
    this.trouble = null;
    this.ended = new AbortController();
    const again = () => this.look();
    const until = { signal: this.ended.signal };
    document.addEventListener("visibilitychange", again, until);
    // A camera that comes or goes may be the end of the trouble, too.
    navigator.mediaDevices?.addEventListener("devicechange", () => { this.trouble = null; this.tried = false; this.look(); }, until);
    this.permission = "unknown";
    navigator.permissions?.query({ name: "camera" }).then(
      (status) => {
        const read = () => { this.permission = status.state; this.look(); };
        status.addEventListener("change", read, until);
        read();
      },
      () => {}, // a browser that does not know this permission
    );
  }

  update(component) {
    this.component = component;
    this.tryIt = component.data.tryIt;
    if (!this.tryIt) this.tried = false;
    this.look();
  }

  async look() {
    const number = (this.looks = (this.looks ?? 0) + 1);
    const media = navigator.mediaDevices;
    const devices = media?.enumerateDevices ? await media.enumerateDevices().catch(() => null) : null;
    const cameras = devices?.filter((device) => device.kind === "videoinput");
    if (this.tryIt && !this.tried && this.permission === "granted" && media?.getUserMedia && cameras?.length !== 0) {
      this.tried = true;
      await this.open(media);
    }
    // While this was waiting another look may have begun, which knows more.
    if (number !== this.looks || this.ended.signal.aborted || !this.component) return;
    const state = {
      secure: window.isSecureContext,
      supported: Boolean(media?.getUserMedia),
      cameras: cameras ? cameras.length : null,
      permission: window.isSecureContext ? this.permission : "unknown", // "denied" elsewhere, which no setting would change
      hidden: document.hidden,
      trouble: this.trouble,
      names: (cameras ?? []).filter(({ label }) => label).map(({ deviceId, label }) => ({ id: deviceId, name: label })),
    };
    if (JSON.stringify(state) === this.told) return;
    this.told = JSON.stringify(state);
    this.component.setStateValue("state", state);
  }

  /** Open the camera for a moment, to learn whether it gives a picture. */
  async open(media) {
    try {
      const stream = await media.getUserMedia({ video: true });
      for (const track of stream.getTracks()) track.stop();
      this.trouble = null;
    } catch (error) {
      this.trouble = TROUBLES[error.name] ?? null;
    }
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!watches.has(root)) watches.set(root, new Watch());
  watches.get(root).update(component);
  return () => {
    watches.get(root)?.ended.abort();
    watches.delete(root);
  };
}

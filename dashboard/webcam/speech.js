// A line that screen readers say when it changes; and aloud, where asked.

const voices = new WeakMap();

class Voice {
  constructor(root) {
    this.line = root.querySelector(".line");
    this.said = null; // the last text that was spoken
    this.next = null; // the newest that waits for the end of what is being spoken
  }

  update({ text, speak }) {
    // Set anew, the same text would be read out again.
    if (text !== null && this.line.textContent !== text) this.line.textContent = text;
    if (speak !== this.speak) this.silence();
    this.speak = speak;
    if (!speak || !text) return;
    this.next = text;
    this.go();
  }

  /** Say what waits, unless something is being said, or it was said last. */
  go() {
    if (!window.speechSynthesis || this.speaking || this.next === null) return;
    const text = this.next;
    this.next = null;
    if (text === this.said) return;
    this.said = text;
    // Kept here: an utterance that nothing holds may end without telling.
    this.speaking = new SpeechSynthesisUtterance(text);
    this.speaking.lang = "en";
    const over = () => { this.speaking = null; this.go(); };
    this.speaking.addEventListener("end", over, { once: true });
    this.speaking.addEventListener("error", over, { once: true });
    window.speechSynthesis.speak(this.speaking);
  }

  silence() {
    this.said = this.next = null;
    if (!this.speaking) return;
    this.speaking = null;
    window.speechSynthesis.cancel();
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!voices.has(root)) voices.set(root, new Voice(root));
  voices.get(root).update(component.data);
  return () => {
    voices.get(root)?.silence();
    voices.delete(root);
  };
}

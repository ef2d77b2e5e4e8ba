// Play: step by step through the input samples, which stamp, or through the output samples, which gather.

import { element } from "./panels.js";

const PATHS = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  step: "M6 5v14l9-7zM16 5h3v14h-3z",
  back: "M18 5v14l-9-7zM5 5h3v14H5z",
  all: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
};
const icon = (name) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${PATHS[name]}"/></svg>`;
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  // `changed` is called with the step, or with null when everything is shown.  `steps()` says how many there are.
  constructor(order, steps, changed) {
    Object.assign(this, { order, steps, changed, step: null });
    const button = (name, act, label = name) => {
      const made = element("button", { type: "button", "aria-label": label, title: label, html: icon(name) });
      made.addEventListener("click", act);
      return made;
    };
    this.toggle = button("play", () => (this.timer ? this.pause() : this.play()), "Play");
    this.choice = element("select", { "aria-label": "Order", html: "<option value=inputs>by input<option value=outputs>by output" });
    this.choice.value = order;
    this.choice.addEventListener("change", () => {
      this.order = this.choice.value;
      this.stop();
    });
    this.speed = element("input", { type: "range", min: 1, max: 10, value: 4, "aria-label": "Speed" });
    this.says = element("span", { class: "step" });
    const buttons = [
      button("all", () => this.stop(), "Show all"),
      button("back", () => this.move(-1), "Back"),
      this.toggle,
      button("step", () => this.move(1), "Step"),
    ];
    const speed = element("label", { text: "speed" }, this.speed);
    this.node = element("div", { class: "player", role: "group", "aria-label": "Player" }, ...buttons, this.choice, speed, this.says);
    still.addEventListener("change", () => this.quiet());
    this.quiet();
  }

  // Where the reader's system asks for less motion, steps are taken one by one.
  quiet() {
    if (still.matches) this.pause();
    this.toggle.disabled = still.matches;
    if (still.matches) this.toggle.title = "Your system asks for less motion: take single steps";
  }

  get ended() {
    return this.step !== null && this.step + 1 >= this.steps();
  }

  play() {
    if (still.matches) return;
    this.say("pause", "Pause");
    if (this.ended) this.step = null;
    const tick = () => {
      if (this.ended || !this.node.isConnected) return this.pause();
      this.go((this.step ?? -1) + 1);
      this.timer = setTimeout(tick, 3000 / this.speed.value);
    };
    tick();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.say("play", "Play");
  }

  say(name, label) {
    this.toggle.innerHTML = icon(name);
    this.toggle.setAttribute("aria-label", label);
    this.toggle.title = label;
  }

  move(by) {
    this.pause();
    const from = this.step ?? (by > 0 ? -1 : this.steps());
    this.go(Math.min(Math.max(from + by, 0), this.steps() - 1));
  }

  go(step) {
    this.step = step;
    this.says.textContent = `${step + 1} of ${this.steps()}`;
    this.changed(step);
  }

  // Everything is shown again.
  stop() {
    this.pause();
    this.step = null;
    this.says.textContent = "";
    this.changed(null);
  }
}

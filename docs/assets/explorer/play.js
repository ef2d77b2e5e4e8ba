// Play: step by step through the input samples, which stamp, or through the output samples, which gather.

import { element } from "./panels.js";

const icon = (path) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
const ICONS = {
  play: icon("M8 5v14l11-7z"),
  pause: icon("M6 5h4v14H6zM14 5h4v14h-4z"),
  step: icon("M6 5v14l9-7zM16 5h3v14h-3z"),
  back: icon("M18 5v14l-9-7zM5 5h3v14H5z"),
  all: icon("M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z"),
};
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  // `changed` is called with the step, or with null when everything is shown.  `steps()` says how many there are.
  constructor(steps, changed) {
    Object.assign(this, { steps, changed, step: null, order: "inputs" });
    const button = (icon, label, act) => {
      const made = element("button", { type: "button", "aria-label": label, title: label, html: ICONS[icon] });
      made.addEventListener("click", act);
      return made;
    };
    this.toggle = button("play", "Play", () => (this.timer ? this.pause() : this.play()));
    this.order_ = element("select", { "aria-label": "Order", html: "<option value=inputs>by input<option value=outputs>by output" });
    this.speed = element("input", { type: "range", min: 1, max: 10, value: 4, "aria-label": "Speed" });
    this.says = element("span", { class: "step" });
    this.node = element(
      "div",
      { class: "player", role: "group", "aria-label": "Player" },
      button("all", "Show all", () => this.stop()),
      button("back", "Back", () => this.move(-1)),
      this.toggle,
      button("step", "Step", () => this.move(1)),
      this.order_,
      element("label", { text: "speed" }, this.speed),
      this.says,
    );
    this.order_.addEventListener("change", () => {
      this.order = this.order_.value;
      this.stop();
    });
    still.addEventListener("change", () => this.quiet());
    this.quiet();
  }

  begin(order) {
    this.order_.value = this.order = order;
  }

  // Where the reader's system asks for less motion, steps are taken one by one.
  quiet() {
    if (still.matches) this.pause();
    this.toggle.disabled = still.matches;
    if (still.matches) this.toggle.title = "Your system asks for less motion: take single steps";
  }

  play() {
    if (still.matches) return;
    this.say("pause", "Pause");
    const tick = () => {
      if (!this.node.isConnected) return this.pause();
      if (this.step !== null && this.step + 1 >= this.steps(this.order)) return this.pause();
      this.go(this.step === null ? 0 : this.step + 1);
      this.timer = setTimeout(tick, 3000 / this.speed.value);
    };
    if (this.step !== null && this.step + 1 >= this.steps(this.order)) this.step = null;
    tick();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.say("play", "Play");
  }

  say(icon, label) {
    this.toggle.innerHTML = ICONS[icon];
    this.toggle.setAttribute("aria-label", label);
    this.toggle.title = label;
  }

  move(by) {
    this.pause();
    const steps = this.steps(this.order);
    const from = this.step ?? (by > 0 ? -1 : steps);
    this.go(Math.min(Math.max(from + by, 0), steps - 1));
  }

  go(step) {
    this.step = step;
    this.says.textContent = `${step + 1} of ${this.steps(this.order)}`;
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

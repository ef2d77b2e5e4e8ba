// Play: step by step through the input samples, which stamp, or through the output samples, which gather.

import { element } from "./panels.js";

const PATHS = {
  all: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  back: "M18 5v14l-9-7zM5 5h3v14H5z",
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  step: "M6 5v14l9-7zM16 5h3v14h-3z",
};
const icon = (name) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${PATHS[name]}"/></svg>`;
const button = (name, label) =>
  `<button type="button" data-do="${name}" aria-label="${label}" title="${label}">${icon(name)}</button>`;
const BUTTONS =
  button("play", "Play") + button("back", "Back") + button("step", "Step") + button("all", "Show all") +
  '<select aria-label="Order"><option value="inputs">input by input<option value="outputs">output by output</select>' +
  '<label>speed<input type="range" min="1" max="10" value="4" aria-label="Speed"></label><span class="step"></span>';
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  // `changed` is called with the step, or with null when everything is shown.  `steps()` says how many there are.
  constructor(order, steps, changed) {
    Object.assign(this, { steps, changed, at: null });
    this.node = element("div", { class: "player", role: "group", "aria-label": "Player", html: BUTTONS });
    [this.toggle, this.choice, this.speed, this.says] = ["[data-do=play]", "select", "input", ".step"].map((one) => this.node.querySelector(one));
    this.choice.value = order;
    this.choice.addEventListener("change", () => this.all());
    this.node.addEventListener("click", ({ target }) => this[target.closest("button")?.dataset.do]?.());
    still.addEventListener("change", () => this.quiet());
    this.quiet();
  }

  get order() {
    return this.choice.value;
  }

  // Where the reader's system asks for less motion, steps are taken one by one.
  quiet() {
    this.pause();
    this.toggle.disabled = still.matches;
    if (still.matches) this.toggle.title = "Your system asks for less motion: take single steps";
  }

  get ended() {
    return this.at !== null && this.at + 1 >= this.steps();
  }

  play() {
    if (this.timer) return this.pause();
    this.name("pause", "Pause");
    if (this.ended) this.at = null;
    const tick = () => {
      if (this.ended || !this.node.isConnected) return this.pause();
      this.timer = setTimeout(tick, 3000 / this.speed.value);
      this.go((this.at ?? -1) + 1);
    };
    return tick();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.name("play", "Play");
  }

  // What the button does next.
  name(path, label) {
    this.toggle.innerHTML = `${icon(path)} ${label}`;
    this.toggle.setAttribute("aria-label", label);
    this.toggle.title = label;
  }

  back() {
    this.move(this.at ?? this.steps(), -1);
  }

  step() {
    this.move(this.at ?? -1, 1);
  }

  move(from, by) {
    this.pause();
    this.go(Math.min(Math.max(from + by, 0), this.steps() - 1));
  }

  go(step) {
    this.at = step;
    this.says.textContent = step === null ? "" : `${step + 1} of ${this.steps()}`;
    this.changed(step);
  }

  // Everything is shown again.
  all() {
    this.pause();
    this.go(null);
  }
}

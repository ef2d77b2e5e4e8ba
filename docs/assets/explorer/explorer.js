// The explorer: knobs, linked pictures, play, and the state in the address.

import { Refusal } from "./geometry.js";
import { Linked } from "./linked.js";
import { element } from "./panels.js";
import { Knob, sheet } from "./knobs.js";
import { KNOBS, address, axesOf, fromAddress, model } from "./state.js";

class Explorer extends HTMLElement {
  async connectedCallback() {
    if (this.linked) return;
    await loaded;
    this.state = fromAddress(location.search);
    this.build();
    this.draw();
    document.addEventListener("click", (event) => this.follow(event));
  }

  build() {
    this.linked = new Linked(["input", "kernel", "output", "stamps", "padded", "phases", "matrix"], (letter, numbers) =>
      this.change({ [letter]: numbers }),
    );
    this.linked.option("output", "counts", "overlap");
    this.linked.option("matrix", "upright", "transposed");
    this.both = element("fieldset", { class: "axes", html: "<legend>Axes</legend>" });
    for (const axes of [1, 2]) {
      const radio = element("input", { type: "radio", name: "axes", value: axes });
      radio.addEventListener("change", () => this.change({ axes }));
      this.both.append(element("label", {}, radio, ["one", "two"][axes - 1]));
    }
    this.link = element("input", { type: "checkbox" });
    this.link.addEventListener("change", () => this.join());
    this.both.append(element("label", {}, this.link, "with the same settings"));
    this.knobs = element("form", { class: "knobs" });
    this.knobs.addEventListener("submit", (event) => event.preventDefault());
    this.says = element("p", { class: "says", role: "status" });
    const stage = element("div", { class: "stage" }, this.linked.told, this.linked.player.node, this.linked.node);
    const controls = element("div", { class: "controls" }, this.both, this.knobs, this.says);
    this.replaceChildren(element("div", { class: "whole" }, controls, stage));
    const equal = ([rows, columns]) => rows === columns;
    this.link.checked = Object.keys(KNOBS).every((letter) => equal(this.state[letter]));
  }

  join() {
    if (this.link.checked) for (const letter of Object.keys(KNOBS)) this.state[letter][0] = this.state[letter][1];
    this.change({});
  }

  turn(letter, side, value) {
    const numbers = side === undefined ? [value, value] : this.state[letter].with(side, value);
    this.change({ [letter]: numbers });
  }

  change(others) {
    Object.assign(this.state, others);
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.draw());
    clearTimeout(this.later); // a browser takes some hundred addresses a minute, and a slider has more
    this.later = setTimeout(() => history.replaceState(null, "", `?${address(this.state)}`), 300);
  }

  // A link on the page to a case is shown here, without a new page.
  follow(event) {
    const link = event.target.closest?.("a[href*='?']");
    if (!link || link.pathname !== location.pathname || !link.search || this.contains(link)) return;
    event.preventDefault();
    this.state = fromAddress(link.search);
    this.link.checked = Object.keys(KNOBS).every((letter) => this.state[letter][0] === this.state[letter][1]);
    this.change({});
    this.scrollIntoView({ block: "start" });
  }

  draw() {
    const { state } = this;
    for (const radio of this.both.querySelectorAll("[type=radio]")) radio.checked = Number(radio.value) === state.axes;
    this.link.parentNode.hidden = state.axes === 1;
    const sides = state.axes === 2 && !this.link.checked ? [0, 1] : [undefined];
    const shape = sides.length;
    if (this.shape !== shape) {
      this.shape = shape;
      this.each = Object.keys(KNOBS).flatMap((letter) =>
        sides.map((side) => ({ letter, side, knob: new Knob(letter, side, (...turned) => this.turn(...turned)) })),
      );
      this.knobs.replaceChildren(...this.each.map(({ knob }) => knob.node));
    }
    for (const { letter, side, knob } of this.each) knob.show(state[letter][side ?? 1]);
    try {
      const axes = axesOf(state);
      this.says.className = "says";
      this.says.textContent = axes.map(({ input, output }) => `${input} → ${output}`).join(",  ");
      this.linked.show(model(axes, state), state);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.says.className = "says refused";
      this.says.textContent = refusal.message;
    }
  }
}

const loaded = sheet();
customElements.define("deconv-explorer", Explorer);

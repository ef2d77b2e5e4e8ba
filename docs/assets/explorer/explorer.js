// The explorer: knobs, linked pictures, play, and the state in the address.

import { Refusal } from "./geometry.js";
import { Linked } from "./linked.js";
import { element } from "./panels.js";
import { Knob, sheet } from "./knobs.js";
import { FRAMEWORKS, KNOBS, address, axesOf, cellOf, fromAddress, model } from "./state.js";

const VIEWS = ["input", "kernel", "output", "stamps", "padded", "phases", "matrix"];

const OPTIONS = [
  ["output", "counts", "overlap"],
  ["output", "grey", "picture"],
  ["matrix", "upright", "transposed"],
];

class Explorer extends HTMLElement {
  async connectedCallback() {
    if (this.linked) return;
    await loaded;
    this.state = fromAddress(location.search);
    this.build();
    if (this.state.of) await this.speak();
    this.draw();
    document.addEventListener("click", (event) => this.follow(event));
  }

  build() {
    const asked = this.state.view.split(",").filter((name) => VIEWS.includes(name));
    const views = asked.length ? asked : VIEWS;
    this.linked = new Linked(
      views,
      (letter, numbers) => this.change({ [letter]: numbers }),
      (others) => this.note(others),
    );
    this.linked.chosen = cellOf(this.state.at);
    for (const [name, key, text] of OPTIONS) {
      if (views.includes(name)) this.linked.option(name, key, text, this.state.show.split(",").includes(key));
    }
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
    const { told, player, node } = this.linked;
    const places = this.places();
    const stage = element("div", { class: "stage" }, told, player.node, node);
    const controls = element("div", { class: "controls" }, this.both, places.words, this.knobs, this.says);
    this.replaceChildren(places.paster, element("div", { class: "whole" }, controls, stage), places.meaning);
    this.link.checked = this.equal();
  }

  // Where the words of the frameworks go: they are loaded when they are wanted, or come into sight.
  places() {
    const names = Object.entries(FRAMEWORKS).map(([key, name]) => `<option value=${key}>${name}`);
    const choice = element("select", { html: `<option value="">deconvlib${names.join("")}` });
    const example = "nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)";
    const line = element("input", { type: "text", placeholder: example, autocomplete: "off", spellcheck: "false" });
    const fields = element("div", { class: "fields" });
    const pasted = element("p", { class: "pasted", role: "status" });
    const meaning = element("div", { class: "meaning" });
    choice.addEventListener("change", async () => (await this.speak()).choose(choice.value));
    line.addEventListener("input", async () => (await this.speak()).paste(line.value));
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.speak()).observe(meaning);
    this.choice = choice;
    this.into = { fields, pasted, meaning };
    const words = element("div", { class: "words" }, element("label", { text: "In the words of " }, choice), fields);
    const paster = element("div", { class: "paste" }, element("label", { text: "Paste a line of your code" }, line), pasted);
    return { words, paster, meaning };
  }

  speak() {
    this.spoken ??= import("./words.js").then(({ Words, framed }) => {
      this.framed = framed;
      this.words = new Words(this.into, (others) => this.change(others), {
        state: () => this.state,
        axes: () => this.axes,
        numbers: () => (this.classList.contains("large") ? {} : this.linked.model),
        panels: this.linked.panels,
        search: () => address(this.state),
      });
      this.words.show();
      return this.words;
    });
    return this.spoken;
  }

  equal() {
    return Object.keys(KNOBS).every((letter) => this.state[letter][0] === this.state[letter][1]);
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
    this.note(others);
    if (!this.equal()) this.link.checked = false;
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.draw());
  }

  // Into the state and its address.
  note(others) {
    Object.assign(this.state, others);
    clearTimeout(this.later); // a browser takes some hundred addresses a minute, and a slider has more
    this.later = setTimeout(() => history.replaceState(null, "", `?${address(this.state)}`), 300);
  }

  // A link on the page to a case is shown here, without a new page.
  async follow(event) {
    const link = event.target.closest?.("a[href*='?']");
    if (!link || link.pathname !== location.pathname || !link.search || this.contains(link)) return;
    event.preventDefault();
    this.state = fromAddress(link.search);
    if (this.state.of) await this.speak();
    this.link.checked = this.equal();
    this.change({});
    this.scrollIntoView({ block: "start" });
  }

  draw() {
    const { state } = this;
    for (const radio of this.both.querySelectorAll("[type=radio]")) radio.checked = Number(radio.value) === state.axes;
    this.link.parentNode.hidden = state.axes === 1;
    this.turnable(state);
    this.axes = null;
    try {
      const axes = state.of ? this.framed(state) : axesOf(state);
      this.axes = axes;
      this.say(axes.map(({ input, output }) => `${input} → ${output}`).join(",  "));
      this.classList.add("large");
      this.linked.show(model(axes, state), state);
      this.classList.remove("large");
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.say(refusal.message, "refused");
      if (!this.axes) this.classList.remove("large"); // the last pictures stay
    }
    this.choice.value = state.of;
    this.words?.show();
  }

  // The knobs of this state: one for both axes where they are linked, and those that the framework has not got itself.
  turnable(state) {
    const sides = state.axes === 2 && !this.link.checked ? [0, 1] : [undefined];
    const letters = state.of ? ["i", "k"] : Object.keys(KNOBS);
    const shape = `${sides.length} ${letters.length}`;
    if (this.shape !== shape) {
      this.shape = shape;
      this.each = letters.flatMap((letter) =>
        sides.map((side) => ({ letter, side, knob: new Knob(letter, side, (...turned) => this.turn(...turned)) })),
      );
      this.knobs.replaceChildren(...this.each.map(({ knob }) => knob.node));
    }
    for (const { letter, side, knob } of this.each) knob.show(state[letter][side ?? 1]);
  }

  say(text, more = "") {
    this.says.className = `says ${more}`;
    this.says.textContent = text;
  }
}

const loaded = sheet();
customElements.define("deconv-explorer", Explorer);

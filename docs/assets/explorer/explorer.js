// The explorer: knobs, linked pictures, play, and the state in the address.

import { Knob, knobs, sheet } from "./knobs.js";
import { Edges } from "./edges.js";
import { Refusal } from "./geometry.js";
import { Linked } from "./linked.js";
import { model } from "./model.js";
import { element } from "./panels.js";
import { FRAMEWORKS, LETTERS, address, axesOf, cellOf, fromAddress, nameOf, sidesOf, turned, withAxes } from "./state.js";

const VIEWS = ["input", "kernel", "output", "stamps", "padded", "phases", "matrix"];
const OPTIONS = [
  ["output", "counts", "overlap"],
  ["output", "grey", "picture"],
  ["matrix", "upright", "transposed"],
];
const EXAMPLE = "nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)";
const styled = sheet("explorer.css");

class Explorer extends HTMLElement {
  async connectedCallback() {
    if (this.state) return;
    this.state = fromAddress(location.search);
    const asked = this.state.view.split(",").filter((name) => VIEWS.includes(name));
    const typed = (letter, numbers) => this.change({ [letter]: numbers });
    const settings = { noted: (others) => this.note(others), play: "inputs", fills: true };
    this.linked = await Linked.of(asked.length ? asked : VIEWS, typed, settings);
    await styled;
    this.build();
    await this.open(this.state);
    document.addEventListener("click", (event) => this.follow(event));
  }

  build() {
    const { told, player, node, panels } = this.linked;
    for (const [name, key, text] of OPTIONS) {
      if (panels[name]) this.linked.option(name, key, text, this.state.show.split(",").includes(key));
    }
    if (panels.output) panels.output.edges = new Edges(panels.output, (letter, side, value) => this.turn(letter, value, side));
    this.knobs = knobs();
    this.says = element("p", { class: "says", role: "status" });
    const places = this.places();
    const stage = element("div", { class: "stage" }, told, player.node, node);
    const controls = element("div", { class: "controls" }, this.axesChoice(), places.words, this.knobs, this.says);
    this.replaceChildren(places.paster, element("div", { class: "whole" }, controls, stage), places.meaning);
  }

  axesChoice() {
    this.radios = ["one", "two", "three"].map((text, n) => {
      const radio = element("input", { type: "radio", name: "axes", value: n + 1 });
      radio.addEventListener("change", () => this.change(withAxes(this.state, n + 1)));
      return element("label", {}, radio, text);
    });
    this.link = element("input", { type: "checkbox" });
    this.link.addEventListener("change", () => this.join());
    const joined = element("label", {}, this.link, "with the same settings");
    return element("fieldset", { class: "axes", html: "<legend>Axes</legend>" }, ...this.radios, joined);
  }

  // Where the words of the frameworks go: they are loaded when they are wanted, or come into sight.
  places() {
    const names = Object.entries(FRAMEWORKS).map(([key, name]) => `<option value=${key}>${name}`);
    const choice = element("select", { html: `<option value="">deconvlib${names.join("")}` });
    const line = element("input", { type: "text", placeholder: EXAMPLE, autocomplete: "off", spellcheck: "false" });
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
    this.spoken ??= import("./words.js").then(({ Words, framed, ungrouped }) => {
      Object.assign(this, { framed, ungrouped });
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

  get equal() {
    return LETTERS.every((letter) => new Set(this.state[letter]).size === 1);
  }

  join() {
    const last = LETTERS.map((letter) => [letter, this.state[letter].map((_, __, all) => all.at(-1))]);
    this.change(this.link.checked ? Object.fromEntries(last) : {});
  }

  // A knob of one axis, or of all of them.
  turn(letter, value, side) {
    const numbers = this.link.checked || side === undefined ? this.state[letter].map(() => value) : this.state[letter].with(side, value);
    this.change(turned(letter, numbers));
  }

  change(others) {
    this.note(others);
    if (!this.equal) this.link.checked = false;
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.draw());
  }

  // Into the state and its address.
  note(others) {
    Object.assign(this.state, others);
    clearTimeout(this.later); // a browser takes some hundred addresses a minute, and a slider has more
    this.later = setTimeout(() => history.replaceState(null, "", `?${address(this.state)}`), 300);
  }

  async open(state) {
    this.state = state;
    if (state.of) {
      await this.speak();
      Object.assign(state, this.ungrouped(state));
    }
    this.link.checked = this.equal;
    this.linked.chosen = cellOf(state.at);
    this.draw();
  }

  // A link on the page to a case is shown here, without a new page.
  async follow(event) {
    const link = event.target.closest?.("a[href*='?']");
    if (!link || link.pathname !== location.pathname || !link.search || this.contains(link)) return;
    event.preventDefault();
    await this.open(fromAddress(link.search));
    this.note({});
    this.scrollIntoView({ block: "start" });
  }

  draw() {
    const { state } = this;
    this.radios.forEach((label, n) => (label.firstChild.checked = n + 1 === state.axes));
    this.link.parentNode.hidden = state.axes === 1;
    this.classList.toggle("three", state.axes === 3); // no pictures, and so all the room for the knobs
    this.turnable();
    this.axes = null;
    try {
      this.axes = state.of ? this.framed(state) : axesOf(state);
      this.say(this.axes.map(({ input, output }) => `${input} → ${output}`).join(",  "));
      this.classList.add("large");
      this.linked.show(model(this.axes, state), state);
      this.classList.remove("large");
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.say(refusal.message, this.axes ? "" : "refused");
      if (!this.axes) this.classList.remove("large"); // the last pictures stay
    }
    this.choice.value = state.of;
    this.words?.show();
  }

  // The knobs of this state: one for all axes where they are linked, and those that the framework has not got itself.
  turnable() {
    const { of, axes } = this.state;
    const sides = axes === 1 || this.link.checked ? [undefined] : sidesOf(axes);
    const letters = of ? ["i", "k"] : LETTERS;
    const shape = `${sides.length} ${letters.length}`;
    if (this.shape !== shape) {
      this.shape = shape;
      const one = (letter, side) => new Knob(letter, (value) => this.turn(letter, value, side), side, nameOf(side, axes));
      this.each = letters.flatMap((letter) => sides.map((side) => ({ side, knob: one(letter, side) })));
      this.knobs.replaceChildren(...this.each.map(({ knob }) => knob.node));
    }
    for (const { side, knob } of this.each) knob.show(this.state[knob.letter].at(side ?? -1));
  }

  say(text, more = "") {
    this.says.className = `says ${more}`;
    this.says.textContent = text;
  }
}

customElements.define("deconv-explorer", Explorer);

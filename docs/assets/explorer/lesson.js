// The small ones in the lessons: two or three knobs, the pictures of one idea, and what a learner wants to do there.

import { Refusal, evenOverlap, links, multiplications, product } from "./geometry.js";
import { Knob, sheet } from "./knobs.js";
import { Linked } from "./linked.js";
import { element } from "./panels.js";
import { START, axesOf, fromAddress, model } from "./state.js";

const sized = (axes, name) => axes.map((one) => one[name]).join(" × ");

// Away from the borders every second sample may have more stamps than its neighbour.
function overlapping(axes) {
  if (evenOverlap(axes)) return "Even: away from the borders every sample is reached by equally many stamps.";
  return "Uneven: away from the borders some samples are reached by more stamps than others. That is the checkerboard.";
}

// Of all products of the window those that count are those with an input sample.
function useful(axes, two) {
  const all = product(axes.map(({ output, kernel }) => output * kernel));
  return `The window computes ${all} products. ${links(two).length} of them meet an input sample; the others are times zero.`;
}

function cut(axes) {
  const [{ full, begin, end, output }] = axes;
  const minus = (number) => (number < 0 ? `+ ${-number}` : `− ${number}`);
  return `The full output has ${full} samples; ${full} ${minus(begin)} ${minus(end)} = ${output} are left.`;
}

function empty(axes) {
  const unreached = axes.map((one) => Array(one.output).fill(0));
  axes.forEach((one, side) => links([one, one]).forEach(({ n }) => (unreached[side][n[0]] += 1)));
  const count = unreached[0].filter((reached) => !reached).length;
  if (count === 0) return "Every sample of the output is reached.";
  return `${count === 1 ? "1 sample of the output is" : `${count} samples of the output are`} reached by no tap.`;
}

const scattered = (axes) => `${sized(axes, "input")} → ${sized(axes, "output")}, with ${multiplications(axes)} multiplications.`;

const KINDS = {
  direct: { start: "i=2&s=1", knobs: "k s", views: ["input", "matrix", "output"], facts: scattered },
  padded: { start: "i=2&s=1", knobs: "k p", views: ["kernel", "padded", "output"], facts: scattered, play: "outputs" },
  fractional: { start: "i=2", knobs: "s k", views: ["kernel", "padded", "output"], facts: useful, play: "outputs" },
  stamps: { start: "i=2", knobs: "k s", views: ["input", "kernel", "stamps", "output"], facts: scattered, play: "inputs" },
  phases: { start: "i=3", knobs: "k s", views: ["input", "phases"], facts: scattered },
  sizes: { start: "axes=1&i=3", knobs: "b e a", views: ["stamps"], facts: cut },
  checkerboards: { start: "i=5&x=ones&w=ones", knobs: "k s", views: ["kernel", "output"], facts: overlapping },
  dilation: { start: "axes=1&i=3&s=1&d=2", knobs: "s d", views: ["stamps"], facts: empty },
};

class Lesson extends HTMLElement {
  async connectedCallback() {
    if (this.linked) return;
    await loaded;
    this.kind = KINDS[this.getAttribute("kind")];
    if (!this.kind) return; // the figure stays
    const start = fromAddress(this.kind.start, START);
    this.state = fromAddress(this.getAttribute("case") ?? "", start);
    this.build();
    this.draw();
  }

  build() {
    this.style.minHeight = `${this.offsetHeight}px`; // what stands below does not move
    const name = this.getAttribute("kind");
    const { views, play } = this.kind;
    this.linked = new Linked(views, (letter, numbers) => this.change({ [letter]: numbers }));
    if (name === "padded") this.linked.option("padded", "turned", "kernel rotated", true);
    if (name === "direct") this.linked.options.matrix = { rows: true };
    if (name === "checkerboards") {
      this.linked.option("output", "counts", "how many stamps", true);
      this.linked.option("output", "grey", "as a picture");
    }
    const letters = (this.getAttribute("knobs") ?? this.kind.knobs).split(" ");
    this.knobs = letters.map((letter) => new Knob(letter, undefined, (...turned) => this.turn(...turned)));
    const form = element("form", { class: "knobs" }, ...this.knobs.map(({ node }) => node));
    form.addEventListener("submit", (event) => event.preventDefault());
    this.facts = element("p", { class: "facts" });
    const player = play ? [this.linked.player.node] : [];
    if (play) this.linked.player.begin(play);
    this.replaceChildren(form, this.linked.told, ...player, this.linked.node, this.facts);
  }

  turn(letter, _, value) {
    const both = [value, value];
    this.change(letter === "p" ? { b: both, e: both } : { [letter]: both });
  }

  change(others) {
    Object.assign(this.state, others);
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.draw());
  }

  draw() {
    for (const knob of this.knobs) knob.show(this.state[knob.letter === "p" ? "b" : knob.letter][1]);
    this.facts.classList.remove("refused");
    try {
      const axes = axesOf(this.state);
      const made = model(axes, this.state);
      this.linked.show(made, this.state);
      this.facts.textContent = this.kind.facts(axes, made.axes);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.facts.classList.add("refused");
      this.facts.textContent = refusal.message;
    }
  }
}

const loaded = sheet();
customElements.define("deconv-lesson", Lesson);

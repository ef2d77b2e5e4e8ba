// The small ones in the lessons: two or three knobs, the pictures of one idea, and what a learner wants to do there.

import { evenOverlap, links, multiplications, overlap, product, samples, sum, transposed, unless } from "./geometry.js";
import { Linked, styled } from "./linked.js";
import { model, sized } from "./model.js";
import { Knob, element } from "./panels.js";
import { axesOf, fromAddress, turned } from "./state.js";

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

function cut([{ full, begin, end, output }]) {
  const minus = (number) => (number < 0 ? `+ ${-number}` : `− ${number}`);
  return `The full output has ${samples(full)}; ${full} ${minus(begin)} ${minus(end)} = ${output} ${output === 1 ? "is" : "are"} left.`;
}

function empty([one]) {
  const count = sum(overlap(one).map((reached) => Number(!reached)));
  return count ? `${samples(count)} of the output ${count === 1 ? "is" : "are"} reached by no tap.` : "Every sample of the output is reached.";
}

const scattered = (axes) => `${sized(axes)}, with ${multiplications(axes)} multiplications.`;

// `options`: switches of a picture, each with its text; `show` has those that are on.  `play`: what the player walks through.
const KINDS = {
  direct: { start: "i=2&s=1", knobs: "k s", views: ["input", "matrix", "output"], facts: scattered },
  padded: {
    start: "i=2&s=1&show=turned",
    knobs: "k p",
    views: ["kernel", "padded", "output"],
    facts: scattered,
    play: "outputs",
    options: [["padded", "turned", "kernel rotated"]],
  },
  fractional: { start: "i=2", knobs: "s k", views: ["kernel", "padded", "output"], facts: useful, play: "outputs" },
  stamps: { start: "i=2", knobs: "k s", views: ["input", "kernel", "stamps", "output"], facts: scattered, play: "inputs" },
  phases: { start: "i=3", knobs: "k s", views: ["input", "phases"], facts: scattered },
  sizes: { start: "axes=1&i=3", knobs: "b e a", views: ["stamps"], facts: cut },
  checkerboards: {
    start: "i=5&x=ones&w=ones&show=counts",
    knobs: "k s",
    views: ["kernel", "output"],
    facts: overlapping,
    options: [["output", "counts", "how many stamps"], ["output", "grey", "as a picture"]],
  },
  dilation: { start: "axes=1&i=3&s=1&d=2", knobs: "s d", views: ["stamps"], facts: empty },
};

class Lesson extends Linked {
  async connectedCallback() {
    const name = this.getAttribute("kind");
    if (this.kind || !KINDS[name]) return; // the figure stays
    this.kind = KINDS[name];
    this.state = fromAddress(this.getAttribute("case") ?? "", fromAddress(this.kind.start));
    const { views, play, options = [] } = this.kind;
    await styled;
    this.set(views, play);
    for (const option of options) this.option(...option);
    this.turnSwitches();
    this.more = { rows: name === "direct" };
    if (name === "sizes") await this.edges();
    this.build();
    this.draw();
  }

  // What is turned is turned on both axes.
  turn(letter, value) {
    this.change(turned(letter, [value, value]));
  }

  async edges() {
    const { Edges } = await import("./edges.js");
    const panel = this.panels.stamps;
    panel.edges = new Edges(panel, (letter, _, value) => this.turn(letter, value));
  }

  build() {
    this.style.minHeight = `${this.offsetHeight}px`; // what stands below does not move
    const letters = (this.getAttribute("knobs") ?? this.kind.knobs).split(" ");
    this.knobs = letters.map((letter) => new Knob(letter, (value) => this.turn(letter, value)));
    this.facts = element("p");
    this.replaceChildren(element("div", { class: "knobs" }, ...this.knobs.map(({ node }) => node)), this.stage, this.facts);
  }

  draw() {
    for (const knob of this.knobs) knob.show(this.state[knob.letter === "p" ? "b" : knob.letter][1]);
    const drawn = () => {
      const axes = axesOf(this.state);
      this.show(model(axes, this.state));
      this.say(this.kind.facts(axes, this.model.axes));
    };
    unless(drawn, (refusal) => this.say(refusal, "refused"));
  }

  // A kernel that is not rotated makes what the kernel turned around would make.
  paint() {
    const { axes, x, w } = this.model;
    const mistaken = this.switches.turned?.checked === false;
    this.more.other = mistaken ? transposed(axes, x, [...w].reverse()) : undefined;
    super.paint();
  }

  say(text, more = "") {
    this.facts.className = `facts ${more}`;
    this.facts.textContent = text;
  }
}

customElements.define("deconv-lesson", Lesson);

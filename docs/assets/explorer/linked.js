// Panels that show one model, and light up together: what the explorer and the small ones in the lessons share.

import { links, product, transposed } from "./geometry.js";
import { Cells, Panel, element } from "./panels.js";
import { Player } from "./play.js";
import { FILLS } from "./values.js";
import { kept } from "./state.js";
import * as views from "./views.js";

const size = (axes, name) => (axes[0].flat ? axes[1][name] : axes.map((one) => one[name]).join(" × "));

export class Linked {
  // `names` are those of the views, in their order; `typed` is called with a letter, x or w, and its numbers or their fill.
  // `noted` is told what is chosen, and which options are on.
  constructor(names, typed, noted = () => {}) {
    Object.assign(this, { chosen: null, options: {}, noted });
    const choose = (chosen) => this.choose(chosen);
    this.told = element("p", { class: "told", role: "status", "aria-live": "polite" });
    this.player = new Player(
      (order) => product(this.model.axes.map((one) => (order === "inputs" ? one.input : one.output))),
      (step) => this.step(step),
    );
    this.panels = {};
    for (const name of names) {
      const cells = { input: ["j", "x"], kernel: ["t", "w"] }[name];
      this.panels[name] = cells
        ? new Cells(cells[0], name, choose, (numbers) => typed(cells[1], numbers))
        : new Panel(name, choose);
      if (cells) this.fills(name, (fill) => typed(cells[1], fill));
    }
    const { input, kernel, ...others } = this.panels;
    const pair = element("div", { class: "pair" }, ...[input, kernel].filter(Boolean).map(({ node }) => node));
    this.node = element("div", { class: "views" }, pair, ...Object.values(others).map(({ node }) => node));
  }

  // How the numbers of input or kernel are filled in.
  fills(name, changed) {
    const options = [...Object.keys(FILLS), "typed"].map((fill) => `<option>${fill}`);
    const select = element("select", { "aria-label": `Numbers of the ${name}`, html: options.join("") });
    select.addEventListener("change", () => select.value !== "typed" && changed(select.value));
    this.panels[name].tools.append(select);
    this.panels[name].fill = select;
  }

  // A switch among the tools of a panel, for an option of its view.
  option(name, key, text, on = false) {
    const box = element("input", { type: "checkbox" });
    box.checked = on;
    this.options[name] = { ...this.options[name], [key]: on };
    box.addEventListener("change", () => {
      this.options[name][key] = box.checked;
      const on = Object.values(this.options).flatMap((each) => Object.keys(each).filter((one) => each[one]));
      this.noted({ show: on.join(",") });
      this.draw();
    });
    this.panels[name].tools.append(element("label", {}, box, text));
  }

  show(model, { x, w }) {
    this.model = model;
    this.chosen = kept(model, this.chosen);
    for (const [name, fill] of [["input", x], ["kernel", w]]) {
      if (this.panels[name]) this.panels[name].fill.value = Array.isArray(fill) ? "typed" : fill;
    }
    this.player.stop(); // and so it is drawn
  }

  step(step) {
    this.at = step;
    if (step !== null) {
      const inputs = this.player.order === "inputs";
      const columns = this.model.axes[1][inputs ? "input" : "output"];
      this.chosen = { [inputs ? "j" : "n"]: [Math.floor(step / columns), step % columns] };
    }
    this.draw();
  }

  choose(chosen) {
    if (JSON.stringify(chosen) === JSON.stringify(this.chosen)) return;
    this.chosen = chosen;
    this.noted({ at: Object.entries(chosen).map(([kind, place]) => kind + place).join(".") });
    this.light();
  }

  // The model as far as the player has come.
  draw() {
    const { axes, x, w } = this.model;
    const until = this.at === null ? Infinity : this.at + 1;
    const inputs = this.player.order === "inputs";
    const shown = inputs && this.at !== null ? { ...this.model, y: transposed(axes, x, w, until) } : this.model;
    const draw = {
      output: (options) => views.result(shown, { ...options, until: inputs ? Infinity : until, other: this.mistaken() }),
      stamps: () => views.stamps(shown, { until: inputs ? until : Infinity }),
      padded: (options) => views.padded(shown, options),
      phases: () => views.byPhase(shown),
      matrix: (options) => views.matrix(shown, options),
    };
    for (const [name, panel] of Object.entries(this.panels)) {
      if (name === "input") panel.show(`Input, ${size(axes, "input")}`, x, axes.map((one) => one.input));
      else if (name === "kernel") panel.show(`Kernel, ${size(axes, "kernel")}`, w, axes.map((one) => one.kernel));
      else panel.show(draw[name](this.options[name] ?? {}));
    }
    this.shown = shown;
    this.light();
  }

  // What comes out where the kernel is not rotated: the same as of the kernel turned around.
  mistaken() {
    const { axes, x, w } = this.model;
    return this.options.padded?.turned === false ? transposed(axes, x, [...w].reverse()) : undefined;
  }

  light() {
    const found = links(this.model.axes, this.chosen);
    for (const panel of Object.values(this.panels)) panel.light(found, this.chosen);
    this.told.setAttribute("aria-live", this.player.timer ? "off" : "polite"); // a walk is not read aloud
    this.told.textContent = views.told(this.shown, this.chosen);
  }
}

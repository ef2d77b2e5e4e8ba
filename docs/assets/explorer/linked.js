// Panels that show one model, and light up together: what the explorer and the small ones in the lessons share.

import { Refusal, links, product, transposed } from "./geometry.js";
import { sheet } from "./knobs.js";
import { FILLS, kept, size, sizes, told } from "./model.js";
import { Cells, Panel, element } from "./panels.js";

const CELLS = { input: ["j", "x"], kernel: ["t", "w"] }; // panels of cells: of which kind, and which numbers of the state
const styled = sheet("pictures.css");

export class Linked {
  // The views of these names, each loaded from its file; `typed` is called with a letter, x or w, and its numbers.
  static async of(names, typed, { play, ...others } = {}) {
    const drawn = names.filter((name) => !CELLS[name]);
    const player = play && import("./play.js");
    const files = await Promise.all([...drawn.map((name) => import(`./views/${name}.js`)), styled]);
    const linked = new Linked(names, typed, others);
    linked.views = Object.fromEntries(drawn.map((name, n) => [name, files[n].draw]));
    if (play) linked.walkedBy((await player).Player, play);
    return linked;
  }

  // `noted` is told what is chosen, and which options are on; `fills`: whether numbers can be filled in.
  constructor(names, typed, { noted = () => {}, fills = false }) {
    Object.assign(this, { chosen: null, options: {}, walked: {}, panels: {}, noted });
    const choose = (chosen) => this.choose(chosen);
    this.told = element("p", { class: "told", role: "status", "aria-live": "polite" });
    for (const name of names) {
      const [kind, letter] = CELLS[name] ?? [];
      this.panels[name] = kind ? new Cells(kind, name, choose, (numbers) => typed(letter, numbers)) : new Panel(name, choose);
      if (kind && fills) this.fills(name, (fill) => typed(letter, fill));
    }
    const nodes = (wanted) => names.filter((name) => Boolean(CELLS[name]) === wanted).map((name) => this.panels[name].node);
    this.node = element("div", { class: "views" }, element("div", { class: "pair" }, ...nodes(true)), ...nodes(false));
  }

  // How the numbers of input or kernel are filled in.
  fills(name, changed) {
    const options = [...Object.keys(FILLS), "typed"].map((fill) => `<option>${fill}`);
    const select = element("select", { "aria-label": `Numbers of the ${name}`, html: options.join("") });
    select.addEventListener("change", () => select.value !== "typed" && changed(select.value));
    this.panels[name].tools.append(select);
    this.panels[name].fill = select;
  }

  walkedBy(Player, order) {
    const steps = () => product(sizes(this.model.axes, this.player.order === "inputs" ? "input" : "output"));
    this.player = new Player(order, steps, (step) => this.step(step));
  }

  // A switch among the tools of a panel, for an option of its view.
  option(name, key, text, on = false) {
    const box = element("input", { type: "checkbox" });
    box.checked = on;
    this.set(name, key, on);
    box.addEventListener("change", () => {
      this.set(name, key, box.checked);
      const on = Object.values(this.options).flatMap((each) => Object.keys(each).filter((one) => each[one]));
      this.noted({ show: on.join(",") });
      this.draw();
    });
    this.panels[name].tools.append(element("label", {}, box, text));
  }

  set(name, key, on) {
    this.options[name] = { ...this.options[name], [key]: on };
  }

  show(model, state) {
    Object.assign(this, { model, state, chosen: kept(model, this.chosen) });
    for (const [name, [, letter]] of Object.entries(CELLS)) {
      const { fill } = this.panels[name] ?? {};
      if (fill) fill.value = Array.isArray(state[letter]) ? "typed" : state[letter];
    }
    if (this.player) this.player.stop(); // and so it is drawn
    else this.draw();
  }

  // The player has come to this step; null: everything is shown.
  step(step) {
    const stamping = this.player.order === "inputs";
    this.walked = {};
    if (step !== null) {
      const columns = this.model.axes[1][stamping ? "input" : "output"];
      this.chosen = { [stamping ? "j" : "n"]: [Math.floor(step / columns), step % columns] };
      this.walked = { [stamping ? "stamped" : "gathered"]: step + 1 };
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
    this.shown = { ...this.model, y: transposed(axes, x, w, this.walked.stamped) };
    for (const [name, panel] of Object.entries(this.panels)) {
      if (name in CELLS) panel.show(`${name[0].toUpperCase()}${name.slice(1)}, ${size(axes, name)}`, this.model[CELLS[name][1]], sizes(axes, name));
      else this.drawOne(panel, this.views[name], { ...this.options[name], ...this.walked, other: this.mistaken() });
    }
    this.light();
  }

  drawOne(panel, view, options) {
    try {
      panel.show(view(this.shown, { ...options, edges: panel.edges && !this.state.of }));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      panel.refuse(refusal.message);
    }
    panel.edges?.show(panel.picture.edges, this.model.axes, this.state);
  }

  // What comes out where the kernel is not rotated: the same as of the kernel turned around.
  mistaken() {
    const { axes, x, w } = this.model;
    return this.options.padded?.turned === false ? transposed(axes, x, [...w].reverse()) : undefined;
  }

  light() {
    const found = links(this.model.axes, this.chosen);
    for (const panel of Object.values(this.panels)) panel.light(found, this.chosen);
    this.told.setAttribute("aria-live", this.player?.timer ? "off" : "polite"); // a walk is not read aloud
    this.told.textContent = told(this.shown, this.chosen);
  }
}

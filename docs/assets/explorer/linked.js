// An element with panels that show one model, and light up together: the explorer, and the small ones in the lessons.

import { links, place, product, transposed, unless } from "./geometry.js";
import { kept, size, sizes, told } from "./model.js";
import { Cells, Panel, element, sheet } from "./panels.js";
import { Player } from "./play.js";
import * as draw from "./views.js";

const CELLS = { input: ["j", "x"], kernel: ["t", "w"] }; // panels of cells: of which kind, and which numbers of the state
export const styled = sheet("pictures.css");

// Who inherits has a `state`, and draws it: draw() makes a model, and calls show().
export class Linked extends HTMLElement {
  chosen = null;
  options = {}; // of each picture
  walked = {}; // how far the player has come
  panels = {};

  // The pictures of these names.  `play`: what a player walks through, if there is one.
  set(names, play) {
    for (const name of names) {
      const [kind, letter] = CELLS[name] ?? [];
      const choose = (chosen) => this.choose(chosen);
      this.panels[name] = kind ? new Cells(kind, name, choose, (numbers) => this.change({ [letter]: numbers })) : new Panel(name, choose);
    }
    this.told = element("p", { class: "told fig", role: "status" });
    this.stage = element("div", { class: "stage" }, this.told);
    if (play) {
      const steps = () => product(sizes(this.model.axes, this.player.order === "inputs" ? "input" : "output"));
      this.player = new Player(play, steps, (step) => this.step(step));
      this.stage.append(this.player.node);
    }
    const nodes = (wanted) => names.filter((name) => Boolean(CELLS[name]) === wanted).map((name) => this.panels[name].node);
    matchMedia("(orientation: portrait)").addEventListener("change", () => this.model && this.paint()); // there is other room
    this.stage.append(element("div", { class: "views" }, element("div", { class: "pair" }, ...nodes(true)), ...nodes(false)));
  }

  // A switch among the tools of a panel, for an option of its view.
  option(name, key, text, on = false) {
    const box = element("input", { type: "checkbox" });
    box.checked = on;
    this.options[name] = { ...this.options[name], [key]: on };
    box.addEventListener("change", () => {
      this.options[name][key] = box.checked;
      const on = Object.values(this.options).flatMap((each) => Object.keys(each).filter((one) => each[one]));
      this.note({ show: on.join(",") });
      this.paint();
    });
    this.panels[name].tools.append(element("label", {}, box, text));
  }

  // Into the state.
  note(others) {
    Object.assign(this.state, others);
  }

  // The same, and it is drawn with the next frame.
  change(others) {
    this.note(others);
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.draw());
  }

  show(model) {
    this.model = model;
    this.chosen = kept(model, this.chosen);
    if (this.player) this.player.all(); // and so it is painted
    else this.paint();
  }

  // The player has come to this step; null: everything is shown.
  step(step) {
    const stamping = this.player.order === "inputs";
    this.walked = {};
    if (step !== null) {
      const columns = this.model.axes[1][stamping ? "input" : "output"];
      this.chosen = { [stamping ? "j" : "n"]: place(step, columns) };
      this.walked = { [stamping ? "stamped" : "gathered"]: step + 1 };
    }
    this.paint();
  }

  choose(chosen) {
    if (JSON.stringify(chosen) === JSON.stringify(this.chosen)) return;
    this.chosen = chosen;
    this.note({ at: Object.entries(chosen).map(([kind, place]) => kind + place).join(".") });
    this.light();
  }

  // The model as far as the player has come.
  paint() {
    const { axes, x, w } = this.model;
    const room = this.stage.clientWidth - 32; // a panel has a border
    this.shown = { ...this.model, y: transposed(axes, x, w, this.walked.stamped), until: this.walked.stamped };
    for (const [name, panel] of Object.entries(this.panels)) {
      const [, letter] = CELLS[name] ?? [];
      if (letter) {
        panel.show(`${name[0].toUpperCase()}${name.slice(1)}, ${size(axes, name)}`, this.model[letter], sizes(axes, name));
        continue;
      }
      const edges = panel.edges && !this.state.of; // the arguments of a framework make the crop there
      const options = { ...this.options[name], ...this.walked, edges, room };
      unless(() => panel.show(draw[name](this.shown, options)), (refusal) => panel.refuse(refusal));
      panel.edges?.show(panel.picture.edges, axes, this.state);
    }
    this.light();
  }

  light() {
    const found = links(this.model.axes, this.chosen);
    for (const panel of Object.values(this.panels)) panel.light(found, this.chosen);
    this.told.setAttribute("aria-live", this.player?.timer ? "off" : "polite"); // a walk is not read aloud
    this.told.innerHTML = told(this.shown, this.chosen)
      .replace(/([−\d.]+)·([−\d.]+)/g, '<b class="x">$1</b>·<b class="w">$2</b>') // each number in the colour of its cell
      .replace(/^(y.* = )([−\d.]+)/, '$1<b class="y">$2</b>');
  }
}

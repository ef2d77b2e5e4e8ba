// An element with panels that show one model, and light up together: the explorer, and the small ones in the lessons.

import { links, place, product, transposed, unless } from "./geometry.js";
import { kept, size, sizes, told } from "./model.js";
import { Cells, Panel, element, sheet } from "./panels.js";
import { Player } from "./play.js";
import { cellOf } from "./state.js";
import * as draw from "./views.js";

const CELLS = { input: ["j", "x"], kernel: ["t", "w"] }; // panels of cells: of which kind, and which numbers of the state
export const styled = sheet("pictures.css");

// Who inherits has a `state`, and draws it: draw() makes a model, and calls show().
export class Linked extends HTMLElement {
  chosen = null;
  switches = {}; // a checkbox for each option of the pictures
  more = {}; // options that have no switch
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
  option(name, key, text) {
    const box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      this.note({ show: Object.keys(this.switches).filter((one) => this.switches[one].checked).join(",") });
      this.paint();
    });
    this.switches[key] = box;
    this.panels[name].tools.append(element("label", {}, box, text));
  }

  // The switches are on that the state shows.
  turnSwitches() {
    const on = this.state.show.split(",");
    for (const [key, box] of Object.entries(this.switches)) box.checked = on.includes(key);
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
    this.chosen = kept(model, cellOf(this.state.at));
    if (this.player) this.player.all(); // and so it is painted
    else this.paint();
  }

  // The player has come to this step; null: everything is shown.
  step(step) {
    const stamping = this.player.order === "inputs";
    this.walked = {};
    if (step !== null) {
      const columns = this.model.axes[1][stamping ? "input" : "output"];
      this.mark({ [stamping ? "j" : "n"]: place(step, columns) });
      this.walked = { [stamping ? "stamped" : "gathered"]: step + 1 };
    }
    this.paint();
  }

  choose(chosen) {
    if (JSON.stringify(chosen) === JSON.stringify(this.chosen)) return;
    this.mark(chosen);
    this.light();
  }

  mark(chosen) {
    this.chosen = chosen;
    this.note({ at: Object.entries(chosen).map(([kind, place]) => kind + place).join(".") });
  }

  // The model as far as the player has come.
  paint() {
    const { axes, x, w } = this.model;
    const room = this.stage.clientWidth - 32; // a panel has a border
    const switched = Object.entries(this.switches).map(([key, box]) => [key, box.checked]);
    this.shown = { ...this.model, y: transposed(axes, x, w, this.walked.stamped), until: this.walked.stamped };
    for (const [name, panel] of Object.entries(this.panels)) {
      const [, letter] = CELLS[name] ?? [];
      if (letter) {
        panel.show(`${name[0].toUpperCase()}${name.slice(1)}, ${size(axes, name)}`, this.model[letter], sizes(axes, name));
        continue;
      }
      const edges = panel.edges && !this.state.of; // the arguments of a framework make the crop there
      const options = { ...Object.fromEntries(switched), ...this.more, ...this.walked, edges, room };
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

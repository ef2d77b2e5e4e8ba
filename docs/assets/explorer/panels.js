// A panel holds one picture of the page, and tells which cell of it is pointed at, tapped, or reached by the arrow keys.

import { range } from "./geometry.js";
import { svg } from "./views.js";

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export function element(name, { text, html, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  if (html !== undefined) made.innerHTML = html;
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

export class Panel {
  // `choose` is called with what is chosen.
  constructor(name, choose) {
    this.choose = choose;
    this.title = element("span");
    this.tools = element("span", { class: "tools" });
    this.box = element("div", { class: "scroll", tabindex: 0, role: "application" });
    this.node = element("figure", { class: `panel ${name}` }, element("figcaption", {}, this.title, this.tools), this.box);
    this.box.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.point(event));
    this.box.addEventListener("click", (event) => this.point(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  show(picture) {
    const left = this.box.scrollLeft;
    this.picture = picture;
    this.cursor = null;
    this.title.textContent = picture.title;
    this.box.setAttribute("aria-label", `${picture.title}: the arrow keys move from cell to cell`);
    this.box.classList.toggle("refused", Boolean(picture.refused));
    if (picture.refused) this.box.textContent = picture.refused;
    else this.box.innerHTML = svg(picture);
    this.box.scrollLeft = left;
  }

  light(found, chosen) {
    const lights = this.box.querySelector(".lights");
    if (lights) lights.innerHTML = this.picture.lit(found, chosen);
  }

  point(event) {
    const drawn = this.box.querySelector("svg");
    if (!drawn) return;
    const { left, top } = drawn.getBoundingClientRect();
    for (const grid of this.picture.grids) {
      const place = grid.at(event.clientX - left, event.clientY - top);
      const chosen = place && grid.chosen(...place);
      if (chosen) {
        this.cursor = this.centre(grid, ...place);
        return this.choose(chosen);
      }
    }
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow || !this.picture.grids.length) return;
    event.preventDefault();
    const next = this.nearest(arrow);
    if (!next) return;
    this.cursor = next;
    this.choose(next.chosen);
    const box = this.box; // keep the cell in sight
    box.scrollLeft = Math.min(Math.max(box.scrollLeft, next.x + 40 - box.clientWidth), next.x - 40);
  }

  centre(grid, row, column) {
    const [x, y] = [grid.x + (column + 0.5) * grid.size, grid.y + (row + 0.5) * grid.size];
    return { x, y, chosen: grid.chosen(row, column) };
  }

  // The next cell in the direction of an arrow, on whatever grid it is; the first cell where there was none.
  nearest([right, down]) {
    const cells = this.picture.grids.flatMap((grid) =>
      range(grid.rows * grid.columns).map((cell) => this.centre(grid, Math.floor(cell / grid.columns), cell % grid.columns)),
    );
    const open = cells.filter(({ chosen }) => chosen);
    if (!this.cursor) return open[0];
    const far = ({ x, y }) => {
      const [across, along] = [x - this.cursor.x, y - this.cursor.y];
      const ahead = across * right + along * down;
      return ahead > 1 ? ahead + 3 * Math.abs(across * down + along * right) : Infinity;
    };
    const best = open.reduce((one, other) => (far(other) < far(one) ? other : one));
    return far(best) < Infinity ? best : null;
  }
}

// A grid of numbers that can be typed over.  One of them is a stop of the tab key; arrows move between them.
export class Cells {
  constructor(kind, name, choose, typed) {
    Object.assign(this, { kind, name, choose, typed });
    this.title = element("span");
    this.tools = element("span", { class: "tools" });
    this.box = element("div", { class: "scroll" });
    this.node = element("figure", { class: `panel cells ${name}` }, element("figcaption", {}, this.title, this.tools), this.box);
    this.box.addEventListener("pointerover", ({ target }) => this.pick(target));
    this.box.addEventListener("focusin", ({ target }) => {
      this.pick(target);
      target.select();
    });
    this.box.addEventListener("input", () => this.typed(this.inputs.map(({ value }) => Number(value.replace("−", "-")) || 0)));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  get inputs() {
    return [...this.box.querySelectorAll("input")];
  }

  pick(target) {
    const number = this.inputs.indexOf(target);
    if (number >= 0) this.choose({ [this.kind]: [Math.floor(number / this.columns), number % this.columns] });
  }

  show(title, numbers, [rows, columns]) {
    this.title.textContent = title;
    if (this.columns !== columns || this.rows !== rows) {
      Object.assign(this, { rows, columns });
      const cells = numbers.map((_, number) => {
        const place = rows === 1 ? `${number}` : `${Math.floor(number / columns)}, ${number % columns}`;
        const label = `${this.name}, cell ${place}`;
        return element("input", { type: "text", inputmode: "numeric", "aria-label": label, tabindex: number ? -1 : 0, autocomplete: "off" });
      });
      this.box.replaceChildren(element("div", { class: "grid fig", style: `--columns:${columns}` }, ...cells));
    }
    this.inputs.forEach((input, number) => {
      if (input !== document.activeElement) input.value = numbers[number];
    });
  }

  light(found, chosen) {
    const lit = new Set(found.map((link) => link[this.kind][0] * this.columns + link[this.kind][1]));
    const own = chosen[this.kind] && chosen[this.kind][0] * this.columns + chosen[this.kind][1];
    this.inputs.forEach((input, number) => {
      input.classList.toggle("lit", lit.has(number));
      input.classList.toggle("chosen", own === number);
    });
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const { inputs } = this;
    const number = inputs.indexOf(event.target);
    const [row, column] = [Math.floor(number / this.columns) + arrow[1], (number % this.columns) + arrow[0]];
    if (row < 0 || column < 0 || row >= this.rows || column >= this.columns) return;
    const next = inputs[row * this.columns + column];
    inputs.forEach((input) => (input.tabIndex = input === next ? 0 : -1));
    next.focus();
  }
}

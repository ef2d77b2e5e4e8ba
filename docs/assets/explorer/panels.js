// What a page is made of: panels, each with one picture, which tell which cell of it is pointed at, tapped, or reached by
// the arrow keys; and sliders.

import { place, places } from "./geometry.js";
import { svg } from "./drawing.js";
import { typed } from "./model.js";
import { KNOBS, LARGEST } from "./state.js";

export const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }; // right and down

export function element(name, { text, html, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  if (html !== undefined) made.innerHTML = html;
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

// A style sheet, which has to be there before anything is shown.
export const sheet = (name) =>
  new Promise((done) => {
    const link = element("link", { rel: "stylesheet", href: new URL(name, import.meta.url) });
    link.onload = link.onerror = done;
    document.head.append(link);
  });

// What a box says.  While somebody types in it, it is left alone.
let typing = null;
document.addEventListener("input", ({ target }) => (typing = target), true);
document.addEventListener("focusout", () => (typing = null));
export const untyped = () => (typing = null);
export const fill = (box, value) => box !== typing && (box.value = value);

class Framed {
  constructor(name, box) {
    this.title = element("span");
    this.tools = element("span", { class: "tools" });
    this.box = element("div", { class: "scroll", ...box });
    this.node = element("figure", { class: `panel ${name}` }, element("figcaption", {}, this.title, this.tools), this.box);
    this.box.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (arrow && this.go(arrow, event)) event.preventDefault();
    });
  }
}

export class Panel extends Framed {
  // `choose` is called with what is chosen.
  constructor(name, choose) {
    super(name, { tabindex: 0, role: "application" });
    this.choose = choose;
    this.drawing = element("div", { class: "drawing" });
    this.box.append(this.drawing);
    this.box.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.point(event));
    this.box.addEventListener("click", (event) => this.point(event));
  }

  show(picture) {
    this.picture = picture;
    this.cursor = null;
    this.title.textContent = picture.title;
    this.box.setAttribute("aria-label", `${picture.title}: the arrow keys move from cell to cell`);
    this.drawing.innerHTML = svg(picture);
  }

  // What stands there instead of a picture.
  refuse(text) {
    this.show({ title: text, grids: [], still: "", width: 0, height: 0, lit: () => "" });
  }

  light(found, chosen) {
    this.drawing.querySelector(".lights").innerHTML = this.picture.lit(found, chosen);
    if (this.cursor?.chosen === chosen) return;
    const cells = (of) => this.picture.grids.map((grid) => [grid, of(grid)]);
    const lit = [cells((grid) => grid.own(chosen)), ...found.map((link) => cells((grid) => grid.place(link)))].flat();
    const first = lit.find(([grid, place]) => grid.has(place)); // the arrow keys go on from here
    this.cursor = first && this.centre(...first);
  }

  point(event) {
    const { left, top } = this.drawing.getBoundingClientRect();
    for (const grid of this.picture.grids) {
      const place = grid.at(event.clientX - left, event.clientY - top);
      const chosen = place && grid.chosen(...place);
      if (!chosen) continue;
      this.cursor = this.centre(grid, place);
      this.choose(chosen);
      return;
    }
  }

  // To the next cell in the direction of an arrow; its box scrolls so that the cell is in sight.
  go(arrow, { target }) {
    if (target !== this.box) return false;
    const next = this.nearest(arrow);
    if (next) {
      this.cursor = next;
      this.choose(next.chosen);
      this.box.scrollLeft = Math.min(Math.max(this.box.scrollLeft, next.x + 40 - this.box.clientWidth), next.x - 40);
    }
    return true;
  }

  centre(grid, place) {
    const [x, y] = grid.corner(place).map((side) => side + grid.size / 2);
    return { x, y, chosen: grid.chosen(...place) };
  }

  // The next cell in this direction, on whatever grid it is; the first cell where there was none.
  nearest([right, down]) {
    const cells = this.picture.grids.flatMap((grid) => places([grid.rows, grid.columns]).map((cell) => this.centre(grid, cell)));
    const open = cells.filter(({ chosen }) => chosen);
    if (!this.cursor) return open[0];
    const far = ({ x, y }) => {
      const [across, along] = [x - this.cursor.x, y - this.cursor.y];
      const ahead = across * right + along * down;
      return ahead > 1 ? ahead + 3 * Math.abs(across * down + along * right) : Infinity;
    };
    const best = open.reduce((one, other) => (far(other) < far(one) ? other : one), this.cursor);
    return best === this.cursor ? null : best;
  }
}

// A grid of numbers that can be typed over.  One of them is a stop of the tab key; arrows move between them.
export class Cells extends Framed {
  // `kind` is what its cells are, as in a grid; `changed` is called with all the numbers.
  constructor(kind, name, choose, changed) {
    super(`cells ${name}`);
    Object.assign(this, { kind, name, choose });
    this.box.addEventListener("pointerover", ({ target }) => this.pick(target));
    this.box.addEventListener("focusin", ({ target }) => {
      this.pick(target);
      target.select();
    });
    this.box.addEventListener("input", () => changed(this.inputs.map(({ value }) => typed(value))));
  }

  get inputs() {
    return [...this.box.querySelectorAll("input")];
  }

  place(number) {
    return place(number, this.columns);
  }

  pick(target) {
    const number = this.inputs.indexOf(target);
    if (number >= 0) this.choose({ [this.kind]: this.place(number) });
  }

  show(title, numbers, [rows, columns]) {
    this.title.textContent = title;
    if (this.columns !== columns || this.rows !== rows) {
      Object.assign(this, { rows, columns });
      const cells = numbers.map((_, number) => {
        const label = `${this.name}, cell ${rows === 1 ? number : this.place(number).join(", ")}`;
        const own = { "aria-label": label, tabindex: number ? -1 : 0 };
        return element("input", { type: "text", autocomplete: "off", ...own });
      });
      this.box.replaceChildren(element("div", { class: "fig", style: `--columns:${columns}` }, ...cells));
    }
    this.inputs.forEach((input, number) => fill(input, numbers[number]));
  }

  light(found, chosen) {
    const lit = new Set(found.map((link) => String(link[this.kind])));
    this.inputs.forEach((input, number) => {
      const place = String(this.place(number));
      input.classList.toggle("lit", lit.has(place));
      input.classList.toggle("chosen", place === String(chosen[this.kind]));
    });
  }

  go([right, down], { target }) {
    const { inputs } = this;
    const [row, column] = this.place(inputs.indexOf(target));
    const next = column + right >= 0 && column + right < this.columns && inputs[(row + down) * this.columns + column + right];
    if (next) {
      inputs.forEach((input) => (input.tabIndex = input === next ? 0 : -1));
      next.focus();
    }
    return true;
  }
}

// A slider with its number, which can be typed, for one axis, which has a name, or for all.
export class Knob {
  constructor(letter, changed, side = "", axis = "") {
    const [name, least, most] = KNOBS[letter];
    this.letter = letter;
    const label = axis ? `${name}, ${axis}` : name;
    const largest = "ik".includes(letter) ? LARGEST : most + 20;
    const html =
      `<span>${label}</span>` +
      `<input type="number" min="${least}" max="${largest}" inputmode="numeric" aria-label="${label}">` +
      `<input type="range" min="${least}" max="${most}" aria-label="${label}">`;
    this.node = element("div", { class: "knob", "data-knob": letter + side, html });
    [, this.number, this.slider] = this.node.children;
    this.node.addEventListener("input", ({ target }) => {
      if (target.value === "" || !target.checkValidity()) return;
      this.value = Number(target.value);
      changed(this.value);
    });
    this.number.addEventListener("change", () => (this.number.value = this.value)); // what it could not be is not kept
  }

  show(value) {
    this.value = value;
    this.slider.value = value;
    fill(this.number, value);
  }
}

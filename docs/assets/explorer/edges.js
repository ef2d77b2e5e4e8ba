// The edges of the crop, on the output: each is dragged, or moved with the arrow keys.

import { element, ARROWS } from "./panels.js";

const LEAST = -2;

// `turned` is called with a letter (b or e, begin or end), a side (0 rows, 1 columns) and a number.
export class Edges {
  constructor(panel, turned) {
    this.turned = turned;
    this.all = ["b", "e"].flatMap((letter) => [0, 1].map((side) => this.edge(letter, side)));
    panel.drawing.after(...this.all.map(({ node }) => node));
  }

  edge(letter, side) {
    const name = letter === "b" ? "begin" : "end";
    const label = `edge of the crop, ${name}, ${["rows", "columns"][side]}`;
    const orientation = ["vertical", "horizontal"][side];
    const node = element("div", { class: `edge ${orientation}`, role: "slider", tabindex: 0, "aria-label": label, title: "Drag: what the crop cuts", "aria-orientation": orientation });
    node.hidden = true; // until there is an output
    const edge = { node, letter, side, name };
    const at = (event) => (side ? event.clientX : event.clientY);
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      Object.assign(edge, { from: at(event), value: edge.now, cell: this.grid.size });
    });
    node.addEventListener("pointermove", (event) => {
      event.stopPropagation(); // no cell is pointed at
      if (node.hasPointerCapture(event.pointerId)) this.move(edge, edge.value, Math.round((at(event) - edge.from) / edge.cell));
    });
    node.addEventListener("keydown", (event) => {
      const by = ARROWS[event.key]?.[side ? 0 : 1];
      if (!by) return;
      event.preventDefault();
      this.move(edge, edge.now, by);
    });
    return edge;
  }

  // So many samples to the right, or down: a crop of the end becomes less.
  move({ letter, side, now, most }, value, by) {
    const wanted = Math.min(Math.max(letter === "b" ? value + by : value - by, LEAST), most);
    if (wanted !== now) this.turned(letter, side, wanted);
  }

  // `grid` is that of the output, where the edges are shown; `a` is the output padding, which the end of the axes has in it.
  show(grid, axes, { a }) {
    this.grid = grid;
    for (const edge of this.all) {
      const { node, letter, side, name } = edge;
      const one = axes[side];
      node.hidden = !grid || one.flat;
      if (node.hidden) continue;
      edge.now = one[name] + (letter === "e" ? a[side] : 0);
      edge.most = edge.now + one.output - 1;
      const { now, most } = edge;
      for (const [key, value] of Object.entries({ now, min: LEAST, max: most })) node.setAttribute(`aria-value${key}`, value);
      const [x, y] = [grid.x + grid.width / 2, grid.y + grid.height / 2];
      const before = letter === "b" ? -1 : 1;
      node.style.left = `${side ? x + before * (grid.width / 2 + 12) : x}px`;
      node.style.top = `${side ? y : y + before * (grid.height / 2 + 12)}px`;
    }
  }
}

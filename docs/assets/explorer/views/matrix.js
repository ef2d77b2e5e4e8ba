// The matrix C, a row for each input sample and a column for each output sample; or its transpose, which makes the output.

import { Grid, few, frame, picture } from "../drawing.js";
import { entries, product, range } from "../geometry.js";
import { shown, sizes } from "../model.js";

const NUMBERS = 18; // a cell of this size has its number

// `upright`: the transpose.  `rows`: a cell stands for its whole row.
export function draw(model, { upright = false, rows: whole = false, room = Infinity } = {}) {
  const { axes, w } = model;
  const turn = (pair) => (upright ? [...pair].reverse() : pair);
  const [rows, columns] = turn([product(sizes(axes, "input")), product(sizes(axes, "output"))]);
  const title = `The ${upright ? "transpose of C" : "matrix C"}, ${rows} × ${columns}`;
  few(title, rows * columns, 250000);
  few(title, product(axes.map((one) => one.input * one.kernel)));
  const fits = Math.floor(room / columns); // where there is room for its numbers, all of it is in sight
  const size = Math.max(5, Math.min(26, Math.floor(780 / Math.max(columns, rows / 2)), fits < NUMBERS ? Infinity : fits));
  const number = ([row, column], name) => row * axes[1][name] + column;
  const place = (number, name) => [Math.floor(number / axes[1][name]), number % axes[1][name]];
  const grid = new Grid("C", [rows, columns], size, [2, 2], {
    chosen: (...cell) => {
      const [row, column] = turn(cell);
      return whole ? { j: place(row, "input") } : { j: place(row, "input"), n: place(column, "output") };
    },
    place: ({ j, n }) => turn([number(j, "input"), number(n, "output")]),
  });
  const line = (at, vertical) => {
    const [x, y] = [grid.x + at * size, grid.y + at * size];
    return `<path class="rule" d="${vertical ? `M${x} ${grid.y}v${grid.height}` : `M${grid.x} ${y}h${grid.width}`}"/>`;
  };
  const lines = (name, vertical) => (axes[0].flat ? [] : range(axes[0][name] - 1).map((n) => line((n + 1) * axes[1][name], vertical)));
  const most = Math.max(...w.map(Math.abs)) || 1;
  const taps = entries(axes).map(({ row, column, tap }) => {
    const cell = turn([row, column]);
    if (size >= NUMBERS) return grid.cell(cell, "kernel", shown(w[tap]));
    const [x, y] = grid.corner(cell);
    const strength = (0.3 + 0.7 * (Math.abs(w[tap]) / most)).toFixed(2);
    return `<rect x="${x}" y="${y}" width="${size - 0.5}" height="${size - 0.5}" class="entry" fill-opacity="${strength}"/>`;
  });
  const ground = frame(1, 1, grid.width + 2, grid.height + 2, "ground");
  const still = ground + taps.join("") + lines("output", !upright).join("") + lines("input", upright).join("");
  // The whole row of an input sample, and the whole column of an output sample.
  const band = (at, vertical) =>
    vertical
      ? frame(grid.x + at * size, grid.y - 1, size, grid.height + 2, "chosen")
      : frame(grid.x - 1, grid.y + at * size, grid.width + 2, size, "chosen");
  const over = (_, { j, n }) => (j ? band(number(j, "input"), upright) : "") + (n ? band(number(n, "output"), !upright) : "");
  return picture(title, [grid], still, { over });
}

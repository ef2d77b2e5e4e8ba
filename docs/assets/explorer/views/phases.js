// Each phase of the output has taps of its own, and a colour.

import { Grid, ROOM, cellSize, few, label, picture } from "../drawing.js";
import { phases, product, range } from "../geometry.js";
import { output, shown, size, sizes, tap } from "../model.js";

const CELL = 26;

export function draw(model, { room = ROOM } = {}) {
  const { axes } = model;
  const [down, right] = sizes(axes, "stride");
  const title = `Phases, ${size(axes, "stride")}`;
  const outputs = sizes(axes, "output");
  few(title, Math.max(product(outputs), down * right));
  const hue = (row, column) => Math.round((360 * (row * right + column)) / (down * right) + 40) % 360;
  const [rows, columns] = axes.map(phases); // the taps of each phase
  const starts = (taps, gap, first) => {
    const sizes = taps.map((each) => Math.max(each.length, 1) * CELL + gap);
    return sizes.map((_, n) => sizes.slice(0, n).reduce((a, b) => a + b, first));
  };
  const [top, left] = [starts([...rows, []], 24, 20), starts(columns, 14, 2)];
  let still = "";
  const kernels = [];
  for (const row of range(down)) {
    for (const column of range(right)) {
      const corner = [left[column], top[row]];
      still += label(corner[0], corner[1] - 9, axes[0].flat ? `${column}` : `${row}, ${column}`, { role: "muted", anchor: "start", size: 12 });
      const shape = [rows[row].length, columns[column].length];
      if (product(shape)) {
        const grid = new Grid("t", shape, CELL, corner, {
          chosen: (r, c) => ({ t: [rows[row][r], columns[column][c]] }),
          place: ({ t }) => [rows[row].indexOf(t[0]), columns[column].indexOf(t[1])],
        });
        still += grid.cells((r, c) => ["phase", shown(tap(model, grid.chosen(r, c).t)), { hue: hue(row, column) }]);
        kernels.push(grid);
      } else {
        still += new Grid("none", [1, 1], CELL, corner).cell([0, 0], "zero", "–");
      }
    }
  }
  const whole = new Grid("n", outputs, cellSize(outputs[1], room), [2, top[down] - 8]);
  still += whole.cells((row, column) => ["phase", shown(output(model, [row, column])), { hue: hue(row % down, column % right) }]);
  return picture(title, [...kernels, whole], still);
}

// The output: its values, or the number of stamps that reach each sample (`counts`), or the shades of a picture (`grey`).

import { HANDLE, ROOM, cellSize, few, frame, output as grids, picture, uncut } from "../drawing.js";
import { overlap, product } from "../geometry.js";
import { output, shown, size as spoken } from "../model.js";

// `gathered`: output samples shown.  `other`: what a mistake makes of it.
export function draw(model, { counts = false, grey = false, gathered = Infinity, other, edges = false, room = ROOM } = {}) {
  const { axes, y } = model;
  const title = `Output, ${spoken(axes, "output")}`;
  few(title, product(uncut(axes)));
  const margin = edges ? HANDLE : 2;
  const size = cellSize(uncut(axes)[1], room - 2 * margin);
  const { around, grid, drawn } = grids(axes, { size, at: [margin, axes[0].flat ? 2 : margin] });
  const reached = axes.map(overlap);
  const most = product(reached.map((each) => Math.max(...each))) || 1;
  const [darkest, brightest] = [Math.min(...y), Math.max(...y)];
  const values = grid.cells((row, column) => {
    const count = reached[0][row] * reached[1][column];
    if (counts) return [count ? "overlap" : "zero", count, { strength: (0.15 + 0.7 * (count / most)).toFixed(2) }];
    if (row * grid.columns + column >= gathered) return ["empty"];
    const value = output(model, [row, column]);
    if (grey) return ["grey", "", { strength: ((value - darkest) / (brightest - darkest || 1)).toFixed(2) }];
    const instead = other ? other[row * grid.columns + column] : value;
    return [instead !== value ? "wrong" : count ? "output" : "zero", shown(instead)];
  });
  const night = grey ? frame(grid.x, grid.y, grid.width, grid.height, "night") : "";
  const [width, height] = [around.x + around.width + margin, around.y + around.height + around.y];
  return picture(title, [around, grid], drawn + night + values, { width, height, edges: edges && grid });
}

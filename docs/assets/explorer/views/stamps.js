// The stamps, where they fall in the full output.

import { Grid, HANDLE, ROOM, cellSize, few, frame, label, output as grids, picture, uncut } from "../drawing.js";
import { overlap, product, range, sum } from "../geometry.js";
import { input, met, shown, size as spoken, sizes, tap } from "../model.js";

// `stamped`: input samples that have stamped.
export function draw(model, { stamped = Infinity, edges = false, room = ROOM } = {}) {
  const { axes } = model;
  const flat = axes[0].flat;
  const title = `The stamps, ${spoken(axes, "input")}`;
  few(title, product(uncut(axes)) * (flat ? axes[1].input + 1 : 1));
  return flat ? rows(model, title, stamped, edges, room) : layers(model, title, stamped, room);
}

const all = ([rows, columns]) => range(rows).flatMap((row) => range(columns).map((column) => [row, column]));

// On two axes they lie upon each other; the sums show at what is chosen.
function layers(model, title, stamped, room) {
  const { axes } = model;
  const { around, grid, drawn } = grids(axes, { size: cellSize(uncut(axes)[1], room) });
  const corner = (j) => j.map((sample, side) => axes[side].stride * sample - axes[side].begin);
  const places = (j) => all(sizes(axes, "kernel")).map((t) => [t, corner(j).map((from, side) => from + axes[side].dilation * t[side])]);
  const box = (j, role) => {
    const [x, y] = grid.corner(corner(j)).map((side) => side + 3);
    const [height, width] = axes.map(({ span }) => span * grid.size - 6);
    return frame(x, y, width, height, role);
  };
  const stamp = (j) => places(j).map(([, place]) => grid.cell(place, "ink-of-stamp")).join("") + box(j, "stamp");
  const empty = grid.cells(() => ["empty"]);
  const over = (found, chosen) => {
    const boxes = [...new Set(found.map(({ j }) => box(j, "stamp on")))].join("");
    if (chosen.j && !chosen.n && !chosen.t) { // one whole stamp, with what is cut of it
      const part = (t) => shown(input(model, chosen.j) * tap(model, t));
      return boxes + places(chosen.j).map(([t, place]) => grid.words(place, part(t))).join("");
    }
    const reached = new Map(found.map(({ n }) => [String(n), n]));
    const sums = [...reached.values()].map((n) => {
      const parts = met(model, { ...chosen, n }).map(({ j, t }) => input(model, j) * tap(model, t));
      return grid.words(n, shown(sum(parts)));
    });
    return boxes + sums.join("");
  };
  const stamps = all(sizes(axes, "input")).slice(0, stamped).map(stamp);
  return picture(title, [around, grid], drawn + empty + stamps.join(""), { over });
}

// One axis has room for a row to each stamp, and for their sum below.
function rows(model, title, stamped, edges, room) {
  const { axes } = model;
  const [, one] = axes;
  const margin = edges ? HANDLE : 0;
  const size = cellSize(uncut(axes)[1] + 2, room - 2 * margin - 12);
  const [left, step, bottom] = [2 * size + 8 + margin, size + 4, 10 + one.input * (size + 4)];
  const cut = Math.max(one.begin, 0);
  const { around, grid: total, drawn: crop } = grids(axes, { size, at: [left, bottom] });
  const samples = range(one.input);
  const inputs = samples.map((j) => {
    const place = (link) => (link.j[1] === j ? [0, 0] : null);
    return new Grid("j", [1, 1], size, [2, 2 + j * step], { chosen: () => ({ j: [0, j] }), place });
  });
  const heads = inputs.map((grid, j) => grid.cell([0, 0], "input", shown(model.x[j])) + label(size * 1.4, grid.y + size / 2, "×"));
  const stamps = samples.slice(0, stamped).map((j) => {
    const columns = range(one.kernel).map((t) => one.stride * j + one.dilation * t - one.begin + cut); // of the taps
    const chosen = (_, column) => (columns.includes(column) ? { j: [0, j], t: [0, columns.indexOf(column)] } : null);
    const place = (link) => (link.j[1] === j ? [0, columns[link.t[1]]] : null);
    const grid = new Grid("stamp", [1, around.columns], size, [left, 2 + j * step], { chosen, place });
    const drawn = columns.map((column, t) => grid.cell([0, column], "kernel", shown(model.x[j] * model.w[t])));
    return { grid, drawn: drawn.join("") };
  });
  const reached = overlap(one);
  const sums = total.cells((_, n) => [reached[n] ? "output" : "zero", shown(model.y[n])]);
  const below = label(left - margin - 8, bottom + size / 2, "sum", { role: "output", anchor: "end" });
  const still = heads.join("") + stamps.map(({ drawn }) => drawn).join("") + crop + sums + below;
  const over = (_, { n }) => (n ? frame(total.x + n[1] * size, 0, size, bottom + size + 4, "chosen") : "");
  const every = [...stamps.map(({ grid }) => grid), ...inputs, around, total];
  const [width, height] = [around.x + around.width + margin, bottom + size + 4];
  return picture(title, every, still, { over, width, height, edges: edges && total });
}

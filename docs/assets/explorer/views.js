// The pictures, each a function of the model, and of options of its own.

import { Grid, HANDLE, ROOM, cellSize, cropped, few, frame, label, picture, uncut } from "./drawing.js";
import { entries, overlap, phases as tapsOf, place, places, product, range, sum } from "./geometry.js";
import { input as inputAt, met, output as outputAt, shown, size, sizes, tap as tapAt } from "./model.js";

// The stamps, where they fall in the full output.  `stamped`: input samples that have stamped.
export function stamps(model, { stamped = Infinity, edges = false, room = ROOM } = {}) {
  const { axes } = model;
  const flat = axes[0].flat;
  const title = `The stamps, ${size(axes, "input")}`;
  few(title, product(uncut(axes)) * (flat ? axes[1].input + 1 : 1));
  return flat ? stampRows(model, title, stamped, edges, room) : stampLayers(model, title, stamped, room);
}

// On two axes they lie upon each other; the sums show at what is chosen.
function stampLayers(model, title, stamped, room) {
  const { axes } = model;
  const { around, grid, drawn } = cropped(axes, { size: cellSize(uncut(axes)[1], room) });
  const corner = (j) => j.map((sample, side) => axes[side].stride * sample - axes[side].begin);
  const taps = (j) => places(sizes(axes, "kernel")).map((t) => [t, corner(j).map((from, side) => from + axes[side].dilation * t[side])]);
  const box = (j, role) => {
    const [x, y] = grid.corner(corner(j)).map((side) => side + 3);
    const [height, width] = axes.map(({ span }) => span * grid.size - 6);
    return frame(x, y, width, height, role);
  };
  const stamp = (j) => taps(j).map(([, cell]) => grid.cell(cell, "ink-of-stamp")).join("") + box(j, "stamp");
  const empty = grid.cells(() => ["empty"]);
  const over = (found, chosen) => {
    const boxes = [...new Set(found.map(({ j }) => box(j, "stamp on")))].join("");
    if (chosen.j && !chosen.n && !chosen.t) { // one whole stamp, with what is cut of it
      const part = (t) => shown(inputAt(model, chosen.j) * tapAt(model, t));
      return boxes + taps(chosen.j).map(([t, cell]) => grid.words(cell, part(t), "sum")).join("");
    }
    const reached = new Map(found.map(({ n }) => [String(n), n]));
    const sums = [...reached.values()].map((n) => {
      const parts = met(model, { ...chosen, n }).map(({ j, t }) => inputAt(model, j) * tapAt(model, t));
      return grid.words(n, shown(sum(parts)), "sum");
    });
    return boxes + sums.join("");
  };
  const stamps = places(sizes(axes, "input")).slice(0, stamped).map(stamp);
  return picture(title, [around, grid], drawn + empty + stamps.join(""), { over });
}

// One axis has room for a row to each stamp, and for their sum below.
function stampRows(model, title, stamped, edges, room) {
  const { axes } = model;
  const [, one] = axes;
  const margin = edges ? HANDLE : 0;
  const size = cellSize(uncut(axes)[1] + 2, room - 2 * margin - 12);
  const [left, step, bottom] = [2 * size + 8 + margin, size + 4, 10 + one.input * (size + 4)];
  const cut = Math.max(one.begin, 0);
  const { around, grid: total, drawn: crop } = cropped(axes, { size, at: [left, bottom] });
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

// The output: its values, or the number of stamps that reach each sample (`counts`), or the shades of a picture (`grey`).
// `gathered`: output samples shown.  `other`: what a mistake makes of it.
export function output(model, { counts = false, grey = false, gathered = Infinity, other, edges = false, room = ROOM } = {}) {
  const { axes, y } = model;
  const title = `Output, ${size(axes, "output")}`;
  few(title, product(uncut(axes)));
  const margin = edges ? HANDLE : 2;
  const { around, grid, drawn } = cropped(axes, {
    size: cellSize(uncut(axes)[1], room - 2 * margin),
    at: [margin, axes[0].flat ? 2 : margin],
  });
  const reached = axes.map(overlap);
  const most = product(reached.map((each) => Math.max(...each))) || 1;
  const [darkest, brightest] = [Math.min(...y), Math.max(...y)];
  const values = grid.cells((row, column) => {
    const count = reached[0][row] * reached[1][column];
    if (counts) return [count ? "overlap" : "zero", count, { strength: (0.15 + 0.7 * (count / most)).toFixed(2) }];
    if (row * grid.columns + column >= gathered) return ["empty"];
    const value = outputAt(model, [row, column]);
    if (grey) return ["grey", "", { strength: ((value - darkest) / (brightest - darkest || 1)).toFixed(2) }];
    const instead = other ? other[row * grid.columns + column] : value;
    return [instead !== value ? "wrong" : count ? "output" : "zero", shown(instead)];
  });
  const night = grey ? frame(grid.x, grid.y, grid.width, grid.height, "night") : "";
  const [width, height] = [around.x + around.width + margin, around.y + around.height + around.y];
  return picture(title, [around, grid], drawn + night + values, { width, height, edges: edges && grid });
}

// The same output as an ordinary convolution: the input stretched and padded, and the kernel, rotated, over it.
export function padded(model, { turned = true, room = ROOM } = {}) {
  const { axes } = model;
  const grown = axes.map((one) => ({ ...one, padded: one.output + one.span - 1, first: one.span - 1 - one.begin }));
  const shape = sizes(grown, "padded");
  const title = `Padded input, ${size(grown, "padded")}`;
  few(title, product(shape));
  const inside = (cell) => cell.every((p, side) => p >= grown[side].first && p <= grown[side].first + axes[side].stride * (axes[side].input - 1));
  const sample = (cell) => {
    const j = cell.map((p, side) => (p - grown[side].first) / axes[side].stride);
    return inside(cell) && j.every(Number.isInteger) ? j : null;
  };
  const grid = new Grid("j", shape, cellSize(shape[1], room), [2, 2], {
    chosen: (row, column) => sample([row, column]) && { j: sample([row, column]) },
    place: ({ j }) => j.map((each, side) => each * axes[side].stride + grown[side].first),
  });
  const role = (cell) => (sample(cell) ? "input" : inside(cell) ? "zero between" : "zero");
  const value = (cell) => (sample(cell) ? shown(inputAt(model, sample(cell))) : "0");
  const still = grid.cells((...cell) => [role(cell), value(cell)]);
  // The window of an output sample: each of its products, where they are taken.
  const over = (found, chosen) => {
    const n = chosen.n ?? found[0]?.n;
    if (!n) return "";
    const products = places(sizes(axes, "kernel")).map((t) => {
      const cell = t.map((each, side) => n[side] + (turned ? axes[side].span - 1 - axes[side].dilation * each : axes[side].dilation * each));
      return grid.cell(cell, `${role(cell)} over`, `${value(cell)}·${shown(tapAt(model, t))}`);
    });
    return products.join("") + grid.frame(n, "kernel", sizes(axes, "span"));
  };
  return picture(title, [grid], still, { over });
}

// Each phase of the output has taps of its own, and a colour.
export function phases(model, { room = ROOM } = {}) {
  const CELL = 26;
  const { axes } = model;
  const strides = sizes(axes, "stride");
  const [down, right] = strides;
  const title = `Phases, ${size(axes, "stride")}`;
  const outputs = sizes(axes, "output");
  few(title, Math.max(product(outputs), down * right));
  const hue = (row, column) => Math.round((360 * (row * right + column)) / (down * right) + 40) % 360;
  const [rows, columns] = axes.map(tapsOf);
  const starts = (taps, gap, first) => {
    const sizes = taps.map((each) => Math.max(each.length, 1) * CELL + gap);
    return sizes.map((_, n) => first + sum(sizes.slice(0, n)));
  };
  const [top, left] = [starts([...rows, []], 24, 20), starts(columns, 14, 2)];
  const kernels = [];
  let still = "";
  for (const [row, column] of places(strides)) {
    const corner = [left[column], top[row]];
    still += label(corner[0], corner[1] - 9, axes[0].flat ? column : `${row}, ${column}`, { role: "muted", anchor: "start", size: 12 });
    const shape = [rows[row].length, columns[column].length];
    if (product(shape)) {
      const grid = new Grid("t", shape, CELL, corner, {
        chosen: (r, c) => ({ t: [rows[row][r], columns[column][c]] }),
        place: ({ t }) => [rows[row].indexOf(t[0]), columns[column].indexOf(t[1])],
      });
      still += grid.cells((r, c) => ["phase", shown(tapAt(model, grid.chosen(r, c).t)), { hue: hue(row, column) }]);
      kernels.push(grid);
    } else still += new Grid("none", [1, 1], CELL, corner).cell([0, 0], "zero", "–");
  }
  const whole = new Grid("n", outputs, cellSize(outputs[1], room), [2, top[down] - 8]);
  still += whole.cells((row, column) => ["phase", shown(outputAt(model, [row, column])), { hue: hue(row % down, column % right) }]);
  return picture(title, [...kernels, whole], still);
}

// The matrix C, a row for each input sample and a column for each output sample; or its transpose, which makes the output.
// `upright`: the transpose.  `rows`: a cell stands for its whole row.
export function matrix(model, { upright = false, rows: whole = false, room = Infinity } = {}) {
  const NUMBERS = 18; // a cell of this size has its number
  const { axes, w } = model;
  const turn = (pair) => (upright ? [...pair].reverse() : pair);
  const [rows, columns] = turn([product(sizes(axes, "input")), product(sizes(axes, "output"))]);
  const title = `The ${upright ? "transpose of C" : "matrix C"}, ${rows} × ${columns}`;
  few(title, rows * columns, 250000);
  few(title, product(axes.map((one) => one.input * one.kernel)), 4000); // small ones
  const fits = Math.floor(room / columns); // where there is room for its numbers, all of it is in sight
  const size = Math.max(5, Math.min(26, Math.floor(780 / Math.max(columns, rows / 2)), fits < NUMBERS ? Infinity : fits));
  const number = ([row, column], name) => row * axes[1][name] + column;
  const grid = new Grid("C", [rows, columns], size, [2, 2], {
    chosen: (...cell) => {
      const [row, column] = turn(cell);
      const j = place(row, axes[1].input);
      return whole ? { j } : { j, n: place(column, axes[1].output) };
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

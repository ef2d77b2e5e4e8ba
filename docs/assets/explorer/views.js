// The linked pictures.  Each is a function of a model, the numbers of one state, and gives what stands still, the grids
// in it, and a function that draws what the chosen cell lights up.
//
// A model: axes (two; the first has one sample where there is one axis), x, w, y: the numbers of input, kernel and output,
// row by row.  What is chosen: any of j (input sample), t (tap), n (output sample), each [row, column].  What it lights
// up: the list of links, the meetings of an input sample and a tap in an output sample.

import { entries, links, overlap, phases, product, range } from "./geometry.js";
import { Grid, escaped, frame, label, shown, words } from "./drawing.js";

export const MOST = 2500; // cells that a picture may have

const at = (numbers, columns, [row, column]) => numbers[row * columns + column];
const input = ({ axes, x }, j) => at(x, axes[1].input, j);
const tap = ({ axes, w }, t) => at(w, axes[1].kernel, t);
const output = ({ axes, y }, n) => at(y, axes[1].output, n);
const sizes = (axes, name) => axes.map((one) => one[name]);
const times = (axes, name) => (axes[0].flat ? `${axes[1][name]}` : sizes(axes, name).join(" × "));

// As large as fits into some 500 pixels, and never smaller than a finger needs.
const cellSize = (columns) => Math.max(24, Math.min(34, Math.floor(480 / columns)));

function picture(name, title, width, height, still, grids, lit = () => "") {
  return { name, title, width: Math.ceil(width), height: Math.ceil(height), still, grids, lit };
}

function tooMany(name, title, cells, what) {
  const text = `${title} has ${cells} cells, too many to draw; take a smaller ${what}.`;
  return { name, title, width: 300, height: 0, still: "", grids: [], lit: () => "", refused: text };
}

// The output: its values, or the number of stamps that reach each sample, or the shades of a picture.  `until`: output
// samples shown.  `other`: what a mistake makes of it.
export function result(model, { counts = false, grey = false, until = Infinity, other } = {}) {
  const { axes } = model;
  const [rows, columns] = sizes(axes, "output");
  const title = `Output, ${times(axes, "output")}`;
  if (rows * columns > MOST) return tooMany("output", title, rows * columns, "input, kernel or stride");
  const grid = new Grid("n", rows, columns, cellSize(columns), 2, 2);
  const reached = axes.map(overlap);
  const most = product(reached.map((each) => Math.max(...each))) || 1;
  const [darkest, brightest] = [Math.min(...model.y), Math.max(...model.y)];
  const still = grid.cells((row, column) => {
    const count = reached[0][row] * reached[1][column];
    if (counts) return [count ? "overlap" : "zero", count, { strength: (0.15 + 0.7 * (count / most)).toFixed(2) }];
    if (row * columns + column >= until) return ["empty", ""];
    const value = output(model, [row, column]);
    if (grey) return ["grey", "", { strength: ((value - darkest) / (brightest - darkest || 1)).toFixed(2) }];
    const instead = other ? at(other, columns, [row, column]) : value;
    return [instead !== value ? "wrong" : count ? "output" : "zero", shown(instead)];
  });
  const lit = (found, chosen) => grid.frames(found.map(({ n }) => n)) + (chosen.n ? grid.frame(chosen.n, "chosen") : "");
  return picture("output", title, grid.width + 4, grid.height + 4, still, [grid], lit);
}

// The stamps, where they fall in the full output.  Two axes: they lie upon each other, and the one that is chosen shows
// its numbers.  `until`: input samples that have stamped.
export function stamps(model, { until = Infinity } = {}) {
  const { axes } = model;
  if (axes[0].flat) return stampRows(model, until);
  const full = axes.map((one) => Math.max(one.full, one.begin + one.output));
  const first = axes.map(({ begin }) => Math.min(begin, 0)); // a crop below zero begins before the first stamp
  const [rows, columns] = full.map((size, side) => size - first[side]);
  if (rows * columns > MOST) return tooMany("stamps", "Stamps", rows * columns, "input, kernel or stride");
  const place = ([row, column]) => [row + axes[0].begin - first[0], column + axes[1].begin - first[1]];
  const size = cellSize(columns);
  const grid = new Grid("n", rows, columns, size, 2, 2, (row, column) => {
    const n = [row - axes[0].begin + first[0], column - axes[1].begin + first[1]];
    return n.every((sample, side) => sample >= 0 && sample < axes[side].output) ? { n } : null;
  });
  grid.place = place;
  const cropped = grid.cells((row, column) => (grid.chosen(row, column) ? ["empty", ""] : ["crop", ""]));
  const corner = (j) => j.map((sample, side) => axes[side].stride * sample - first[side]);
  const taps = range(axes[0].kernel).flatMap((row) => range(axes[1].kernel).map((column) => [row, column]));
  const stamp = (j, draw) =>
    taps.map((t) => draw(t, corner(j).map((from, side) => from + axes[side].dilation * t[side]))).join("");
  const samples = range(axes[0].input).flatMap((row) => range(axes[1].input).map((column) => [row, column]));
  const box = (j, role) => {
    const [row, column] = corner(j);
    const [x, y] = [grid.x + column * size + 3, grid.y + row * size + 3];
    return frame(x, y, axes[1].span * size - 6, axes[0].span * size - 6, role);
  };
  const still =
    cropped +
    samples
      .slice(0, until)
      .map((j) => stamp(j, (_, [row, column]) => grid.cell(row, column, "ink-of-stamp", "")) + box(j, "stamp"))
      .join("");
  const lit = (found, chosen) => {
    const each = new Map(found.map((link) => [String(link.j), link.j]));
    const boxes = [...each.values()].map((j) => box(j, "stamp on")).join("");
    const alone = each.size === 1 && !chosen.n && !chosen.t ? [...each.values()][0] : null; // one whole stamp, its crop too
    const numbers = alone
      ? stamp(alone, (t, [row, column]) =>
          words(grid.x + column * size, grid.y + row * size, size, "ink", shown(input(model, alone) * tap(model, t))),
        )
      : "";
    const parts = new Map();
    for (const { j, t, n } of alone ? [] : found) {
      const key = String(place(n));
      parts.set(key, [...(parts.get(key) ?? []), input(model, j) * tap(model, t)]);
    }
    const sums = [...parts].map(([key, terms]) => {
      const [row, column] = key.split(",").map(Number);
      const said = shown(terms.reduce((a, b) => a + b, 0));
      return words(grid.x + column * size, grid.y + row * size, size, "ink", said);
    });
    const cells = grid.frames(found.map(({ n }) => place(n)));
    return boxes + numbers + sums.join("") + (chosen.n ? grid.frame(place(chosen.n), "chosen") : cells);
  };
  const title = `Stamps, ${times(axes, "input")} of them`;
  return picture("stamps", title, grid.width + 4, grid.height + 4, still, [grid], lit);
}

// One axis has room for a row to each stamp, and for their sum below.
function stampRows(model, until) {
  const [, one] = model.axes;
  const first = Math.min(one.begin, 0);
  const columns = Math.max(one.full, one.begin + one.output) - first;
  if (columns * (one.input + 1) > MOST) return tooMany("stamps", "Stamps", columns * (one.input + 1), "input, kernel or stride");
  const size = cellSize(columns + 2);
  const left = 2 * size + 8;
  const step = size + 4;
  const place = (n) => n + one.begin - first;
  const sample = (column) => {
    const n = column - one.begin + first;
    return n >= 0 && n < one.output ? n : null;
  };
  const rows = range(Math.min(one.input, until)).map((j) => {
    const from = one.stride * j - first;
    const chosen = (_, column) => {
      const t = (column - from) / one.dilation;
      return Number.isInteger(t) && t >= 0 && t < one.kernel ? { j: [0, j], t: [0, t] } : null;
    };
    return new Grid("stamp", 1, columns, size, left, 2 + j * step, chosen);
  });
  const inputs = range(one.input).map((j) => new Grid("j", 1, 1, size, 2, 2 + j * step, () => ({ j: [0, j] })));
  const bottom = 10 + one.input * step;
  const total = new Grid("n", 1, columns, size, left, bottom, (_, column) => {
    const n = sample(column);
    return n === null ? null : { n: [0, n] };
  });
  total.place = ([row, n]) => [row, place(n)];
  const numbers = rows
    .map((grid, j) =>
      range(one.kernel)
        .map((t) => grid.cell(0, one.stride * j - first + one.dilation * t, "kernel", shown(model.x[j] * model.w[t])))
        .join(""),
    )
    .join("");
  const heads = inputs
    .map((grid, j) => grid.cell(0, 0, "input", shown(model.x[j])) + label(size * 1.4, grid.y + size / 2, "×"))
    .join("");
  const sums = total.cells((_, column) => {
    const n = sample(column);
    if (n === null) return ["crop", ""];
    return [column + first < one.full && column + first >= 0 ? "output" : "zero", shown(model.y[n])];
  });
  const below = label(left - 8, bottom + size / 2, "sum", { role: "output", anchor: "end" });
  const lit = (found, chosen) => {
    const parts = found.filter(({ j }) => rows[j[1]]).map(({ j, n }) => rows[j[1]].frame([0, place(n[1])]));
    const heads = found.map(({ j }) => inputs[j[1]].frame([0, 0]));
    const column = chosen.n ? frame(left + place(chosen.n[1]) * size, 0, size, bottom + size + 4, "chosen") : "";
    return parts.join("") + [...new Set(heads)].join("") + total.frames(found.map(({ n }) => [0, place(n[1])])) + column;
  };
  const title = `Stamps, ${one.input} of them`;
  return picture("stamps", title, left + columns * size + 2, bottom + size + 4, numbers + heads + sums + below, [...rows, ...inputs, total], lit);
}

// The same output as an ordinary convolution: the input stretched and padded, and the kernel, rotated, over it.
export function padded(model, { turned = true } = {}) {
  const { axes } = model;
  const [rows, columns] = axes.map((one) => one.output + one.span - 1);
  const title = `Padded input, ${axes[0].flat ? columns : `${rows} × ${columns}`}`;
  if (rows * columns > MOST) return tooMany("padded", title, rows * columns, "input, kernel or stride");
  // which sample stands in a row or column of the grid, or null for a zero
  const sample = (side, place) => {
    const { input, stride, span, begin } = axes[side];
    const j = (place - (span - 1 - begin)) / stride;
    return Number.isInteger(j) && j >= 0 && j < input ? j : null;
  };
  const inside = (side, place) => {
    const { input, stride, span, begin } = axes[side];
    const from = place - (span - 1 - begin);
    return from >= 0 && from <= stride * (input - 1);
  };
  const size = cellSize(columns);
  const grid = new Grid("padded", rows, columns, size, 2, 2, (row, column) => {
    const j = [sample(0, row), sample(1, column)];
    return j.includes(null) ? null : { j };
  });
  const still = grid.cells((row, column) => {
    const j = [sample(0, row), sample(1, column)];
    if (!j.includes(null)) return ["input", shown(input(model, j))];
    return [inside(0, row) && inside(1, column) ? "zero between" : "zero", size > 26 ? "0" : ""];
  });
  const place = (j) => j.map((each, side) => each * axes[side].stride + axes[side].span - 1 - axes[side].begin);
  const lit = (found, chosen) => {
    const n = chosen.n ?? found[0]?.n;
    const partners = grid.frames(found.map(({ j }) => place(j)).filter(([row, column]) => row >= 0 && column >= 0 && row < rows && column < columns));
    if (!n) return partners;
    const taps = range(axes[0].kernel).flatMap((row) => range(axes[1].kernel).map((column) => [row, column]));
    const over = taps.map((t) => {
      const [row, column] = t.map((each, side) => {
        const { span, dilation } = axes[side];
        return n[side] + (turned ? span - 1 - dilation * each : dilation * each);
      });
      const [x, y] = [grid.x + column * size, grid.y + row * size];
      return (
        `<rect x="${x + 1}" y="${y + 1}" width="${size - 2}" height="${size - 2}" class="over"/>` +
        label(x + size - 3, y + size * 0.27, shown(tap(model, t)), { role: "kernel", anchor: "end", size: size * 0.34 })
      );
    });
    return over.join("") + partners + grid.frame(n, "kernel", sizes(axes, "span"));
  };
  return picture("padded", title, grid.width + 4, grid.height + 4, still, [grid], lit);
}

// Each phase of the output has taps of its own, and a colour.
export function byPhase(model) {
  const { axes } = model;
  const [down, right] = sizes(axes, "stride");
  const outputs = product(sizes(axes, "output"));
  if (outputs > MOST) return tooMany("phases", "Phases", outputs, "input, kernel or stride");
  const taps = axes.map(phases);
  const hue = (row, column) => Math.round((360 * (row * right + column)) / (down * right) + 40) % 360;
  const size = 26;
  const heights = taps[0].map((each) => Math.max(each.length, 1));
  const widths = taps[1].map((each) => Math.max(each.length, 1));
  const grids = [];
  let still = "";
  let y = 20;
  let width = 0;
  for (const row of range(down)) {
    let x = 2;
    for (const column of range(right)) {
      const [own, across] = [taps[0][row], taps[1][column]];
      const name = axes[0].flat ? `${column}` : `${row}, ${column}`;
      still += label(x, y - 9, name, { role: "muted", anchor: "start", size: 12 });
      if (own.length && across.length) {
        const grid = new Grid("t", own.length, across.length, size, x, y, (r, c) => ({ t: [own[r], across[c]] }));
        still += grid.cells((r, c) => ["phase", shown(tap(model, [own[r], across[c]])), { hue: hue(row, column) }]);
        grids.push(grid);
      } else {
        still += new Grid("none", 1, 1, size, x, y).cells(() => ["zero", "–"]);
      }
      x += widths[column] * size + 14;
    }
    width = Math.max(width, x);
    y += heights[row] * size + 24;
  }
  const [rows, columns] = sizes(axes, "output");
  const whole = new Grid("n", rows, columns, cellSize(columns), 2, y - 8);
  const phase = (row, column) => hue(row % down, column % right);
  still += whole.cells((row, column) => ["phase", shown(output(model, [row, column])), { hue: phase(row, column) }]);
  const kernels = [...grids];
  const lit = (found, chosen) => {
    const wanted = new Set(found.map(({ t }) => String(t)));
    const parts = kernels.flatMap((grid) =>
      range(grid.rows).flatMap((r) => range(grid.columns).filter((c) => wanted.has(String(grid.chosen(r, c).t))).map((c) => grid.frame([r, c]))),
    );
    return parts.join("") + whole.frames(found.map(({ n }) => n)) + (chosen.n ? whole.frame(chosen.n, "chosen") : "");
  };
  const title = axes[0].flat ? `Phases, ${right}` : `Phases, ${down} × ${right}`;
  return picture("phases", title, Math.max(width, whole.width + 4), y + whole.height, still, [...grids, whole], lit);
}

// The matrix C, a row for each input sample and a column for each output sample; or its transpose, which makes the output.
// `rows`: a cell stands for its whole row.
export function matrix(model, { upright = false, rows: whole = false } = {}) {
  const { axes } = model;
  const [inputs, outputs] = ["input", "output"].map((name) => product(sizes(axes, name)));
  const [rows, columns] = upright ? [outputs, inputs] : [inputs, outputs];
  const filled = product(axes.map((one) => one.input * one.kernel));
  const title = upright ? `The transpose of C, ${rows} × ${columns}` : `The matrix C, ${rows} × ${columns}`;
  if (filled > MOST || rows * columns > 250000) return tooMany("matrix", title, rows * columns, "input or kernel");
  const size = Math.max(5, Math.min(26, Math.floor(780 / Math.max(columns, rows / 2))));
  const turn = ([a, b]) => (upright ? [b, a] : [a, b]);
  const side = (number, one) => [Math.floor(number / axes[1][one]), number % axes[1][one]];
  const grid = new Grid("C", rows, columns, size, 2, 2, (a, b) => {
    const [row, column] = turn([a, b]);
    return whole ? { j: side(row, "input") } : { j: side(row, "input"), n: side(column, "output") };
  });
  const place = ({ j, n }) => turn([j[0] * axes[1].input + j[1], n[0] * axes[1].output + n[1]]);
  const ground = frame(1, 1, grid.width + 2, grid.height + 2, "ground");
  const lines = axes[0].flat
    ? []
    : [
        ...range(axes[0].output - 1).map((n) => turn([0, (n + 1) * axes[1].output])),
        ...range(axes[0].input - 1).map((j) => turn([(j + 1) * axes[1].input, 0])),
      ];
  const rules = lines.map(([row, column]) => {
    const [x, y] = [grid.x + column * size, grid.y + row * size];
    return `<path class="rule" d="${row ? `M${grid.x} ${y}h${grid.width}` : `M${x} ${grid.y}v${grid.height}`}"/>`;
  });
  const most = Math.max(...model.w.map(Math.abs)) || 1;
  const still =
    ground +
    entries(axes)
      .map(({ row, column, tap }) => {
        const [a, b] = turn([row, column]);
        if (size >= 18) return grid.cell(a, b, "kernel", shown(model.w[tap]));
        const strength = (0.3 + 0.7 * (Math.abs(model.w[tap]) / most)).toFixed(2);
        return `<rect x="${grid.x + b * size}" y="${grid.y + a * size}" width="${size - 0.5}" height="${size - 0.5}" class="entry" fill-opacity="${strength}"/>`;
      })
      .join("") +
    rules.join("");
  const lit = (found, chosen) => {
    let bands = "";
    if (chosen.j) bands += band(place({ j: chosen.j, n: [0, 0] })[upright ? 1 : 0], upright);
    if (chosen.n) bands += band(place({ j: [0, 0], n: chosen.n })[upright ? 0 : 1], !upright);
    return bands + grid.frames(found.map(place));
  };
  const band = (number, vertical) =>
    vertical
      ? frame(grid.x + number * size, grid.y - 1, size, grid.height + 2, "chosen")
      : frame(grid.x - 1, grid.y + number * size, grid.width + 2, size, "chosen");
  return picture("matrix", title, grid.width + 4, grid.height + 4, still, [grid], lit);
}

// What the chosen cell says: the sum of an output sample, or where an input sample or a tap goes.
export function told(model, chosen) {
  const { axes } = model;
  const found = links(axes, chosen);
  const name = (letter, place) => `${letter}[${axes[0].flat ? place[1] : place.join(", ")}]`;
  const term = ({ j, t }) => `${shown(input(model, j))}·${shown(tap(model, t))}`;
  if (chosen.n && !chosen.j && !chosen.t) {
    const total = shown(output(model, chosen.n));
    if (!found.length) return `${name("y", chosen.n)} = 0: no tap reaches it`;
    return `${name("y", chosen.n)} = ${found.map(term).join(" + ")} = ${total}`;
  }
  if (chosen.j && chosen.n && !found.length) return `C has a zero here: ${name("x", chosen.j)} does not reach ${name("y", chosen.n)}`;
  if (found.length === 1) {
    const [{ j, t, n }] = found;
    const part = shown(input(model, j) * tap(model, t));
    const whole = links(axes, { n }).length;
    const share = whole > 1 ? `, one of the ${whole} numbers that add up to ${shown(output(model, n))}` : "";
    return `${name("x", j)}·${name("w", t)} = ${term(found[0])} = ${part} lands in ${name("y", n)}${share}`;
  }
  const reached = new Set(found.map(({ n }) => String(n))).size;
  const samples = reached === 1 ? "one output sample" : `${reached} output samples`;
  if (chosen.j) return `${name("x", chosen.j)} = ${shown(input(model, chosen.j))} times the kernel lands on ${samples}`;
  if (chosen.t) return `Tap ${name("w", chosen.t)} = ${shown(tap(model, chosen.t))} lands on ${samples}, one for each input sample`;
  return "";
}

// A picture as a file of its own, or as a part of the page.
export function svg({ title, width, height, still }, lit = "", style = "") {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="fig" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `${style && `<title>${escaped(title)}</title>${style}`}${still}<g class="lights">${lit}</g></svg>`
  );
}

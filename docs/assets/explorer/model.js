// The numbers of one state, which all pictures show: axes (two; the first is flat where there is one axis), and x, w, y,
// the numbers of input, kernel and output, row by row.  What is chosen in them is any of j (an input sample), t (a tap)
// and n (an output sample), each [row, column].

import { ONE, links, places, product, range, refuse, transposed } from "./geometry.js";

// A face, eight by eight, that is looked up wherever a picture of another size is wanted.
const FACE = ["00999900", "09000090", "90900909", "90000009", "90900909", "90099009", "09000090", "00999900"];
const LARGEST_DRAWN = 96; // samples of an axis
const LONG = 16; // terms of a sum

const noise = (n, seed) => (((n + 1) * 7919 + seed * 104729) % 9973) % 10; // the same digits everywhere, at every visit
const nearest = (position, size) => Math.floor(((position + 0.5) * 8) / size);
const triangle = (position, size) => Math.min(position, size - 1 - position) + 1;

export const FILLS = {
  ones: () => 1,
  ramp: (row, column, [, columns]) => row * columns + column + 1,
  random: (row, column, [, columns], seed) => noise(row * columns + column, seed),
  picture: (row, column, [rows, columns]) => Number(FACE[nearest(row, rows)][nearest(column, columns)]),
  smooth: (row, column, [rows, columns]) => triangle(row, rows) * triangle(column, columns),
};

// A number as it is typed; what is none is zero.
export function typed(text) {
  const number = Number(text.replace("−", "-").replace(",", "."));
  return Number.isFinite(number) ? number : 0;
}

// The numbers of a grid, row by row.  `fill` is a name above, or the typed numbers themselves.
export function filled(fill, [rows, columns], seed = 1) {
  if (Array.isArray(fill)) return range(rows * columns).map((cell) => fill[cell] ?? 0);
  return places([rows, columns]).map(([row, column]) => FILLS[fill](row, column, [rows, columns], seed));
}

export function model(axes, { x, w, seed }) {
  if (axes.length > 2) refuse(`${sized(axes)}. Three axes have no pictures: sizes and code stand below.`);
  const two = axes.length === 1 ? [{ ...ONE, flat: true }, axes[0]] : axes;
  const large = two.find((one) => Math.max(one.input, one.kernel, one.output) > LARGEST_DRAWN);
  if (large || product(two.map(({ input, kernel }) => input * kernel)) > 20000) {
    refuse(`${sized(axes)} is too much to draw; smaller numbers have pictures.`);
  }
  const input = filled(x, sizes(two, "input"), seed);
  const kernel = filled(w, sizes(two, "kernel"), seed + 5);
  return { axes: two, x: input, w: kernel, y: transposed(two, input, kernel) };
}

export const sizes = (axes, name) => axes.map((one) => one[name]);

// As it is said: 3 × 4, or 4 on one axis.
export const size = (axes, name) => sizes(axes.filter(({ flat }) => !flat), name).join(" × ");

export const sized = (axes) => `${size(axes, "input")} → ${size(axes, "output")}`;

// A number as it stands in a cell.
export const shown = (number) => String(Number(number.toFixed(2))).replace("-", "−");

const at = (numbers, columns, [row, column]) => numbers[row * columns + column];
export const input = ({ axes, x }, j) => at(x, axes[1].input, j);
export const tap = ({ axes, w }, t) => at(w, axes[1].kernel, t);
export const output = ({ axes, y }, n) => at(y, axes[1].output, n);

// What is chosen: as it was asked, where there is such a cell; else a sample in the middle that most taps reach.
export function kept({ axes }, chosen) {
  const name = { j: "input", t: "kernel", n: "output" };
  const fits = Object.entries(chosen ?? {}).every(([kind, place]) => place.every((p, side) => p < axes[side][name[kind]]));
  if (chosen && fits) return chosen;
  const middle = axes.map((one) => Math.floor(one.output / 2));
  const around = [middle, middle.map((n) => Math.max(n - 1, 0)), [middle[0], Math.max(middle[1] - 1, 0)]];
  const counts = around.map((n) => links(axes, { n }).length);
  return { n: around[counts.indexOf(Math.max(...counts))] };
}

// The links of a sum, as far as input samples have stamped: `until` is how many, while one walks through them.
export const met = ({ axes, until = Infinity }, chosen) => links(axes, chosen).filter(({ j }) => j[0] * axes[1].input + j[1] < until);

// What the chosen cell says: the sum of an output sample, or where an input sample or a tap goes.
export function told(model, chosen) {
  const { axes } = model;
  const found = links(axes, chosen);
  const name = (letter, place) => `${letter}[${axes[0].flat ? place[1] : place.join(", ")}]`;
  const term = ({ j, t }) => `${shown(input(model, j))}·${shown(tap(model, t))}`;
  const { j, t, n } = chosen;
  if (n && !j && !t) {
    if (!found.length) return `${name("y", n)} = 0: no tap reaches it`;
    const sum = met(model, chosen);
    const parts = [sum.map(term).join(" + "), shown(output(model, n))].filter(Boolean);
    if (sum.length > LONG) parts.reverse(); // its end would be out of sight
    return [name("y", n), ...parts].join(" = ") + (sum.length < found.length ? " so far" : "");
  }
  if (j && n && !found.length) return `C has a zero here: ${name("x", j)} does not reach ${name("y", n)}`;
  if (j && t && !found.length) return `${name("x", j)}·${name("w", t)} = ${term({ j, t })}: the crop cuts it`;
  if (found.length === 1) {
    const [link] = found;
    const part = shown(input(model, link.j) * tap(model, link.t));
    const whole = links(axes, { n: link.n }).length;
    const share = whole > 1 && model.until === undefined ? `, one of the ${whole} numbers that add up to ${shown(output(model, link.n))}` : "";
    return `${name("x", link.j)}·${name("w", link.t)} = ${term(link)} = ${part} lands in ${name("y", link.n)}${share}`;
  }
  const lands = found.length ? `lands on ${found.length} output samples` : "lands on nothing: the crop cuts it";
  if (j) return `${name("x", j)} = ${shown(input(model, j))} times the kernel ${lands}`;
  const each = found.length === product(sizes(axes, "input")) ? ", one for each input sample" : "";
  return `Tap ${name("w", t)} = ${shown(tap(model, t))} ${lands}${each}`;
}

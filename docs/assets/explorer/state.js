// What the reader has chosen, its address, and the model that the pictures show.

import { ONE, Refusal, cropped, links, product, transposed } from "./geometry.js";
import { FILLS, filled } from "./values.js";

// The knobs: letter, name, and the range of the slider.  Typed, input and kernel may be larger.
export const KNOBS = {
  i: ["input size", 1, 8],
  k: ["kernel size", 1, 7],
  s: ["stride", 1, 4],
  d: ["dilation", 1, 3],
  b: ["crop, begin", -2, 6],
  e: ["crop, end", -2, 6],
  a: ["output padding", 0, 3],
};
export const FRAMEWORKS = { keras: "Keras", tensorflow: "TensorFlow", pytorch: "PyTorch", jax: "JAX", onnx: "ONNX" };
export const LARGEST = 100000;
const LARGEST_DRAWN = 32; // samples of an axis

export const START = {
  axes: 2,
  i: [3, 3],
  k: [3, 3],
  s: [2, 2],
  d: [1, 1],
  b: [0, 0],
  e: [0, 0],
  a: [0, 0],
  x: "ramp",
  w: "ramp",
  seed: 1,
  c: [1, 1], // channels in and out
  of: "", // a framework
  call: "", // its arguments, as they are typed
  view: "", // some pictures alone
  show: "", // the options that are on
  at: "", // the chosen cell: "n2,3", or "j0,1.n2,3"
};

const whole = (text, [, least], most = LARGEST) => {
  const number = Math.round(text === "" ? NaN : Number(text));
  return Number.isFinite(number) ? Math.min(Math.max(number, least), most) : null;
};

// "3" is for both axes, "3x4" for rows and columns.
function pair(text, knob) {
  const numbers = text.split("x").map((each) => whole(each, knob));
  return numbers.includes(null) || numbers.length > 2 ? null : [numbers[0], numbers.at(-1)];
}

export function fromAddress(search, start = START) {
  const asked = new URLSearchParams(search);
  const state = structuredClone(start);
  if (asked.has("axes")) state.axes = asked.get("axes") === "1" ? 1 : 2;
  for (const letter of Object.keys(KNOBS)) {
    const numbers = asked.has(letter) && pair(asked.get(letter), KNOBS[letter]);
    if (numbers) state[letter] = numbers;
  }
  const channels = asked.has("c") && pair(asked.get("c"), [0, 1]);
  if (channels) state.c = channels;
  if (asked.has("p")) {
    const sides = asked.get("p").split("x").map((each) => each.split(",").map((side) => whole(side, KNOBS.b)));
    if (!sides.flat().includes(null)) {
      state.b = [sides[0][0], sides.at(-1)[0]];
      state.e = [sides[0].at(-1), sides.at(-1).at(-1)];
    }
  }
  for (const letter of ["x", "w"]) {
    const fill = asked.get(letter);
    if (fill in FILLS) state[letter] = fill;
    else if (fill && /^[-\d.,]+$/.test(fill)) state[letter] = fill.split(",").map((number) => Number(number) || 0);
  }
  for (const name of ["of", "call", "view", "show", "at"]) if (asked.has(name)) state[name] = asked.get(name);
  state.seed = whole(asked.get("seed") ?? state.seed, [0, 1], 9999) ?? 1;
  return state;
}

// The shortest address of a state: what is as at the start is left out.
export function address(state, start = START) {
  const said = new URLSearchParams();
  const short = ([rows, columns]) => (rows === columns || state.axes === 1 ? `${columns}` : `${rows}x${columns}`);
  for (const [name, value] of Object.entries(state)) {
    const write = name in KNOBS ? short : name === "c" ? (channels) => channels.join("x") : String;
    if (write(value) !== write(start[name])) said.set(name, write(value));
  }
  return String(said).replaceAll("%2C", ",").replaceAll("%3D", "=");
}

// The axes that the knobs make; a refusal is thrown.
export const axesOf = ({ axes, i, k, s, d, b, e, a }) =>
  (axes === 1 ? [1] : [0, 1]).map((side) => cropped(i[side], k[side], s[side], d[side], b[side], e[side], a[side]));

// The numbers of a geometry of one or two axes.
export function model(axes, { x, w, seed }) {
  const two = axes.length === 1 ? [{ ...ONE, flat: true }, axes[0]] : axes;
  const large = two.find((one) => Math.max(one.input, one.kernel, one.output) > 3 * LARGEST_DRAWN);
  if (large || product(two.map(({ input, kernel }) => input * kernel)) > 20000) {
    const size = two.map(({ output }) => output).join(" × ");
    throw new Refusal(`Too much to draw, with an output of ${size}: sizes and code stand below, and smaller numbers have pictures.`);
  }
  const input = filled(x, two.map((one) => one.input), seed);
  const kernel = filled(w, two.map((one) => one.kernel), seed + 5);
  return { axes: two, x: input, w: kernel, y: transposed(two, input, kernel) };
}

// The chosen cell of an address, or null.
export function cellOf(at) {
  const found = [...at.matchAll(/([jtn])(\d+),(\d+)/g)].map(([, kind, row, column]) => [kind, [Number(row), Number(column)]]);
  return found.length ? Object.fromEntries(found) : null;
}

// What is chosen when nothing was: a sample in the middle that most taps reach; or the old choice, where there is still one.
export function kept({ axes }, chosen) {
  const name = { j: "input", t: "kernel", n: "output" };
  const fits = Object.entries(chosen ?? {}).every(([kind, place]) => place.every((p, side) => p < axes[side][name[kind]]));
  if (chosen && fits && Object.keys(chosen).length) return chosen;
  const middle = axes.map(({ output }) => Math.floor(output / 2));
  const around = [middle, middle.map((n) => Math.max(n - 1, 0)), [middle[0], Math.max(middle[1] - 1, 0)]];
  const counts = around.map((n) => links(axes, { n }).length);
  return { n: around[counts.indexOf(Math.max(...counts))] };
}

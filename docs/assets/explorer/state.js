// What the reader has chosen, and its address.

import { cropped, range } from "./geometry.js";
import { FILLS, typed } from "./model.js";

// The knobs: name, and the range of the slider.  Typed, numbers may be larger.
export const KNOBS = {
  i: ["input size", 1, 8],
  k: ["kernel size", 1, 7],
  s: ["stride", 1, 4],
  d: ["dilation", 1, 3],
  b: ["crop, begin", -2, 6],
  e: ["crop, end", -2, 6],
  a: ["output padding", 0, 3],
  p: ["crop on each side", 0, 4], // b and e at once: it stands in an address, and in a lesson
};
export const LETTERS = [..."iksdbea"];
export const FRAMEWORKS = { keras: "Keras", tensorflow: "TensorFlow", pytorch: "PyTorch", jax: "JAX", onnx: "ONNX" };
export const LARGEST = 100000;

export const START = {
  axes: 2,
  i: [3, 3], // rows and columns; with three axes all three
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

// What a knob turns: the crop on each side is two of the numbers.
export const turned = (letter, numbers) => (letter === "p" ? { b: numbers, e: numbers } : { [letter]: numbers });

// The names of the axes, and the sides of a state's numbers that they have: rows and columns are there always.
const AXES = ["depth", "rows", "columns"];
export const sidesOf = (axes) => (axes === 1 ? [1] : range(axes));
export const nameOf = (side, axes) => AXES.slice(-axes)[side];

// Numbers for so many axes, the last for the last: the first is also for those before it.
export function spread(numbers, axes) {
  const missing = Math.max(axes, 2) - numbers.length;
  return missing < 0 ? numbers.slice(-missing) : [...Array(missing).fill(numbers[0]), ...numbers];
}

// The same state with another number of axes.
export function withAxes(state, axes) {
  const others = LETTERS.map((letter) => [letter, spread(state[letter], axes)]);
  return { ...state, axes, ...Object.fromEntries(others) };
}

// A whole number of at least this; null where the text is none.
function whole(text, least) {
  const number = text === "" ? NaN : Math.round(Number(text));
  return Number.isFinite(number) ? Math.min(Math.max(number, least), LARGEST) : null;
}

// "3" is for every axis, "3x4" for rows and columns.
function numbersOf(text, least, most) {
  const numbers = text.split("x").map((each) => whole(each, least));
  return numbers.includes(null) || numbers.length > most ? null : numbers;
}

export function fromAddress(search, start = START) {
  const asked = new URLSearchParams(search);
  const axes = ["1", "2", "3"].indexOf(asked.get("axes")) + 1 || start.axes;
  const state = withAxes(start, axes);
  for (const letter of ["p", ...LETTERS]) {
    const numbers = numbersOf(asked.get(letter) ?? "", KNOBS[letter][1], Math.max(axes, 2));
    if (numbers) Object.assign(state, turned(letter, spread(numbers, axes)));
  }
  state.c = spread(numbersOf(asked.get("c") ?? "", 1, 2) ?? state.c, 2);
  for (const letter of ["x", "w"]) {
    const fill = asked.get(letter);
    if (Object.hasOwn(FILLS, fill)) state[letter] = fill;
    else if (fill && /^[-\d.,]+$/.test(fill)) state[letter] = fill.split(",").map(typed);
  }
  for (const name of ["of", "call", "view", "show", "at"]) state[name] = asked.get(name) ?? state[name];
  if (!Object.hasOwn(FRAMEWORKS, state.of)) state.of = "";
  state.seed = whole(asked.get("seed") ?? "", 1) ?? state.seed;
  return state;
}

// The shortest address of a state: what is as at the start is left out.
export function address(state, start = START) {
  const said = new URLSearchParams();
  const short = (numbers) => (state.axes === 1 || new Set(numbers).size === 1 ? `${numbers.at(-1)}` : numbers.join("x"));
  for (const [name, value] of Object.entries(state)) {
    const write = LETTERS.includes(name) ? short : name === "c" ? (channels) => channels.join("x") : String;
    if (write(value) !== write(start[name])) said.set(name, write(value));
  }
  return String(said).replaceAll("%2C", ",").replaceAll("%3D", "=");
}

// The chosen cell of an address, or null.
export function cellOf(at) {
  const found = [...at.matchAll(/([jtn])(\d+),(\d+)/g)].map(([, kind, row, column]) => [kind, [Number(row), Number(column)]]);
  return found.length ? Object.fromEntries(found) : null;
}

// The axes that the knobs make; a refusal is thrown.
export const axesOf = ({ axes, i, k, s, d, b, e, a }) =>
  sidesOf(axes).map((side) => cropped(i[side], k[side], s[side], d[side], b[side], e[side], a[side]));

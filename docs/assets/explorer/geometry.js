// Sizes, positions and sums of a transposed convolution.  Nothing here knows of a page.
//
// An axis has an input size, kernel size, stride, dilation, and a crop that is cut from the beginning and the end of the full
// output.  Input sample j and tap t meet in output sample  stride j + dilation t - begin.  The words of a refusal are
// those of deconvlib.

export class Refusal extends Error {}

// What was given stands in the words of a refusal: very much of it is cut out.
export function refuse(text) {
  throw new Refusal(text.length > 500 ? `${text.slice(0, 300)} … ${text.slice(-100)}` : text);
}

// What `act` gives; where it refuses, what `refused` makes of the reason.
export function unless(act, refused) {
  try {
    return act();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return refused(refusal.message);
  }
}

export const range = (size) => [...Array(Math.max(size, 0)).keys()];
export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
export const product = (numbers) => numbers.reduce((total, number) => total * number, 1);
export const place = (number, columns) => [Math.floor(number / columns), number % columns]; // row by row
export const places = ([rows, columns]) => range(rows * columns).map((number) => place(number, columns));
export const modulo = (a, b) => ((a % b) + b) % b;
export const samples = (count) => (count === 1 ? "1 sample" : `${count} samples`);
const divisor = (a, b) => (b ? divisor(b, a % b) : a);

// One axis with what follows from its numbers.
export function axis(input, kernel, stride = 1, dilation = 1, begin = 0, end = 0) {
  for (const [name, value, remedy] of [
    ["input_size", input, "a signal has one sample or more"],
    ["kernel_size", kernel, "a kernel has one tap or more"],
    ["stride", stride, "1 moves from sample to sample"],
    ["dilation", dilation, "1 leaves no gaps between taps"],
  ]) {
    if (!(value >= 1)) refuse(`${name} must be at least 1, got ${value}; ${remedy}`);
  }
  const span = dilation * (kernel - 1) + 1;
  const full = stride * (input - 1) + span;
  if (![full, begin, end].every(Number.isSafeInteger)) {
    refuse(`sizes must be whole numbers below 2^53 to be computed here, got ${full} with crop (${begin}, ${end}); take smaller ones`);
  }
  const output = full - begin - end;
  if (output < 1) {
    refuse(
      `crop must leave at least one of the ${samples(full)} of the full output, got (${begin}, ${end}), ` +
        `which leaves ${output}; crop less`,
    );
  }
  return { input, kernel, stride, dilation, begin, end, span, full, output };
}

// The crop that deconvlib gives an axis with `padding` (begin, end) and `output_padding`.
export function cropped(input, kernel, stride, dilation, begin, end, shown) {
  if (!(shown >= 0 && shown < Math.max(stride, dilation))) {
    refuse(
      `output_padding must be at least 0 and less than the stride or the dilation, got ${shown} with stride ${stride} ` +
        `and dilation ${dilation}; to show more of the output make the end of the crop smaller`,
    );
  }
  return axis(input, kernel, stride, dilation, begin, end - shown);
}

// How many pairs of an input sample and a tap reach each sample of one axis.
export function overlap(one) {
  const counts = range(one.output).map(() => 0);
  for (const { n } of meetings(one)) counts[n] += 1;
  return counts;
}

// No checkerboard away from the borders: each tap falls on another phase, and on all of them equally often.
export const evenOverlap = (axes) =>
  axes.every(({ kernel, stride, dilation }) => kernel % stride === 0 && divisor(stride, dilation) === 1);

// The next kernel size whose overlap is even, or null where stride and dilation share a factor.
export const evenKernel = ({ kernel, stride, dilation }) =>
  divisor(stride, dilation) > 1 ? null : Math.ceil(kernel / stride) * stride;

// Every input sample times every tap.
export const multiplications = (axes) => product(axes.map(({ input, kernel }) => input * kernel));

// For each residue of the output samples modulo the stride: the taps that reach them.
export function phases({ kernel, stride, dilation, begin }) {
  return range(stride).map((residue) => range(kernel).filter((t) => modulo(dilation * t - begin, stride) === residue));
}

// Where input samples, taps and output samples of one axis meet, as far as some of the three are given.
export function meetings({ input, kernel, stride, dilation, begin, output }, { j, t, n } = {}) {
  const found = [];
  for (const sample of j === undefined ? range(input) : [j]) {
    for (const tap of t === undefined ? range(kernel) : [t]) {
      const reached = stride * sample + dilation * tap - begin;
      if (reached >= 0 && reached < output && (n === undefined || n === reached)) found.push({ j: sample, t: tap, n: reached });
    }
  }
  return found;
}

// The same on two axes.  What is given is [row, column], and so is what is found.
export function links([rows, columns], { j, t, n } = {}) {
  const on = (side) => ({ j: j?.[side], t: t?.[side], n: n?.[side] });
  const across = meetings(columns, on(1));
  return meetings(rows, on(0)).flatMap((row) =>
    across.map((column) => ({ j: [row.j, column.j], t: [row.t, column.t], n: [row.n, column.n] })),
  );
}

// The output of one channel on two axes, from input and kernel in flat arrays, row by row, when so many input samples have
// stamped the kernel.
export function transposed([rows, columns], input, kernel, until = Infinity) {
  const output = Array(rows.output * columns.output).fill(0);
  for (const { j, t, n } of links([rows, columns])) {
    const from = j[0] * columns.input + j[1];
    if (from < until) output[n[0] * columns.output + n[1]] += input[from] * kernel[t[0] * columns.kernel + t[1]];
  }
  return output;
}

// The entries of C that are not zero by construction: its row, its column, and the tap that stands there.
export function entries([rows, columns]) {
  return links([rows, columns]).map(({ j, t, n }) => ({
    row: j[0] * columns.input + j[1],
    column: n[0] * columns.output + n[1],
    tap: t[0] * columns.kernel + t[1],
  }));
}

export const ONE = axis(1, 1); // one axis is two of which the first has a single sample

// What each framework means by its arguments: the rules of deconvlib.frameworks, and the words of their refusals.
//
// A rule takes the input size and the kernel size, a number for each axis, and the arguments by their names.  Values are as
// Python has them: numbers are integers, arrays tuples, null is None; what a line doesn't say is Unknown.

import { axis, range, refuse, samples } from "./geometry.js";

export class Unknown {
  constructor(text) {
    this.text = text;
  }
}

export function repr(value) {
  if (value === null || value === undefined) return "None";
  if (value instanceof Unknown) return value.text;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return `(${value.map(repr).join(", ")}${value.length === 1 ? "," : ""})`;
  return String(value);
}

// A list of lists, as NumPy's pad takes it.
export const lists = (value) => (Array.isArray(value) ? `[${value.map(lists).join(", ")}]` : repr(value));

function integer(name, value) {
  const remedy = typeof value === "boolean" ? Number(value) : "a whole number such as 2";
  if (!Number.isInteger(value)) refuse(`${name} must be an integer, got ${repr(value)}; write ${remedy}`);
  return value;
}

function entries(name, value) {
  if (typeof value === "string") {
    refuse(`${name} must be an integer or a tuple of integers, got ${repr(value)}; their order says which axis is meant`);
  }
  return Array.isArray(value) ? value : null;
}

// One integer an axis: a number stands for every axis.
export function perAxis(name, value, axes, entry = integer) {
  const given = entries(name, value);
  if (given && given.length !== axes) {
    refuse(
      `${name} must be one integer or one for each of the ${axes} spatial axes, got ${repr(value)}; ` +
        "one integer stands for every axis",
    );
  }
  return range(axes).map((n) => entry(name, given ? given[n] : value));
}

const integerOrNone = (name, value) => (value === null ? null : integer(name, value));

function pair(name, value) {
  const both = entries(name, value);
  if (both?.length !== 2) refuse(`${name} must be a pair (begin, end), got ${repr(value)}; write two integers, (0, 0) for none`);
  return both.map((side) => integer(name, side));
}

const flat = (pads) => pads.flat();
const least = (pads) => Math.min(...flat(pads));

// ---- Keras ----

export function same(span, stride) {
  return Math.max(Math.floor((span - stride) / 2), 0);
}

// The crop of "valid" and "same".
export function word(padding, one, shown, name = "axis 0") {
  const { input, stride, span, full } = one;
  if (shown !== null && !(shown >= 0 && shown < stride)) {
    refuse(
      `output_padding must be at least 0 and less than the stride with padding=${repr(padding)}, got ${shown} with stride ` +
        `${stride} on ${name}; leave it at None, or take one below ${stride}`,
    );
  }
  let begin = 0;
  let size = full + (shown ?? Math.max(span, stride) - span);
  if (padding.toLowerCase() === "same") {
    const odd = span % 2;
    begin = shown === null ? same(span, stride) : Math.max(Math.floor((span - odd - shown) / 2), 0);
    size = shown === null ? input * stride : (input - 1) * stride + odd + shown;
  }
  if (size < 1) {
    refuse(
      `padding=${repr(padding)} with output_padding ${repr(shown)} leaves ${size} samples on ${name} (input size ${input}, ` +
        `kernel span ${span}, stride ${stride}); leave output_padding at None`,
    );
  }
  return { begin, end: full - begin - size };
}

function keras(input, kernel, { strides = 1, padding = "valid", output_padding = null, dilation_rate = 1 }) {
  const axes = input.length;
  if (typeof padding !== "string" || !["valid", "same"].includes(padding.toLowerCase())) {
    refuse(
      `Keras takes padding='valid' or padding='same', got ${repr(padding)}; ` +
        "numbers are taken by deconvlib.conv_transpose, and by the rules of PyTorch and ONNX",
    );
  }
  const shown = perAxis("output_padding", output_padding, axes, integerOrNone);
  const [s, d] = [perAxis("strides", strides, axes), perAxis("dilation_rate", dilation_rate, axes)];
  return range(axes).map((n) => {
    const whole = axis(input[n], kernel[n], s[n], d[n]);
    const { begin, end } = word(padding, whole, shown[n], `axis ${n}`);
    return axis(input[n], kernel[n], s[n], d[n], begin, end);
  });
}

// ---- TensorFlow ----

const FORMATS = [, ["NWC", "NCW"], ["NHWC", "NCHW"], ["NDHWC", "NCDHW"]];

function tensorflow(input, kernel, { output_shape = null, strides = null, padding = "SAME", data_format = null, dilations = null }) {
  const axes = input.length;
  const formats = FORMATS[axes];
  if (data_format !== null && !formats.includes(data_format)) {
    refuse(
      `TensorFlow takes data_format ${repr(formats[0])} or ${repr(formats[1])} with ${axes} spatial axes, ` +
        `got ${repr(data_format)}; leave it at None for channels last`,
    );
  }
  const space = data_format?.startsWith("NC") ? [2, axes + 2] : [1, axes + 1];
  const pads = tensorflowPads(padding, axes, space);
  const s = spatial("strides", strides, axes, space);
  const d = spatial("dilations", dilations ?? 1, axes, space);
  if (output_shape === null) {
    refuse("TensorFlow needs an output_shape, got None; name it: stride * input size is always legal with 'SAME'");
  }
  const given = entries("output_shape", output_shape);
  const size = perAxis("output_shape", given?.length === axes + 2 ? given.slice(...space) : output_shape, axes);
  return range(axes).map((n) => {
    const { full } = axis(input[n], kernel[n], s[n], d[n]);
    const [o, pad] = [size[n], pads[n]];
    let [begin, low, high] = [Math.max(Math.floor((full - o) / 2), 0), (input[n] - 1) * s[n] + 1, input[n] * s[n]];
    if (pad !== "SAME") {
      const end = pad === "VALID" ? 0 : pad[1];
      begin = pad === "VALID" ? 0 : pad[0];
      [low, high] = [Math.max(full - begin - end, 1), full - begin - end + s[n] - 1];
    }
    if (o < low || o > high) {
      const legal = low <= high ? `between ${low} and ${high}` : "of which there is none";
      refuse(
        `TensorFlow needs an output_shape ${legal} on axis ${n}, got ${o}: the forward convolution (strides ${s[n]}, ` +
          `padding ${typeof pad === "string" ? pad : repr(pad)}) must make ${samples(input[n])} of it again`,
      );
    }
    return axis(input[n], kernel[n], s[n], d[n], begin, full - begin - o);
  });
}

// The spatial entries of a list of 1, n or n + 2 integers.
function spatial(name, value, axes, space) {
  const given = entries(name, value);
  if (given?.length !== axes + 2) return perAxis(name, given?.length === 1 ? given[0] : value, axes);
  const whole = perAxis(name, given, axes + 2);
  const outer = [...whole.slice(0, space[0]), ...whole.slice(space[1])];
  if (outer.some((number) => number !== 1) || Math.min(...whole) < 1) {
    refuse(`TensorFlow needs ${name} of 1 on batch and channels, got ${repr(value)}; give the spatial entries alone`);
  }
  return whole.slice(...space);
}

function tensorflowPads(padding, axes, space) {
  if (padding === "SAME" || padding === "VALID") return range(axes).map(() => padding);
  if (!Array.isArray(padding)) {
    refuse(
      `TensorFlow takes padding='SAME', 'VALID' or a list of pairs, got ${repr(padding)}; ` +
        "words are in capitals, and numbers a pair for each of the four axes",
    );
  }
  if (axes !== 2 || padding.length !== 4 || padding.some((one) => entries("padding", one)?.length !== 2)) {
    refuse(
      "TensorFlow takes explicit padding for two spatial axes only, as one pair for each of the four axes, " +
        `got ${repr(padding)}; use padding='VALID' and crop the result`,
    );
  }
  const both = padding.map((one) => pair("padding", one));
  const outer = [...both.slice(0, space[0]), ...both.slice(space[1])];
  if (least(both) < 0 || flat(outer).some(Boolean)) {
    refuse(`TensorFlow needs explicit padding >= 0, and 0 on batch and channels, got ${repr(padding)}; add zeros to the result instead`);
  }
  return both.slice(...space);
}

// ---- PyTorch ----

function pytorch(input, kernel, { stride = 1, padding = 0, output_padding = 0, dilation = 1, output_size = null }) {
  const axes = input.length;
  if (typeof padding === "string") {
    refuse(
      `PyTorch has no padding=${repr(padding)} in a transposed convolution, only integers; for Keras's meaning write ` +
        `pytorch.call(keras.geometry(input_size, kernel_size, strides, padding=${repr(padding)})), or where k - s is ` +
        "even padding=(k - s) // 2",
    );
  }
  let sizes = null;
  if (output_size !== null) {
    const given = entries("output_size", output_size);
    if (![axes, axes + 2].includes(given?.length)) {
      refuse(
        `PyTorch needs output_size as a tuple of ${axes} or ${axes + 2} entries, got ${repr(output_size)}; ` +
          "write one for each spatial axis, such as skip.shape[2:]",
      );
    }
    sizes = perAxis("output_size", given.slice(-axes), axes);
  }
  const each = (name, value) => perAxis(name, value?.length === 1 ? value[0] : value, axes);
  const [s, d] = [each("stride", stride), each("dilation", dilation)];
  const [p, shown] = [each("padding", padding), each("output_padding", output_padding)];
  return range(axes).map((n) => {
    const { full } = axis(input[n], kernel[n], s[n], d[n]);
    const most = Math.max(s[n], d[n]);
    if (p[n] < 0) refuse(`PyTorch needs padding >= 0, got ${p[n]} on axis ${n}; add zeros to the result instead`);
    let a = shown[n];
    if (sizes) {
      const low = full - 2 * p[n];
      a = sizes[n] - low;
      if (a < 0 || a >= s[n]) {
        refuse(
          `PyTorch needs output_size between ${low} and ${low + s[n] - 1} on axis ${n}, got ${sizes[n]}; ` +
            "change padding, or crop the result",
        );
      }
    }
    if (a < 0 || a >= most) {
      refuse(
        `PyTorch needs 0 <= output_padding < max(stride, dilation) = ${most} on axis ${n}, got ${a}; ` +
          "use less padding, or add zeros to the result",
      );
    }
    if (full - 2 * p[n] + a < 1) {
      refuse(
        `PyTorch needs some output: padding ${p[n]} leaves nothing of ${samples(full)} on axis ${n}; ` +
          `take a padding of at most ${Math.floor((full + a - 1) / 2)}`,
      );
    }
    return axis(input[n], kernel[n], s[n], d[n], p[n], p[n] - a);
  });
}

// ---- JAX ----

function jax(input, kernel, { strides = null, padding = null, rhs_dilation = null, use_consistent_padding: consistent = false }) {
  const axes = input.length;
  const s = perAxis("strides", strides, axes);
  const d = perAxis("rhs_dilation", rhs_dilation ?? 1, axes);
  const wholes = range(axes).map((n) => axis(input[n], kernel[n], s[n], d[n]));
  const pads = jaxPads(padding, wholes, !consistent && s.every((one) => one === 1));
  return wholes.map((one, n) => {
    const { begin, end } = jaxCrop(one.span, one.stride, pads[n], consistent);
    const size = one.full - begin - end;
    if (size < 1) {
      const said = typeof pads[n] === "string" ? pads[n] : repr(pads[n]);
      refuse(
        `padding ${said} leaves ${size} samples on axis ${n} (JAX would answer with an empty array, or raise); ` +
          `${consistent ? "lower" : "raise"} the padding`,
      );
    }
    return axis(one.input, one.kernel, one.stride, one.dilation, begin, end);
  });
}

export function jaxCrop(span, stride, pad, consistent = false) {
  if (pad === "SAME") return { begin: same(span, stride), end: span - stride - same(span, stride) };
  if (pad === "VALID") return { begin: 0, end: span - Math.max(span, stride) };
  const [begin, end] = pair("padding", pad);
  return consistent ? { begin, end } : { begin: span - 1 - begin, end: span - 1 - end };
}

function jaxPads(padding, wholes, unit) {
  if (padding === "SAME" || padding === "VALID") return wholes.map(() => padding);
  if (typeof padding === "string") {
    const loud = padding.toUpperCase();
    if (!unit || !["SAME", "SAME_LOWER", "VALID"].includes(loud)) {
      refuse(
        `JAX takes padding='SAME', padding='VALID' or one pair an axis, got ${repr(padding)}; ` +
          "words are in capitals unless every stride is 1",
      );
    }
    return wholes.map(({ span }) => {
      const total = loud === "VALID" ? 0 : span - 1;
      const half = Math.floor(total / 2);
      return loud === "SAME_LOWER" ? [total - half, half] : [half, total - half];
    });
  }
  if (padding?.length !== wholes.length || padding.some((one) => entries("padding", one)?.length !== 2)) {
    refuse(
      `JAX takes one (begin, end) pair for each of the ${wholes.length} spatial axes, got ${repr(padding)}; ` +
        "a scalar or a flat tuple is not enough",
    );
  }
  return padding.map((one) => pair("padding", one));
}

// ---- ONNX ----

const MODES = ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"];

function onnx(input, kernel, attributes) {
  const { auto_pad: mode = "NOTSET", dilations = null, kernel_shape = null, strides = null } = attributes;
  const { output_padding = null, output_shape = null, pads = null } = attributes;
  const axes = input.length;
  if (!MODES.includes(mode)) refuse(`ONNX takes auto_pad ${MODES.join(", ")}, got ${repr(mode)}; words are in capitals`);
  const sides = onnxSides(pads, axes, mode);
  const s = perAxis("strides", strides ?? 1, axes);
  const d = perAxis("dilations", dilations ?? 1, axes);
  const shown = perAxis("output_padding", output_padding ?? 0, axes);
  const named = entries("output_shape", output_shape)?.length === axes + 2 ? output_shape.slice(2) : output_shape;
  const sizes = named === null ? null : perAxis("output_shape", named, axes);
  const shape = perAxis("kernel_shape", kernel_shape ?? kernel, axes);
  return range(axes).map((n) => {
    const { full } = axis(input[n], kernel[n], s[n], d[n]);
    const a = shown[n];
    if (shape[n] !== kernel[n]) {
      refuse(`ONNX needs kernel_shape to be the kernel's own, got ${shape[n]} for ${kernel[n]} taps on axis ${n}; leave it out`);
    }
    if (a < 0 || a >= s[n]) {
      refuse(
        `ONNX needs 0 <= output_padding < strides, got output_padding ${a} and strides ${s[n]} on axis ${n}; ` +
          "use smaller pads, or add zeros to the result",
      );
    }
    let [begin, size] = [sides[n][0], full + a - sides[n][0] - sides[n][1]];
    if (sizes || mode.startsWith("SAME")) {
      size = sizes ? sizes[n] : input[n] * s[n];
      const total = sizes ? Math.max(full + a - size, 0) : full + a - size;
      begin = mode === "SAME_UPPER" ? Math.floor(total / 2) : total - Math.floor(total / 2);
    }
    if (size < 1 || size >= full + s[n]) {
      refuse(
        `ONNX needs between 1 and ${samples(full + s[n] - 1)} of output on axis ${n}, got ${size}; ` +
          "change pads or output_shape, or add zeros to the result",
      );
    }
    return axis(input[n], kernel[n], s[n], d[n], begin, full - begin - size);
  });
}

// The flat list of all begins and all ends, as one pair an axis.
function onnxSides(pads, axes, mode) {
  if (pads === null) return range(axes).map(() => [0, 0]);
  if (mode !== "NOTSET") {
    refuse(`ONNX takes pads or auto_pad, not both, got pads ${repr(pads)} and auto_pad ${repr(mode)}; leave one out`);
  }
  const given = entries("pads", pads) ?? [];
  if (given.length !== 2 * axes || Math.min(...perAxis("pads", given, 2 * axes)) < 0) {
    refuse(
      `ONNX needs pads >= 0, the begins of all ${axes} axes and then their ends, got ${repr(pads)}; ` +
        "add zeros to the result instead of a negative pad",
    );
  }
  return range(axes).map((n) => [given[n], given[axes + n]]);
}

export const RULES = { keras, tensorflow, pytorch, jax, onnx };

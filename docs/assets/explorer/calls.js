// The same layer as code of each framework, and of NumPy with deconvlib: what `call` of deconvlib.frameworks writes.

import { product, range, sum } from "./geometry.js";
import { jaxCrop, lists, repr, word } from "./frameworks.js";

const crops = (axes) => axes.map(({ begin, end }) => [begin, end]);
const each = (axes, name) => axes.map((one) => one[name]);
const equal = (one, other) => repr(one) === repr(other);
const covers = (native, wanted) => native[0] <= wanted[0] && native[1] <= wanted[1];
const cut = (axes, native) => sum(crops(axes).flat()) - sum(native.flat());

// Zeros around the input where the crop is below zero at the begin, or below -most at the end.
function withZeros(axes, most) {
  const zeros = axes.map(({ begin, end, stride }, n) => [
    Math.ceil(Math.max(-begin, 0) / stride),
    Math.ceil(Math.max(-end - most[n], 0) / stride),
  ]);
  const inner = axes.map((one, n) => ({
    ...one,
    begin: one.begin + one.stride * zeros[n][0],
    end: one.end + one.stride * zeros[n][1],
  }));
  return [zeros.flat().some(Boolean) ? zeros : null, inner];
}

// Equal numbers are said once, and defaults not at all.
function keywords(said, defaults = {}) {
  return Object.entries(said)
    .map(([name, value]) => [name, Number.isInteger(value?.[0]) && new Set(value).size === 1 ? value[0] : value])
    .filter(([name, value]) => !(name in defaults) || !equal(value, defaults[name]))
    .map(([name, value]) => `${name}=${Array.isArray(value?.[0]) ? lists(value) : repr(value)}`)
    .join(", ");
}

const padded = (zeros, first) => lists([...(first ? [[0, 0], [0, 0]] : [[0, 0]]), ...zeros, ...(first ? [] : [[0, 0]])]);

// The line that slices the result, counted from its ends.
function slices(axes, native, first = false) {
  if (equal(native, crops(axes))) return [];
  const taken = axes.map(({ begin, end }, n) => `${begin - native[n][0] || ""}:${native[n][1] - end || ""}`);
  return [`y = y[${[":", ...(first ? [":"] : []), ...taken].join(", ")}]`];
}

function dilated(axes, pad, take) {
  const lines = axes.flatMap(({ kernel, dilation, span }, n) => {
    if (dilation === 1) return [];
    const zeros = lists(range(axes.length + 2).map((m) => [0, Number(n === m)]));
    const chosen = `[${kernel} if t % ${dilation} else t // ${dilation} for t in range(${span})]`;
    return [`kernel = ${take}(${pad}(kernel, ${zeros}), ${chosen}, axis=${n})`];
  });
  return lines.length ? ["# the zeros between the taps written out: not every device has dilation", ...lines] : [];
}

function grouped(one, groups, split, join) {
  if (groups === 1) return [`y = ${one("x", "kernel")}`];
  return [
    `parts = zip(${split}(x, ${groups}, axis=-1), ${split}(kernel, ${groups}, axis=-1))`,
    `y = ${join}([${one("a", "k")} for a, k in parts], axis=-1)`,
  ];
}

// The largest total whose halves, the odd sample at the end, stay within a crop.
const mostWithin = ([begin, end]) => (end >= 0 ? Math.min(2 * begin + 1, 2 * end) : end);

function keras(axes, groups) {
  const [zeros, inner] = withZeros(axes, each(axes, "stride").map((s) => s - 1));
  const wanted = crops(inner);
  const meant = (padding, shown) =>
    inner.map((one, n) => {
      const two = { ...one, input: 2, full: one.stride + one.span };
      const { begin, end } = word(padding, two, shown ? shown[n] : null);
      return [begin, end];
    });
  const choices = [];
  for (const padding of ["valid", "same"]) {
    const native = meant(padding, null);
    if (native.every((crop, n) => covers(crop, wanted[n]))) choices.push([native, padding, null]);
  }
  for (const padding of ["valid", "same"]) {
    const shown = inner.map(({ span, end }, n) =>
      padding === "valid" ? Math.max(-end, 0) : Math.max(span - (span % 2) - mostWithin(wanted[n]), 1 - (span % 2)),
    );
    if (shown.every((a, n) => a < inner[n].stride)) choices.push([meant(padding, shown), padding, shown]);
  }
  const [native, padding, output_padding] = leastCut(inner, choices);
  const told = { strides: each(inner, "stride"), padding, output_padding };
  const said = keywords(told, { output_padding: null });
  const lines = [
    "from keras import ops",
    "",
    ...dilated(inner, "ops.pad", "ops.take"),
    ...(zeros ? [`x = ops.pad(x, ${padded(zeros)})`] : []),
    ...grouped((x, kernel) => `ops.conv_transpose(${x}, ${kernel}, ${said})`, groups, "ops.split", "ops.concatenate"),
    ...slices(inner, native),
  ];
  return [lines, { ...told, dilation_rate: each(inner, "dilation") }];
}

const leastCut = (axes, choices) => choices.reduce((one, other) => (cut(axes, other[0]) < cut(axes, one[0]) ? other : one));

function tensorflow(axes, groups) {
  const [zeros, inner] = withZeros(axes, each(axes, "stride").map((s) => s - 1));
  const choices = [[inner.map(({ end }) => [0, Math.min(end, 0)]), "VALID"]];
  const totals = inner.map((one) => Math.min(mostWithin([one.begin, one.end]), one.span - 1));
  if (totals.every((total, n) => total >= inner[n].span - inner[n].stride)) {
    const halves = totals.map((total) => [Math.floor(Math.max(total, 0) / 2), total - Math.floor(Math.max(total, 0) / 2)]);
    choices.push([halves, "SAME"]);
  }
  if (inner.length === 2) {
    const pads = inner.map(({ begin, end }) => [begin, Math.max(end, 0)]);
    choices.push([crops(inner), [[0, 0], ...pads, [0, 0]]]);
  }
  const [native, padding] = leastCut(inner, choices);
  const sizes = inner.map(({ span, stride }, n) => {
    const more = span - stride - sum(native[n]);
    const scaled = stride === 1 ? `size[${n + 1}]` : `${stride} * size[${n + 1}]`;
    return more ? `${scaled} ${more > 0 ? "+" : "-"} ${Math.abs(more)}` : scaled;
  });
  const said = keywords({ strides: each(inner, "stride"), padding });
  const one = (x, kernel) => `tf.nn.conv_transpose(${x}, ${kernel}, (size[0], ${sizes.join(", ")}, kernel.shape[-2]), ${said})`;
  const lines = [
    "import tensorflow as tf",
    "",
    ...dilated(inner, "tf.pad", "tf.gather"),
    ...(zeros ? [`x = tf.pad(x, ${padded(zeros)})`] : []),
    "size = tf.shape(x)",
    ...grouped(one, groups, "tf.split", "tf.concat"),
    ...slices(inner, native),
  ];
  const output_shape = inner.map(({ full }, n) => full - sum(native[n]));
  return [lines, { output_shape, strides: each(inner, "stride"), padding, dilations: each(inner, "dilation") }];
}

function pytorch(axes, groups) {
  const most = axes.map(({ stride, dilation }) => Math.max(stride, dilation) - 1);
  const [zeros, inner] = withZeros(axes, most);
  const padding = inner.map(({ begin, end }, n) => Math.min(begin, end + most[n]));
  const output_padding = inner.map(({ end }, n) => Math.max(padding[n] - end, 0));
  const native = padding.map((p, n) => [p, p - output_padding[n]]);
  const told = { stride: each(inner, "stride"), padding, output_padding, groups, dilation: each(inner, "dilation") };
  const said = keywords(told, { padding: 0, output_padding: 0, groups: 1, dilation: 1 });
  const lines = [
    "import torch",
    "import torch.nn.functional as F",
    "",
    "x, kernel = torch.as_tensor(x), torch.as_tensor(kernel)",
    ...(zeros ? [`x = F.pad(x, ${repr([...zeros].reverse().flat())})`] : []),
    `y = F.conv_transpose${axes.length}d(x, kernel, ${said})`,
    ...slices(inner, native, true),
  ];
  return [lines, told];
}

function jax(axes, groups) {
  const native = (pads) =>
    axes.map(({ span, stride }, n) => {
      const { begin, end } = jaxCrop(span, stride, Array.isArray(pads) ? pads[n] : pads);
      return [begin, end];
    });
  let padding = ["SAME", "VALID"].find((name) => groups === 1 && equal(native(name), crops(axes)));
  if (!padding) {
    const unit = axes.every(({ stride }) => stride === 1); // where JAX makes nonsense of a negative pad at the begin
    padding = axes.map(({ span, begin, end }) => [unit ? Math.max(span - 1 - begin, 0) : span - 1 - begin, span - 1 - end]);
  }
  const [strides, dilation] = [repr(each(axes, "stride")), repr(each(axes, "dilation"))];
  const space = "HWD".slice(0, axes.length);
  const call =
    groups === 1
      ? `lax.conv_transpose(x, kernel, strides=${strides}, padding=${repr(padding)}, rhs_dilation=${dilation})`
      : `lax.conv_general_dilated(x, kernel, window_strides=${repr(axes.map(() => 1))}, lhs_dilation=${strides}, ` +
        `padding=${repr(padding)}, rhs_dilation=${dilation}, ` +
        `dimension_numbers=('N${space}C', '${space}IO', 'N${space}C'), feature_group_count=${groups})`;
  const lines = ["from jax import lax", "", `y = ${call}`, ...slices(axes, native(padding))];
  return [lines, { strides: each(axes, "stride"), padding, rhs_dilation: each(axes, "dilation") }];
}

function onnx(axes, groups) {
  const [zeros, inner] = withZeros(axes, each(axes, "stride").map((s) => s - 1));
  const said = {
    dilations: each(inner, "dilation"),
    group: groups,
    output_padding: inner.map(({ end }) => Math.max(-end, 0)),
    pads: [...each(inner, "begin"), ...inner.map(({ end }) => Math.max(end, 0))],
    strides: each(inner, "stride"),
  };
  const attributes = Object.entries(said).map(([name, value]) => `${name}=${repr(value)}`);
  const lines = [
    "import numpy as np",
    "import onnxruntime",
    "from onnx import helper",
    "",
    "x, kernel = np.asarray(x), np.asarray(kernel)",
    ...(zeros ? [`x = np.pad(x, ${padded(zeros, true)})`] : []),
    "node = helper.make_node(",
    '    "ConvTranspose", ["x", "kernel"], ["y"],',
    `    ${attributes.join(", ")},`,
    ")",
    "dtype = helper.np_dtype_to_tensor_dtype(x.dtype)",
    'infos = [helper.make_tensor_value_info(name, dtype, None) for name in ("x", "kernel", "y")]',
    'graph = helper.make_graph([node], "conv_transpose", infos[:2], infos[2:])',
    'model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)',
    'session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])',
    '(y,) = session.run(None, {"x": x, "kernel": kernel})',
  ];
  return [lines, said];
}

function numpy(axes, groups) {
  const wanted = crops(axes);
  const one = new Set(wanted.flat()).size === 1;
  const valid = one && !wanted[0][0] && axes.every(({ span, stride }) => span >= stride); // the word shows what is between
  const said = keywords(
    { strides: each(axes, "stride"), padding: valid ? "valid" : one ? wanted[0][0] : null, dilation_rate: each(axes, "dilation"), groups },
    { strides: 1, padding: "valid", dilation_rate: 1, groups: 1 },
  ).replace("None", repr(wanted));
  return [["import deconvlib as dl", "", `y = dl.conv_transpose(${["x, kernel", said].filter(Boolean).join(", ")})`]];
}

const WRITERS = { numpy, keras, tensorflow, pytorch, jax, onnx };

export const code = (name, axes, groups = 1) => `${WRITERS[name](axes, groups)[0].join("\n")}\n`;

// The arguments of that call, each as it is typed.  What is left at its default is not there.
export function told(name, axes, groups = 1) {
  const said = Object.entries(WRITERS[name](axes, groups)[1]).map(([key, value]) => {
    const one = key !== "pads" && Number.isInteger(value?.[0]) && new Set(value).size === 1 ? value[0] : value;
    return [key, repr(one)];
  });
  return Object.fromEntries(said.filter(([key, text]) => text !== (DEFAULTS[key] ?? "None")));
}

const DEFAULTS = {
  ...{ stride: "1", dilation: "1", padding: "0", groups: "1", group: "1", dilations: "1", rhs_dilation: "1" },
  ...{ dilation_rate: "1", pads: "(0, 0, 0, 0)" },
};

// The lines before: x and kernel of one channel, with the numbers of the cells, in the framework's own layout.
export function arrays(name, axes, x, w) {
  const first = name === "pytorch" || name === "onnx";
  const array = (numbers, shape) =>
    `np.array(${lists(numbers)}, "float32")${shape.length > 1 ? `.reshape(${shape.join(", ")})` : ""}`;
  const turn = name === "jax" ? `[${axes.map(() => "::-1").join(", ")}]` : "";
  return [
    "import numpy as np",
    "",
    `x = ${array(x, each(axes, "input"))}[${first ? "None, None" : "None, ..., None"}]`,
    `kernel = ${array(w, each(axes, "kernel"))}${turn}[${first ? "None, None" : "..., None, None"}]`,
    "",
  ].join("\n");
}

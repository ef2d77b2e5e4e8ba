// Reads a layer from a line as it stands in somebody's code.  Nothing of it is run.

import { Unknown, repr } from "./frameworks.js";
import { refuse } from "./geometry.js";

const words = (text) => text.split(" ");
const TORCH = words("in_channels out_channels kernel_size stride padding output_padding groups bias dilation padding_mode device dtype");
const KERAS_REST =
  "activation use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer activity_regularizer " +
  "kernel_constraint bias_constraint name trainable dtype input_shape batch_input_shape input_dim batch_size weights";
const FLAX =
  "kernel_size strides padding kernel_dilation use_bias mask dtype param_dtype precision kernel_init bias_init " +
  "transpose_kernel promote_dtype preferred_element_type";
const PARAMETERS = {
  layer: TORCH,
  lazy: TORCH.slice(1),
  function: words("input weight bias stride padding output_padding groups dilation"),
  keras: words(`filters kernel_size strides padding output_padding data_format dilation_rate ${KERAS_REST}`),
  ops: words("inputs kernel strides padding output_padding data_format dilation_rate"),
  tensorflow: words("input filters output_shape strides padding data_format dilations name value filter"),
  layers: words(`inputs filters kernel_size strides padding data_format ${KERAS_REST} reuse`),
  lax: words(
    "lhs rhs strides padding rhs_dilation dimension_numbers transpose_kernel precision preferred_element_type use_consistent_padding",
  ),
  linen: words(`features ${FLAX} name`),
  nnx: words(`in_features out_features ${FLAX} rngs kernel_metadata bias_metadata`),
  onnx: words("X W B auto_pad dilations group kernel_shape output_padding output_shape pads strides name"),
};

// The arguments that a rule takes, by the names of deconvlib.frameworks.
export const ARGUMENTS = {
  keras: words("strides padding output_padding dilation_rate"),
  tensorflow: words("output_shape strides padding data_format dilations"),
  pytorch: words("stride padding output_padding groups dilation output_size"),
  jax: words("strides padding rhs_dilation transpose_kernel use_consistent_padding"),
  onnx: words("auto_pad dilations group kernel_shape output_padding output_shape pads strides"),
};

const FOREIGN = {
  eqx: "Equinox",
  equinox: "Equinox",
  hk: "Haiku",
  haiku: "Haiku",
  mindspore: "MindSpore",
  mlx: "MLX",
  oneflow: "OneFlow",
  gluon: "MXNet",
  paddle: "Paddle",
  slim: "TF-Slim",
  snt: "Sonnet",
  sonnet: "Sonnet",
  tlx: "TensorLayerX",
};
const TWINS = [
  ["stride", "strides"],
  ["dilation", "dilation_rate", "dilations", "kernel_dilation", "rhs_dilation"],
  ["groups", "group", "feature_group_count"],
  ["padding", "pads"],
  ["filters", "out_channels", "features"],
];
const CALL = /(?<!\w)((?:[A-Za-z_]\w*\s*\.\s*)*)([A-Za-z_]\w*)\s*\(/g;
const NAMES = /^(Lazy)?ConvTranspose([123]d)?$|^Conv(olution)?[123]DTranspose$|^conv_transpose([123]d)?$|^conv[123]d_transpose$|^make_node$/;
const NODE = /\bConvTranspose\s*(?:<([^>]*)>|\[([^]*?)\]\s*\()/g;
const EXAMPLE = "nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1)";

const LONGEST = 20000; // characters: more than this is a program
const CLOSING = { "(": ")", "[": "]", "{": "}" };
const SKIPPED = /#[^\n]*|'(?:\\[^]|[^'\\])*'|"(?:\\[^]|[^"\\])*"/y; // comments, and what is in quotes
const uncommented = (text) => text.replace(new RegExp(SKIPPED, "g"), (piece) => (piece[0] === "#" ? "" : piece));

// The parts of a text between its commas, up to the bracket that closes it; null where none does.
function parts(text, start = 0, close = ")") {
  const found = [];
  const open = [close];
  let from = start;
  for (let at = start; at < text.length; at++) {
    SKIPPED.lastIndex = at;
    const [skipped] = SKIPPED.exec(text) ?? [];
    const mark = text[at];
    if (skipped) at += skipped.length - 1;
    else if (CLOSING[mark]) open.push(CLOSING[mark]);
    else if (")]}".includes(mark) && open.pop() !== mark) return null;
    else if (!open.length || (mark === "," && open.length === 1)) {
      found.push(bare(text.slice(from, at)));
      from = at + 1;
    }
    if (!open.length) break;
  }
  if (open.length) return null;
  const commas = found.length - 1;
  if (!found.at(-1)) found.pop(); // after the last comma there may be nothing
  return { parts: found, commas, end: from };
}

const bare = (text) => text.replace(/#[^\n]*|\\\n/g, "").trim(); // without comments

const TOKEN = /\d[\w.]*|\/\/|[ru]?('''|"""|['"]).*?\1|[A-Za-z_][\w.]*|\S/gi;
const CONSTANTS = new Map([["True", true], ["False", false], ["None", null]]);

// The value of an expression: integers and what is computed of them, words, True, False, None, tuples and lists.
export function evaluate(text, depth = 0) {
  const inside = CLOSING[text[0]] && parts(text, 1, CLOSING[text[0]]);
  if (inside?.end === text.length && depth < 9) {
    const values = inside.parts.map((part) => evaluate(part, depth + 1));
    if (text[0] === "[" || (text[0] === "(" && (inside.commas || !values.length))) return values;
    if (text[0] === "(") return values[0];
  }
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  const atom = () => {
    const token = tokens[at++];
    const digits = token?.replace(/(?<=\w)_(?=[\da-f])/gi, ""); // 10_000
    if (/^(0+|[1-9]\d{0,99}|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.test(digits)) return Number(digits);
    const [, , word] = /^[ru]?('''|"""|['"])([^\\]*)\1$/i.exec(token) ?? [];
    if (word !== undefined) return word;
    if (token === "-") return binary["*"](-1, whole(atom()));
    if (token === "(") {
      const value = sum();
      if (tokens[at++] !== ")") throw text;
      return value;
    }
    if (CONSTANTS.has(token)) return CONSTANTS.get(token);
    if (/^[A-Za-z_]/.test(token ?? "")) return new Unknown(token);
    throw text;
  };
  const whole = (value) => {
    if (!Number.isInteger(value)) throw text;
    return value;
  };
  const binary = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "//": (a, b) => Math.floor(a / b),
    "%": (a, b) => a - b * Math.floor(a / b),
  };
  const chain = (operators, next) => () => {
    let value = next();
    while (operators.includes(tokens[at])) {
      const operator = tokens[at++];
      value = whole(binary[operator](whole(value), whole(next())));
    }
    return value;
  };
  const sum = chain(["+", "-"], chain(["*", "//", "%"], atom));
  try {
    const value = tokens.length < 100 && sum();
    if (at < tokens.length) throw text;
    return value;
  } catch (fault) {
    if (fault !== text) throw fault;
    return new Unknown(text);
  }
}

// The arguments of a call, those by place and those by name.
export function argumentsOf(pieces, name) {
  const places = [];
  const keywords = Object.create(null); // a line may have any word for a key
  for (const piece of pieces) {
    if (piece.startsWith("*")) refuse(`${name} must have its arguments written out, got some behind * or **; write them out`);
    const [, key, value] = piece.match(/^([A-Za-z_]\w*)\s*=(?!=)\s*([^]*)$/) ?? [, null, piece];
    if (!value || (!key && Object.keys(keywords).length)) {
      refuse(`${name} must have a value for each argument, those with names last, got '${pieces.join(", ")}'; mend the call`);
    }
    if (key in keywords) refuse(`${name} has each argument once, got ${key} twice; leave one out`);
    if (key) keywords[key] = evaluate(value);
    else places.push(evaluate(value));
  }
  return { places, keywords };
}

export const split = (text) => parts(`${text})`)?.parts ?? refuse(`brackets and quotes must be closed, got ${text}; close them`);

// Whose a name is, and the parameters that go with it.
function signature(name, before, keywords) {
  const whole = [...before, name].join(".");
  const own = before.find((root) => Object.hasOwn(FOREIGN, root));
  const foreign = own ? FOREIGN[own] : before.includes("nn") && name.endsWith("DTranspose") && "Paddle's or MXNet"; // not Keras's
  if (foreign) {
    refuse(
      `${whole} is ${foreign}'s, which deconvlib does not know; ` +
        "write the call in the words of PyTorch, Keras, TensorFlow, JAX, Flax or ONNX",
    );
  }
  const axes = Number(name.match(/\d/)?.[0]) || null;
  if (/ConvTranspose\dd/.test(name)) return { framework: "pytorch", axes, form: name.startsWith("Lazy") ? "lazy" : "layer" };
  if (/conv_transpose\dd/.test(name)) return { framework: "pytorch", axes, form: "function" };
  if (/DTranspose/.test(name)) return { framework: "keras", axes, form: "keras" };
  if (name === "ConvTranspose") {
    const own = PARAMETERS.onnx.slice(3, -2);
    if (before.includes("op") || Object.keys(keywords).some((key) => own.includes(key))) return { framework: "onnx", axes, form: "onnx" };
    return { framework: "jax", axes, form: before.includes("nnx") || "in_features" in keywords ? "nnx" : "linen" };
  }
  if (before.includes("nn")) return { framework: "tensorflow", axes, form: "tensorflow" };
  if (before.includes("layers")) return { framework: "keras", axes, form: "layers" };
  if (!axes && before.includes("lax")) return { framework: "jax", axes, form: "lax" };
  if (!axes && before.includes("ops")) return { framework: "keras", axes, form: "ops" };
  const owners = axes ? "tf.nn or tf.layers" : "tf.nn, keras.ops or jax.lax";
  return refuse(`${name} must say whose it is, got '${whole}'; put ${owners} in front of it`);
}

function instead(key, parameters) {
  const own = TWINS.find((names) => names.includes(key))?.find((name) => parameters.includes(name));
  return own ? `; write ${own}` : `; it has ${parameters.join(", ")}`;
}

// The layer of a call that was taken apart.
function layer(code, name, before, { places, keywords }) {
  const meant = signature(name, before, keywords);
  const parameters = PARAMETERS[meant.form];
  if (places.length > parameters.length) {
    refuse(`${name} takes at most ${parameters.length} arguments, got ${places.length}; leave some out`);
  }
  const given = Object.fromEntries(places.map((value, n) => [parameters[n], value]));
  for (const [key, value] of Object.entries(keywords)) {
    if (!parameters.includes(key)) refuse(`${name} has no argument '${key}'${instead(key, parameters)}`);
    if (key in given) refuse(`${name} has each argument once, got ${key} twice; leave one out`);
    given[key] = value;
  }
  if (parameters.includes("kernel_size") && !("kernel_size" in given)) refuse(`${name} needs a kernel_size, got ${code}; add it`);
  if ((given.padding_mode ?? "zeros") !== "zeros") {
    refuse(`${name} pads with zeros only, got padding_mode=${repr(given.padding_mode)}; leave it out`);
  }
  return meaning(code, name, meant, given);
}

function meaning(code, name, { framework, axes, form }, given) {
  const kernelSize = given.kernel_size ?? given.kernel_shape ?? null;
  if ("kernel_dilation" in given) given.rhs_dilation = given.kernel_dilation;
  if (form === "linen" || form === "nnx") Object.assign(given, flax(given, kernelSize));
  if (form === "tensorflow" && given.output_shape?.length > 2) {
    const outer = given.data_format?.startsWith?.("NC") ? [0, 1] : [0, given.output_shape.length - 1];
    given.output_shape = given.output_shape.map((size, n) => (outer.includes(n) && size instanceof Unknown ? 1 : size));
  }
  const taken = Object.fromEntries(ARGUMENTS[framework].filter((key) => key in given).map((key) => [key, given[key]]));
  for (const [key, value] of Object.entries({ kernel_size: kernelSize, ...taken })) known(name, key, value);
  const number = (...names) => names.map((key) => given[key]).find(Number.isInteger) ?? null;
  const channels = form === "tensorflow" ? [null, null] : [number("in_channels", "in_features"), number("out_channels", "out_features", "filters", "features")];
  return { framework, axes, kernelSize, arguments: taken, channels, code };
}

function known(name, key, value) {
  if (Array.isArray(value)) for (const one of value) known(name, key, one);
  if (value instanceof Unknown) {
    refuse(`${name} needs a number for ${key}, and the line says ${value.text}; write the number in its place`);
  }
}

function flax({ strides, padding = "SAME" }, kernelSize) {
  let pads = Number.isInteger(padding) ? Array(kernelSize?.length ?? 1).fill(padding) : padding;
  if (Array.isArray(pads)) pads = pads.map((one) => (Number.isInteger(one) ? [one, one] : one));
  return { strides: strides ?? 1, padding: pads };
}

// The texts of ONNX nodes.
function nodes(text) {
  return [...text.matchAll(NODE)].flatMap(([code, printed, graph]) => {
    const given = Object.create(null);
    for (const [, key, value] of (printed ?? graph).matchAll(/\b(\w+)\s*(?::\s*\w+)?\s*=\s*(\[[^\]]*\]|"[^"]*"|[-\w.]+)/g)) {
      given[key] = evaluate(value);
      if (given[key] instanceof Unknown) given[key] = value;
    }
    if ((printed ?? graph).trim() && !Object.keys(given).length) return []; // ConvTranspose[axes](...): a table of layers
    return meaning(code, "ConvTranspose", { framework: "onnx", axes: null, form: "onnx" }, given);
  });
}

// The one layer of a line; a refusal says why there is none.
export function read(text) {
  if (text.length > LONGEST) refuse(`a line has at most ${LONGEST} characters, got ${text.length}; paste the layer alone`);
  const found = nodes(text);
  const all = uncommented(text);
  let end = 0;
  for (const match of all.matchAll(CALL)) {
    const [call, path, name] = match;
    if (match.index < end || !NAMES.test(name)) continue;
    const taken = parts(all, match.index + call.length);
    if (!taken) {
      const cut = all.slice(match.index).split(/\s+/).join(" ");
      refuse(`the call must be whole, got '${cut}'; paste it up to its closing bracket`);
    }
    end = taken.end;
    const before = path.split(".").map((part) => part.trim()).filter(Boolean);
    const code = all.slice(match.index, end).split(/\s+/).join(" ");
    if (name !== "make_node") found.push(layer(code, name, before, argumentsOf(taken.parts, name)));
    else if (evaluate(taken.parts[0] ?? "") === "ConvTranspose") {
      const { keywords } = argumentsOf(taken.parts, name);
      found.push(meaning(code, "ConvTranspose", { framework: "onnx", axes: null, form: "onnx" }, keywords));
    }
  }
  if (found.length > 1) refuse(`one layer at a time, got ${found.length}; paste one of them`);
  return found[0] ?? refuse(nothing(text.trim()));
}

function nothing(text) {
  for (const [, , name] of text.matchAll(CALL)) {
    if (/^(Lazy)?Conv(olution)?\d[dD]$/.test(name)) return `a transposed convolution is needed, got ${name}; paste the layer that upsamples`;
    if (/conv\w*transp|transp\w*conv|deconv/i.test(name)) {
      const axes = name.match(/[123]/)?.[0] ?? "2";
      return `no layer is called ${name}, got '${text}'; write ConvTranspose${axes}d or Conv${axes}DTranspose`;
    }
  }
  return `there is no convolution in '${text}'; paste a call, for example ${EXAMPLE}`;
}

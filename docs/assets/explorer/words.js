// In the words of a framework: its arguments, a pasted line, what it all comes to, and the same layer as code.

import { RULES } from "./frameworks.js";
import { Refusal, evenKernel, evenOverlap, multiplications, product } from "./geometry.js";
import { ARGUMENTS, argumentsOf, read, split } from "./lines.js";
import { arrays, code, told } from "./calls.js";
import { size } from "./model.js";
import { element } from "./panels.js";
import { Unknown, repr } from "./python.js";
import { FRAMEWORKS, sidesOf, spread, withAxes } from "./state.js";
import { copied, take } from "./take.js";

const SUGGESTED = {
  keras: { padding: ["'same'", "'valid'"] },
  tensorflow: { padding: ["'SAME'", "'VALID'"] },
  jax: { padding: ["'SAME'", "'VALID'", "((1, 1), (1, 1))"] },
  onnx: { auto_pad: ["'SAME_UPPER'", "'SAME_LOWER'", "'VALID'", "'NOTSET'"] },
};
const HIDDEN = ["transpose_kernel", "kernel_shape", "groups", "group"]; // no fields: they move no sample
const NAMES = { numpy: "NumPy", ...FRAMEWORKS };
const joined = (fields) => Object.entries(fields).map(([key, text]) => `${key}=${text}`).join(", ");
const grouped = (number) => number.toLocaleString("en").replaceAll(",", " ");

// The arguments that stand in a state, each as a text.
function fieldsOf(call) {
  const fields = split(call).filter(Boolean).map((piece) => piece.match(/^(\w+)\s*=\s*([^]*)$/));
  if (fields.includes(null)) throw new Refusal(`arguments are written name=value, got ${call}; separate them by commas`);
  return Object.fromEntries(fields.map(([, key, text]) => [key, text]));
}

// The axes that a framework makes of its arguments; a refusal is thrown, in the words of deconvlib.
export function framed({ of, call, axes, i, k }) {
  const { keywords } = argumentsOf(split(call), NAMES[of]);
  for (const [key, value] of Object.entries(keywords)) {
    if (!ARGUMENTS[of].includes(key)) throw new Refusal(`${NAMES[of]} has no argument '${key}'; it has ${ARGUMENTS[of].join(", ")}`);
    if (value instanceof Unknown) throw new Refusal(`${key} must be a number, a word in quotes, or a tuple of them, got ${value.text}`);
  }
  const given = (numbers) => sidesOf(axes).map((side) => numbers[side]);
  return RULES[of](given(i), given(k), keywords);
}

// Groups move no sample: they are taken out of the arguments, and stand beside the channels, for every framework.
export function ungrouped({ call, g }) {
  try {
    const { groups, group, ...others } = fieldsOf(call);
    const number = Number(groups ?? group ?? g);
    return { call: joined(others), g: Number.isInteger(number) && number > 0 ? number : g };
  } catch (refusal) {
    return {}; // framed() says why
  }
}

export class Words {
  // `places`: where it shows what it has.  `changed` is called with what is new in the state; `state()`, `axes()` and
  // `numbers()` say what there is.
  constructor(places, changed, { state, axes, numbers, panels, search }) {
    Object.assign(this, places, { changed, state, axes, numbers, shown: "numpy", note: null });
    this.fields.addEventListener("input", () => this.typed());
    this.buildCode();
    this.meaning.append(take(panels, search));
  }

  buildCode() {
    this.answer = element("dl", { class: "answer" });
    const number = (name, changed) => {
      const box = element("input", { type: "number", min: 1, max: 99999, "aria-label": name });
      box.addEventListener("input", () => box.checkValidity() && box.value && this.changed(changed(Number(box.value))));
      return box;
    };
    this.boxes = [
      number("channels in", (value) => ({ c: this.state().c.with(0, value) })),
      number("channels out", (value) => ({ c: this.state().c.with(1, value) })),
      number("groups", (value) => ({ g: value })),
    ];
    const tabs = Object.entries(NAMES).map(([key, name]) => {
      const radio = element("input", { type: "radio", name: "code", value: key });
      radio.checked = key === this.shown;
      radio.addEventListener("change", () => this.write(key));
      return element("label", { class: "tab" }, radio, name);
    });
    this.whole = element("input", { type: "checkbox" });
    this.whole.addEventListener("change", () => this.write());
    const copy = element("button", { type: "button", class: "copy", text: "Copy" });
    copy.addEventListener("click", () => copied(copy, this.code.textContent));
    this.code = element("code");
    this.codes = element(
      "section",
      { class: "codes", "aria-label": "Code" },
      element("div", { class: "tabs", role: "radiogroup", "aria-label": "Framework of the code" }, ...tabs),
      element("div", {}, element("label", {}, this.whole, "with the numbers of the cells"), copy),
      element("pre", { tabindex: 0, role: "region", "aria-label": "The code" }, this.code),
    );
    const texts = ["Channels ", " → ", " in groups "];
    const boxes = element("p", { class: "channels" }, ...this.boxes.map((box, n) => element("label", { text: texts[n] }, box)));
    this.meaning.replaceChildren(element("div", {}, this.answer, boxes), this.codes);
  }

  // Another framework says the same, as far as one call of it can.
  choose(of) {
    const axes = this.axes();
    if (!of) return this.changed({ of, call: "", ...knobsOf(axes, this.state()) });
    this.changed({ of, call: joined(axes ? told(of, axes) : {}) });
  }

  typed() {
    const boxes = [...this.fields.querySelectorAll("input")].filter(({ value }) => value.trim());
    const hidden = Object.entries(this.given ?? {}).filter(([key]) => HIDDEN.includes(key));
    this.changed({ call: joined({ ...Object.fromEntries(hidden), ...Object.fromEntries(boxes.map(({ name, value }) => [name, value])) }) });
  }

  paste(text) {
    this.note = null;
    this.answered("");
    if (!text.trim()) return;
    try {
      this.takeOver(read(text));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.answered(refusal.message, "refused");
    }
  }

  answered(text, more = "") {
    this.pasted.className = `pasted ${more}`;
    this.pasted.textContent = text;
  }

  // What a line says; what it does not say stays as it is.
  takeOver({ framework, axes, kernelSize, arguments: { kernel_shape, ...said }, channels }) {
    const state = this.state();
    const per = said.strides ?? said.rhs_dilation;
    const count = axes ?? kernelSize?.length ?? (per?.length > 2 ? per.length - 2 : per?.length) ?? state.axes;
    if (count > 3) throw new Refusal(`the explorer has one to three axes, got ${count}; the terminal's deconvlib translate takes more`);
    const fields = Object.entries(said).map(([key, value]) => [key, repr(value)]);
    const { call, g } = ungrouped({ call: joined(Object.fromEntries(fields)), g: 1 });
    const c = channels.map((number, side) => number ?? (channels[1 - side] ? state.c[side] : g));
    const k = kernelSize === null ? {} : { k: spread([kernelSize].flat(), count) };
    this.note = kernelSize === null ? " The kernel is an array there, so its size is that of the knob." : "";
    this.changed({ ...withAxes(state, count), ...k, of: framework, call, g, c });
  }

  // `axes`: null where the state was refused.
  show() {
    const { of, call, c, g } = this.state();
    if (of) this.showFields(of, call);
    else this.fields.replaceChildren();
    this.boxes.forEach((box, n) => document.activeElement !== box && (box.value = [...c, g][n]));
    this.meaning.hidden = !this.axes();
    if (this.axes()) this.say(this.axes(), c, g);
  }

  showFields(of, call) {
    if (this.fields.dataset.of !== of || !this.fields.childElementCount) {
      this.fields.dataset.of = of;
      const boxes = ARGUMENTS[of].filter((name) => !HIDDEN.includes(name)).map((name) => {
        const words = SUGGESTED[of]?.[name];
        const list = words && `${of}-${name}`;
        const box = element("input", { type: "text", name, list, autocomplete: "off", spellcheck: "false", placeholder: "default" });
        const options = words ? [element("datalist", { id: list }, ...words.map((value) => element("option", { value })))] : [];
        return element("label", { text: name }, box, ...options);
      });
      this.fields.replaceChildren(...boxes);
    }
    try {
      this.given = fieldsOf(call);
    } catch (refusal) {
      return; // it stands there already
    }
    for (const box of this.fields.querySelectorAll("input")) if (box !== document.activeElement) box.value = this.given[box.name] ?? "";
  }

  say(axes, [inputs, outputs], groups) {
    const rows = {
      Size: `${size(axes, "input")} → ${size(axes, "output")}`,
      Crop: axes.map(({ begin, end }) => `(${begin}, ${end})`).join(", "),
      Overlap: overlapping(axes),
      ...work(axes, inputs, outputs, groups),
    };
    const items = Object.entries(rows).flatMap(([term, text]) => [element("dt", { text: term }), element("dd", { text })]);
    this.answer.replaceChildren(...items);
    if (this.note !== null) this.answered(`${rows.Size}; crop ${rows.Crop}; ${[rows.Overlap, rows.Work, rows.Learned].filter(Boolean).join("; ")}.${this.note}`);
    this.write();
  }

  write(name = this.shown) {
    this.shown = name;
    const axes = this.axes();
    const { x, w } = this.numbers();
    this.whole.parentNode.hidden = !x;
    const before = this.whole.checked && x ? arrays(name, axes, x, w) : "";
    this.code.textContent = before + code(name, axes, before ? 1 : this.state().g);
  }
}

function overlapping(axes) {
  if (evenOverlap(axes)) return "even: each sample is reached equally often";
  const even = axes.map(evenKernel);
  if (even.includes(null)) return "uneven: a checkerboard, whatever the kernel size, for stride and dilation share a factor";
  return `uneven: a checkerboard; kernel size ${[...new Set(even)].join(" × ")} would be even`;
}

// Multiplications of one sample of a batch, and the numbers that are learned.
function work(axes, inputs, outputs, groups) {
  if (inputs % groups || outputs % groups) {
    return { Groups: `groups must divide the channels, got ${groups} for ${inputs} → ${outputs}; take a common divisor, or 1` };
  }
  const pairs = (inputs * outputs) / groups; // of an input and an output channel
  const parameters = product(axes.map(({ kernel }) => kernel)) * pairs;
  return {
    Work: `${grouped(multiplications(axes) * pairs)} multiplications`,
    Learned: `${grouped(parameters)} parameters, and ${grouped(outputs)} more with a bias`,
  };
}

// The knobs that make the axes of a framework's call.
function knobsOf(axes, { s, d, b, e, a }) {
  if (!axes) return { s, d, b, e, a };
  const all = (name) => spread(axes.map((one) => one[name]), axes.length);
  return { s: all("stride"), d: all("dilation"), b: all("begin"), e: all("end"), a: a.map(() => 0) };
}

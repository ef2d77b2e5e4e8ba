// In the words of a framework: its arguments, a pasted line, what it all comes to, and the same layer as code.

import { RULES } from "./frameworks.js";
import { Refusal, evenKernel, evenOverlap } from "./geometry.js";
import { ARGUMENTS, argumentsOf, read, split } from "./lines.js";
import { arrays, code, costs, told } from "./calls.js";
import { element } from "./panels.js";
import { Unknown, repr } from "./python.js";
import { FRAMEWORKS } from "./state.js";
import { copied, take } from "./take.js";

const SUGGESTED = {
  keras: { padding: ["'same'", "'valid'"] },
  tensorflow: { padding: ["'SAME'", "'VALID'"] },
  jax: { padding: ["'SAME'", "'VALID'", "((1, 1), (1, 1))"] },
  onnx: { auto_pad: ["'SAME_UPPER'", "'SAME_LOWER'", "'VALID'", "'NOTSET'"] },
};
const HIDDEN = ["transpose_kernel", "kernel_shape", "groups", "group"]; // they move no sample
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
  const sides = axes === 1 ? [1] : [0, 1];
  return RULES[of](sides.map((side) => i[side]), sides.map((side) => k[side]), keywords);
}

export const groupsOf = ({ of, call }) => {
  if (!of) return 1;
  const { groups, group } = argumentsOf(split(call), "").keywords;
  return [groups, group].find((number) => number > 0) ?? 1;
};

export class Words {
  // `places`: where it shows what it has.  `changed` is called with what is new in the state; `state()`, `axes()` and
  // `numbers()` say what there is.
  constructor(places, changed, { state, axes, numbers, panels, search }) {
    Object.assign(this, places, { changed, state, axes, numbers, shown: "numpy" });
    this.fields.addEventListener("input", () => this.typed());
    this.buildCode();
    this.meaning.append(take(panels, search));
  }

  buildCode() {
    this.answer = element("dl", { class: "answer" });
    this.channels = ["channels in", "channels out"].map((name, side) => {
      const box = element("input", { type: "number", min: 1, max: 99999, "aria-label": name });
      box.addEventListener("input", () => box.checkValidity() && box.value && this.changed({ c: this.state().c.with(side, Number(box.value)) }));
      return box;
    });
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
    const boxes = element("p", {}, element("label", { text: "Channels " }, this.channels[0]), element("label", { text: " → " }, this.channels[1]));
    this.meaning.replaceChildren(element("div", {}, this.answer, boxes), this.codes);
  }

  // Another framework says the same, as far as one call of it can.
  choose(of) {
    const axes = this.axes();
    if (!of) return this.changed({ of, call: "", ...knobsOf(axes, this.state()) });
    const fields = axes ? told(of, axes, groupsOf(this.state())) : {};
    this.changed({ of, call: joined(fields) });
  }

  typed() {
    const boxes = [...this.fields.querySelectorAll("input")].filter(({ value }) => value.trim());
    const hidden = Object.entries(this.given ?? {}).filter(([key]) => HIDDEN.includes(key));
    this.changed({ call: joined({ ...Object.fromEntries(hidden), ...Object.fromEntries(boxes.map(({ name, value }) => [name, value])) }) });
  }

  paste(text) {
    this.array = null;
    this.pasted.className = "pasted";
    this.pasted.textContent = "";
    if (!text.trim()) return;
    try {
      const layer = read(text);
      const size = layer.kernelSize;
      const per = layer.arguments.strides ?? layer.arguments.rhs_dilation;
      const axes = layer.axes ?? size?.length ?? (per?.length > 2 ? per.length - 2 : per?.length) ?? this.state().axes;
      if (axes > 2) throw new Refusal(`the pictures have one axis or two, got ${axes}; the terminal's deconvlib translate takes more`);
      const kernel = size === null ? this.state().k : Array.isArray(size) ? [size[0], size.at(-1)] : [size, size];
      const fields = Object.entries(layer.arguments).map(([key, value]) => [key, repr(value)]);
      const c = layer.channels.map((number, side) => number ?? (layer.channels[1 - side] ? this.state().c[side] : 1));
      this.changed({ of: layer.framework, call: joined(Object.fromEntries(fields)), axes, k: kernel, c });
      this.array = size === null ? " The kernel is an array there, so its size is that of the knob." : "";
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.pasted.className = "pasted refused";
      this.pasted.textContent = refusal.message;
    }
  }

  // `axes`: null where the state was refused.
  show() {
    const { of, call, c } = this.state();
    if (of) this.showFields(of, call);
    else this.fields.replaceChildren();
    this.channels.forEach((box, side) => document.activeElement !== box && (box.value = c[side]));
    this.meaning.hidden = !this.axes();
    if (this.axes()) this.say(this.axes(), c);
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

  say(axes, channels) {
    const groups = groupsOf(this.state());
    const { multiplications, parameters } = costs(axes, channels, groups);
    const even = axes.map(evenKernel);
    const size = (name) => axes.map((one) => one[name]).join(" × ");
    const next = even.includes(null)
      ? "uneven: a checkerboard, whatever the kernel size, for stride and dilation share a factor"
      : `uneven: a checkerboard; kernel size ${[...new Set(even)].join(" × ")} would be even`;
    const rows = {
      Size: `${size("input")} → ${size("output")}`,
      Crop: axes.map(({ begin, end }) => `(${begin}, ${end})`).join(", "),
      Overlap: evenOverlap(axes) ? "even: no checkerboard" : next,
      Work: `${grouped(multiplications)} multiplications`,
      Learned: `${grouped(parameters)} parameters, and ${grouped(channels[1])} more with a bias`,
    };
    const items = Object.entries(rows).flatMap(([term, text]) => [element("dt", { text: term }), element("dd", { text })]);
    this.answer.replaceChildren(...items);
    if (this.array != null) this.pasted.textContent = `${rows.Size}; crop ${rows.Crop}; ${rows.Overlap}; ${rows.Work}; ${rows.Learned}.${this.array}`;
    this.write();
  }

  write(name = this.shown) {
    this.shown = name;
    const axes = this.axes();
    const { x, w } = this.numbers();
    const before = this.whole.checked && x ? arrays(name, axes, x, w) : "";
    this.code.textContent = before + code(name, axes, before ? 1 : groupsOf(this.state()));
  }
}

// The knobs that make the axes of a framework's call.
function knobsOf(axes, { s, d, b, e, a }) {
  if (!axes) return { s, d, b, e, a };
  const both = (name) => [axes[0][name], axes.at(-1)[name]];
  return { s: both("stride"), d: both("dilation"), b: both("begin"), e: both("end"), a: [0, 0] };
}

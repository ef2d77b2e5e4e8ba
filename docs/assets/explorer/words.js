// In the words of a framework: its arguments, a pasted line, what it all comes to, and the same layer as code.

import { RULES, Unknown, perAxis, repr } from "./frameworks.js";
import { evenKernel, evenOverlap, multiplications, product, refuse, unless } from "./geometry.js";
import { ARGUMENTS, argumentsOf, read, split } from "./lines.js";
import { arrays, code, told } from "./calls.js";
import { sized } from "./model.js";
import { element, fill, sheet } from "./panels.js";
import { FRAMEWORKS, sidesOf, spread, withAxes } from "./state.js";

export const styled = sheet("words.css");

const SUGGESTED = {
  keras: { padding: ["'same'", "'valid'"] },
  tensorflow: { padding: ["'SAME'", "'VALID'"] },
  jax: { padding: ["'SAME'", "'VALID'", "((1, 1), (1, 1))"] },
  onnx: { auto_pad: ["'SAME_UPPER'", "'SAME_LOWER'", "'VALID'", "'NOTSET'"] },
};
const HIDDEN = ["transpose_kernel", "kernel_shape"]; // no fields: they move no sample
const NAMES = { numpy: "NumPy", ...FRAMEWORKS };
const joined = (fields) => Object.entries(fields).map(([key, text]) => `${key}=${text}`).join(", ");
const grouped = (number) => (Number.isSafeInteger(number) ? number.toLocaleString("en") : `about ${number.toPrecision(3)}`);

const tab = ([key, name]) => `<label class="tab"><input type="radio" name="code" value="${key}">${name}</label>`;
const channel = (name) => `<input type="number" min="1" max="99999" aria-label="${name}">`;
const PARTS = `
  <div><dl class="answer"></dl><p class="channels">Channels ${channel("channels in")} → ${channel("channels out")}</p></div>
  <section class="codes" aria-label="Code">
    <div class="tabs" role="radiogroup" aria-label="Framework of the code">${Object.entries(NAMES).map(tab).join("")}</div>
    <div>
      <label><input type="checkbox">with the numbers of the cells</label>
      <button type="button" class="copy">Copy</button>
    </div>
    <pre tabindex="0" role="region" aria-label="The code"><code></code></pre>
  </section>
  <div class="take" role="group" aria-label="Take away">
    <button type="button" data-do="link">Copy link</button>
    <button type="button" data-do="frame">Copy the line that embeds it</button>
    <select aria-label="Picture to take away"></select>
    <button type="button" data-do="svg">SVG</button>
    <button type="button" data-do="png">PNG</button>
  </div>`;

// The arguments that stand in a state, each as a text, whether they mean something or not.
const ARGUMENT = /(\w+)\s*=\s*([^]*?)\s*(?:,\s*(?=\w+\s*=)|$)/g;
const fieldsOf = (call) => Object.fromEntries([...call.matchAll(ARGUMENT)].map(([, key, text]) => [key, text]));

export class Words {
  constructor(explorer) {
    const part = (name) => explorer.querySelector(name);
    const meaning = part(".meaning");
    meaning.innerHTML = PARTS;
    Object.assign(this, { explorer, meaning, note: null, shown: "numpy" });
    Object.assign(this, { fields: part(".fields"), pasted: part(".pasted"), answer: part(".answer"), code: part(".codes code") });
    this.whole = part(".codes [type=checkbox]");
    this.channels = [...meaning.querySelectorAll(".channels input")];
    this.fields.addEventListener("input", () => this.typed());
    this.channels.forEach((box, side) => {
      box.addEventListener("input", () => box.value && box.checkValidity() && explorer.change({ c: explorer.state.c.with(side, Number(box.value)) }));
    });
    part(".tab input").checked = true;
    part(".codes").addEventListener("change", ({ target }) => this.write(target === this.whole ? this.shown : target.value));
    part(".copy").addEventListener("click", ({ target }) => copied(target, this.code.textContent));
    const pictures = Object.keys(explorer.panels).filter((name) => explorer.panels[name].drawing);
    part(".take select").append(...pictures.map((name) => element("option", { text: name })));
    part(".take").addEventListener("click", ({ target }) => this.take(target, part(".take select").value));
  }

  // The axes that a framework makes of its arguments; a refusal is thrown, in the words of deconvlib.
  framed({ of, call, axes, i, k }) {
    const { places, keywords } = argumentsOf(split(call), NAMES[of]);
    if (places.length) refuse(`arguments are written name=value, got ${call}; separate them by commas`);
    for (const [key, value] of Object.entries(keywords)) {
      if (!ARGUMENTS[of].includes(key)) refuse(`${NAMES[of]} has no argument '${key}'; it has ${ARGUMENTS[of].join(", ")}`);
      if (value instanceof Unknown) refuse(`${key} must be a number, a word in quotes, or a tuple of them, got ${value.text}`);
    }
    this.groups = keywords.groups ?? keywords.group ?? 1;
    const given = (numbers) => sidesOf(axes).map((side) => numbers[side]);
    return RULES[of](given(i), given(k), keywords);
  }

  // Another framework says the same, as far as one call of it can.
  choose(of) {
    const { axes, state } = this.explorer;
    if (of) this.explorer.change({ of, call: joined(axes ? told(of, axes, this.groups) : {}) });
    else this.explorer.change({ of, call: "", ...knobsOf(axes, state) });
  }

  typed() {
    const boxes = [...this.fields.querySelectorAll("input")].filter(({ value }) => value.trim());
    const hidden = Object.entries(this.given).filter(([key]) => HIDDEN.includes(key));
    this.explorer.change({ call: joined(Object.fromEntries([...hidden, ...boxes.map(({ name, value }) => [name, value])])) });
  }

  paste(text) {
    this.forget();
    if (text.trim()) unless(() => this.takeOver(read(text)), (refusal) => this.answered(refusal, "refused"));
  }

  // The answer is no longer that of the line.
  forget() {
    this.note = null;
    this.answered("");
  }

  answered(text, more = "") {
    this.pasted.className = `pasted ${more}`;
    this.pasted.textContent = text;
  }

  // What a line says; what it does not say stays as it is.
  takeOver({ framework, axes, kernelSize, arguments: { kernel_shape, ...said }, channels }) {
    const { state } = this.explorer;
    const per = said.strides ?? said.rhs_dilation;
    const count = axes ?? kernelSize?.length ?? (per?.length > 2 ? per.length - 2 : per?.length) ?? state.axes;
    if (count > 3) refuse(`the explorer has one to three axes, got ${count}; the terminal's deconvlib translate takes more`);
    const fields = Object.entries(said).map(([key, value]) => [key, repr(value)]);
    const groups = said.groups ?? said.group ?? 1; // the least number of channels
    const c = channels.map((number, side) => number ?? (channels[1 - side] ? state.c[side] : groups));
    if (Math.min(...c) < 1) refuse(`channels must be at least 1, got ${Math.min(...c)}; take 1 or more`);
    const k = kernelSize === null ? {} : { k: spread(perAxis("kernel_size", kernelSize, count), count) };
    this.note = kernelSize === null ? " The kernel is an array there, so its size is that of the knob." : "";
    this.explorer.change({ ...withAxes(state, count), ...k, of: framework, call: joined(Object.fromEntries(fields)), c });
  }

  show() {
    const { state, axes } = this.explorer;
    if (state.of) this.showFields(state.of, state.call);
    else {
      this.fields.replaceChildren();
      this.groups = 1;
    }
    this.channels.forEach((box, side) => fill(box, state.c[side]));
    this.meaning.hidden = !axes; // they were refused
    if (axes) this.say(axes, ...state.c);
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
    this.given = fieldsOf(call);
    for (const box of this.fields.querySelectorAll("input")) fill(box, this.given[box.name] ?? "");
  }

  say(axes, inputs, outputs) {
    const rows = {
      Size: sized(axes),
      Crop: axes.map(({ begin, end }) => `(${begin}, ${end})`).join(", "),
      Overlap: overlapping(axes),
      ...work(axes, inputs, outputs, this.groups),
    };
    const items = Object.entries(rows).flatMap(([term, text]) => [element("dt", { text: term }), element("dd", { text })]);
    this.answer.replaceChildren(...items);
    if (this.note !== null) this.answered(`${rows.Size}; crop ${rows.Crop}; ${[rows.Overlap, rows.Work, rows.Learned].filter(Boolean).join("; ")}.${this.note}`);
    this.write();
  }

  write(name = this.shown) {
    this.shown = name;
    const { axes, model, classList } = this.explorer;
    const drawn = !classList.contains("large");
    this.whole.parentNode.hidden = !drawn;
    const before = this.whole.checked && drawn ? arrays(name, axes, model.x, model.w) : "";
    this.code.textContent = before + code(name, axes, before ? 1 : this.groups);
  }

  async take(button, name) {
    const what = button.dataset.do;
    if (what === "link") copied(button, `${location.origin}${location.pathname}?${this.explorer.search}`);
    else if (what === "frame") copied(button, embedding(this.explorer.search));
    else if (what) (await import("./take.js"))[what](this.explorer.panels[name], name);
  }
}

const embedding = (search) =>
  `<iframe src="${new URL(`embed.html?${search}`, import.meta.url)}" title="Transposed convolution, the explorer" ` +
  'width="100%" height="900" frameborder="0" allow="clipboard-write"></iframe>'; // a strict page takes no style

// To the clipboard; the button says so for a moment.
async function copied(button, text) {
  const before = (button.dataset.says ??= button.textContent);
  try {
    await navigator.clipboard.writeText(text); // there is none where the address is not secure
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied: the browser refuses";
  }
  setTimeout(() => (button.textContent = before), 1500);
}

function overlapping(axes) {
  if (evenOverlap(axes)) return "even: away from the borders each sample is reached equally often";
  const even = axes.map(evenKernel);
  if (even.includes(null)) return "uneven: a checkerboard, whatever the kernel size, for stride and dilation share a factor";
  const size = new Set(even).size === 1 ? even[0] : even.join(" × ");
  return `uneven: a checkerboard; kernel size ${size} would be even`;
}

// Multiplications of one sample of a batch, and the numbers that are learned.
function work(axes, inputs, outputs, groups) {
  if (!(groups > 0 && inputs % groups === 0 && outputs % groups === 0)) {
    const given = `${repr(groups)} for ${inputs} input channels and ${outputs} output channels`;
    return { Groups: `groups must be a positive integer that divides the channels, got ${given}; take a common divisor, or 1` };
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

// The explorer: one axis of a transposed convolution, drawn anew whenever one of its numbers changes.
//
// The first half computes, and tests hold it against deconvlib on its whole grid.  The second half draws, with the
// colours of the figures, and keeps the state in the address.

export const LIMITS = { i: [1, 5], k: [1, 5], s: [1, 4], d: [1, 3], p: [0, 4], a: [0, 3] };
export const START = { i: 3, k: 3, s: 2, d: 1, p: 1, a: 1 };
export const X = [1, 2, 3, 4, 5];
export const W = [2, 3, 5, 7, 11]; // neither symmetric nor constant: a flip would show

const range = (n) => [...Array(Math.max(n, 0)).keys()];

export function sizes({ i, k, s, d, p, a }) {
  const span = d * (k - 1) + 1;
  const full = s * (i - 1) + span;
  return { span, full, crop: [p, p - a], output: full - 2 * p + a };
}

// The pairs (input sample j, tap t) that reach output sample n.
export function pairs({ i, k, s, d, p }, n) {
  return range(i).flatMap((j) => range(k).filter((t) => s * j + d * t - p === n).map((t) => [j, t]));
}

export const value = (state, n) => pairs(state, n).reduce((sum, [j, t]) => sum + X[j] * W[t], 0);

export const values = (state) => range(sizes(state).output).map((n) => value(state, n));

// C, the matrix of the forward convolution: a row for each input sample, a column for each output sample.
export function matrix(state) {
  const rows = range(state.i).map(() => range(sizes(state).output).map(() => 0));
  for (const n of range(sizes(state).output)) for (const [j, t] of pairs(state, n)) rows[j][n] = W[t];
  return rows;
}

// Why PyTorch would refuse, or nothing.
export function refusal(state) {
  const { s, d, p, a } = state;
  const { full, output } = sizes(state);
  if (a >= Math.max(s, d)) {
    return `output_padding must be less than the stride or the dilation: ${a} is not less than ${Math.max(s, d)}.${p ? " For a larger output take less padding." : ""}`;
  }
  if (output < 1) return `A padding of ${p} on both sides leaves nothing: the full output has ${full}. Take less.`;
  return "";
}

// The arguments of each framework, or null where it has no such call.  Keras needs a slice of the result as well.
export function calls(state) {
  const { s, d, p, a } = state;
  const { span, output } = sizes(state);
  if (refusal(state)) return { pytorch: null, keras: null, jax: null, onnx: null };
  const shown = Math.max(a - p, 0);
  const pair = [span - 1 - p, span - 1 - p + a];
  return {
    pytorch: { stride: s, padding: p, output_padding: a, dilation: d },
    keras: shown < s ? { strides: s, padding: "valid", output_padding: shown, dilation_rate: d, slice: [p, p + output] } : null,
    jax: { strides: [s], padding: [pair], rhs_dilation: [d], transpose_kernel: true },
    onnx: a < s ? { strides: [s], pads: [p, p], output_padding: [a], dilations: [d] } : null,
  };
}

// The same as text to copy.  What a framework takes by default is not said.
export function code(state) {
  const { s, d, p, a } = state;
  const { pytorch, keras, jax, onnx } = calls(state);
  const none = "# has no call for these numbers";
  const say = (...words) => words.filter(Boolean).join(", ");
  return {
    deconvlib: pytorch
      ? `dl.conv_transpose(${say("x, kernel", `strides=${s}`, `padding=${p}`, a && `output_padding=${a}`, d > 1 && `dilation_rate=${d}`)})`
      : "# refuses these numbers too",
    PyTorch: pytorch
      ? `F.conv_transpose1d(${say("x, kernel", `stride=${s}`, p && `padding=${p}`, a && `output_padding=${a}`, d > 1 && `dilation=${d}`)})`
      : none,
    Keras: keras
      ? `ops.conv_transpose(${say("x, kernel", s, '"valid"', keras.output_padding + "", d > 1 && `dilation_rate=${d}`)})` +
        (p ? `[:, ${keras.slice.join(":")}]` : "")
      : none,
    JAX: jax
      ? `lax.conv_transpose(${say("x, kernel", `[${s}]`, `[(${jax.padding[0].join(", ")})]`, d > 1 && `[${d}]`, "transpose_kernel=True")})`
      : none,
    ONNX: onnx
      ? `ConvTranspose <${say(`strides=[${s}]`, p && `pads=[${p}, ${p}]`, a && `output_padding=[${a}]`, d > 1 && `dilations=[${d}]`)}> (x, kernel)`
      : none,
  };
}

export function fromAddress(search) {
  const asked = new URLSearchParams(search);
  const state = { ...START };
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const value = Number(asked.get(name) ?? NaN);
    if (Number.isInteger(value)) state[name] = Math.min(Math.max(value, least), most);
  }
  return state;
}

// ---- drawing ----

const SIZE = 30;
const LEFT = 74;
export const NAMES = { i: "input size", k: "kernel size", s: "stride", d: "dilation", p: "padding", a: "output_padding" };

const label = (x, y, text, role = "ink", anchor = "") =>
  `<text x="${x}" y="${y}" class="t-${role}" font-size="13"${anchor && ` text-anchor="${anchor}"`}>${text}</text>`;

function cell(column, y, role, text, n) {
  const x = LEFT + SIZE * column;
  const mark = n === undefined ? "" : ` data-n="${n}"`;
  const strike = role === "crop" ? `<path class="line crop" d="M${x + 3} ${y + SIZE - 3}L${x + SIZE - 3} ${y + 3}"/>` : "";
  const box = `<rect x="${x + 1}" y="${y + 1}" width="${SIZE - 2}" height="${SIZE - 2}" rx="2" class="${role}"/>`;
  return `<g${mark}>${box}${strike}${label(x + SIZE / 2, y + SIZE / 2, text, role === "zero" ? "muted" : "ink")}</g>`;
}

const frame = (column, y, columns, rows, role = "overlap") =>
  `<rect x="${LEFT + SIZE * column}" y="${y}" width="${SIZE * columns}" height="${SIZE * rows}" rx="3" class="frame ${role}"/>`;

const picture = (columns, rows, title, body) =>
  `<div class="scroll" tabindex="0" role="group" aria-label="${title}"><svg class="fig" role="img" aria-label="${title}" ` +
  `width="${LEFT + SIZE * columns + 2}" height="${rows}" viewBox="0 0 ${LEFT + SIZE * columns + 2} ${rows}">${body}</svg></div>`;

export function stamps(state, chosen) {
  const { i, k, s, d, p } = state;
  const { full, output } = sizes(state);
  const columns = Math.max(full, p + output);
  const y = values(state);
  const body = range(i).map((j) => {
    const top = j * (SIZE + 4) + 2;
    const taps = range(k).map((t) => cell(s * j + d * t, top, "kernel", X[j] * W[t], s * j + d * t - p));
    return cell(-2, top, "input", X[j]) + label(LEFT - 16, top + SIZE / 2, "×") + taps.join("");
  });
  const bottom = i * (SIZE + 4) + 14;
  for (const f of range(columns)) {
    const n = f - p;
    if (n >= 0 && n < output) body.push(cell(f, bottom, f < full ? "output" : "zero", y[n], n));
    else body.push(cell(f, bottom, "crop", f < full ? value(state, n) : ""));
  }
  body.push(label(LEFT - 8, bottom + SIZE / 2, "output", "output", "end"));
  body.push(frame(chosen + p, 2, 1, (bottom + SIZE) / SIZE));
  return picture(columns, bottom + SIZE + 4, "Stamps: each input sample times the kernel, and their sums", body.join(""));
}

export function stretched(state, chosen) {
  const { i, k, s, d, p } = state;
  const { span, full } = sizes(state);
  const columns = full + span - 1;
  const at = (column) => (column - span + 1) / s;
  const row = range(columns).map((c) =>
    Number.isInteger(at(c)) && at(c) >= 0 && at(c) < i ? cell(c, 2, "input", X[at(c)]) : cell(c, 2, "zero", 0),
  );
  const first = chosen + p;
  const kernel = first < full ? range(k).map((t) => cell(first + span - 1 - d * t, SIZE + 10, "kernel", W[t])) : [];
  const window = first < full ? frame(first, 2, span, 1, "kernel") : "";
  const words = label(LEFT - 8, SIZE / 2 + 2, "stretched", "input", "end") + label(LEFT - 8, SIZE * 1.5 + 10, "turned", "kernel", "end");
  return picture(columns, 2 * SIZE + 14, "The stretched and padded input, and the kernel turned around under it", row.join("") + kernel.join("") + window + words);
}

export function table(state, chosen) {
  const C = matrix(state);
  const body = C.map((row, j) => label(LEFT - 8, j * SIZE + SIZE / 2 + 2, `${X[j]} ×`, "input", "end") +
    row.map((w, n) => cell(n, j * SIZE + 2, w ? "kernel" : "zero", w, n)).join(""));
  body.push(frame(chosen, 2, 1, C.length));
  return picture(C[0].length, C.length * SIZE + 4, "The matrix C, a row for each input sample", body.join(""));
}

export function sum(state, n) {
  const terms = pairs(state, n).map(([j, t]) => `${X[j]}·${W[t]}`);
  return terms.length ? `${terms.join(" + ")} = ${values(state)[n]}` : "0: no tap reaches it";
}

export function equation({ i, k, s, d, p, a }, { output }) {
  const letters = "o = s (i − 1) + d (k − 1) + 1 − 2 p + a".replace(/[a-z]/g, "<i>$&</i>");
  return `${letters}<br>= ${s}·${i - 1} + ${d}·${k - 1} + 1 − 2·${p} + ${a} = <b>${output}</b>`;
}

class Explorer extends (globalThis.HTMLElement ?? Object) {
  connectedCallback() {
    this.state = fromAddress(location.search);
    this.chosen = 1;
    const control = (name, [least, most]) =>
      `<label>${NAMES[name]} <i>${name}</i> <output></output><input type="range" name="${name}" min="${least}" max="${most}"></label>`;
    const controls = Object.entries(LIMITS).map(([name, limits]) => control(name, limits)).join("");
    this.innerHTML =
      `<form>${controls}<label>output sample <i>n</i> <output></output><input type="range" name="n" min="0"></label></form>` +
      `<p class="says" role="status"></p><div class="views"></div>`;
    this.addEventListener("input", ({ target }) => this.change({ [target.name]: Number(target.value) }));
    this.addEventListener("click", ({ target }) => this.choose(target.closest("[data-n]")));
    this.addEventListener("pointerover", ({ target }) => this.choose(target.closest("[data-n]")));
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-explore]");
      if (!link) return;
      event.preventDefault();
      this.change(fromAddress(link.search));
      this.scrollIntoView({ block: "start" });
    });
    this.draw();
  }

  choose(node) {
    if (node && Number(node.dataset.n) !== this.chosen) this.change({ n: Number(node.dataset.n) });
  }

  change({ n = this.chosen, ...others }) {
    Object.assign(this.state, others);
    this.chosen = n;
    this.draw();
    clearTimeout(this.later); // a browser takes some hundred addresses a minute, and a slider has more
    this.later = setTimeout(() => history.replaceState(null, "", `?${new URLSearchParams(this.state)}`), 300);
  }

  draw() {
    const { state } = this;
    const size = sizes(state);
    this.chosen = Math.min(Math.max(this.chosen, 0), Math.max(size.output - 1, 0));
    for (const input of this.querySelectorAll("input")) {
      if (input.name === "n") input.max = Math.max(size.output - 1, 0);
      input.value = input.name === "n" ? this.chosen : state[input.name];
      input.previousElementSibling.value = input.value;
    }
    const refused = refusal(state);
    const says = size.output < 1 ? "" : `${equation(state, size)}<br><i>y</i>[${this.chosen}] = <b>${sum(state, this.chosen)}</b>`;
    this.querySelector(".says").innerHTML = (refused && `<span class="refused">${refused}</span><br>`) + says;
    const lines = Object.entries(code(state)).map(([name, text]) => `<div><dt>${name}</dt><dd><code>${text.replace(/</g, "&lt;")}</code></dd></div>`);
    const scrolled = [...this.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    this.querySelector(".views").innerHTML = size.output < 1 ? "" :
      `<h2>Stamps, added up</h2>${stamps(state, this.chosen)}` +
      `<h2>A window on the stretched input</h2>${stretched(state, this.chosen)}` +
      `<h2>A column of the matrix</h2>${table(state, this.chosen)}` +
      `<h2>In your framework</h2><dl>${lines.join("")}</dl>`;
    this.querySelectorAll(".scroll").forEach((box, n) => {
      box.scrollLeft = scrolled[n] ?? 0;
      const [seen, frame] = [box, box.querySelector(".frame")].map((node) => node?.getBoundingClientRect());
      if (frame) box.scrollLeft += Math.max(frame.right - seen.right, 0) - Math.max(seen.left - frame.left, 0);
    });
  }
}

if (globalThis.customElements) {
  customElements.define("deconv-explorer", Explorer);
  document.querySelector("[data-explorer]")?.replaceChildren(new Explorer()); // instead of the picture that stands still
}

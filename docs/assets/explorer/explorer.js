// The explorer: knobs, linked pictures, play, and the state in the address.

import { Edges } from "./edges.js";
import { unless } from "./geometry.js";
import { Linked, styled as pictures } from "./linked.js";
import { FILLS, model, sized } from "./model.js";
import { Knob, element, sheet, untyped } from "./panels.js";
import { FRAMEWORKS, LETTERS, address, axesOf, fromAddress, nameOf, sidesOf, turned, withAxes } from "./state.js";

const VIEWS = ["input", "kernel", "stamps", "output", "padded", "phases", "matrix"];
const NOTES = {
  stamps: "each input number stamps the kernel; overlaps add up",
  output: "what the stamps add up to, without what the crop cuts",
  padded: "the same sums: the rotated kernel slides over the stretched input",
  phases: "samples of one colour use the same taps",
  matrix: "C has a row for each input number and a column for each output number; its transpose makes the output",
};
const OPTIONS = [
  ["output", "counts", "overlap"],
  ["output", "grey", "as a picture"],
  ["matrix", "upright", "transposed"],
];
const styled = sheet("explorer.css");

const radio = (text, n) => `<label><input type="radio" name="axes" value="${n + 1}">${text}</label>`;
const words = Object.entries(FRAMEWORKS).map(([key, name]) => `<option value="${key}">${name}`);
const PARTS = `
  <div class="paste">
    <label>Paste a line of your code
      <textarea rows="1" placeholder="nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)" autocomplete="off" spellcheck="false"></textarea>
    </label>
    <p class="pasted" role="status"></p>
  </div>
  <div class="whole">
    <form class="controls">
      <fieldset class="axes">
        <legend>Axes</legend>${["1", "2", "3"].map(radio).join("")}
        <label class="link"><input type="checkbox">same settings</label>
      </fieldset>
      <div class="words">
        <label>In the words of <select><option value="">deconvlib${words.join("")}</select></label>
        <div class="fields"></div>
      </div>
      <div class="knobs"></div>
    </form>
  </div>
  <div class="meaning"></div>`;

class Explorer extends Linked {
  async connectedCallback() {
    if (this.state) return;
    this.state = fromAddress(location.search);
    const asked = this.state.view.split(",").filter((name) => VIEWS.includes(name));
    await Promise.all([pictures, styled]);
    this.set(asked.length ? asked : VIEWS, "inputs");
    this.build();
    await this.open(this.state);
    document.addEventListener("click", (event) => this.follow(event));
    window.addEventListener("popstate", () => this.open(fromAddress(location.search)));
  }

  build() {
    const { panels } = this;
    this.innerHTML = PARTS;
    const [line, controls, knobs, link, choice, meaning] = [
      ...[".paste textarea", ".controls", ".knobs", ".link input", ".words select", ".meaning"],
    ].map((part) => this.querySelector(part));
    Object.assign(this, { line, knobs, link, choice, says: element("p", { class: "says", role: "status" }) });
    this.stage.prepend(this.says);
    controls.after(this.stage);
    controls.addEventListener("submit", (event) => event.preventDefault());
    for (const [name, key, text] of OPTIONS) {
      if (panels[name]) this.option(name, key, text);
    }
    for (const [name, letter] of [["input", "x"], ["kernel", "w"]]) if (panels[name]) this.fills(panels[name], name, letter);
    for (const [name, text] of Object.entries(NOTES)) panels[name]?.box.before(element("p", { class: "note", text }));
    if (panels.output) panels.output.edges = new Edges(panels.output, (letter, side, value) => this.turn(letter, value, side));
    controls.querySelector(".axes").addEventListener("change", ({ target }) => {
      if (target === link) this.join();
      else this.change(withAxes(this.state, Number(target.value)));
    });
    choice.addEventListener("change", async () => (await this.speak()).choose(choice.value));
    line.addEventListener("input", async () => (await this.speak()).paste(line.value));
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.speak()).observe(meaning);
  }

  // How the numbers of input or kernel are filled in.
  fills(panel, name, letter) {
    const html = [...Object.keys(FILLS), "typed"].map((fill) => `<option>${fill}`).join("");
    panel.fill = element("select", { "aria-label": `Numbers of the ${name}`, html });
    panel.fill.addEventListener("change", () => panel.fill.value !== "typed" && this.change({ [letter]: panel.fill.value }));
    panel.filled = () => (panel.fill.value = Array.isArray(this.state[letter]) ? "typed" : this.state[letter]);
    panel.tools.append(panel.fill);
  }

  // The words of the frameworks are loaded when they are wanted, or come into sight.
  speak() {
    this.spoken ??= import("./words.js").then(async ({ Words, styled }) => {
      await styled;
      this.words = new Words(this);
      this.words.show();
      return this.words;
    });
    this.spoken.catch(() => {
      this.spoken = null; // at the next wish they are asked for again
      this.say("The words of the frameworks could not be loaded: is there a connection?", "refused");
    });
    return this.spoken;
  }

  get equal() {
    return LETTERS.every((letter) => new Set(this.state[letter]).size === 1);
  }

  // The settings of the last axis are those of all.
  join() {
    const last = LETTERS.map((letter) => [letter, this.state[letter].map((_, __, all) => all.at(-1))]);
    this.change(this.link.checked ? Object.fromEntries(last) : {});
  }

  // A knob of one axis, or of all of them.
  turn(letter, value, side) {
    const numbers = this.link.checked || side === undefined ? this.state[letter].map(() => value) : this.state[letter].with(side, value);
    this.change(turned(letter, numbers));
  }

  change(others) {
    super.change(others);
    if (!this.equal) this.link.checked = false;
  }

  // Into the address, too.
  note(others) {
    super.note(others);
    clearTimeout(this.later); // a browser takes some hundred addresses a minute, and a slider has more
    this.later = setTimeout(() => this.remember(), 300);
  }

  remember() {
    clearTimeout(this.later);
    history.replaceState(null, "", `?${this.search}`);
  }

  get search() {
    return address(this.state);
  }

  async open(state) {
    clearTimeout(this.later);
    this.state = state;
    if (state.of) await this.speak();
    untyped();
    this.line.value = "";
    this.words?.forget();
    this.link.checked = this.equal;
    this.draw();
  }

  // A link on the page to a case is shown here, without a new page; and the way back leads to the case before.
  async follow(event) {
    const link = event.target.closest?.("a[href*='?']");
    if (!link || link.pathname !== location.pathname || !link.search || this.contains(link)) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // to a new tab or window
    if (fromAddress(link.search).view !== this.state.view) return; // other pictures need a new page
    event.preventDefault();
    this.remember();
    history.pushState(null, "", link.search);
    await this.open(fromAddress(link.search));
    this.scrollIntoView({ block: "start" });
  }

  draw() {
    const { state } = this;
    for (const box of this.querySelectorAll("[name=axes]")) box.checked = Number(box.value) === state.axes;
    this.link.parentNode.hidden = state.axes === 1;
    this.turnSwitches();
    this.classList.toggle("three", state.axes === 3); // no pictures, and so all the room for the knobs
    this.turnable();
    if (state.of && !this.words) return; // they are on their way, and then it is drawn
    this.axes = unless(() => (state.of ? this.words.framed(state) : axesOf(state)), (refusal) => this.say(refusal, "refused"));
    if (this.axes) {
      this.say(sized(this.axes));
      const drawn = unless(() => model(this.axes, state), (large) => this.say(large));
      if (drawn) this.show(drawn);
      this.classList.toggle("large", !drawn);
    } else this.classList.toggle("large", !this.model); // where there are pictures of the state before they stay
    for (const panel of Object.values(this.panels)) panel.filled?.();
    this.choice.value = state.of;
    this.words?.show();
  }

  // The knobs of this state: one for all axes where they are linked, and those that the framework has not got itself.
  turnable() {
    const { of, axes } = this.state;
    const sides = axes === 1 || this.link.checked ? [undefined] : sidesOf(axes);
    const letters = of ? ["i", "k"] : LETTERS;
    const shape = `${sides.length} ${letters.length}`;
    if (this.shape !== shape) {
      this.shape = shape;
      const one = (letter, side) => new Knob(letter, (value) => this.turn(letter, value, side), side, nameOf(side, axes));
      this.each = letters.flatMap((letter) => sides.map((side) => ({ side, knob: one(letter, side) })));
      this.knobs.replaceChildren(...this.each.map(({ knob }) => knob.node));
    }
    for (const { side, knob } of this.each) knob.show(this.state[knob.letter].at(side ?? -1));
  }

  say(text, more = "") {
    this.says.className = `says ${more}`;
    this.says.textContent = text;
  }
}

customElements.define("deconv-explorer", Explorer);

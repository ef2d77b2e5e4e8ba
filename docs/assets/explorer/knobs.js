// Sliders.

import { element } from "./panels.js";
import { KNOBS, LARGEST } from "./state.js";

// A style sheet, which has to be there before anything is shown.
export const sheet = (name) =>
  new Promise((done) => {
    const link = element("link", { rel: "stylesheet", href: new URL(name, import.meta.url) });
    link.onload = link.onerror = done;
    document.head.append(link);
  });

// A slider with its number, which can be typed, for one axis, which has a name, or for all.
export class Knob {
  constructor(letter, changed, side = "", axis = "") {
    const [name, least, most] = KNOBS[letter];
    this.letter = letter;
    const label = axis ? `${name}, ${axis}` : name;
    const input = (attributes) => element("input", { min: least, "aria-label": label, ...attributes });
    this.slider = input({ type: "range", max: most });
    this.number = input({ type: "number", max: "ik".includes(letter) ? LARGEST : most + 20, inputmode: "numeric" });
    this.node = element("div", { class: "knob", "data-knob": letter + side });
    this.node.append(element("span", { text: label }), this.number, this.slider);
    for (const box of [this.slider, this.number]) {
      box.addEventListener("input", () => box.value !== "" && box.checkValidity() && changed(Number(box.value)));
    }
  }

  show(value) {
    this.slider.value = value;
    if (document.activeElement !== this.number) this.number.value = value;
  }
}

export function knobs(...nodes) {
  const form = element("form", { class: "knobs" }, ...nodes);
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}

// Sliders.

import { element } from "./panels.js";
import { KNOBS, LARGEST } from "./state.js";

// The style sheet, which has to be there before anything is shown.
export const sheet = () =>
  new Promise((done) => {
    const link = element("link", { rel: "stylesheet", href: new URL("explorer.css", import.meta.url) });
    link.onload = link.onerror = done;
    document.head.append(link);
  });

// A slider with its number, which can be typed, for each axis; linked, one is for both.
export class Knob {
  constructor(letter, side, changed) {
    const [name, least, most] = letter === "p" ? ["crop on each side", 0, 4] : KNOBS[letter];
    this.letter = letter;
    const axis = side === undefined ? "" : [", rows", ", columns"][side];
    const input = (attributes) => element("input", { min: least, "aria-label": name + axis, ...attributes });
    this.slider = input({ type: "range", max: most });
    this.number = input({ type: "number", max: letter === "i" || letter === "k" ? LARGEST : most + 20, inputmode: "numeric" });
    this.node = element("div", { class: "knob", "data-knob": letter + (side ?? "") });
    this.node.append(element("span", { text: name + axis }), this.number, this.slider);
    for (const box of [this.slider, this.number]) {
      box.addEventListener("input", () => box.value !== "" && box.checkValidity() && changed(letter, side, Number(box.value)));
    }
  }

  show(value) {
    this.slider.value = value;
    if (document.activeElement !== this.number) this.number.value = value;
  }
}

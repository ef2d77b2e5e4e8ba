// What a block and an exercise have in common: buttons, a line that says how it stands, a place for what is printed.

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// How it stands, in a line that screen readers hear; while Python loads, with a bar.
export class Status {
  constructor(after) {
    this.line = make("p", { className: "live-status", role: "status" });
    this.bar = make("progress", { className: "live-progress", hidden: true, ariaLabel: "Loading Python" });
    this.megabytes = make("span", { className: "live-megabytes", hidden: true, ariaHidden: "true" });
    this.element = make("div", { className: "live-state" }, this.line, this.bar, this.megabytes);
    after.after(this.element);
  }

  say(text) {
    this.line.textContent = text;
    this.bar.hidden = this.megabytes.hidden = true;
  }

  loads(loaded, total) {
    const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
    if (this.bar.hidden) this.say("Loading Python, once …");
    this.bar.hidden = this.megabytes.hidden = false;
    Object.assign(this.bar, { max: total, value: loaded });
    const done = loaded >= total;
    this.megabytes.textContent = done ? "starting it …" : `${megabytes(loaded)} of ${megabytes(total)} MB`;
  }
}

// Where a block prints.  What the page showed there can be brought back.
export class Output {
  constructor(element) {
    this.element = element;
    this.code = element.querySelector("code");
    this.page = this.code.cloneNode(true);
    this.shown = this.code.textContent.trimEnd();
    element.hidden = !this.shown;
  }

  static after(element) {
    const code = make("pre", {}, make("code"));
    const made = make("div", { className: "language-text highlight" }, code);
    element.after(made);
    return new Output(made);
  }

  clear() {
    this.printed = "";
    this.error = "";
  }

  add(text) {
    this.printed += text;
    this.show();
  }

  show() {
    const error = make("span", { className: "live-error", textContent: this.error });
    this.code.replaceChildren(this.printed, error);
    this.element.hidden = !(this.printed || this.error);
    this.element.classList.add("live-printed");
  }

  reset() {
    this.code.replaceChildren(...this.page.cloneNode(true).childNodes);
    this.element.hidden = !this.shown;
    this.element.classList.remove("live-printed");
  }

  get same() {
    const lines = this.printed.trimEnd().split("\n");
    return lines.map((line) => line.trimEnd()).join("\n") === this.shown;
  }
}

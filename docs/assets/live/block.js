// A block of the page that runs in the page.

import { editor } from "./editor.js";
import { run, stop, Stopped } from "./engine.js";
import { Output, Status } from "./parts.js";

const isOutput = (element) => element?.matches(".language-text.highlight");

export class Block {
  constructor(element, number) {
    this.element = element;
    this.name = `Block ${number}`;
    this.pre = element.querySelector("pre");
    this.original = element.querySelector("code").textContent;
    const next = element.nextElementSibling;
    this.output = isOutput(next) ? new Output(next) : Output.after(element);
  }

  get source() {
    return this.area ? this.area.value : this.original;
  }

  get step() {
    return { title: this.name.toLowerCase(), source: this.source };
  }

  get status() {
    return (this.statusLine ??= new Status(this.output.element));
  }

  button(action) {
    return this.element.querySelector(`[data-do="${action}"]`);
  }

  // One button runs and stops, the other one edits and resets.
  label(action, to, text) {
    const button = this.button(action) ?? this.button(to);
    button.dataset.do = to;
    button.textContent = text;
    button.setAttribute("aria-label", `${text} ${this.name.toLowerCase()}`);
  }

  edit() {
    const leave = () => this.button("run")?.focus();
    this.area = editor(this.original.trimEnd(), this.name, { run: () => this.button("run")?.click(), leave });
    this.pre.hidden = true;
    this.pre.after(this.area);
    this.label("edit", "reset", "Reset");
    this.area.focus();
  }

  reset() {
    this.area.remove();
    this.area = null;
    this.pre.hidden = false;
    this.output.reset();
    this.status.say("");
    this.label("reset", "edit", "Edit");
  }

  async run(before) {
    this.label("run", "stop", "Stop");
    this.element.dataset.state = "running";
    try {
      await runAll([...before, this], this.status);
    } finally {
      this.label("stop", "run", "Run");
      this.element.dataset.state = "ended";
    }
  }

  stop() {
    stop();
  }

  summary(seconds) {
    const time = seconds < 0.1 ? "" : ` in ${seconds.toFixed(1)} s`;
    if (this.output.error) return "It stopped with an error.";
    if (this.area && this.source.trimEnd() !== this.original.trimEnd()) return `Your version ran here${time}.`;
    return this.output.same ? `Ran here${time}, as the page shows.` : `Ran here${time}, and prints something else.`;
  }
}

// Run blocks in order; each shows what it prints.  `status` is that of the last one, which the reader asked for.
async function runAll(blocks, status) {
  const last = blocks.at(-1);
  status.say("Running …");
  try {
    await run(blocks.map((block) => block.step), (news) => {
      const block = blocks[news.begins ?? news.of ?? news.ended];
      if (news.total) return status.loads(news.loaded, news.total);
      if ("begins" in news) {
        status.say(block === last ? "Running …" : `Running ${block.name.toLowerCase()} first …`);
        block.output.clear();
      }
      if ("printed" in news) block.output.add(news.printed);
      if ("ended" in news) {
        block.output.error = news.error;
        block.output.show();
        if (block === last || news.error) block.status.say(block.summary(news.seconds));
        if (block !== last && news.error) status.say(`${block.name}, which comes before, stopped with an error.`);
      }
    });
  } catch (error) {
    const stopped = "Stopped. The next run starts Python anew, and runs the blocks above first.";
    status.say(error instanceof Stopped ? stopped : `Python could not be started: ${error.message}`);
  }
}

// An exercise that answers: the reader's code takes the place of the solution, and the solution's check judges it.

import { editor } from "./editor.js";
import { run, stop, Stopped } from "./engine.js";
import { make, Output, Status } from "./parts.js";

export class Exercise {
  // `check` is the block of assertions.  `before` gives the blocks that come before the solution.
  constructor(actions, check, before) {
    Object.assign(this, { actions, check, before });
    this.button = actions.querySelector("button");
  }

  try() {
    const stub = this.check.element.dataset.answer;
    const leave = () => this.button.focus();
    this.area = editor(stub, "Your answer", { run: () => this.button.click(), leave });
    this.output = new Output(make("div", { className: "language-text highlight" }, make("pre", {}, make("code"))));
    this.actions.before(make("div", { className: "live-answer highlight" }, this.area));
    this.actions.after(this.output.element);
    this.status = new Status(this.actions);
    this.label("check", "Check my answer");
    this.area.focus();
  }

  label(action, text) {
    this.button.dataset.do = action;
    this.button.textContent = text;
  }

  async judge() {
    const answer = { title: "your answer", source: this.area.value };
    const steps = [...this.before().map((block) => block.step), answer, { title: "check", source: this.check.original }];
    const [mine, check] = [steps.length - 2, steps.length - 1];
    this.label("stop", "Stop");
    this.actions.dataset.state = "running";
    this.output.clear();
    this.output.show();
    this.status.say("Checking …");
    try {
      const right = await run(steps, (news) => {
        if (news.total) this.status.loads(news.loaded, news.total);
        if ("begins" in news) this.status.say("Checking …");
        if (news.of >= mine) this.output.add(news.printed);
        if (news.error) {
          this.output.error = news.error;
          this.output.show();
          this.status.say(news.ended === check ? "Not yet: the check fails." : "Your code stopped with an error.");
          if (news.ended < mine) this.status.say("A block above stopped with an error.");
        }
      });
      if (right) this.status.say("Right: every case of the check holds.");
    } catch (error) {
      const stopped = "Stopped. The next run starts Python anew.";
      this.status.say(error instanceof Stopped ? stopped : `Python could not be started: ${error.message}`);
    } finally {
      this.label("check", "Check my answer");
      this.actions.dataset.state = "ended";
    }
  }

  stop() {
    stop();
  }
}

// Blocks that run in the page.  This file is loaded with the first click on one of the buttons that site.js makes.

import { Block } from "./block.js";
import { Exercise } from "./exercise.js";
import { make } from "./parts.js";

document.head.append(make("link", { rel: "stylesheet", href: new URL("live.css", import.meta.url).href }));

const elements = [...document.querySelectorAll("[data-live]")];
const blocks = elements.map((element, n) => new Block(element, n + 1));
const exercises = new Map();

export function act(button) {
  const element = button.closest("[data-live]");
  if (!element) return actOnExercise(button);
  const number = elements.indexOf(element);
  const block = blocks[number];
  if (button.dataset.do === "run") block.run(blocks.slice(0, number));
  else block[button.dataset.do](); // edit, reset, stop
}

function actOnExercise(button) {
  const actions = button.closest(".live-actions");
  if (!exercises.has(actions)) exercises.set(actions, exercise(actions));
  const { do: action } = button.dataset;
  exercises.get(actions)[action === "check" ? "judge" : action](); // try, judge, stop
}

function exercise(actions) {
  const question = actions.closest("details");
  const inside = blocks.filter((block) => question.contains(block.element));
  const check = inside.find((block) => "answer" in block.element.dataset);
  const before = () => blocks.slice(0, blocks.indexOf(inside[0]));
  return new Exercise(actions, check, before);
}

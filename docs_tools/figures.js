// Figures that move.  Each is complete in the page.  This empties it, fills it step by step when it comes into view,
// and gives the reader buttons and a slider for it.  Who asks for less motion has the complete figure, and the buttons.

const ICONS = {
  previous: "M16 4v16L6 12z",
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  next: "M8 4v16l10-8z",
};
const icon = (name) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
const CONTROLS =
  `<button type="button" aria-label="Previous step">${icon("previous")}</button>` +
  `<button type="button" aria-label="Play">${icon("play")}</button>` +
  `<button type="button" aria-label="Next step">${icon("next")}</button>` +
  `<input type="range" min="0" aria-label="Step">`;

function enhance(stepper) {
  const drawing = stepper.parentElement.querySelector("svg");
  const parts = [...drawing.querySelectorAll(".step, .moves")];
  const first = (part) => Number(part.style.getPropertyValue("--n"));
  const complete = Math.max(...parts.map(first)) + 1; // the number after the last step
  const seconds = Math.min(1.6, Math.max(0.8, 20 / complete));
  stepper.innerHTML = CONTROLS;
  const [previous, play, next] = stepper.querySelectorAll("button");
  const slider = stepper.querySelector("input");
  slider.max = complete;
  let now = complete;
  let timer = null;
  let watching = true; // it plays by itself until the reader takes over, and once

  function show(step) {
    now = step;
    slider.value = step;
    drawing.classList.toggle("played", step < complete);
    drawing.style.setProperty("--now", step);
    const said = parts.filter((part) => first(part) === step).map((part) => part.querySelector(".says")?.textContent ?? "");
    slider.ariaValueText = step < complete ? `${step + 1} of ${complete}: ${said.join("")}` : "complete";
  }

  function run() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      show(now + 1);
      if (now < complete) run();
      else stop();
    }, seconds * 1000);
    play.ariaLabel = "Pause";
    play.innerHTML = icon("pause");
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
    play.ariaLabel = "Play";
    play.innerHTML = icon("play");
  }

  function goTo(step) {
    watching = false;
    stop();
    show((step + complete + 1) % (complete + 1)); // from the end to the beginning, and back
  }

  previous.onclick = () => goTo(now - 1);
  next.onclick = () => goTo(now + 1);
  slider.oninput = () => goTo(Number(slider.value));
  play.onclick = () => {
    const wasPlaying = timer !== null;
    goTo(now === complete ? 0 : now);
    if (!wasPlaying) run();
  };

  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  show(calm ? complete : 0); // and what is complete does not play by itself
  new IntersectionObserver(([entry]) => {
    if (!watching) return;
    if (entry.isIntersecting && now < complete) run();
    else stop();
  }, { threshold: 0.5 }).observe(drawing);
}

document.querySelectorAll(".stepper").forEach(enhance);

// What can be taken away: a link, a picture as SVG or PNG, and a line that embeds the explorer elsewhere.

import { escaped, svg } from "./drawing.js";
import { element } from "./panels.js";

// The rules that colour a picture, in the colours that it has now.
function style() {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const own = rules.map(({ cssText, selectorText }) => (selectorText?.includes(".fig") ? cssText : ""));
  return `<style>${escaped(own.join(""))}</style>`;
}

// A picture as a file of its own.
export function file(panel) {
  const scheme = document.querySelector("[data-md-color-scheme]")?.dataset.mdColorScheme ?? "default";
  const back = scheme === "slate" ? "#1e2129" : "#fff";
  const { width, height } = panel.picture;
  const lit = panel.box.querySelector(".lights").innerHTML;
  const ground = `${style()}<rect width="${width}" height="${height}" style="fill:${back}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" data-md-color-scheme="${scheme}">${svg(panel.picture, lit, ground)}</svg>`;
}

async function png(panel) {
  const { width, height } = panel.picture;
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(file(panel))}`;
  await image.decode();
  const canvas = element("canvas", { width: 2 * width, height: 2 * height });
  canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
  return new Promise((done) => canvas.toBlob(done));
}

function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// The row of buttons.  `panels` are the pictures by their names, `search()` the state's address.
export function take(panels, search) {
  const names = Object.keys(panels).filter((name) => !panels[name].fill); // those of pictures
  const which = element("select", { "aria-label": "Picture to take away", html: names.map((name) => `<option>${name}`).join("") });
  const button = (text, act) => {
    const made = element("button", { type: "button", text });
    made.addEventListener("click", () => act(made));
    return made;
  };
  const chosen = () => panels[which.value];
  const here = () => `${location.origin}${location.pathname}?${search()}`;
  const frame = () => {
    const source = new URL(`embed.html?${search()}`, import.meta.url);
    return `<iframe src="${source}" title="Transposed convolution, the explorer" width="100%" height="900" style="border: 0"></iframe>`;
  };
  return element(
    "div",
    { class: "take", role: "group", "aria-label": "Take away" },
    button("Copy link", (own) => copied(own, here())),
    button("Copy the line that embeds it", (own) => copied(own, frame())),
    which,
    button("SVG", () => save(new Blob([file(chosen())], { type: "image/svg+xml" }), `${which.value}.svg`)),
    button("PNG", async () => save(await png(chosen()), `${which.value}.png`)),
  );
}

// To the clipboard; the button says so for a moment.
export async function copied(button, text) {
  const before = button.dataset.says ?? button.textContent;
  button.dataset.says = before;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied: the browser refuses";
  }
  setTimeout(() => (button.textContent = before), 1500);
}

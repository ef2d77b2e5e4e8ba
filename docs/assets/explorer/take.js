// A picture that is taken away, as SVG or PNG, in the colours that it has now.

import { escaped, svg as drawn } from "./drawing.js";
import { element } from "./panels.js";

// The picture with the rules that colour it, as a file of its own.
function file(panel) {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const own = rules.filter(({ selectorText }) => selectorText?.includes(".fig")).map(({ cssText }) => cssText);
  const scheme = document.querySelector("[data-md-color-scheme]")?.dataset.mdColorScheme ?? "default";
  const back = scheme === "slate" ? "#1e2129" : "#fff";
  const { width, height } = panel.picture;
  const lit = panel.box.querySelector(".lights").innerHTML;
  const ground = `<style>${escaped(own.join(""))}</style><rect width="${width}" height="${height}" style="fill:${back}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" data-md-color-scheme="${scheme}">${drawn(panel.picture, lit, ground)}</svg>`;
}

function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function svg(panel, name) {
  save(new Blob([file(panel)], { type: "image/svg+xml" }), `${name}.svg`);
}

// Of twice the size.
export async function png(panel, name) {
  const [width, height] = [2 * panel.picture.width, 2 * panel.picture.height];
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(file(panel))}`;
  await image.decode();
  const canvas = element("canvas", { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  canvas.toBlob((blob) => save(blob, `${name}.png`));
}

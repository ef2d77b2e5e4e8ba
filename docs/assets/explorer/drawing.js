// The pieces of a drawing, as SVG text.  Colours come from the figures' style sheet: a role is a class there.

import { places, refuse } from "./geometry.js";

export const HANDLE = 26; // room for what the edges of the crop are dragged by
const CHARACTER = 7.2; // the widest, in a cell's font of 13
const once = (cells) => [...new Map(cells.map((one) => [String(one), one])).values()];

export const escaped = (text) => String(text).replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);

export function label(x, y, text, { role = "ink", anchor = "middle", size = 13 } = {}) {
  return `<text x="${x}" y="${y}" class="t-${role}" font-size="${size}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

export function frame(x, y, width, height, role) {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3" class="frame ${role}"/>`;
}

// A refusal, where a picture would have more cells than a browser draws at once.
export function few(title, cells, most = 2500) {
  if (cells > most) refuse(`${title} has ${cells} cells to draw, too many; take smaller sizes.`);
}

export const ROOM = 480; // pixels, where there are more

// As large as fits into this room, and never smaller than a finger needs.
export const cellSize = (columns, room) => Math.max(24, Math.min(34, Math.floor(Math.min(room, ROOM) / columns)));

// A grid of cells.  `chosen` says what is chosen by pointing at a cell, null where there is nothing; `place` says which
// cell a link lights up, a meeting of an input sample, a tap and an output sample.  Both follow from the kind of a plain
// grid: "j" has input samples, "t" taps, "n" output samples.
export class Grid {
  constructor(kind, [rows, columns], size, [x, y] = [2, 2], { chosen, place } = {}) {
    Object.assign(this, { kind, rows, columns, size, x, y });
    this.chosen = chosen ?? ((row, column) => ({ [kind]: [row, column] }));
    this.place = place ?? ((link) => link[kind]);
    this.width = columns * size;
    this.height = rows * size;
  }

  // The cell under a point of the picture, or null.
  at(x, y) {
    const [row, column] = [Math.floor((y - this.y) / this.size), Math.floor((x - this.x) / this.size)];
    return this.has([row, column]) ? [row, column] : null;
  }

  has(cell) {
    return cell && cell[0] >= 0 && cell[1] >= 0 && cell[0] < this.rows && cell[1] < this.columns;
  }

  corner([row, column]) {
    return [this.x + column * this.size, this.y + row * this.size];
  }

  // A sample.  `strength` is how strongly its colour shows, `hue` the colour of a phase.
  cell(place, role, text = "", { strength, hue } = {}) {
    const [x, y] = this.corner(place);
    const inner = this.size - 2;
    const colour = (strength === undefined ? "" : ` fill-opacity="${strength}"`) + (hue === undefined ? "" : ` style="--hue:${hue}"`);
    const box = `<rect x="${x + 1}" y="${y + 1}" width="${inner}" height="${inner}" rx="2" class="${role}"${colour}/>`;
    const strike = role === "crop" ? `<path class="line crop" d="M${x + 3} ${y + inner - 1}l${inner - 4} ${4 - inner}"/>` : "";
    return box + strike + (text === "" ? "" : this.words(place, text, role === "zero" ? "muted" : "ink"));
  }

  // What a cell says, as large as fits.
  words(place, text, role = "ink") {
    const [x, y] = this.corner(place).map((side) => side + this.size / 2);
    const fits = Math.min(13, this.size * 0.52, (13 * (this.size - 3)) / (CHARACTER * String(text).length));
    return label(x, y, text, { role, size: Number(fits.toFixed(1)) });
  }

  // Every cell, each by a function of its row and column that gives role, text and colour; or nothing.
  cells(each) {
    const drawn = places([this.rows, this.columns]).map((cell) => [cell, each(...cell)]);
    return drawn.map(([cell, what]) => (what ? this.cell(cell, ...what) : "")).join("");
  }

  frame(place, role = "lit", [rows, columns] = [1, 1]) {
    return frame(...this.corner(place), columns * this.size, rows * this.size, role);
  }

  // The chosen cell, where it is one of these.
  own(chosen) {
    return chosen[this.kind] && this.place(chosen);
  }

  // What lights up: a frame around each of these links' cells, and a strong one around the chosen cell.
  lights(found, chosen) {
    const cells = once(found.map(this.place).filter((place) => this.has(place)));
    const own = this.own(chosen);
    return cells.map((place) => this.frame(place)).join("") + (this.has(own) ? this.frame(own, "chosen") : "");
  }
}

// The output with what the crop cuts around it: both grids, and what is cut as it is drawn.
export function cropped(axes, { size, at }) {
  const around = new Grid("cut", uncut(axes), size, at, { chosen: () => null, place: () => null });
  const before = axes.map(({ begin }) => Math.max(begin, 0));
  const grid = new Grid("n", axes.map((one) => one.output), size, around.corner(before));
  const drawn = around.cells((row, column) => (grid.has([row - before[0], column - before[1]]) ? null : ["crop"]));
  return { around, grid, drawn };
}

// Samples of each axis with those that are cut.
export const uncut = (axes) => axes.map(({ begin, output, end }) => Math.max(begin, 0) + output + Math.max(end, 0));

// A picture: what stands still, and what lights up; `over` draws what a view has of its own.
export function picture(title, grids, still, { over = () => "", width = 0, height = 0, ...more } = {}) {
  const farthest = (side, size) => Math.ceil(Math.max(...grids.map((grid) => grid[side] + grid[size] + 2)));
  return {
    title,
    grids,
    still,
    width: Math.max(width, farthest("x", "width")),
    height: Math.max(height, farthest("y", "height")),
    lit: (found, chosen) => over(found, chosen) + grids.map((grid) => grid.lights(found, chosen)).join(""),
    ...more,
  };
}

// A picture as a file of its own, or as a part of the page.
export function svg({ title, width, height, still }, lit = "", style = "") {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="fig" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `${style && `<title>${escaped(title)}</title>${style}`}${still}<g class="lights">${lit}</g></svg>`
  );
}

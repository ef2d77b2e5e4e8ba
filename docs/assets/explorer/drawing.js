// The pieces of a drawing, as SVG text.  Colours come from the figures' stylesheet: a role is a class there.

const WIDE = 7.2; // a character, at most, in a cell's font of 13

export const escaped = (text) => String(text).replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);

export const shown = (number) => String(Number(number.toFixed(2))).replace("-", "−");

export function label(x, y, text, { role = "ink", anchor = "middle", size = 13 } = {}) {
  const side = anchor === "middle" ? "" : ` text-anchor="${anchor}"`;
  return `<text x="${x}" y="${y}" class="t-${role}" font-size="${size}"${side}>${escaped(text)}</text>`;
}

// A sample.  `strength` is how strongly its colour shows, `hue` the colour of a phase.
export function cell(x, y, size, role, text = "", { strength, hue } = {}) {
  const colour = (strength === undefined ? "" : ` fill-opacity="${strength}"`) + (hue === undefined ? "" : ` style="--hue:${hue}"`);
  const box = `<rect x="${x + 1}" y="${y + 1}" width="${size - 2}" height="${size - 2}" rx="2" class="${role}"${colour}/>`;
  const strike = role === "crop" ? `<path class="line crop" d="M${x + 3} ${y + size - 3}L${x + size - 3} ${y + 3}"/>` : "";
  return box + strike + (text === "" ? "" : words(x, y, size, role, text));
}

// What a cell says, as large as fits.
export function words(x, y, size, role, text) {
  const fits = Math.min(13, size * 0.52, (13 * (size - 3)) / (WIDE * String(text).length));
  return label(x + size / 2, y + size / 2, text, { role: role === "zero" ? "muted" : "ink", size: Number(fits.toFixed(1)) });
}

export const frame = (x, y, width, height, role) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3" class="frame ${role}"/>`;

// A grid of cells in a picture: where it stands, and what its cells are: "j" input samples, "t" taps, "n" output samples,
// or another way to go from a cell to what is chosen by it.
export class Grid {
  constructor(kind, rows, columns, size, x = 0, y = 0, chosen = (row, column) => ({ [kind]: [row, column] })) {
    Object.assign(this, { kind, rows, columns, size, x, y, chosen });
  }

  get width() {
    return this.columns * this.size;
  }

  get height() {
    return this.rows * this.size;
  }

  // The cell under a point of the picture, or null.
  at(x, y) {
    const [row, column] = [Math.floor((y - this.y) / this.size), Math.floor((x - this.x) / this.size)];
    return row >= 0 && column >= 0 && row < this.rows && column < this.columns ? [row, column] : null;
  }

  cell(row, column, role, text, colour) {
    return cell(this.x + column * this.size, this.y + row * this.size, this.size, role, text, colour);
  }

  // Every cell, each by a function of its row and column that gives role, text and colour.
  cells(each) {
    let drawn = "";
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) drawn += this.cell(row, column, ...each(row, column));
    }
    return drawn;
  }

  frame([row, column], role = "lit", [rows, columns] = [1, 1]) {
    return frame(this.x + column * this.size, this.y + row * this.size, columns * this.size, rows * this.size, role);
  }

  // A frame around each of these cells, once.
  frames(cells, role = "lit") {
    const once = new Map(cells.map((one) => [String(one), one]));
    return [...once.values()].map((one) => this.frame(one, role)).join("");
  }
}

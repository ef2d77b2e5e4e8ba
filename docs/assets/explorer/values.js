// The numbers in the cells: filled in one of a few ways, or typed.

import { range } from "./geometry.js";

// A face, eight by eight, that is looked up wherever a picture of another size is wanted.
const FACE = ["00999900", "09000090", "90900909", "90000009", "90900909", "90099009", "09000090", "00999900"];

const noise = (n, seed) => (((n + 1) * 7919 + seed * 104729) % 9973) % 10; // the same digits everywhere, at every visit
const nearest = (position, size) => Math.floor(((position + 0.5) * 8) / size);
const triangle = (position, size) => Math.min(position, size - 1 - position) + 1;

export const FILLS = {
  ones: () => 1,
  ramp: (row, column, [, columns]) => row * columns + column + 1,
  random: (row, column, [, columns], seed) => noise(row * columns + column, seed),
  picture: (row, column, [rows, columns]) => Number(FACE[nearest(row, rows)][nearest(column, columns)]),
  smooth: (row, column, [rows, columns]) => triangle(row, rows) * triangle(column, columns),
};

// The numbers of a grid, row by row.  `fill` is a name above, or the typed numbers themselves.
export function filled(fill, [rows, columns], seed = 1) {
  if (Array.isArray(fill)) return range(rows * columns).map((cell) => fill[cell] ?? 0);
  return range(rows).flatMap((row) => range(columns).map((column) => FILLS[fill](row, column, [rows, columns], seed)));
}

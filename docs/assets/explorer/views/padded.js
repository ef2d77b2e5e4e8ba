// The same output as an ordinary convolution: the input stretched and padded, and the kernel, rotated, over it.

import { Grid, ROOM, cellSize, few, picture } from "../drawing.js";
import { range } from "../geometry.js";
import { input, shown, size, sizes, tap } from "../model.js";

export function draw(model, { turned = true, room = ROOM } = {}) {
  const { axes } = model;
  const grown = axes.map((one) => ({ ...one, padded: one.output + one.span - 1, first: one.span - 1 - one.begin }));
  const shape = sizes(grown, "padded");
  const title = `Padded input, ${size(grown, "padded")}`;
  few(title, shape[0] * shape[1]);
  const inside = (place) => place.every((p, side) => p >= grown[side].first && p <= grown[side].first + axes[side].stride * (axes[side].input - 1));
  const sample = (place) => {
    const j = place.map((p, side) => (p - grown[side].first) / axes[side].stride);
    return inside(place) && j.every(Number.isInteger) ? j : null;
  };
  const grid = new Grid("j", shape, cellSize(shape[1], room), [2, 2], {
    chosen: (row, column) => ({ j: sample([row, column]) }).j && { j: sample([row, column]) },
    place: ({ j }) => j.map((each, side) => each * axes[side].stride + grown[side].first),
  });
  const role = (place) => (sample(place) ? "input" : inside(place) ? "zero between" : "zero");
  const value = (place) => (sample(place) ? shown(input(model, sample(place))) : "0");
  const still = grid.cells((row, column) => [role([row, column]), value([row, column])]);
  // The window of an output sample: each of its products, where they are taken.
  const over = (found, chosen) => {
    const n = chosen.n ?? found[0]?.n;
    if (!n) return "";
    const products = range(axes[0].kernel * axes[1].kernel).map((number) => {
      const t = [Math.floor(number / axes[1].kernel), number % axes[1].kernel];
      const place = t.map((each, side) => n[side] + (turned ? axes[side].span - 1 - axes[side].dilation * each : axes[side].dilation * each));
      return grid.cell(place, `${role(place)} over`, `${value(place)}·${shown(tap(model, t))}`);
    });
    return products.join("") + grid.frame(n, "kernel", sizes(axes, "span"));
  };
  return picture(title, [grid], still, { over });
}
